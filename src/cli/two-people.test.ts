import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { createWorld, type World } from '../engine/fixtures/switches.ts';
import { createMachine, digest, type Machine, runIn } from './fixtures/people.ts';

const here = vi.hoisted(() => ({ name: 'alice' }));
// Sources that are edited meanwhile are another build, which can honour no approval of this one.
vi.mock('../build-version.ts', () => ({ buildVersion: async () => 'test' }));
vi.mock('./local-user.ts', () => ({ localUser: () => ({ id: `cli:${here.name}`, name: here.name }) }));

const two = { approvers: ['cli:alice', 'cli:bob', 'cli:carol'], count: 2, selfApproval: false, differentGroups: false };
let world: World;
let machine: Machine;

beforeEach(() => {
  world = createWorld({ a: 'off', b: 'off' });
  machine = createMachine(world);
  machine.configure({ normal: { ...two, selfApproval: true }, high: two, destructive: { ...two, count: 1 } });
});

afterEach(() => machine.remove());

/** Who sits at the terminal from now on. */
function sits(name: string) {
  here.name = name;
  return machine.storagebot;
}

describe('a step that needs two people, each at a terminal, in a process of their own', () => {
  test('is made once the second has approved it, and the first is told how', async () => {
    const first = await sits('alice')('switches a --apply', digest);
    const run = runIn(first);
    expect(first.notes).toContain('Your approval counts: 1 of 2. It waits for one more person.');
    expect(first.notes).toMatch(
      new RegExp(
        `stays on offer until 20.*\nWho can approve it here: cli:bob, cli:carol\\. .*: storagebot approve ${run}\nTo take it back: storagebot cancel ${run} <reason>`,
      ),
    );
    expect(first).toMatchObject({ code: 1, out: expect.stringContaining('1 of 2 approvals given') });
    expect(world.sent).toEqual([]);
    const second = await sits('bob')(`approve ${run}`, digest);
    expect(world.sent).toEqual(['turn-on a']);
    expect(second.out).toContain('Approved by alice (cli:alice)');
    expect(second.out).toContain('Approved by bob (cli:bob)');
    expect(second.code).toBe(0);
  });

  test('is not made by one of them twice', async () => {
    const run = runIn(await sits('alice')('switches a --apply', digest));
    const again = await sits('alice')(`approve ${run}`, digest);
    expect(again.notes).toContain('another approval must come from somebody else');
    expect(again.notes).toContain('Who can approve it here: cli:bob, cli:carol.');
    expect(again.questions).toEqual([]);
    expect(world.sent).toEqual([]);
  });

  test('stays on offer where who asked may not approve it, and two others do', async () => {
    const first = await sits('alice')('switches a:high --apply', digest);
    expect(first.notes).toContain('You asked for this run, so somebody else must approve its changes of high risk.');
    expect(first.notes).toContain('Who can approve it here: cli:bob, cli:carol.');
    expect(first.questions).toEqual([]);
    const run = runIn(first);
    expect((await sits('bob')(`approve ${run}`, digest)).notes).toContain('1 of 2');
    expect(world.sent).toEqual([]);
    expect((await sits('carol')(`approve ${run}`, digest)).code).toBe(0);
    expect(world.sent).toEqual(['turn-on a']);
  });

  test('is withdrawn at once where the policy names too few local users ever to make it', async () => {
    machine.configure({ normal: { ...two, approvers: ['cli:alice', 'U0EXAMPLE01'], selfApproval: true } });
    const { notes, out, questions } = await sits('alice')('switches a --apply', digest);
    expect(notes).toContain('too few local users');
    expect(notes).toContain('Denied.');
    expect(out).toContain('denied: nothing was changed');
    expect(questions).toEqual([]);
  });

  test('is not denied by who only came to look at it, and is by who gives a reason', async () => {
    const run = runIn(await sits('alice')('switches a:high --apply'));
    expect((await sits('bob')(`approve ${run}`, '')).notes).toContain('stays on offer');
    expect((await sits('bob')(`approve ${run}`, '0123456789ab')).notes).toContain('so it is left on offer');
    expect((await sits('bob')(`approve ${run}`, 'deny', 'no')).notes).toContain('Not denied yet.');
    const { out, code } = await sits('bob')(`approve ${run}`, 'deny', 'the disks are being swapped');
    expect(out).toContain('Denied by bob (cli:bob)');
    expect(out).toContain('the disks are being swapped');
    expect(code).toBe(1);
    expect(await sits('carol')(`approve ${run}`, digest)).toMatchObject({
      code: 2,
      notes: expect.stringContaining(`Nothing of run ${run} is on offer.`),
    });
    expect(world.sent).toEqual([]);
  });

  test('has no second approval after its offer has expired', async () => {
    machine.configure({ high: two }, { expiresAfter: '1s', warnBefore: 0 });
    const run = runIn(await sits('alice')('switches a:high --apply'));
    await new Promise((resolve) => setTimeout(resolve, 1_100));
    const late = await sits('bob')(`approve ${run}`, digest);
    expect(late.notes).toMatch(/this offer has expired|Nobody decided in time/);
    expect(late.notes).toContain(`To plan again: storagebot again ${run} --apply`);
    expect(late.questions).toEqual([]);
    expect(world.sent).toEqual([]);
  });

  test('has none under another configuration, because its digest is another', async () => {
    const run = runIn(await sits('alice')('switches a:high --apply'));
    machine.configure({ high: { ...two, count: 1 }, normal: two });
    const { notes, out } = await sits('bob')(`approve ${run}`, async (question) => {
      await new Promise((resolve) => setTimeout(resolve, 500));
      return digest(question);
    });
    expect(notes + out).toContain('The plan changed');
    expect(world.sent).toEqual([]);
    const anew = await sits('alice')(`again ${run} --apply`);
    expect((await sits('bob')(`approve ${runIn(anew)}`, digest)).code).toBe(0);
    expect(world.sent).toEqual(['turn-on a']);
  });
});

describe('a destructive step', () => {
  test('is made after its digest and the name of what it changes were typed, by another than who asked', async () => {
    const run = runIn(await sits('alice')('switches a:destructive --apply'));
    const { questions, code } = await sits('bob')(`approve ${run}`, digest, '/srv/a');
    expect(questions[1]).toBe('It cannot be undone. Type /srv/a to confirm it, or press Enter to leave it on offer: ');
    expect(world.sent).toEqual(['turn-on a']);
    expect(code).toBe(0);
  });

  test('is not made by a wrong name, which may be typed again', async () => {
    const run = runIn(await sits('alice')('switches a:destructive --apply'));
    const { notes } = await sits('bob')(`approve ${run}`, digest, '/srv/b', 'yes', '');
    expect(notes.match(/what you typed is not the name of what would be changed/g)).toHaveLength(2);
    expect(notes).toContain('stays on offer');
    expect(world.sent).toEqual([]);
    await sits('bob')(`approve ${run}`, digest, '/srv/b', '/srv/a');
    expect(world.sent).toEqual(['turn-on a']);
  });

  test('is not made by its digest alone', async () => {
    const run = runIn(await sits('alice')('switches a:destructive --apply'));
    await sits('bob')(`approve ${run}`, digest);
    expect(world.sent).toEqual([]);
  });
});
