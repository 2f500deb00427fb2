import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Alert } from '../core/alert.ts';
import { openTestStore } from './fixtures/open-store.ts';
import type { Store } from './store.ts';

const alert: Alert = {
  source: 'alertmanager',
  fingerprint: 'ca85317cd08db3ba',
  name: 'PodCrashLooping',
  labels: { alertname: 'PodCrashLooping', namespace: 'immich' },
  annotations: {},
  startsAt: 1_000,
};
const { source, fingerprint, startsAt } = alert;
const key = { source, fingerprint, startsAt };
const muted = { by: 'inhibition', ids: ['0f'], names: ['NodeDown'] } as const;

let directory: string;
let store: Store;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'storagebot-muted-'));
  store = openTestStore(directory);
});

afterEach(() => {
  store.close();
  rmSync(directory, { recursive: true, force: true });
});

describe('an alert that nobody was told', () => {
  test('is taken in with why it is held back, and is so after a restart', () => {
    expect(store.applyLook({ at: 5_000, alerts: [{ ...alert, muted }], muted: [] })).toEqual([key]);
    expect(store.openEpisodes()).toEqual([{ ...alert, receivedAt: 5_000, muted }]);
    store.close();
    store = openTestStore(directory);
    expect(store.openEpisodes()).toMatchObject([{ muted }]);
  });

  test('and that is known already changes nothing', () => {
    store.applyLook({ at: 5_000, alerts: [{ ...alert, muted }], muted: [] });
    expect(store.applyLook({ at: 6_000, alerts: [{ ...alert, muted }], muted: [{ ...key, muted }] })).toEqual([]);
  });
});

describe('an alert that is known', () => {
  beforeEach(() => void store.applyLook({ at: 5_000, alerts: [alert], muted: [] }));

  test('is marked while it is held back, and no longer', () => {
    expect(store.openEpisodes()[0]).not.toHaveProperty('muted');
    expect(store.applyLook({ at: 6_000, alerts: [], muted: [{ ...key, muted }] })).toEqual([key]);
    expect(store.openEpisodes()).toMatchObject([{ muted }]);
    expect(store.applyLook({ at: 7_000, alerts: [], muted: [key] })).toEqual([key]);
    expect(store.openEpisodes()[0]).not.toHaveProperty('muted');
  });

  test('is held back by nothing when it has ended, nor when it fires again', () => {
    store.applyLook({ at: 6_000, alerts: [], muted: [{ ...key, muted }] });
    store.applyLook({ at: 7_000, alerts: [{ ...alert, endsAt: 7_000 }], muted: [] });
    expect(store.episodes()).toMatchObject([{ endsAt: 7_000 }]);
    expect(store.episodes()[0]).not.toHaveProperty('muted');
    expect(store.applyLook({ at: 7_500, alerts: [], muted: [{ ...key, muted }] })).toEqual([]);
    store.applyLook({ at: 8_000, alerts: [alert], muted: [] });
    expect(store.openEpisodes()[0]).not.toHaveProperty('muted');
  });

  test('is held back no longer once Alertmanager tells of it, since it tells of nothing that it holds back', () => {
    store.applyLook({ at: 6_000, alerts: [], muted: [{ ...key, muted }] });
    const tell = (at: number) => {
      store.addDeliveries([{ source, at, body: '{}' }]);
      const [delivery] = store.nextDeliveries(1);
      return store.applyDeliveries([{ id: delivery?.id ?? 0, at, canAsk: true, alerts: [alert] }]);
    };
    expect(tell(7_000)).toEqual([key]);
    expect(store.openEpisodes()[0]).not.toHaveProperty('muted');
    expect(tell(8_000)).toEqual([]);
  });
});
