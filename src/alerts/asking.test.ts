import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { Alert, EpisodeKey } from '../core/alert.ts';
import { temporaryDirectory } from '../engine/fixtures/harness.ts';
import { openTestStore } from '../store/fixtures/open-store.ts';
import type { Store } from '../store/store.ts';
import { type Asking, type AskingOptions, createAsking, type Listed, listedFor } from './asking.ts';

const alert = (name: string, fingerprint = 'ca85317cd08db3ba'): Alert => ({
  source: 'alertmanager',
  fingerprint,
  name,
  labels: { alertname: name },
  annotations: {},
  startsAt: 1_000,
});
const listed = (...alerts: Alert[]): Listed => ({ alerts, names: new Set(alerts.map(({ name }) => name)) });

let directory: ReturnType<typeof temporaryDirectory>;
let store: Store;
let told: string[];
let changes: EpisodeKey[];
let asking: Asking | undefined;
beforeEach(() => {
  directory = temporaryDirectory();
  store = openTestStore(directory.path);
  [told, changes, asking] = [[], [], undefined];
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'Date'] });
});
afterEach(async () => {
  const stopped = asking?.stop();
  await passed(1_000);
  await stopped;
  vi.useRealTimers();
  store.close();
  directory.remove();
});

function started(ask: NonNullable<AskingOptions['ask']>, options: Partial<AskingOptions> = {}): Asking {
  asking = createAsking({
    store,
    clock: Date.now,
    log: { warn: () => undefined, error: () => undefined },
    changed: (episodes) => void changes.push(...episodes),
    tell: (problem) => void told.push(problem),
    ask,
    ...options,
  });
  asking.start();
  return asking;
}

const passed = async (ms: number) => {
  const steps = 20;
  for (let each = 0; each < steps; each += 1) {
    await vi.advanceTimersByTimeAsync(ms / steps);
    await new Promise((done) => setImmediate(done));
  }
};

describe('a name that was told', () => {
  test('is asked for until it is in the answer, also by the next process, and then taken in', async () => {
    const first = started(async () => listed());
    first.ask('slack', ['MySQLDown', 'RedisDown']);
    await passed(1_000);
    await first.stop();
    expect(store.questions()).toEqual([{ receiver: 'slack', asked: 1, names: ['MySQLDown', 'RedisDown'], tries: 1 }]);
    started(async () => listed(alert('MySQLDown'), alert('RedisDown', 'b')));
    await passed(1_000);
    expect(store.openEpisodes().map(({ name }) => name)).toEqual(['MySQLDown', 'RedisDown']);
    expect(store.questions()).toEqual([]);
    expect(changes).toHaveLength(2);
    expect(told).toEqual([]);
  });

  test('and is in none of three answers is told to people', async () => {
    const ask = vi.fn<() => Promise<Listed>>(async () => listed(alert('RedisDown')));
    started(ask).ask('slack', ['MySQLDown', 'RedisDown']);
    await passed(60_000);
    expect(ask).toHaveBeenCalledTimes(3);
    expect(store.questions()).toEqual([]);
    expect(told).toEqual([expect.stringMatching(/says that MySQLDown fires, and Alertmanager does not list it/)]);
  });

  test('does not count as missing because Alertmanager did not answer', async () => {
    let answers = 0;
    started(async () => {
      if (++answers < 6) throw new Error('connection refused');
      return listed(alert('MySQLDown'));
    }).ask('slack', ['MySQLDown']);
    await passed(600_000);
    expect(store.openEpisodes()).toHaveLength(1);
    expect(told).toEqual([]);
  });

  test('lets other questions be asked meanwhile', async () => {
    store.addQuestion('slack', ['MySQLDown']);
    store.applyAnswer({ receiver: 'slack', asked: 1, at: 1, alerts: [], missing: ['MySQLDown'] });
    store.addQuestion('bot');
    expect(store.questions().map(({ receiver }) => receiver)).toEqual(['bot', 'slack']);
  });

  test('is kept in memory while the disk is full', async () => {
    let isFull = true;
    const addQuestion: Store['addQuestion'] = (...question) => {
      if (isFull) throw new Error('database or disk is full');
      store.addQuestion(...question);
    };
    const full = started(async () => listed(alert('MySQLDown')), { store: { ...store, addQuestion } });
    full.ask('slack', ['MySQLDown']);
    await passed(1_000);
    expect(store.questions()).toEqual([]);
    isFull = false;
    await passed(20_000);
    expect(store.openEpisodes()).toHaveLength(1);
  });
});

test('a long answer is taken in in parts, and the question stands until the last of them', async () => {
  const open: number[] = [];
  const applyAnswer: Store['applyAnswer'] = (answered) => {
    open.push(store.questions().length);
    return store.applyAnswer(answered);
  };
  const many = Array.from({ length: 250 }, (_, index) => alert('PVFillingUp', index.toString(16)));
  started(async () => listed(...many), { store: { ...store, applyAnswer } }).ask('');
  await passed(1_000);
  expect(open).toEqual([1, 1, 1]);
  expect(store.openEpisodes()).toHaveLength(250);
  expect(store.questions()).toEqual([]);
});

test('an alert that fires again right after its end with the same start is asked about, and fires', async () => {
  const deliver = (told: Alert, at: number) => {
    store.addDeliveries([{ source: 'alertmanager', at, body: '{}' }]);
    for (const { id } of store.nextDeliveries(1)) store.applyDeliveries([{ id, at, canAsk: true, alerts: [told] }]);
  };
  deliver(alert('A'), 2_000);
  deliver({ ...alert('A'), endsAt: 103_000 }, 104_000);
  deliver(alert('A'), 109_000);
  expect(store.openEpisodes()).toEqual([]);
  expect(store.questions()).toEqual([{ receiver: '', asked: 1, names: [], tries: 0 }]);
  started(async () => listed(alert('A')));
  await passed(1_000);
  expect(store.openEpisodes()).toHaveLength(1);
  expect(changes).toHaveLength(1);
});

test('of all that fires an answer is what its receiver is told, and what goes by a name that was told', () => {
  const [mine, other, named, held] = [
    { ...alert('Mine'), state: 'active', receivers: ['bot', 'slack'] },
    { ...alert('Other'), state: 'active', receivers: ['slack'] },
    { ...alert('Named'), state: 'unprocessed', receivers: [] },
    { ...alert('Held'), state: 'suppressed', receivers: ['bot'] },
  ];
  const firing = [mine, other, named, held];
  expect(listedFor({ receiver: 'bot', names: [] }, firing).alerts).toEqual([mine]);
  expect(listedFor({ receiver: '', names: [] }, firing).alerts).toEqual([mine, other, named]);
  expect(listedFor({ receiver: 'bot', names: ['Named', 'Held'] }, firing).alerts).toEqual([mine, named]);
  expect([...listedFor({ receiver: 'bot', names: [] }, firing).names]).toEqual(['Mine', 'Other', 'Named', 'Held']);
});
