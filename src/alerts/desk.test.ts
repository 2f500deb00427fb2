import { describe, expect, it } from 'vitest';
import { approver, operator, stranger } from '../engine/fixtures/harness.ts';
import type { Stage } from './fixtures/stage.ts';
import { offered, only, SETTLE_MS } from './fixtures/switch-stage.ts';

describe('people', () => {
  const press = (stage: Stage, actor = operator, key = 'k1') => ({ incident: only(stage).id, actor, key });

  it('acknowledge, take and close it, each once, whatever is delivered twice', async () => {
    const stage = await offered();
    const { incidents } = stage.conductor;
    expect(await incidents.acknowledge(press(stage))).toMatchObject({ accepted: true });
    expect(await incidents.acknowledge(press(stage))).toMatchObject({
      accepted: false,
      says: expect.stringContaining('second time'),
    });
    expect(await incidents.acknowledge(press(stage, approver, 'k2'))).toMatchObject({
      accepted: false,
      says: expect.stringContaining('operator has acknowledged'),
    });
    expect(await incidents.take(press(stage, operator, 'k3'))).toMatchObject({ accepted: true });
    expect(await incidents.take(press(stage, operator, 'k4'))).toMatchObject({ accepted: false });
    expect(await incidents.take(press(stage, approver, 'k5'))).toMatchObject({
      accepted: true,
      says: expect.stringContaining('operator did so before'),
    });
    expect(only(stage)).toMatchObject({ acknowledged: { by: operator }, taken: { by: approver } });
    const closed = await incidents.close(press(stage, approver, 'k6'));
    expect(closed).toMatchObject({ accepted: true, says: expect.stringContaining('One of its alerts fires still') });
    await stage.pass(SETTLE_MS);
    expect(only(stage)).toMatchObject({ closed: { because: 'closed', by: approver } });
    expect(await incidents.take(press(stage, operator, 'k7'))).toMatchObject({
      accepted: false,
      says: expect.stringContaining('Too late'),
    });
  });

  it('have it diagnosed again, once a press, in their name', async () => {
    const stage = await offered();
    const both = [press(stage), press(stage)].map((one) => stage.conductor.incidents.diagnose(one));
    const answers = await Promise.all(both);
    expect(answers.map(({ accepted }) => accepted)).toEqual([true, false]);
    const { runs } = only(stage);
    expect(runs).toHaveLength(2);
    expect(stage.store.run(runs[1] ?? '')?.requester).toEqual(operator);
  });

  it('get the diagnosis that a bot had begun when it died, before it could remember it', async () => {
    let dies = true;
    const onBoundary = (name: string) => {
      if (dies && name === 'run-started') throw new Error('killed');
    };
    const stage = await offered({ conductor: { onBoundary } });
    expect(only(stage).runs).toEqual([]);
    dies = false;
    expect(await stage.conductor.incidents.diagnose(press(stage))).toMatchObject({ accepted: true });
    await stage.pass();
    expect(only(stage).runs).toEqual(stage.store.unfinished());
    expect(only(stage).runs).toHaveLength(1);
  });

  it('get the diagnosis that they asked for also when the bot dies before it began', async () => {
    const stage = await offered();
    const { start } = stage.engine;
    stage.engine.start = () => Promise.reject(new Error('killed'));
    expect(await stage.conductor.incidents.diagnose(press(stage))).toMatchObject({
      accepted: true,
      says: expect.stringContaining('tried again'),
    });
    stage.engine.start = start;
    await stage.pass();
    expect(stage.store.run(only(stage).runs[1] ?? '')?.requester).toEqual(operator);
  });

  it('who may not ask for runs may do nothing with it', async () => {
    const stage = await offered({ conductor: { whyNot: async ({ id }) => (id === stranger.id ? 'You may not.' : undefined) } });
    const { acknowledge, take, diagnose, close } = stage.conductor.incidents;
    for (const act of [acknowledge, take, diagnose, close])
      expect(await act(press(stage, stranger))).toEqual({ accepted: false, says: 'You may not.' });
    expect(only(stage).runs).toHaveLength(1);
  });
});
