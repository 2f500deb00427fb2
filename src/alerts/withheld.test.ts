import { expect, it } from 'vitest';
import { operator } from '../engine/fixtures/harness.ts';
import { crash, diagnosed, NAMES_NAS, outageStage } from './fixtures/outage-stage.ts';
import type { Stage } from './fixtures/stage.ts';
import { ended } from './fixtures/stage.ts';
import { GATHER_MS, offered, only, SETTLE_MS, statusOf, WINDOW_MS } from './fixtures/switch-stage.ts';

it('what was not offered because of maintenance is diagnosed anew when that is over', async () => {
  const now: { why?: string } = { why: 'Maintenance until noon.' };
  const stage = await offered({ conductor: { maintenance: () => now.why } });
  expect(statusOf(stage)).toEqual(['withdrawn']);
  expect(only(stage)).toMatchObject({ withheldBy: 'maintenance' });
  await stage.pass(60_000);
  expect(only(stage).runs).toHaveLength(1);
  delete now.why;
  stage.conductor.look();
  await stage.pass();
  expect(only(stage).runs).toHaveLength(2);
  expect(only(stage)).not.toHaveProperty('withheldBy');
  expect(statusOf(stage)).toEqual(['waiting']);
  await stage.pass();
  expect(only(stage).runs).toHaveLength(2);
});

/** An app whose repair was offered, until the NAS under it turned out to be ill. */
async function withdrawn(): Promise<{ stage: Stage; app: string; nas: string; mend: () => void }> {
  const { stage, world } = await outageStage({ app: 'off' });
  await diagnosed(stage, crash(1));
  const { id: app } = only(stage);
  expect(statusOf(stage)).toEqual(['waiting']);
  world.states.set('nas', 'off');
  stage.store.takeIncident(app, { by: operator, at: stage.now() });
  const nas = 'inc-nas';
  stage.tell(NAMES_NAS);
  const cause = { kind: 'nas', name: 'nas', because: 'named' } as const;
  stage.store.addIncident({ id: nas, cause, candidates: [cause], members: [NAMES_NAS], openedAt: stage.now() });
  await stage.pass();
  await stage.pass();
  expect(stage.store.incident(nas)).toMatchObject({ cause: { because: 'proved' } });
  expect(stage.store.incident(app)).toMatchObject({ withheldBy: nas, runs: { length: 1 } });
  return { stage, app, nas, mend: () => void world.states.set('nas', 'on') };
}

it('an offer that was withdrawn because of what it stands on comes back when that is found well', async () => {
  const { stage, app, nas, mend } = await withdrawn();
  mend();
  await stage.conductor.incidents.diagnose({ incident: nas, actor: operator, key: 'k' });
  await stage.pass();
  await stage.pass();
  const incident = stage.store.incident(app);
  expect(incident).toMatchObject({ runs: { length: 2 } });
  expect(incident).not.toHaveProperty('withheldBy');
  expect(statusOf(stage, incident?.runs.at(-1))).toEqual(['waiting']);
});

it('an offer that was withdrawn because of what it stands on comes back when the incident of that is over', async () => {
  const { stage, app } = await withdrawn();
  stage.tell(ended(NAMES_NAS));
  await stage.pass();
  expect(stage.store.incident(app)).toMatchObject({ runs: { length: 1 } });
  await stage.pass(SETTLE_MS);
  await stage.pass(GATHER_MS);
  expect(stage.store.incident(app)).toMatchObject({ runs: { length: 2 } });
});

it('nothing comes back to an incident of which nothing fires', async () => {
  const { stage, app, nas, mend } = await withdrawn();
  mend();
  stage.tell(ended(crash(1)));
  await stage.conductor.incidents.diagnose({ incident: nas, actor: operator, key: 'k' });
  await stage.pass();
  await stage.pass();
  expect(stage.store.incident(nas)).toMatchObject({ cause: { because: 'named' } });
  expect(stage.store.incident(app)).toMatchObject({ runs: { length: 1 } });
});

it('an offer that is withdrawn again and again comes back a few times within the window, and then after it', async () => {
  const now: { why?: string } = {};
  const stage = await offered({ conductor: { maintenance: () => now.why } });
  const flap = async (ms = 0) => {
    now.why = 'Maintenance until noon.';
    await stage.pass(ms);
    delete now.why;
    await stage.pass();
  };
  for (let times = 0; times < 5; times += 1) await flap(20_000);
  expect(only(stage).runs).toHaveLength(3);
  expect(only(stage)).toMatchObject({ withheldBy: 'maintenance' });
  await stage.pass(WINDOW_MS);
  expect(only(stage).runs).toHaveLength(4);
  expect(statusOf(stage)).toEqual(['waiting']);
});
