import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { createWorld, type World } from '../engine/fixtures/switches.ts';
import { lockState } from '../engine/lock.ts';
import { createMachine, digest, type Machine, runIn } from './fixtures/people.ts';

// Sources that are edited meanwhile are another build, which can honour no approval of this one.
vi.mock('../build-version.ts', () => ({ buildVersion: async () => 'test' }));
vi.mock('./local-user.ts', () => ({ localUser: () => ({ id: 'cli:alice', name: 'alice' }) }));

const alone = { approvers: ['cli:alice'], count: 1, selfApproval: true };
let world: World;
let machine: Machine;
let storagebot: Machine['storagebot'];

beforeEach(() => {
  world = createWorld({ a: 'off', b: 'off' });
  machine = createMachine(world);
  machine.configure({ normal: alone, high: { ...alone, selfApproval: false } });
  ({ storagebot } = machine);
});

afterEach(() => machine.remove());

/** A run that has turned a switch on. */
const done = async () => runIn(await storagebot('switches a --apply', digest));

describe('what a run did', () => {
  test('is looked at, and nothing of that is left on offer', async () => {
    const run = await done();
    const { code, out, questions } = await storagebot(`undo ${run}`);
    expect(code).toBe(1);
    expect(out).toContain('STEP 1.1: Take back: Turn a on');
    expect(out).toContain(`Nothing was changed. To apply the plan: storagebot undo ${run} --apply`);
    expect(questions).toEqual([]);
    expect(world.sent).toEqual(['turn-on a']);
    const look = /^ {2}run {6}([0-9a-f]+)$/m.exec(out)?.[1];
    expect(await storagebot(`approve ${look}`, digest)).toMatchObject({
      code: 2,
      notes: expect.stringContaining('to look only'),
    });
  });

  test('is taken back after its approval', async () => {
    const { code, out } = await storagebot(`undo ${await done()} --apply`, digest);
    expect(world.sent).toEqual(['turn-on a', 'turn-off a']);
    expect(out).toContain('done and verified');
    expect(code).toBe(0);
  });

  test('can be asked for again, by the same words', async () => {
    const run = await done();
    world.states.set('a', 'off');
    expect((await storagebot(`again ${run}`)).out).toContain(`To apply the plan: storagebot again ${run} --apply`);
    expect((await storagebot(`again ${run} --apply`, digest)).code).toBe(0);
    expect(world.sent).toEqual(['turn-on a', 'turn-on a']);
  });
});

describe('a run that was asked for in Slack', () => {
  test('is approved at a terminal while Slack is down', async () => {
    const run = await machine.askInSlack('a:high');
    const { code, out } = await storagebot(`approve ${run}`, digest);
    expect(world.sent).toEqual(['turn-on a']);
    expect(out).toContain('Approved by alice (cli:alice)');
    expect(code).toBe(0);
  });

  test('is approved at a terminal by one, where another does it in Slack', async () => {
    machine.configure({ high: { approvers: ['U0EXAMPLE02', 'cli:alice'], count: 2 } });
    const { notes } = await storagebot(`approve ${await machine.askInSlack('a:high')}`, digest);
    expect(notes).toContain('Your approval counts: 1 of 2. It waits for one more person.');
    expect(notes).toContain('Or in Slack, by its buttons, once the bot runs again.');
    expect(world.sent).toEqual([]);
  });

  test('is left on offer for Slack where nobody here may approve it', async () => {
    machine.configure({ high: { approvers: ['U0EXAMPLE02'], count: 1 } });
    const { notes, questions } = await storagebot(`approve ${await machine.askInSlack('a:high')}`, digest);
    expect(notes).toContain('You may not decide on changes of high risk.');
    expect(notes).toContain('stays on offer until');
    expect(notes).toContain('Or in Slack, by its buttons, once the bot runs again.');
    expect(questions).toEqual([]);
  });

  test('is cancelled with a reason, and says what is done', async () => {
    const run = await machine.askInSlack('a');
    expect(await storagebot(`cancel ${run} no`)).toMatchObject({ code: 2, notes: expect.stringContaining('It needs a reason') });
    const { code, out, notes } = await storagebot(`cancel ${run} the disks are being swapped`);
    expect(notes).toContain('Cancelled. Nothing is known to be changed. Nothing more will be changed.');
    expect(out).toContain('by alice (cli:alice)');
    expect(out).toContain('finished');
    expect(code).toBe(0);
    expect((await storagebot(`cancel ${run} once more`)).notes).toContain('Too late: alice has cancelled the run already.');
  });
});

test('a step that needs what another run holds stays on offer, and is made after that was taken over', async () => {
  world.onChange = () => ({ failed: 'cut', says: 'The line was cut.', toDo: 'Look.' });
  await done();
  world.onChange = undefined;
  const second = await storagebot('switches a --apply', digest);
  const run = runIn(second);
  expect(second.notes).toContain(`To take it over: storagebot takeover ${run} <reason>, then storagebot approve ${run}`);
  expect(second.notes).toContain('stays on offer until');
  const taken = await storagebot(`takeover ${run} I have looked: it is off`);
  expect(taken).toMatchObject({ code: 0, notes: expect.stringContaining(`Now approve the step. storagebot approve ${run}`) });
  expect((await storagebot(`approve ${run}`, digest)).code).toBe(0);
  expect(world.states.get('a')).toBe('on');
});

describe('it is refused with 2', () => {
  test.each([
    ['undo 0123456789', '/storage undo 0123456789.'],
    ['cancel 0123456789 the disks are being swapped', '/storage cancel 0123456789 <reason>'],
    ['takeover 0123456789 I have looked', '/storage takeover 0123456789 <reason>'],
    ['approve 0123456789', 'the buttons of run 0123456789'],
    ['switches a --apply', '/storage switches a.'],
  ])('while the bot runs, with what to say in Slack instead: %s', async (words, instead) => {
    const { release } = lockState(machine.state);
    const { code, notes } = await storagebot(words);
    release();
    expect(code).toBe(2);
    expect(notes).toContain(`While the bot runs, use Slack: ${instead}`);
    expect(notes).toContain('While Slack is down, stop the bot');
  });

  test.each([
    ['approve', 'storagebot approve <run>'],
    ['undo all', 'storagebot undo <run>'],
    ['undo 12 34', 'storagebot undo <run>'],
    ['cancel', 'storagebot cancel <run> <reason>'],
    ['approve 0123456789', 'There is no run 0123456789.'],
    ['undo 0123456789', 'There is no run 0123456789.'],
    ['cancel 0123456789 the disks are swapped', 'There is no run 0123456789.'],
    ['takeover 0123456789 I have looked', 'Run 0123456789 has no step on offer'],
  ])('where there is nothing to be done, with why: %s', async (words, says) => {
    expect(await storagebot(words)).toMatchObject({ code: 2, notes: expect.stringContaining(says) });
  });
});
