import { expect, it } from 'vitest';
import { crash, NAMES_NAS, NAS, outageStage } from './fixtures/outage-stage.ts';
import type { Stage } from './fixtures/stage.ts';

const AGO_MS = 20_000;

/** An app on the NAS, whose incident an alert that names the NAS came too late for. */
async function two(states: Readonly<Record<string, string>>, agoMs = AGO_MS): Promise<Stage> {
  const { stage } = await outageStage(states);
  stage.tell(crash(1), NAMES_NAS);
  const own = { kind: 'workload', name: 'app1/web' } as const;
  const first = { id: 'inc-1', cause: { ...own, because: 'own' }, candidates: [NAS, own], members: [crash(1)] } as const;
  const second = { id: 'inc-2', cause: { ...NAS, because: 'named' }, candidates: [NAS], members: [NAMES_NAS] } as const;
  stage.store.addIncident({ ...first, openedAt: stage.now() - agoMs });
  stage.store.addIncident({ ...second, openedAt: stage.now() });
  for (let pass = 0; pass < 5; pass += 1) await stage.pass();
  return stage;
}

it('an incident that stands on what another one proved to be ill, and of which nothing else was found, goes on with that', async () => {
  const { store } = await two({ nas: 'off' });
  expect(store.openIncidents()).toMatchObject([
    {
      id: 'inc-1',
      cause: { ...NAS, because: 'proved' },
      members: [{ name: 'PodCrashLooping' }, { name: 'NFSServerUnresponsive' }],
    },
  ]);
  expect(store.incident('inc-2')).toMatchObject({ closed: { because: 'merged', into: 'inc-1' } });
});

it('one of which a diagnosis found what is wrong stays apart', async () => {
  const { store } = await two({ nas: 'off', app: 'off' });
  expect(store.openIncidents()).toMatchObject([
    { id: 'inc-1', cause: { because: 'own' } },
    { id: 'inc-2', cause: { ...NAS, because: 'proved' } },
  ]);
});

it('one that opened longer ago than the window stays apart', async () => {
  const { store } = await two({ nas: 'off' }, 700_000);
  expect(store.openIncidents()).toMatchObject([
    { id: 'inc-1', cause: { because: 'own' } },
    { id: 'inc-2', cause: { ...NAS, because: 'proved' } },
  ]);
});
