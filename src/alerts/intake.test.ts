import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { root } from '../../test/tree.ts';
import type { Alert, EpisodeKey } from '../core/alert.ts';
import { openTestStore } from '../store/fixtures/open-store.ts';
import type { Store } from '../store/store.ts';
import type { Listed } from './asking.ts';
import { createIntake, type Intake, type IntakeOptions } from './intake.ts';

const recorded = (file: string) => readFileSync(join(root, 'test/fixtures/alertmanager', file), 'utf8');
const firing = recorded('alertmanager-webhook-03-firing-3alerts.json');
const resolved = recorded('alertmanager-webhook-04-resolved-3alerts.json');
const truncated = firing.replace('"truncatedAlerts":0', '"truncatedAlerts":7');
const source = 'alertmanager';

let directory: string;
let store: Store;
let changes: (readonly EpisodeKey[])[];
let told: string[];
let started: Intake[];

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'storagebot-intake-'));
  store = openTestStore(directory);
  [changes, told, started] = [[], [], []];
});

afterEach(async () => {
  for (const intake of started) await intake.stop();
  vi.useRealTimers();
  store.close();
  rmSync(directory, { recursive: true, force: true });
});

const log = { warn: () => undefined, error: () => undefined };

function intakeOf(options: Partial<IntakeOptions> = {}): Intake {
  const intake = createIntake({
    store,
    clock: Date.now,
    log,
    clean: (text) => text,
    changed: (episodes) => void changes.push(episodes),
    tell: (problem) => void told.push(problem),
    ...options,
  });
  started.push(intake);
  return intake;
}

const settled = () => vi.waitFor(() => expect(store.backlog().deliveries + store.questions().length).toBe(0));

describe('what is accepted', () => {
  test('is taken in, and who wants to know hears of it once it is in the store', async () => {
    const seen: number[] = [];
    const intake = intakeOf({
      changed: (episodes) => {
        changes.push(episodes);
        seen.push(store.openEpisodes().length);
      },
    });
    intake.start();
    expect(await intake.accept({ source, body: firing })).toEqual({ kind: 'kept' });
    await vi.waitFor(() => expect(changes).toHaveLength(1));
    expect(await intake.accept({ source, body: resolved })).toEqual({ kind: 'kept' });
    await vi.waitFor(() => expect(changes).toHaveLength(2));
    expect(changes.map((episodes) => episodes.length)).toEqual([3, 3]);
    expect(seen).toEqual([3, 0]);
  });

  test('is on disk before the answer, and taken in by whoever starts next', async () => {
    expect(await intakeOf().accept({ source, body: firing })).toEqual({ kind: 'kept' });
    store.close();
    store = openTestStore(directory);
    expect(store.backlog().deliveries).toBe(1);
    intakeOf().start();
    await settled();
    expect(store.openEpisodes()).toHaveLength(3);
  });

  test('in one moment shares one transaction', async () => {
    const adding = vi.fn<Store['addDeliveries']>(store.addDeliveries);
    const intake = intakeOf({ store: { ...store, addDeliveries: adding } });
    const answers = await Promise.all(Array.from({ length: 20 }, () => intake.accept({ source, body: firing })));
    expect(new Set(answers.map(({ kind }) => kind))).toEqual(new Set(['kept']));
    expect(adding).toHaveBeenCalledTimes(1);
  });

  test('is still written down when the bot stops at that moment', async () => {
    const intake = intakeOf();
    const answer = intake.accept({ source, body: firing });
    await intake.stop();
    expect(await answer).toEqual({ kind: 'kept' });
    expect(store.backlog().deliveries).toBe(1);
  });

  test('of peers that tell the same changes something once, and each is heard', async () => {
    let heard = 0;
    const intake = intakeOf({ heard: (alerts) => void (heard += alerts.length) });
    await Promise.all(Array.from({ length: 5 }, () => intake.accept({ source, body: firing })));
    intake.start();
    await settled();
    expect(changes).toHaveLength(1);
    expect(changes[0]).toHaveLength(3);
    expect(heard).toBe(15);
  });
});

describe('what cannot be kept now is to be sent again', () => {
  test('while the store cannot be written, and not any more when it can', async () => {
    let isFull = true;
    const intake = intakeOf({
      store: {
        ...store,
        addDeliveries: (list) => {
          if (isFull) throw new Error('database or disk is full');
          store.addDeliveries(list);
        },
      },
    });
    expect(await intake.accept({ source, body: firing })).toEqual({
      kind: 'busy',
      why: 'it could not be written down: database or disk is full',
    });
    isFull = false;
    expect(await intake.accept({ source, body: firing })).toEqual({ kind: 'kept' });
  });

  test('while too many wait to be taken in, each for itself', async () => {
    const intake = intakeOf({ limits: { deliveries: 2, bytes: 1_000_000 } });
    const kinds = await Promise.all(
      [firing, firing, firing].map((body) => intake.accept({ source, body }).then(({ kind }) => kind)),
    );
    expect(kinds).toEqual(['kept', 'kept', 'busy']);
    intake.start();
    await settled();
    expect(await intake.accept({ source, body: firing })).toEqual({ kind: 'kept' });
  });

  test('while what waits is too large', async () => {
    const intake = intakeOf({ limits: { deliveries: 100, bytes: firing.length + 10 } });
    const kinds = await Promise.all([firing, firing].map((body) => intake.accept({ source, body }).then(({ kind }) => kind)));
    expect(kinds).toEqual(['kept', 'busy']);
  });
});

