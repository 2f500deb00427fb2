import { afterEach, beforeEach, expect, it } from 'vitest';
import type { Alert } from '../core/alert.ts';
import { temporaryDirectory } from '../engine/fixtures/harness.ts';
import { openTestStore } from './fixtures/open-store.ts';
import type { Store } from './store.ts';

const FULL: Alert = {
  source: 'alertmanager',
  fingerprint: 'ca85317cd08db3ba',
  name: 'PVFillingUp',
  labels: { alertname: 'PVFillingUp' },
  annotations: {},
  startsAt: 1_000,
};

let directory: ReturnType<typeof temporaryDirectory>;
let store: Store;
beforeEach(() => {
  directory = temporaryDirectory();
  store = openTestStore(directory.path);
});
afterEach(() => {
  store.close();
  directory.remove();
});

function tell(alert: Alert, at: number): void {
  store.addDeliveries([{ source: 'alertmanager', at, body: '{}' }]);
  for (const { id } of store.nextDeliveries(1)) store.applyDeliveries([{ id, at, alerts: [alert] }]);
}

it('An episode that is read again is the same one until it ends, fires again or gets its incident', () => {
  tell(FULL, 2_000);
  const [before] = store.openEpisodes();
  expect(store.openEpisodes()[0]).toBe(before);
  store.addIncident({
    id: 'inc-1',
    cause: { kind: 'claim', name: 'apps/media', because: 'own' },
    candidates: [],
    members: [FULL],
    openedAt: 3_000,
  });
  expect(store.openEpisodes()).toEqual([{ ...before, incident: 'inc-1' }]);
  tell({ ...FULL, endsAt: 4_000 }, 5_000);
  expect(store.openEpisodes()).toEqual([]);
  expect(store.incident('inc-1')?.members).toEqual([{ ...before, incident: 'inc-1', endsAt: 4_000 }]);
  tell({ ...FULL, startsAt: 1_000 }, 500_000);
  expect(store.openEpisodes()).toEqual([{ ...before, incident: 'inc-1' }]);
});

it('An episode that came after others were dropped is itself', () => {
  tell(FULL, 2_000);
  tell({ ...FULL, endsAt: 4_000 }, 5_000);
  expect(store.episodes()).toHaveLength(1);
  expect(store.dropEpisodes(10_000)).toBe(1);
  tell({ ...FULL, fingerprint: '3d91465ab735363f', name: 'NodeDown', startsAt: 6_000, endsAt: 7_000 }, 8_000);
  tell({ ...FULL, fingerprint: '3d91465ab735363f', name: 'NodeDown', startsAt: 9_000 }, 9_000);
  expect(store.episodes().map(({ name }) => name)).toEqual(['NodeDown', 'NodeDown']);
});

it('What is kept of episodes that were read is bounded by its size', () => {
  const annotations = Object.fromEntries(Array.from({ length: 20 }, (_, index) => [`a${index}`, 'x'.repeat(1_000)]));
  const large = (index: number): Alert => ({ ...FULL, fingerprint: index.toString(16), annotations });
  store.addDeliveries([{ source: 'alertmanager', at: 1, body: '{}' }]);
  for (const { id } of store.nextDeliveries(1))
    store.applyDeliveries([{ id, at: 1, alerts: Array.from({ length: 2_000 }, (_, index) => large(index)) }]);
  const [before, last] = [store.openEpisodes()[0], store.openEpisodes().at(-1)];
  const after = store.openEpisodes();
  expect(after[0]).toEqual(before);
  expect(after[0]).not.toBe(before);
  expect(after.at(-1)).toEqual(last);
});
