import { describe, expect, test } from 'vitest';
import { approver, onOffer, operator, statuses } from './fixtures/harness.ts';
import { restart, start } from './fixtures/running.ts';
import { createWorld } from './fixtures/switches.ts';

async function bothOn(world = createWorld({ a: 'off', b: 'off' })) {
  const harness = await start(world);
  const view = await harness.approve(await harness.approve(await harness.ask('a', 'b')));
  const undo = async (engine = harness.engine) => {
    const { run = '' } = await engine.follow({ run: view.id, how: 'undo', actor: operator, origin: { kind: 'cli' } });
    return engine.settled(run);
  };
  return { ...harness, world, view, undo };
}

describe('an undo', () => {
  test('is a run of its own that takes the last step back first, each with its own approval', async () => {
    const { world, approve, undo, view } = await bothOn();
    const plan = await undo();
    expect(plan.follows).toEqual({ run: view.id, how: 'undo' });
    expect(plan.rounds[0]?.diagnosis.findings.map(({ subject }) => subject)).toEqual([
      `step 1.2 of run ${view.id}`,
      `step 1.1 of run ${view.id}`,
    ]);
    const half = await approve(plan);
    expect(statuses(half)).toEqual([['done', 'waiting']]);
    expect(statuses(await approve(half))).toEqual([['done', 'done'], []]);
    expect(world.sent).toEqual(['turn-on a', 'turn-on b', 'turn-off b', 'turn-off a']);
    expect([...world.states.values()]).toEqual(['off', 'off']);
  });

  test('plans nothing for what somebody has taken back already', async () => {
    const { world, undo } = await bothOn();
    world.states.set('b', 'off');
    expect((await undo()).rounds[0]?.diagnosis.findings.map(({ subject }) => subject)).toEqual([
      expect.stringContaining('step 1.1'),
    ]);
  });

  test('concludes nothing where it cannot look', async () => {
    const { world, undo } = await bothOn();
    world.onRead = (line) =>
      line.endsWith(' b') ? { failed: 'unreachable', says: 'Nothing answers.', toDo: 'Wake it.' } : undefined;
    const { diagnosis } = (await undo()).rounds[0] ?? {};
    expect(diagnosis?.findings.map(({ subject }) => subject)).toEqual([expect.stringContaining('step 1.1')]);
    expect(diagnosis?.evidence.map(({ status }) => status)).toEqual(['unknown', 'ok']);
  });

  test('is refused while the run is going on, and by a version that would make another plan', async () => {
    const { world, ask, engine, undo, ...harness } = await bothOn();
    world.states.set('a', 'off');
    const open = await ask('a');
    expect(await engine.follow({ run: open.id, how: 'undo', actor: operator, origin: { kind: 'cli' } })).toMatchObject({
      accepted: false,
    });
    const other = await restart({ ...harness, ask, engine }, world, { buildVersion: '2' });
    const end = await undo(other.engine);
    expect(end).toMatchObject({ status: 'finished', problem: expect.stringContaining('Another version') });
  });

  test('binds its approval like any other plan', async () => {
    const { world, undo, decide, engine } = await bothOn();
    const plan = await undo();
    expect(await decide(plan, approver, { ...onOffer(plan), digest: '000000000000' })).toMatchObject({ accepted: false });
    world.states.set('b', 'off');
    await decide(plan, approver);
    expect(statuses(await engine.settled(plan.id))[0]?.[0]).toBe('refused');
    expect(world.sent).toEqual(['turn-on a', 'turn-on b']);
  });
});
