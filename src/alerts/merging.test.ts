import { expect, it } from 'vitest';
import type { Alert } from '../core/alert.ts';
import type { Cause } from '../core/incident.ts';
import { looker } from './fixtures/lookers.ts';
import { crash, diagnosed, NAMES_NAS, NAS, outageStage } from './fixtures/outage-stage.ts';
import { alert, ended, type Stage } from './fixtures/stage.ts';
import { GATHER_MS, SETTLE_MS } from './fixtures/switch-stage.ts';

/** Each app is looked at by the runbook that looks at the NAS, so that both prove the same. */
const settings = {
  routes: [{ alert: 'PodCrashLooping', labels: {}, annotations: {}, what: { run: ['diagnose', 'nfs', '{namespace}'] } }],
};

/** Two apps that were placed apart, which happens when one diagnosis lasts too long for the other to wait for it. */
async function two(more: Parameters<typeof outageStage>[1] = {}): Promise<Stage> {
  const { stage } = await outageStage({ nas: 'off' }, { settings, ...more });
  stage.tell(crash(1), crash(2));
  for (const app of [1, 2]) {
    const own = { kind: 'workload', name: `app${app}/web` } as const;
    const incident = {
      id: `inc-${app}`,
      cause: { ...own, because: 'own' },
      candidates: [NAS, own],
      members: [crash(app)],
    } as const;
    stage.store.addIncident({ ...incident, openedAt: stage.now() + app });
  }
  await stage.pass();
  await stage.pass();
  return stage;
}

it('two incidents that are proved to have the same cause go on as the older one, and both are told', async () => {
  const stage = await two();
  const { store } = stage;
  const [left, ...others] = store.openIncidents();
  expect(others).toEqual([]);
  expect(left).toMatchObject({ cause: { ...NAS, because: 'proved' }, runs: { length: 1 } });
  expect(left?.members.map(({ labels }) => labels['namespace'])).toEqual(['app1', 'app2']);
  expect(left).toMatchObject({ id: 'inc-1', candidates: [NAS] });
  const [merged, ...more] = store.incidentsClosedSince(0);
  expect(more).toEqual([]);
  expect(merged).toMatchObject({ closed: { because: 'merged', into: left?.id }, members: [] });
  const shown = (id: string | undefined) => stage.shown.findLast(({ view }) => view.id === id)?.view;
  expect(shown(merged?.id)).toMatchObject({ closed: { into: left?.id } });
  expect(shown(left?.id)?.members).toHaveLength(2);
  const offers = store.unfinished();
  expect(offers).toEqual(left?.runs);
});

it('what comes to an incident that went on as another one comes to that', async () => {
  const stage = await two();
  stage.tell(ended(crash(2)));
  await stage.pass();
  stage.tell(crash(2, 700_000), crash(3));
  await stage.pass(GATHER_MS);
  expect(stage.store.openIncidents()).toMatchObject([{ members: { length: 4 } }]);
  stage.tell(ended(crash(1)), ended(crash(2, 700_000)), ended(crash(3)));
  await stage.pass();
  await stage.pass(SETTLE_MS);
  expect(stage.store.openIncidents()).toEqual([]);
});

it('the one that people were shown goes on, and nobody is shown the other', async () => {
  const stage = await two({ conductor: { holdsBack: ({ id, closed }) => id === 'inc-1' && closed === undefined } });
  expect(stage.store.openIncidents()).toMatchObject([{ id: 'inc-2', members: { length: 2 } }]);
  expect(stage.store.incident('inc-1')).toMatchObject({ closed: { into: 'inc-2' }, runs: { length: 1 } });
  await stage.pass();
  expect(new Set(stage.shown.map(({ view }) => view.id))).toEqual(new Set(['inc-2']));
});

it('incidents of different causes stay apart', async () => {
  const { stage } = await outageStage({ nas: 'off' });
  await diagnosed(stage, NAMES_NAS, alert('CertExpiring'));
  expect(stage.store.openIncidents()).toHaveLength(2);
});

it('a proof is not taken back by a look that was made before it', async () => {
  const routes = [{ labels: {}, annotations: {}, what: { run: ['diagnose', 'nfs', 'all'] } }];
  const { stage, world } = await outageStage(
    {},
    { settings: { routes }, runbooks: [looker({ id: 'diagnose-nfs', codes: { nas: 'nas-vm-down' } })] },
  );
  const open = (id: string, member: Alert, cause: Cause) =>
    stage.store.addIncident({ id, cause, candidates: [NAS, cause], members: [member], openedAt: stage.now() });
  stage.tell(NAMES_NAS);
  open('inc-1', NAMES_NAS, { ...NAS, because: 'named' });
  await stage.pass();
  expect(stage.store.incident('inc-1')).toMatchObject({ cleared: [NAS], runs: { length: 1 } });
  world.states.set('nas', 'off');
  await stage.pass(1_000);
  stage.tell(crash(2));
  open('inc-2', crash(2), { kind: 'workload', name: 'app2/web', because: 'own' });
  await stage.pass();
  stage.conductor.look();
  await stage.pass();
  expect(stage.store.openIncidents()).toMatchObject([
    { id: 'inc-1', cause: { ...NAS, because: 'proved' }, members: { length: 2 }, runs: { length: 1 } },
  ]);
});
