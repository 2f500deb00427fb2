import { mkdirSync, mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { changes } from '../core/hold.ts';
import type { Decision } from '../core/run.ts';
import { openDatabase } from './database.ts';
import { openTestStore } from './fixtures/open-store.ts';
import { migrations } from './migrations.ts';
import { queriesOn } from './queries.ts';
import type { NewRound, NewRun, Store } from './store.ts';

const actor = { id: 'UAPPROVER', name: 'approver' };
const run: NewRun = {
  id: 'r1',
  runbook: 'switches',
  arguments: ['a', 'b c'],
  requester: { id: 'UOPERATOR', name: 'operator' },
  origin: { kind: 'slack', channel: 'C1', thread: '1.2' },
  buildVersion: '1',
  startedAt: 1,
};
const step = { digest: 'd0', preview: 'Turn a on', risk: 'normal', holds: [changes('nas', 'a')], wordToType: 'a' } as const;
const round: NewRound = {
  run: 'r1',
  number: 1,
  offers: true,
  recording: {
    'box$ position a': { exitCode: 0, stdout: 'off\n', stderr: '' },
    'box$ position b': { failed: 'unreachable', says: 'Nothing answers.', toDo: 'Wake it.' },
  },
  lookedMs: 12,
  at: 2,
  steps: [step, { ...step, digest: 'd1' }],
  diagnosis: { evidence: [], findings: [] },
};
const key = { run: 'r1', round: 1, index: 0 };
const decision: Decision = { run: 'r1', round: 1, step: 0, digest: 'd0', actor, verdict: 'approve', at: 3 };

let parent: string;
let directory: string;
let store: Store;

beforeEach(() => {
  parent = mkdtempSync(join(tmpdir(), 'storagebot-store-'));
  directory = join(parent, 'state');
  store = openTestStore(directory);
});

afterEach(() => {
  store.close();
  rmSync(parent, { recursive: true, force: true });
});

function offered(): void {
  store.addRun(run);
  store.addRound(round);
  store.offer(key, 99);
}

describe('the store', () => {
  test('keeps its directory from other users', () => {
    expect(statSync(directory).mode & 0o777).toBe(0o700);
  });

  test('keeps its files from other users, also in a directory that was made for it', () => {
    const open = join(parent, 'open');
    mkdirSync(open, { mode: 0o755 });
    const other = openTestStore(open);
    other.addRun(run);
    const modes = readdirSync(open).map((name) => statSync(join(open, name)).mode & 0o777);
    other.close();
    expect(modes).toEqual([0o600, 0o600, 0o600]);
  });

  test('survives a power cut: it commits with synchronous=FULL into a write-ahead log', () => {
    const database = openDatabase(directory);
    const pragma = (name: string) => Object.values(database.prepare(`PRAGMA ${name}`).get() ?? {})[0];
    expect([pragma('synchronous'), pragma('journal_mode'), pragma('foreign_keys')]).toEqual([2, 'wal', 1]);
    database.close();
  });

  test('refuses state of a newer version', () => {
    store.close();
    const database = new DatabaseSync(join(directory, 'storagebot.db'));
    database.exec('PRAGMA user_version = 99');
    database.close();
    expect(() => openTestStore(directory)).toThrow(/newer version/);
    const again = new DatabaseSync(join(directory, 'storagebot.db'));
    again.exec(`PRAGMA user_version = ${migrations.length}`);
    again.close();
    store = openTestStore(directory);
  });

  test('gives back after a restart exactly what was written', () => {
    offered();
    store.addDecision(decision, 'approved');
    store.close();
    store = openTestStore(directory);
    const journal = store.journal('r1');
    expect(journal?.run).toMatchObject({ ...run, status: 'applying', problem: null, finishedAt: null });
    expect(journal?.rounds).toMatchObject([
      {
        number: 1,
        offers: true,
        lookedMs: 12,
        steps: [{ ...key, digest: 'd0', preview: 'Turn a on', wordToType: 'a' }, { digest: 'd1' }],
        holds: step.holds,
      },
    ]);
    expect(journal?.rounds[0]?.steps[0]).toMatchObject({ status: 'approved', expiresAt: 99, decisions: [decision] });
    expect(store.recording('r1', 1)).toEqual(round.recording);
    expect(store.unfinished()).toEqual(['r1']);
  });

  test('moves a step only from the status it is thought to be in', () => {
    offered();
    const move = { from: 'approved', to: 'started', at: 5, runStatus: 'applying' } as const;
    expect(store.moveStep(key, move)).toBe(false);
    expect(store.journal('r1')).toMatchObject({
      run: { status: 'waiting' },
      rounds: [{ steps: [{ status: 'waiting', startedAt: null }, {}] }],
    });
    store.addDecision(decision, 'approved');
    expect([store.moveStep(key, move), store.moveStep(key, move)]).toEqual([true, false]);
    expect(store.journal('r1')?.rounds[0]?.steps[0]).toMatchObject({ status: 'started', startedAt: 5, endedAt: null });
  });

  test('keeps the output and the words of an outcome', () => {
    offered();
    const output = { exitCode: 1, stdout: 'x', stderr: 'y' };
    store.moveStep(key, { from: 'waiting', to: 'failed', at: 7, detail: 'It failed.', output, runStatus: 'applying' });
    expect(store.journal('r1')?.rounds[0]?.steps[0]).toMatchObject({ detail: 'It failed.', output, endedAt: 7 });
  });

  test('takes one decision of a person on a step, and leaves nothing of a second', () => {
    offered();
    store.addDecision(decision);
    expect(() => store.addDecision({ ...decision, verdict: 'deny' }, 'denied')).toThrow(/UNIQUE/);
    expect(store.journal('r1')).toMatchObject({
      run: { status: 'waiting' },
      rounds: [{ steps: [{ status: 'waiting', decisions: [decision] }, {}] }],
    });
  });

  test('tells why a write failed also where SQLite has ended the transaction by itself, as on a full disk', () => {
    const database = openDatabase(join(parent, 'full'));
    const full = () => {
      database.exec('ROLLBACK');
      throw new Error('database or disk is full');
    };
    expect(() => queriesOn(database).transaction(full)).toThrow('database or disk is full');
    database.close();
  });

  test('tells of a write that could not even begin', () => {
    const directory = join(parent, 'taken');
    const other = openDatabase(directory);
    other.exec('BEGIN IMMEDIATE');
    const database = new DatabaseSync(join(directory, 'storagebot.db'), { timeout: 0 });
    const heard: unknown[] = [];
    expect(() => queriesOn(database, (error) => heard.push(error)).transaction(() => undefined)).toThrow('database is locked');
    expect(heard).toHaveLength(1);
    database.close();
    other.close();
  });

  test('leaves nothing of a decision on a step that has moved on', () => {
    offered();
    store.moveStep(key, { from: 'waiting', to: 'expired', at: 7, runStatus: 'applying' });
    expect(() => store.addDecision(decision, 'approved')).toThrow(/not on offer/);
    expect(store.journal('r1')?.rounds[0]?.steps[0]).toMatchObject({ status: 'expired', decisions: [] });
  });

  test('never lets a decision be changed or removed', () => {
    offered();
    store.addDecision(decision);
    const database = new DatabaseSync(join(directory, 'storagebot.db'));
    expect(() => database.exec(`UPDATE decisions SET verdict = 'deny'`)).toThrow(/append-only/);
    expect(() => database.exec('DELETE FROM decisions')).toThrow(/append-only/);
    database.close();
  });

  test('tells who listens of each transition, and of nothing that was not written', () => {
    const heard: string[] = [];
    store.subscribe((id) => heard.push(id));
    offered();
    store.markLooking('r1');
    store.markLooking('r1');
    store.moveStep(key, { from: 'started', to: 'done', at: 1, runStatus: 'applying' });
    store.putMessage('r1', 'head', { ts: '1.2' });
    expect(heard).toEqual(['r1', 'r1', 'r1', 'r1']);
  });

  test('knows which runs were not shown as they are now', () => {
    store.addRun(run);
    expect(store.unreported()).toEqual(['r1']);
    store.markReported('r1', store.run('r1')?.revision ?? 0);
    expect(store.unreported()).toEqual([]);
    store.endRun('r1', { status: 'broken', at: 4, problem: 'It broke.' });
    expect(store.unreported()).toEqual(['r1']);
    expect(store.run('r1')).toMatchObject({ status: 'broken', problem: 'It broke.', finishedAt: 4 });
    expect(store.unfinished()).toEqual([]);
  });

  test('remembers which message shows what', () => {
    store.addRun(run);
    store.putMessage('r1', 'head', { channel: 'C1', ts: '1.2' });
    store.putMessage('r1', 'head', { channel: 'C1', ts: '1.3' });
    store.putMessage('r1', 'round 1', ['1.4']);
    expect([...store.getMessages('r1')]).toEqual([
      ['head', { channel: 'C1', ts: '1.3' }],
      ['round 1', ['1.4']],
    ]);
    expect(store.getMessages('r2').size).toBe(0);
  });

  test('refuses a row that is not of the known form rather than guess', () => {
    offered();
    const database = new DatabaseSync(join(directory, 'storagebot.db'));
    database.exec(`UPDATE steps SET status = 'perhaps'`);
    database.close();
    expect(() => store.journal('r1')).toThrow(/Invalid option/);
  });
});
