import { describe, expect, it } from 'vitest';
import { approver, onOffer, operator } from '../engine/fixtures/harness.ts';
import { crash, diagnosed, NAMES_NAS, NAS, outageStage } from './fixtures/outage-stage.ts';
import { alert, ended, type Stage } from './fixtures/stage.ts';
import { only, SETTLE_MS, statusOf, WINDOW_MS } from './fixtures/switch-stage.ts';

async function decide(stage: Stage, verdict: 'approve' | 'deny' = 'approve'): Promise<void> {
  const [run = ''] = only(stage).runs;
  const view = await stage.engine.view(run);
  if (view === undefined) throw new Error('there is no run');
  const answer = await stage.engine.decide({ ...onOffer(view), run, actor: approver, verdict, reason: 'not now' });
  expect(answer).toMatchObject({ accepted: true });
  await stage.engine.settled(run);
  await stage.pass();
}

async function again(stage: Stage, key = 'again'): Promise<void> {
  const answer = await stage.conductor.incidents.diagnose({ incident: only(stage).id, actor: operator, key });
  expect(answer).toMatchObject({ accepted: true });
  await stage.pass();
}

describe('a proof', () => {
  it('tells when it was made, and by which look', async () => {
    const { stage } = await outageStage({ nas: 'off' });
    await diagnosed(stage, NAMES_NAS, crash(1));
    const { cause, runs } = only(stage);
    expect(cause).toEqual({ ...NAS, because: 'proved', provedAt: expect.any(Number), provedBy: { run: runs[0], round: 1 } });
    stage.conductor.look();
    await stage.pass();
    expect(only(stage).cause).toEqual(cause);
  });

  it('is taken back once the cause is mended, so that what is left can be repaired', async () => {
    const { stage, world } = await outageStage({ nas: 'off', stale: 'off' });
    await diagnosed(stage, NAMES_NAS, crash(1));
    expect(only(stage).cause).toMatchObject({ because: 'proved' });
    await decide(stage);
    expect(world.sent).toEqual(['turn-on nas']);
    expect(only(stage)).toMatchObject({ cause: { ...NAS, because: 'named' }, cleared: [{ ...NAS, wasIll: true }] });
    expect(only(stage).cause).not.toHaveProperty('provedAt');
    expect(statusOf(stage)).toEqual(['done', 'waiting']);
  });

  it('is taken back by a later look that finds it well, and what an alert no longer says is not said', async () => {
    const { stage, world } = await outageStage({ nas: 'off' });
    await diagnosed(stage, NAMES_NAS, crash(1), crash(2));
    stage.tell(ended(NAMES_NAS));
    world.states.set('nas', 'on');
    await again(stage);
    expect(only(stage)).toMatchObject({ cause: { ...NAS, because: 'shared' }, cleared: [{ ...NAS, wasIll: true }] });
  });

  it('leaves an incident of one app to that app when it is taken back', async () => {
    const { stage, world } = await outageStage({ nas: 'off' });
    await diagnosed(stage, NAMES_NAS, crash(1));
    stage.tell(ended(NAMES_NAS));
    world.states.set('nas', 'on');
    await again(stage);
    expect(only(stage).cause).toEqual({ kind: 'workload', name: 'app1/web', because: 'own' });
  });

  it('stands while nothing can be seen', async () => {
    const { stage, world } = await outageStage({ nas: 'off' });
    await diagnosed(stage, NAMES_NAS, crash(1));
    const before = only(stage).cause;
    world.onRead = () => ({ failed: 'unreachable', says: 'It does not answer.', toDo: 'Look.' });
    await stage.pass(1_000);
    await again(stage);
    const { cause, cleared, runs } = only(stage);
    expect(cause).toMatchObject({ ...NAS, because: 'proved', provedBy: { run: runs.at(-1) } });
    expect(cause.provedAt).toBeGreaterThan((before.provedAt ?? 0) + 999);
    expect(cleared).toBeUndefined();
  });

  it('is of what its alerts stand on, whatever else is ill', async () => {
    const routes = [{ labels: {}, annotations: {}, what: { run: ['diagnose', 'nfs'] } }];
    const { stage } = await outageStage({ nas: 'off' }, { settings: { routes } });
    await diagnosed(stage, alert('CertExpiring'));
    expect(stage.shown.at(-1)?.extras.diagnosis?.rounds[0]?.diagnosis.findings).toMatchObject([{ code: 'nas-vm-down' }]);
    expect(only(stage).cause).toMatchObject({ kind: 'alert', because: 'own' });
  });
});

describe('a look that tells nothing of the cause', () => {
  it('is followed by the next way to look, and what was well is told', async () => {
    const { stage } = await outageStage({});
    await diagnosed(stage, NAMES_NAS, crash(1), crash(2), crash(3));
    const { runs, cleared, cause } = only(stage);
    const words = runs.map((run) => stage.store.run(run)).map((run) => [run?.runbook, ...(run?.arguments ?? [])].join(' '));
    expect(words).toEqual(['diagnose-nfs all', 'triage app1', 'triage app2']);
    expect(cause).toEqual({ ...NAS, because: 'named' });
    expect(cleared).toMatchObject([{ ...NAS, wasIll: false, by: { run: runs[0], round: 1 } }]);
    stage.conductor.look();
    await stage.pass(WINDOW_MS);
    expect(only(stage).runs).toEqual(runs);
  });

  it('does not call well what it found something wrong with, though that proves nothing', async () => {
    const { stage } = await outageStage({ '10.0.10.15': 'off' });
    await diagnosed(stage, NAMES_NAS, crash(1));
    expect(only(stage).cause).toEqual({ ...NAS, because: 'named' });
    expect(only(stage)).not.toHaveProperty('cleared');
  });

  it('is not followed by another one when nothing fires any more', async () => {
    const { stage } = await outageStage({ nas: 'off' });
    await diagnosed(stage, NAMES_NAS, crash(1));
    stage.tell(ended(NAMES_NAS), ended(crash(1)));
    await decide(stage);
    expect(only(stage)).toMatchObject({ cause: { because: 'shared' }, runs: { length: 1 } });
    await stage.pass(SETTLE_MS);
    expect(only(stage)).toMatchObject({ closed: { because: 'all-ended' }, runs: { length: 1 } });
  });

  it('is the last one when it found what is wrong with the only thing that the alert is about', async () => {
    const { stage } = await outageStage({ app: 'off' });
    await diagnosed(stage, crash(1));
    expect(statusOf(stage)).toEqual(['waiting']);
    await decide(stage, 'deny');
    expect(statusOf(stage)).toEqual(['denied']);
    expect(only(stage)).toMatchObject({ cause: { because: 'own' }, runs: { length: 1 } });
  });
});
