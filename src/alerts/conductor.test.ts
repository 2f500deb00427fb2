import { describe, expect, it } from 'vitest';
import { approver } from '../engine/fixtures/harness.ts';
import { alert, ended, rule } from './fixtures/stage.ts';
import { GATHER_MS, OFF, offered, only, SETTLE_MS, stageOf, statusOf, WINDOW_MS } from './fixtures/switch-stage.ts';

describe('an incident', () => {
  it('opens once its alert has had time for company, and is diagnosed once, in its thread, for nobody', async () => {
    const stage = await stageOf();
    stage.tell(OFF);
    await stage.pass();
    expect(stage.store.openIncidents()).toEqual([]);
    await stage.pass(GATHER_MS);
    stage.tell(OFF);
    await stage.pass();
    const { id, runs, members } = only(stage);
    expect(members.map(({ name }) => name)).toEqual(['SwitchOff']);
    expect(runs).toHaveLength(1);
    expect(stage.store.run(runs[0] ?? '')).toMatchObject({
      runbook: 'switches',
      arguments: ['a'],
      requester: { id: 'alert' },
      origin: { kind: 'slack', channel: 'CALERTS', thread: `thread of ${id}` },
    });
    expect(stage.shown.at(-1)?.extras.diagnosis?.status).toBe('waiting');
    expect(stage.store.unreportedIncidents()).toEqual([]);
  });

  it('is diagnosed only once it is shown, and shown later when Slack does not take it', async () => {
    let refused = 0;
    const stage = await stageOf({
      report: async ({ id }) => {
        refused += 1;
        if (refused < 3) throw new Error('Slack is down');
        return { kind: 'slack', channel: 'CALERTS', thread: id };
      },
    });
    stage.tell(OFF);
    await stage.pass(GATHER_MS);
    expect(refused).toBe(1);
    expect(only(stage).runs).toEqual([]);
    await expect.poll(async () => (await stage.pass(), only(stage).runs.length), { timeout: 20_000, interval: 200 }).toBe(1);
    expect(refused).toBeGreaterThanOrEqual(3);
  });

  it('ends when its last alert has been over for a while, and is told', async () => {
    const stage = await offered();
    stage.tell(ended(OFF));
    await stage.pass();
    expect(only(stage)).toMatchObject({ quietSince: expect.any(Number) });
    expect(only(stage)).not.toHaveProperty('closed');
    await stage.pass(SETTLE_MS);
    expect(only(stage)).toMatchObject({ closed: { because: 'all-ended' } });
    expect(stage.shown.at(-1)?.view).toMatchObject({ closed: { because: 'all-ended' } });
  });

  it('goes on when its alert fires again within the window, and is diagnosed anew if it had ended', async () => {
    const stage = await offered();
    stage.tell(ended(OFF));
    await stage.pass();
    await stage.pass(SETTLE_MS);
    stage.tell({ ...OFF, startsAt: 500_000 });
    await stage.pass();
    await stage.pass();
    const incident = only(stage);
    expect(incident).not.toHaveProperty('closed');
    expect(incident).not.toHaveProperty('quietSince');
    expect(incident.members).toHaveLength(2);
    expect(incident.runs).toHaveLength(2);
  });

  it('goes on when its alert turns out to fire on, after its end was told', async () => {
    const stage = await offered();
    stage.tell(ended(OFF));
    await stage.pass();
    await stage.pass(SETTLE_MS);
    expect(only(stage)).toHaveProperty('closed');
    stage.tell(OFF);
    await stage.pass();
    expect(only(stage)).not.toHaveProperty('closed');
    expect(only(stage).members).toHaveLength(1);
    expect(only(stage).runs).toHaveLength(2);
  });

  it('is another one when its alert fires again after the window', async () => {
    const stage = await offered();
    stage.tell(ended(OFF));
    await stage.pass();
    await stage.pass(SETTLE_MS);
    await stage.pass(WINDOW_MS);
    stage.tell({ ...OFF, startsAt: 900_000 });
    await stage.pass(GATHER_MS);
    expect([...stage.store.openIncidents(), ...stage.store.incidentsClosedSince(0)]).toHaveLength(2);
  });

  it('is not made of an alert that a rule ignores', async () => {
    const ignored = { alert: 'SwitchOff', labels: {}, annotations: {}, what: { ignore: 'it is off on purpose' } };
    const stage = await stageOf({ settings: { routes: [ignored] } });
    stage.tell(OFF);
    await stage.pass(GATHER_MS);
    await stage.pass(WINDOW_MS);
    expect(stage.store.openIncidents()).toEqual([]);
  });

  it('is diagnosed while it is held back, for nobody to see, and once more in its thread when it is told', async () => {
    let quiet = true;
    const stage = await offered({ conductor: { holdsBack: () => quiet }, settings: { autoApply: [rule(9, approver.id)] } });
    expect(stage.shown).toEqual([]);
    const [first = ''] = only(stage).runs;
    expect(stage.store.run(first)).toMatchObject({ origin: { kind: 'alert' }, status: 'waiting' });
    expect(statusOf(stage, first)).toEqual(['waiting']);
    quiet = false;
    stage.conductor.look();
    await stage.pass();
    await stage.pass();
    expect(only(stage).runs).toHaveLength(2);
    expect(statusOf(stage, first)).toEqual(['withdrawn']);
    expect(stage.store.run(only(stage).runs[1] ?? '')).toMatchObject({ origin: { thread: `thread of ${only(stage).id}` } });
    expect(stage.shown.at(-1)?.extras.diagnosis?.id).toBe(only(stage).runs[1]);
  });

  it('is diagnosed although Slack does not take it for long', async () => {
    const stage = await stageOf({ report: () => Promise.reject(new Error('Slack is down')) });
    stage.tell(OFF);
    await stage.pass(GATHER_MS);
    expect(only(stage).runs).toEqual([]);
    await stage.pass(60_000);
    expect(stage.store.run(only(stage).runs[0] ?? '')).toMatchObject({ origin: { kind: 'alert' } });
  });

  it('is diagnosed anew when an alert joins long after its last diagnosis', async () => {
    const stage = await offered();
    stage.tell({ ...alert('AlsoOff', { namespace: 'hall', switch: 'a' }) });
    await stage.pass();
    expect(only(stage)).toMatchObject({ members: { length: 2 }, runs: { length: 1 } });
    await stage.pass(WINDOW_MS);
    stage.tell(alert('OffToo', { namespace: 'hall', switch: 'a' }));
    await stage.pass(GATHER_MS);
    await stage.pass();
    expect(only(stage)).toMatchObject({ members: { length: 3 }, runs: { length: 2 } });
  });

  it('for what is ignored or held back, and for the alert that always fires, the cluster is not read', async () => {
    let read = 0;
    const ignored = { alert: 'SwitchOff', labels: {}, annotations: {}, what: { ignore: 'it is off on purpose' } };
    const watchdog = { alert: 'Watchdog', everyMs: 3_600_000 };
    const stage = await stageOf({ settings: { routes: [ignored], watchdog }, index: () => void (read += 1) });
    stage.tell(OFF, alert('Watchdog'));
    const muted = { by: 'silence', ids: ['s1'] } as const;
    stage.store.applyLook({ at: stage.now(), alerts: [{ ...alert('Held', { namespace: 'hall' }), muted }], muted: [] });
    await stage.pass(GATHER_MS);
    await stage.pass(WINDOW_MS);
    expect(read).toBe(0);
    stage.tell(alert('SwitchOn', { namespace: 'hall' }));
    await stage.pass();
    expect(read).toBeGreaterThan(0);
  });
});
