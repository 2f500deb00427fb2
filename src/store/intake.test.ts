import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Alert } from '../core/alert.ts';
import { openTestStore } from './fixtures/open-store.ts';
import type { Store } from './store.ts';

const HOUR_MS = 3_600_000;
const alert: Alert = {
  source: 'alertmanager',
  fingerprint: 'ca85317cd08db3ba',
  name: 'PVFillingUp',
  labels: { alertname: 'PVFillingUp', namespace: 'immich', odd: '\u0000 \ud800 "é' },
  annotations: { summary: 'filling up' },
  startsAt: 1_000,
  generatorUrl: 'https://prometheus.example.net/graph',
};
const { fingerprint, source } = alert;

let directory: string;
let store: Store;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'storagebot-intake-'));
  store = openTestStore(directory);
});

afterEach(() => {
  store.close();
  rmSync(directory, { recursive: true, force: true });
});

/** Delivers these alerts in one notification; what changed. */
function told(alerts: readonly Alert[], at = 5_000) {
  store.addDeliveries([{ source, at, body: '{}' }]);
  const id = store.nextDeliveries(1_000).at(-1)?.id ?? 0;
  return store.applyDeliveries([{ id, at, alerts }]);
}

describe('deliveries', () => {
  const bodies = () => store.nextDeliveries(10).map(({ body }) => body);

  test('are handed out oldest first, until they are taken in, also after the store was opened again', () => {
    store.addDeliveries(['one', 'two', 'three'].map((body, at) => ({ source, at, body })));
    store.close();
    store = openTestStore(directory);
    expect(bodies()).toEqual(['one', 'two', 'three']);
    const [first] = store.nextDeliveries(1);
    expect(first).toMatchObject({ source, at: 0, body: 'one' });
    store.applyDeliveries([{ id: first?.id ?? 0, at: 0, alerts: [] }]);
    expect(bodies()).toEqual(['two', 'three']);
  });

  test('are counted, in bytes as they came', () => {
    expect(store.backlog()).toEqual({ deliveries: 0, bytes: 0 });
    store.addDeliveries([
      { source, at: 1, body: 'é' },
      { source: 'grafana', at: 1, body: '12345' },
    ]);
    expect(store.backlog()).toEqual({ deliveries: 2, bytes: 7 });
  });

  test('are handed out in portions of a mebibyte, and at least one', () => {
    const large = 'x'.repeat(700_000);
    store.addDeliveries([`${large}${large}`, large, 'y', large].map((body) => ({ source, at: 1, body })));
    const portion = () => {
      const list = store.nextDeliveries(10);
      store.applyDeliveries(list.map(({ id, at }) => ({ id, at, alerts: [] })));
      return list.map(({ body }) => body.length);
    };
    expect([portion(), portion(), portion(), portion()]).toEqual([[1_400_000], [700_000, 1], [700_000], []]);
  });

  test('are taken in and deleted in one transaction: what cannot be written leaves both as they were', () => {
    store.addDeliveries([{ source, at: 1, body: '{}' }]);
    const [delivery] = store.nextDeliveries(1);
    const broken: Alert = { ...alert, fingerprint: 'b', startsAt: Number.NaN };
    expect(() => store.applyDeliveries([{ id: delivery?.id ?? 0, at: 1, alerts: [alert, broken] }])).toThrow('NOT NULL');
    expect(store.episodes()).toEqual([]);
    expect(store.backlog().deliveries).toBe(1);
  });

  test('are taken in once: who comes second with the same does nothing', () => {
    store.addDeliveries([{ source, at: 1, body: '{}' }]);
    const [delivery] = store.nextDeliveries(1);
    const read = { id: delivery?.id ?? 0, at: 1, alerts: [alert], askFor: 'bot' };
    expect(store.applyDeliveries([read])).toHaveLength(1);
    expect(store.applyDeliveries([{ ...read, alerts: [{ ...alert, endsAt: 2 }] }])).toEqual([]);
    expect(store.openEpisodes()).toHaveLength(1);
    expect(store.questions()).toEqual([{ receiver: 'bot', asked: 1, names: [], tries: 0 }]);
  });

  test('that cannot be read are kept aside, the last twenty of them, and hold nothing up', () => {
    for (let at = 0; at < 25; at += 1) {
      store.addDeliveries([{ source, at, body: `body ${at}` }]);
      for (const { id } of store.nextDeliveries(1))
        store.applyDeliveries([{ id, at, alerts: [], unreadable: 'it is no JSON', askFor: '' }]);
    }
    expect([store.backlog(), bodies()]).toEqual([{ deliveries: 0, bytes: 0 }, []]);
    const beside = new DatabaseSync(join(directory, 'storagebot.db'), { readOnly: true });
    const aside = beside.prepare('SELECT body, unreadable FROM deliveries ORDER BY id').all();
    beside.close();
    expect(aside).toHaveLength(20);
    expect(aside[0]).toEqual({ body: 'body 5', unreadable: 'it is no JSON' });
    expect(store.questions()).toMatchObject([{ receiver: '', asked: 25 }]);
    store.dropEpisodes(HOUR_MS);
    expect(store.applyDeliveries([{ id: 25, at: 1, alerts: [alert] }])).toEqual([]);
  });
});

