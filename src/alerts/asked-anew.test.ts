import { expect, it } from 'vitest';
import { crash, diagnosed, NAMES_NAS, NAS, outageStage } from './fixtures/outage-stage.ts';
import { ended } from './fixtures/stage.ts';
import { GATHER_MS } from './fixtures/switch-stage.ts';

const HOUR_MS = 3_600_000;

/** The NAS was ill an hour ago, and one app has never come back. */
async function anHourLater(states: Readonly<Record<string, string>>) {
  const { stage, world } = await outageStage({ nas: 'off' });
  await diagnosed(stage, NAMES_NAS, crash(1));
  expect(stage.store.openIncidents()).toMatchObject([{ cause: { ...NAS, because: 'proved' }, members: { length: 2 } }]);
  stage.tell(ended(NAMES_NAS));
  for (const [name, state] of Object.entries(states)) world.states.set(name, state);
  await stage.pass(HOUR_MS);
  stage.tell(crash(2, stage.now()));
  await stage.pass();
  for (let pass = 0; pass < 4; pass += 1) await stage.pass(GATHER_MS / 2);
  return stage;
}

it('an alert that comes long after the proof is of the same incident when another look finds it ill', async () => {
  const stage = await anHourLater({});
  expect(stage.store.openIncidents()).toMatchObject([{ cause: { ...NAS, because: 'proved' }, members: { length: 3 } }]);
});

it('an alert that comes long after the proof has an incident of its own when another look finds it well', async () => {
  const stage = await anHourLater({ nas: 'on' });
  expect(stage.store.openIncidents()).toMatchObject([
    { cause: { kind: 'workload', name: 'app1/web', because: 'own' }, members: { length: 2 } },
    { cause: { kind: 'workload', name: 'app2/web', because: 'own' }, members: { length: 1 } },
  ]);
});