test('what is taken in holds no secret, and its labels go by their names', async () => {
  const intake = intakeOf({ clean: (text) => text.replaceAll('/mnt/a', '[secret]') });
  intake.start();
  await intake.accept({ source, body: firing.replace('Stale NFS mount on a', 'It has /mnt/a') });
  await settled();
  expect(store.openEpisodes()[0]).toMatchObject({
    labels: { mountpoint: '[secret]' },
    annotations: { summary: 'It has [secret]' },
  });
  expect(JSON.stringify(store.episodes())).not.toContain('/mnt/a');
});

test('what can never be read is refused, and told once', async () => {
  const intake = intakeOf();
  for (const body of ['no JSON canary', '{"canary": 1}', 'no JSON canary', '']) {
    expect(await intake.accept({ source, body })).toMatchObject({ kind: 'unreadable' });
  }
  expect(store.backlog().deliveries).toBe(0);
  expect(told).toEqual([
    'A notification of Alertmanager cannot be read and was refused: it is no JSON.',
    expect.stringMatching(/^A notification of Alertmanager cannot be read and was refused: version: /),
  ]);
});

test('what people are not told, because they were told so much, is in the log', () => {
  const logged: object[] = [];
  const { tell } = intakeOf({ log: { ...log, error: (fields) => void logged.push(fields) } });
  for (let each = 0; each < 51; each += 1) tell(`problem ${each}`);
  expect(told).toHaveLength(50);
  expect(logged).toEqual([{ problem: 'problem 50' }]);
});

test('what was kept and cannot be taken in yet is tried again, and what came after it waits', async () => {
  let isBroken = true;
  const intake = intakeOf({
    store: {
      ...store,
      applyDeliveries: (list) => {
        if (isBroken) throw new Error('disk I/O error');
        return store.applyDeliveries(list);
      },
    },
  });
  await intake.accept({ source, body: firing });
  await intake.accept({ source, body: resolved });
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  intake.start();
  await vi.advanceTimersByTimeAsync(900);
  expect(store.backlog().deliveries).toBe(2);
  isBroken = false;
  await vi.advanceTimersByTimeAsync(2_000);
  vi.useRealTimers();
  await settled();
  expect(store.episodes().map(({ endsAt }) => endsAt === undefined)).toEqual([false, false, false]);
});

test('what the bot found out by itself is taken in like what it was told, in parts; what is not kept is an error', async () => {
  const alert: Alert = { source, fingerprint: '', name: 'A', labels: { alertname: 'A' }, annotations: {}, startsAt: 5 };
  const many = Array.from({ length: 250 }, (_, index) => ({ ...alert, fingerprint: index.toString(16) }));
  const intake = intakeOf();
  await intake.takeIn(many);
  expect(store.backlog().deliveries).toBe(3);
  intake.start();
  await settled();
  expect(store.openEpisodes()).toHaveLength(250);
  expect(store.openEpisodes()[0]).toMatchObject({ ...alert, fingerprint: '0' });
  await expect(intakeOf({ limits: { deliveries: 0, bytes: 0 } }).takeIn(many)).rejects.toThrow('has not been taken in yet');
});

describe('alerts that were left out of a notification', () => {
  const rest: Alert = {
    source,
    fingerprint: 'aa',
    name: 'Rest',
    labels: { alertname: 'Rest' },
    annotations: {},
    startsAt: 5,
  };
  const listed: Listed = { alerts: [rest], names: new Set(['Rest']) };

  test('are asked of Alertmanager, for the receiver that was told', async () => {
    const ask = vi.fn<() => Promise<Listed>>(async () => listed);
    const intake = intakeOf({ ask });
    intake.start();
    await intake.accept({ source, body: truncated });
    await settled();
    expect(ask.mock.calls).toEqual([[expect.objectContaining({ receiver: 'bot' })]]);
    expect(store.openEpisodes().map(({ name }) => name)).toContain('Rest');
    expect(changes.flat()).toHaveLength(4);
    expect(told).toEqual([]);
  });

  test('are asked for again until there is an answer, also by the next process', async () => {
    const first = intakeOf({ ask: () => Promise.reject(new Error('nothing answers')) });
    first.start();
    await first.accept({ source, body: truncated });
    await vi.waitFor(() => expect(store.openEpisodes()).toHaveLength(3));
    expect(store.questions()).toMatchObject([{ receiver: 'bot', asked: 1 }]);
    await first.stop();
    intakeOf({ ask: async () => listed }).start();
    await settled();
    expect(store.openEpisodes()).toHaveLength(4);
  });

  test.each<[sender: 'alertmanager' | 'grafana', body: string, remedy: string]>([
    ['alertmanager', truncated, 'set alerts.alertmanager'],
    ['grafana', truncated.replace('"version":"4"', '"version":"1"'), 'Max Alerts'],
  ])('are told where %s cannot be asked', async (sender, body, remedy) => {
    const intake = intakeOf(sender === 'grafana' ? { ask: async () => listed } : {});
    intake.start();
    await intake.accept({ source: sender, body });
    await intake.accept({ source: sender, body });
    await settled();
    expect(told).toEqual([expect.stringContaining(remedy)]);
    expect(store.openEpisodes()).toHaveLength(3);
  });
});