describe('episodes', () => {
  test('are kept as they were told, whatever characters are in them', () => {
    expect(told([alert])).toEqual([{ source, fingerprint, startsAt: 1_000 }]);
    expect(store.episodes()).toEqual([{ ...alert, receivedAt: 5_000 }]);
  });

  test('of peers that tell the same are one, and the second time nothing changed', () => {
    told([alert]);
    expect(told([alert, alert], 6_000)).toEqual([]);
    const end = { ...alert, endsAt: 9_000 };
    expect(told([end], 9_500)).toEqual([{ source, fingerprint, startsAt: 1_000 }]);
    expect(told([{ ...end, endsAt: 9_100 }], 9_600)).toEqual([]);
    expect(store.episodes()).toMatchObject([{ receivedAt: 5_000, endsAt: 9_000 }]);
  });

  test('of one fingerprint at two senders are two', () => {
    told([alert]);
    expect(told([{ ...alert, source: 'grafana' }])).toHaveLength(1);
    expect(store.openEpisodes().map((episode) => episode.source)).toEqual(['alertmanager', 'grafana']);
  });

  test('that were over before they were heard of are kept, and nobody is told of them', () => {
    expect(told([{ ...alert, endsAt: 2_000 }])).toEqual([]);
    expect(store.episodes()).toMatchObject([{ startsAt: 1_000, endsAt: 2_000, receivedAt: 5_000 }]);
    expect(store.openEpisodes()).toEqual([]);
  });

  test('begin anew when the same alert fires with a new start', () => {
    told([alert]);
    told([{ ...alert, endsAt: 2_000 }]);
    expect(told([{ ...alert, startsAt: 3_000 }])).toEqual([{ source, fingerprint, startsAt: 3_000 }]);
    expect(store.episodes().map(({ startsAt, endsAt }) => [startsAt, endsAt])).toEqual([
      [1_000, 2_000],
      [3_000, undefined],
    ]);
  });

  test('that fire on with a new start, of which the old end was never told, change both', () => {
    told([alert]);
    expect(told([{ ...alert, startsAt: 3_000 }])).toEqual([
      { source, fingerprint, startsAt: 1_000 },
      { source, fingerprint, startsAt: 3_000 },
    ]);
    expect(store.openEpisodes()).toMatchObject([{ startsAt: 3_000 }]);
  });

  test('fire again when they are told so long after their end', () => {
    told([alert], 1);
    told([{ ...alert, endsAt: 2_000 }], 2_500);
    expect(told([alert], 2_500 + HOUR_MS)).toHaveLength(1);
    expect(store.openEpisodes()).toEqual([{ ...alert, receivedAt: 1 }]);
  });

  test('fire again right after their end, and an end that was told before that is told late', () => {
    told([alert], 1);
    const end = { ...alert, endsAt: 2_000 };
    told([end], 2_500);
    expect(told([alert], 2_600)).toHaveLength(1);
    expect(told([end], 2_700)).toEqual([]);
    expect(store.openEpisodes()).toHaveLength(1);
    expect(told([{ ...end, endsAt: 2_650 }], 2_800)).toHaveLength(1);
    expect(store.openEpisodes()).toEqual([]);
  });

  test('have no more and no longer annotations than people are shown', () => {
    const many = Object.fromEntries(Array.from({ length: 30 }, (_, index) => [`a${index}`, 'x'.repeat(5_000)]));
    told([{ ...alert, annotations: { summary: 'filling up', ...many } }]);
    const { annotations = {} } = store.openEpisodes()[0] ?? {};
    expect(Object.keys(annotations)).toHaveLength(20);
    expect(annotations['summary']).toBe('filling up');
    expect(annotations['a0']).toBe(`${'x'.repeat(999)}…`);
  });

  test('that ended long ago are dropped, and those that fire never', () => {
    told([{ ...alert, endsAt: 2_000 }], 5_000);
    told([{ ...alert, fingerprint: 'b', endsAt: 2_000 }], 7_000);
    told([{ ...alert, fingerprint: 'c' }], 1_000);
    expect(store.dropEpisodes(6_000)).toBe(1);
    expect(store.episodes().map((episode) => episode.fingerprint)).toEqual(['b', 'c']);
  });

  test('of an incident that is open are not dropped', () => {
    told([alert]);
    const cause = { kind: 'nas', name: 'truenas', because: 'named' } as const;
    store.addIncident({ id: 'i1', cause, candidates: [], members: [alert], openedAt: 1 });
    told([{ ...alert, endsAt: 2_000 }]);
    expect(store.dropEpisodes(HOUR_MS)).toBe(0);
    store.closeIncident('i1', { at: 9_000, because: 'all-ended' });
    expect(store.dropEpisodes(HOUR_MS)).toBe(1);
  });
});

