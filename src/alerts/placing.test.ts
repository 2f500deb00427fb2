import { expect, it } from 'vitest';
import type { ConductorBoundary } from './conductor.ts';
import { podOf } from './fixtures/outage.ts';
import { crash, diagnosed, NAMES_NAS, NAS, type OutageStage, outageStage } from './fixtures/outage-stage.ts';
import { alert } from './fixtures/stage.ts';
import { GATHER_MS, only, WINDOW_MS } from './fixtures/switch-stage.ts';

/** The NAS was proved to be ill, which was longer ago than the window; one app still fires. */
async function oldProof(): Promise<OutageStage> {
  const outage = await outageStage({ nas: 'off' });
  await diagnosed(outage.stage, NAMES_NAS, crash(1));
  expect(only(outage.stage)).toMatchObject({ cause: { ...NAS, because: 'proved' }, runs: { length: 1 } });
  await outage.stage.pass(WINDOW_MS + 1_000);
  return outage;
}

it('an alert that an old proof would explain has it looked at again, once, and joins when it is still so', async () => {
  const { stage } = await oldProof();
  const before = only(stage).cause.provedAt ?? 0;
  stage.tell(crash(2));
  await stage.pass();
  await stage.pass(GATHER_MS);
  expect(only(stage)).toMatchObject({ cause: { ...NAS, because: 'proved' }, members: { length: 3 }, runs: { length: 2 } });
  expect(only(stage).cause.provedAt).toBeGreaterThan(before + WINDOW_MS);
  await stage.pass(GATHER_MS);
  expect(only(stage).runs).toHaveLength(2);
});

it('an alert that an old proof would explain goes its own way when that is well by now', async () => {
  const { stage, world } = await oldProof();
  world.states.set('nas', 'on');
  stage.tell(crash(2));
  await stage.pass();
  await stage.pass(GATHER_MS);
  await stage.pass(GATHER_MS);
  await stage.pass();
  expect(stage.store.openIncidents()).toMatchObject([
    { cause: { because: 'named' }, cleared: [{ ...NAS, wasIll: true }] },
    { cause: { kind: 'workload', name: 'app2/web', because: 'own' }, members: { length: 1 } },
  ]);
});

it('a look that breaks is not begun again and again for an alert that waits for it', async () => {
  const { stage, world } = await oldProof();
  world.onRead = () => Promise.reject(new Error('The door is broken.'));
  stage.tell(crash(2));
  await stage.pass();
  for (let round = 0; round < 5; round += 1) await stage.pass(GATHER_MS);
  const [first, ...others] = stage.store.openIncidents();
  expect(first?.runs.length).toBeLessThanOrEqual(3);
  expect(others.length).toBeLessThanOrEqual(1);
});

it('an alert does not wait for the diagnosis of an incident that nobody is to be shown now', async () => {
  const mild = alert('PodCrashLooping', { namespace: 'app1', pod: podOf({ name: 'web' }), severity: 'warning' });
  const { stage } = await outageStage(
    {},
    { conductor: { holdsBack: ({ members }) => members.every(({ labels }) => labels['severity'] === 'warning') } },
  );
  stage.engine.start = () => Promise.reject(new Error('The state is not writable.'));
  await diagnosed(stage, mild);
  expect(stage.store.openIncidents()).toMatchObject([{ runs: [] }]);
  stage.tell(crash(2));
  await stage.pass();
  await stage.pass(GATHER_MS);
  expect(stage.store.openIncidents()).toHaveLength(2);
});

it('what joins an incident that was looked at long ago is looked at also when the bot dies as soon as it is in it', async () => {
  const death: { after?: ConductorBoundary } = {};
  const onBoundary = (name: ConductorBoundary) => {
    if (name === death.after) throw new Error('It died here.');
  };
  const { stage } = await outageStage({}, { conductor: { onBoundary } });
  await diagnosed(stage, crash(1));
  const { length } = only(stage).runs;
  await stage.pass(WINDOW_MS + 1_000);
  death.after = 'incident-joined';
  stage.tell(alert('KubePodNotReady', { namespace: 'app1', pod: podOf({ name: 'web' }) }));
  await stage.pass();
  delete death.after;
  await stage.pass();
  expect(only(stage)).toMatchObject({ members: { length: 2 } });
  expect(only(stage).runs.length).toBeGreaterThan(length);
});
