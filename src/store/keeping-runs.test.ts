import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { changes } from '../core/hold.ts';
import { openDatabase } from './database.ts';
import { openTestStore } from './fixtures/open-store.ts';
import { createDropping } from './keeping-runs.ts';
import type { NewRun, Store } from './store.ts';

const actor = { id: 'UAPPROVER', name: 'approver' };
const LATER = 1_000;
let directory: string;
let store: Store;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'storagebot-runs-'));
  store = openTestStore(directory);
});

afterEach(() => {
  store.close();
  rmSync(directory, { recursive: true, force: true });
});

interface Life {
  readonly more?: Partial<NewRun>;
  readonly stdout?: string;
  readonly became?: 'done' | 'unknown';
  /** Undefined: it goes on. */
  readonly endedAt?: number | undefined;
  readonly shown?: boolean;
}

/** A run with one step that was approved and made. */
function addRun(id: string, { more = {}, stdout = 'off\n', became = 'done', endedAt, shown = true }: Life): void {
  const asked = {
    runbook: 'switches',
    arguments: [id],
    requester: actor,
    origin: { kind: 'cli' },
    buildVersion: '1',
    startedAt: 1,
  } as const;
  store.addRun({ id, ...asked, ...more });
  const step = { digest: 'd', preview: 'Turn it on', risk: 'normal', holds: [changes('nas', id)], wordToType: 'a' } as const;
  const recording = { 'box$ position a': { exitCode: 0, stdout, stderr: '' } };
  store.addRound({
    run: id,
    number: 1,
    offers: true,
    recording,
    lookedMs: 1,
    at: 1,
    steps: [step],
    diagnosis: { evidence: [], findings: [] },
  });
  const key = { run: id, round: 1, index: 0 };
  store.offer(key, LATER);
  store.addDecision({ run: id, round: 1, step: 0, digest: 'd', actor, verdict: 'approve', at: 2 }, 'approved');
  store.begin(key, { at: 3, command: 'box$ turn-on a' });
  store.moveStep(key, {
    from: 'started',
    to: became,
    at: 4,
    output: { exitCode: 0, stdout: 'turned', stderr: '' },
    runStatus: 'applying',
  });
  store.putMessage(id, 'summary', { ts: '1.2' });
  if (endedAt !== undefined) store.endRun(id, { status: 'finished', at: endedAt });
  if (shown) store.markReported(id, store.run(id)?.revision ?? 0);
}

const old = { endedAt: 10 };
const recorded = (id: string) => Object.keys(store.recording(id, 1) ?? {});

describe('of a run that ended long ago', () => {
  test('what it saw and where it was shown is dropped, and everything else stays', () => {
    addRun('aa', old);
    const { run, rounds } = store.journal('aa') ?? {};
    const before = auditLines();
    expect(store.dropOldest(11, LATER)).toBe('aa');
    expect(recorded('aa')).toEqual([]);
    expect(store.getMessages('aa').size).toBe(0);
    expect(store.journal('aa')).toEqual({ run: { ...run, droppedAt: LATER }, rounds });
    expect(auditLines().slice(0, -1)).toEqual(before);
    expect(auditLines().at(-1)).toContain('"kind":"dropped","run":"aa"');
  });

  test('nothing is shown again, and it is dropped once', () => {
    addRun('aa', old);
    store.dropOldest(11, LATER);
    expect(store.unreported()).toEqual([]);
    expect(store.dropOldest(11, LATER)).toBeUndefined();
  });

  test.each<[string, () => void]>([
    ['that goes on', () => addRun('aa', {})],
    ['that ended later', () => addRun('aa', { endedAt: 11 })],
    ['that holds something, because nobody knows how it ended', () => addRun('aa', { ...old, became: 'unknown' })],
    ['whose end was not shown yet', () => addRun('aa', { ...old, shown: false })],
    [
      'that is being asked for again',
      () => {
        addRun('aa', old);
        addRun('bb', { more: { follows: { run: 'aa', how: 'again' } } });
      },
    ],
    [
      'that is being taken back',
      () => {
        addRun('aa', old);
        addRun('bb', { more: { runbook: 'undo', arguments: ['aa'] } });
      },
    ],
  ])('nothing is dropped of one %s', (_which, write) => {
    write();
    expect(store.dropOldest(11, LATER)).toBeUndefined();
    expect(recorded('aa')).toHaveLength(1);
  });

  test('it goes after the one that took it back, which cannot be shown without it', () => {
    addRun('aa', old);
    addRun('bb', { endedAt: 20, more: { runbook: 'undo', arguments: ['aa'] } });
    expect(store.dropOldest(11, LATER)).toBeUndefined();
    expect([store.dropOldest(21, LATER), store.dropOldest(21, LATER)]).toEqual(['bb', 'aa']);
  });
});

describe('the keeper of runs', () => {
  const log = { info: () => undefined, error: () => undefined };

  test('drops all that are old, oldest first, and the state does not grow by as much again', async () => {
    const stdout = 'x'.repeat(500_000);
    for (let number = 10; number < 20; number += 1) addRun(`a${number}`, { endedAt: number, stdout });
    const dropping = createDropping({ store, keepMs: 100, problem: () => undefined, log, clock: () => 115 });
    await dropping.drop();
    expect([10, 14, 15, 19].map((number) => recorded(`a${number}`).length)).toEqual([0, 0, 1, 1]);
    const before = sizeOf();
    for (let number = 20; number < 25; number += 1) addRun(`a${number}`, { endedAt: number, stdout });
    expect(sizeOf() - before).toBeLessThan(500_000);
  });

  test('waits while nothing can be written, and tries again after an error', async () => {
    addRun('aa', old);
    let problem: string | undefined = 'The disk is full.';
    let fails = true;
    const failing = { dropOldest: (...times: [number, number]) => (fails ? fail() : store.dropOldest(...times)) };
    const errors: string[] = [];
    const dropping = createDropping({
      store: failing,
      keepMs: 1,
      problem: () => problem,
      log: { ...log, error: (_, says) => errors.push(says) },
    });
    await dropping.drop();
    expect(errors).toEqual([]);
    problem = undefined;
    await dropping.drop();
    expect(errors).toEqual(['what old runs saw could not be dropped; it is tried again']);
    fails = false;
    await dropping.drop();
    expect(recorded('aa')).toEqual([]);
  });

  test('ends after the run in hand when it is stopped', async () => {
    addRun('aa', old);
    addRun('bb', old);
    const dropping = createDropping({ store, keepMs: 1, problem: () => undefined, log });
    const dropped = dropping.drop();
    await new Promise((resolve) => setImmediate(resolve));
    await dropping.stop();
    await dropped;
    expect([recorded('aa').length, recorded('bb').length]).toEqual([0, 1]);
  });
});

function fail(): never {
  throw new Error('SQLITE_BUSY');
}

function auditLines(): readonly string[] {
  const database = openDatabase(directory);
  const lines = database
    .prepare('SELECT line FROM audit ORDER BY seq')
    .all()
    .map(({ line }) => String(line));
  database.close();
  return lines;
}

/** Of the file alone, once all that was written is in it. */
function sizeOf(): number {
  const database = openDatabase(directory);
  database.exec('PRAGMA wal_checkpoint(TRUNCATE)');
  database.close();
  return statSync(join(directory, 'storagebot.db')).size;
}