describe('a question to Alertmanager', () => {
  test('stands until it is answered, and asked twice is asked once', () => {
    store.addQuestion('bot', ['A']);
    store.addQuestion('bot', ['B', 'A']);
    store.close();
    store = openTestStore(directory);
    expect(store.questions()).toEqual([{ receiver: 'bot', asked: 2, names: ['A', 'B'], tries: 0 }]);
    const answer = { receiver: 'bot', asked: 2, at: 7, alerts: [alert] };
    expect(store.applyAnswer(answer)).toEqual([{ source, fingerprint, startsAt: 1_000 }]);
    expect(store.questions()).toHaveLength(1);
    expect(store.applyAnswer({ ...answer, missing: [] })).toEqual([]);
    expect(store.questions()).toEqual([]);
  });

  test('stays for the names that were missing in the answer', () => {
    store.addQuestion('bot', ['A', 'B']);
    store.applyAnswer({ receiver: 'bot', asked: 1, at: 7, alerts: [], missing: ['B'] });
    expect(store.questions()).toEqual([{ receiver: 'bot', asked: 1, names: ['B'], tries: 1 }]);
    store.addQuestion('bot');
    expect(store.questions()).toMatchObject([{ names: ['B'], tries: 1 }]);
    store.addQuestion('bot', ['C']);
    expect(store.questions()).toMatchObject([{ names: ['B', 'C'], tries: 0 }]);
  });

  test('stays when it was asked anew while an answer was on its way', () => {
    store.addQuestion('bot');
    store.addQuestion('bot');
    store.applyAnswer({ receiver: 'bot', asked: 1, at: 7, alerts: [], missing: [] });
    expect(store.questions()).toMatchObject([{ receiver: 'bot', asked: 2 }]);
  });

  test('is asked in the transaction in which it comes up', () => {
    told([alert], 1);
    told([{ ...alert, endsAt: 2_000 }], 2_500);
    store.addDeliveries([{ source, at: 2_600, body: '{}' }]);
    const [delivery] = store.nextDeliveries(1);
    const broken: Alert = { ...alert, fingerprint: 'b', startsAt: Number.NaN };
    const read = { id: delivery?.id ?? 0, at: 2_600, canAsk: true };
    expect(() => store.applyDeliveries([{ ...read, alerts: [alert, broken] }])).toThrow('NOT NULL');
    expect(store.questions()).toEqual([]);
    expect(store.applyDeliveries([{ ...read, alerts: [alert] }])).toEqual([]);
    expect(store.questions()).toMatchObject([{ receiver: '', asked: 1 }]);
    expect(store.backlog().deliveries).toBe(0);
  });
});
