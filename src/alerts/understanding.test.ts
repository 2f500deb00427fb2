import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { root } from '../../test/tree.ts';
import { temporaryDirectory } from '../engine/fixtures/harness.ts';
import { openTestStore } from '../store/fixtures/open-store.ts';
import type { Store } from '../store/store.ts';
import type { Listed } from './asking.ts';
import { createIntake, type Intake, type IntakeOptions } from './intake.ts';

const firing = readFileSync(join(root, 'test/fixtures/alertmanager/alertmanager-webhook-03-firing-3alerts.json'), 'utf8');
const source = 'alertmanager';
const log = { warn: () => undefined, error: () => undefined };

let directory: ReturnType<typeof temporaryDirectory>;
let store: Store;
let told: string[];
let started: Intake[];
beforeEach(() => {
  directory = temporaryDirectory();
  store = openTestStore(directory.path);
  [told, started] = [[], []];
});
afterEach(async () => {
  vi.useRealTimers();
  for (const intake of started) await intake.stop();
  store.close();
  directory.remove();
});

function intakeOf(options: Partial<IntakeOptions> = {}): Intake {
  const intake = createIntake({
    store,
    clock: Date.now,
    log,
    clean: (text) => text,
    changed: () => undefined,
    tell: (problem) => void told.push(problem),
    ...options,
  });
  started.push(intake);
  return intake;
}

const settled = () => vi.waitFor(() => expect(store.backlog().deliveries + store.questions().length).toBe(0));

describe('what was kept and cannot be read', () => {
  const canary = '{"version":"3","canary":1}';
  const kept = () => [canary, firing].map((body) => ({ source, at: 1, body }) as const);
  const nobody = async () => ({ alerts: [], names: new Set<string>() });

  test('is given up alone, told, and asked of Alertmanager; it stays on disk and out of the log', async () => {
    store.addDeliveries(kept());
    const ask = vi.fn<() => Promise<Listed>>(nobody);
    const logged: object[] = [];
    intakeOf({ ask, log: { ...log, error: (fields, message) => void logged.push({ ...fields, message }) } }).start();
    await settled();
    await vi.waitFor(() => expect(ask).toHaveBeenCalledTimes(1));
    expect(store.openEpisodes()).toHaveLength(3);
    expect(told).toEqual([expect.stringContaining('was kept and cannot be read any more, so Alertmanager is asked')]);
    expect(logged).toEqual([expect.objectContaining({ source, bytes: canary.length })]);
    expect(JSON.stringify(logged)).not.toContain('canary');
    const beside = new DatabaseSync(join(directory.path, 'storagebot.db'), { readOnly: true });
    const aside = beside.prepare('SELECT body FROM deliveries WHERE unreadable IS NOT NULL').all();
    beside.close();
    expect(aside).toEqual([{ body: canary }]);
  });

  test('because of a fault that passes is tried again, and nothing is lost', async () => {
    store.addDeliveries(kept().slice(1));
    let faults = 2;
    const clean = (text: string) => {
      if (faults-- > 0) throw new RangeError('too much recursion');
      return text;
    };
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    intakeOf({ clean }).start();
    await vi.advanceTimersByTimeAsync(4_000);
    vi.useRealTimers();
    expect(store.openEpisodes()).toHaveLength(3);
    expect(told).toEqual([]);
  });

  test('because of a fault that stays does not hold up the others', async () => {
    store.addDeliveries([{ source, at: 1, body: firing.replace('Stale NFS mount on a', 'poison') }, ...kept().slice(1)]);
    const clean = (text: string) => {
      if (text.includes('poison')) throw new RangeError('too much recursion');
      return text;
    };
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    intakeOf({ clean }).start();
    await vi.advanceTimersByTimeAsync(20_000);
    vi.useRealTimers();
    await settled();
    expect(store.openEpisodes()).toHaveLength(3);
    expect(told).toEqual([expect.stringContaining('cannot be read any more. The log says why.')]);
  });
});

test('one alert that cannot be read refuses none of the others of its group, and is told and asked for', async () => {
  const ask = vi.fn<() => Promise<Listed>>(async () => ({ alerts: [], names: new Set() }));
  const intake = intakeOf({ ask });
  intake.start();
  const body = firing.replace('"startsAt":"', '"startsAt":"x');
  expect(await intake.accept({ source, body })).toEqual({ kind: 'kept' });
  await settled();
  await vi.waitFor(() => expect(ask.mock.calls).toEqual([[expect.objectContaining({ receiver: 'bot' })]]));
  expect(store.openEpisodes()).toHaveLength(2);
  expect(told).toEqual([
    expect.stringMatching(/^Some alerts .* cannot be read, so Alertmanager is asked.*: alerts\.0\.startsAt: /),
  ]);
});

test.each<[string, Partial<IntakeOptions>, number]>([
  [
    'is told once a day, stays to be sent again, and Alertmanager is asked',
    { ask: async () => ({ alerts: [], names: new Set() }) },
    2,
  ],
  ['is told once a day and stays to be sent again where nobody can be asked', {}, 0],
])('that a notification is too large %s', async (_what, options, questions) => {
  let now = 1_000;
  const intake = intakeOf({ ...options, clock: () => now });
  const accepted = () => intake.accept({ source, tooLarge: true });
  expect(await accepted()).toMatchObject({ kind: 'busy', why: expect.stringContaining('max_alerts') });
  await accepted();
  expect(store.questions()).toEqual(questions === 0 ? [] : [{ receiver: '', asked: questions, names: [], tries: 0 }]);
  expect(told).toHaveLength(1);
  expect(told[0]).toMatch(/too large to be taken in: set max_alerts/);
  now += 86_400_000;
  await accepted();
  expect(told).toHaveLength(2);
});
