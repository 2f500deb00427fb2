import { afterEach, beforeEach, expect, test } from 'vitest';
import { temporaryDirectory } from '../engine/fixtures/harness.ts';
import { createWorld } from '../engine/fixtures/switches.ts';
import { alert, ended, openStage, type Stage } from './fixtures/stage.ts';
import { WATCHDOG_SILENT } from './watchdog.ts';

const OFF = alert('SwitchOff', { namespace: 'hall', switch: 'a' });
const WHY = 'Prometheus was restarted.';
const routes = [{ alert: 'SwitchOff', labels: {}, annotations: {}, what: { run: ['switches', '{switch}'] } }];

let directory: ReturnType<typeof temporaryDirectory>;
let stage: Stage | undefined;
let doubt: string | undefined;
beforeEach(() => {
  directory = temporaryDirectory();
  doubt = WHY;
});
afterEach(async () => {
  await stage?.stop();
  directory.remove();
});

/** An incident whose only alert has ended, as it seems, for as long as incidents wait. */
async function quietAfter(one = OFF): Promise<Stage> {
  const world = createWorld({ a: 'on' });
  const conductor = { doubt: async () => doubt };
  stage = await openStage({ directory: directory.path, world, settings: { routes }, conductor });
  stage.tell(one);
  await stage.pass(30_000);
  await stage.pass();
  stage.tell(ended(one));
  await stage.pass();
  await stage.pass(120_000);
  return stage;
}

const notes = ({ shown }: Stage) => shown.at(-1)?.extras.notes ?? [];

test('an incident does not end while silence proves nothing, and its message says why', async () => {
  const { store, ...rest } = await quietAfter();
  expect(store.openIncidents()).toMatchObject([{ quietSince: expect.any(Number) }]);
  expect(notes({ store, ...rest })).toContain(`${WHY} So this is not over yet.`);
  expect(rest.shown.at(-1)?.extras.doubt).toBe(WHY);
  await rest.pass(600_000);
  expect(store.openIncidents()).toHaveLength(1);
});

test('an incident ends once silence has been believed for as long as incidents wait', async () => {
  const { store, pass, shown } = await quietAfter();
  doubt = undefined;
  await pass(60_000);
  expect(store.openIncidents()).toHaveLength(1);
  expect(shown.at(-1)?.extras).not.toHaveProperty('doubt');
  await pass(60_000);
  expect(store.openIncidents()).toEqual([]);
  expect(shown.at(-1)?.view.closed).toMatchObject({ because: 'all-ended' });
});

test('an alert that fires again after a restart of Prometheus is in the same thread', async () => {
  const { store, pass, tell } = await quietAfter();
  tell({ ...OFF, startsAt: 900_000 });
  await pass();
  doubt = undefined;
  await pass(600_000);
  expect(store.openIncidents()).toMatchObject([{ members: [{}, {}] }]);
});

test('an alert of the bot itself ends whatever Prometheus does', async () => {
  const { store } = await quietAfter(alert(WATCHDOG_SILENT));
  expect(store.openIncidents()).toEqual([]);
  expect(store.incidentsClosedSince(0)).toHaveLength(1);
});
