import { afterEach, beforeEach, expect, it } from 'vitest';
import { temporaryDirectory } from '../engine/fixtures/harness.ts';
import { createWorld } from '../engine/fixtures/switches.ts';
import { episodeOf, INDEX, podOf, SITE } from './fixtures/outage.ts';
import { alert, openStage, type Stage } from './fixtures/stage.ts';
import { waysToLook } from './ways.ts';

const GATHER_MS = 30_000;
const routes = ['PodCrashLooping', 'NFSServerUnresponsive'].map((name) => ({
  alert: name,
  labels: {},
  annotations: {},
  what: { run: ['switches', 'a'] },
}));

let directory: ReturnType<typeof temporaryDirectory>;
let stage: Stage;

beforeEach(async () => {
  directory = temporaryDirectory();
  const world = createWorld({ a: 'on' });
  stage = await openStage({ directory: directory.path, world, site: SITE, index: () => INDEX, settings: { routes } });
});
afterEach(async () => {
  await stage.stop();
  directory.remove();
});

it('an incident of one pod is diagnosed anew when an alert names what the pod stands on', async () => {
  stage.tell(alert('PodCrashLooping', { namespace: 'app1', pod: podOf({ name: 'web' }) }));
  await stage.pass(GATHER_MS);
  await stage.pass();
  expect(stage.store.openIncidents()).toMatchObject([{ cause: { kind: 'workload', because: 'own' }, runs: { length: 1 } }]);
  stage.tell(alert('NFSServerUnresponsive'));
  await stage.pass();
  await stage.pass();
  expect(stage.store.openIncidents()).toMatchObject([
    { cause: { kind: 'nas', name: 'nas', because: 'named' }, members: { length: 2 }, runs: { length: 2 } },
  ]);
  expect(stage.shown.at(-1)?.extras.notes).toEqual([expect.stringContaining('NFSServerUnresponsive: ')]);
  stage.tell(alert('PodCrashLooping', { namespace: 'app2', pod: podOf({ name: 'web' }) }));
  await stage.pass();
  await stage.pass();
  expect(stage.store.openIncidents()).toMatchObject([{ members: { length: 3 }, runs: { length: 2 } }]);
});

it('backups in a directory are looked at by the word of their job', () => {
  const members = [episodeOf({ name: 'Strange', labels: {} }, 0)];
  const at = (name: string) =>
    waysToLook({ cause: { kind: 'backups', name, because: 'proved' }, members }, { site: SITE, routes: [] })[0];
  expect(at('/mnt/main/mysql-backup')).toEqual(['diagnose', 'backups', 'mysql']);
  expect([at('all'), at('/elsewhere')]).toEqual([
    ['diagnose', 'backups'],
    ['diagnose', 'backups'],
  ]);
});
