import { describe, expect, test } from 'vitest';
import { approver, operator, origin, secondApprover, statuses } from './fixtures/harness.ts';
import { start } from './fixtures/running.ts';
import type { World } from './fixtures/switches.ts';
import { createWorld } from './fixtures/switches.ts';

describe('a run', () => {
  test('that finds nothing wrong ends at once and asks nobody', async () => {
    const { ask, shown } = await start(createWorld({ a: 'on' }));
    const view = await ask('a');
    expect(view).toMatchObject({
      status: 'finished',
      arguments: ['a'],
      rounds: [{ number: 1, plan: { stop: expect.any(String) }, steps: [] }],
    });
    await expect.poll(() => shown.at(-1)?.status).toBe('finished');
  });

  test('offers its steps one at a time, applies each approved one, and looks again', async () => {
    const world = createWorld({ a: 'off', b: 'off' });
    const { ask, approve } = await start(world);
    const first = await ask('a', 'b');
    expect(first.rounds[0]?.steps.map(({ expiresAt }) => expiresAt > 0)).toEqual([true, false]);
    const second = await approve(first);
    expect(statuses(second)).toEqual([['done', 'waiting']]);
    expect(world.sent).toEqual(['turn-on a']);
    const end = await approve(second, secondApprover);
    expect(end.status).toBe('finished');
    expect(statuses(end)).toEqual([['done', 'done'], []]);
    expect(end.rounds[1]).toMatchObject({ diagnosis: { findings: [] }, changes: ['a: off → on', 'b: off → on'] });
    expect(world.sent).toEqual(['turn-on a', 'turn-on b']);
  });

  test('keeps what the change printed and says that it was verified', async () => {
    const { ask, approve } = await start(createWorld({ a: 'off' }));
    const end = await approve(await ask('a'));
    expect(end.rounds[0]?.steps[0]).toMatchObject({
      detail: 'Done. Verified: a is on.',
      output: { exitCode: 0, stdout: 'turned\n' },
      decisions: [{ actor: approver, verdict: 'approve' }],
    });
  });

  test('plans at most three rounds, and looks once more after the third', async () => {
    const world = createWorld({ a: 'off' });
    const { ask, approve } = await start(world);
    // Each time somebody turns it off again between the verification and the next look.
    let looks = 0;
    world.onRead = (line) =>
      line === 'position a' && world.states.get('a') === 'on' && (looks += 1) % 2 === 0 ? turnOff(world) : undefined;
    let view = await ask('a');
    for (let round = 1; round <= 3; round += 1) view = await approve(view);
    expect(view.status).toBe('finished');
    expect(statuses(view)).toEqual([['done'], ['done'], ['done'], []]);
    expect(view.rounds[3]?.diagnosis.findings).toHaveLength(1);
    expect(world.sent).toHaveLength(3);
  });

  test('with words that are no request is refused with the usage', async () => {
    const { ask } = await start(createWorld({}));
    await expect(ask('A!')).rejects.toThrow('0: name: must be a name. Usage: switches <name>[:<risk>]…');
    await expect(ask()).rejects.toMatchObject({ code: 'bad-request' });
  });

  test('of a runbook that does not exist is refused', async () => {
    const { engine } = await start(createWorld({}));
    const request = { runbook: 'nothing', arguments: [], requester: operator, origin };
    await expect(engine.start(request)).rejects.toMatchObject({ code: 'not-found' });
  });

  test('about something that does not exist ends with an answer, not with a fault', async () => {
    const { ask } = await start(createWorld({}));
    expect(await ask('nowhere')).toMatchObject({ status: 'finished', problem: 'There is no switch "nowhere".', rounds: [] });
  });

  test('whose look throws is broken, and its problem shows no stack', async () => {
    const world = createWorld({});
    const { ask } = await start(world);
    world.onRead = () => {
      throw new TypeError('x is not a function');
    };
    const view = await ask('a');
    expect(view).toMatchObject({ status: 'broken', problem: expect.stringContaining('x is not a function') });
    expect(view.problem).not.toMatch(/\bat .*\.ts/);
  });

  test('that cannot see anything makes no plan', async () => {
    const world = createWorld({});
    const { ask } = await start(world);
    world.onRead = () => ({ failed: 'unreachable', says: 'Nothing answers.', toDo: 'Wake it.' });
    expect(await ask('a')).toMatchObject({ status: 'finished', rounds: [{ steps: [], diagnosis: { findings: [] } }] });
  });

  test('goes on beside many others', async () => {
    const { ask, approve } = await start(
      createWorld(Object.fromEntries([...'abcdefghijklmnopqrst'].map((name) => [name, 'off']))),
    );
    const waiting = await Promise.all([...'abcdefghijklmnopqrst'].map((name) => ask(name)));
    const ended = await Promise.all(waiting.map((view) => approve(view)));
    expect(ended.map((view) => statuses(view))).toEqual(Array(20).fill([['done'], []]));
  });
});

function turnOff(world: World): undefined {
  world.states.set('a', 'off');
}
