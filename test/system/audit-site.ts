import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { type AuditTrail, createAuditTrail, createMirror, type Mirror } from '../../src/audit/index.ts';
import { changes, uses } from '../../src/core/hold.ts';
import type { Recording } from '../../src/core/output.ts';
import { createStore, type Store } from '../../src/store/store.ts';

export const KEY = Buffer.from('0f'.repeat(32));

/** Somewhere a bot could run, with a real store whose trail is mirrored. */
export interface AuditSite {
  readonly directory: string;
  readonly store: Store;
  readonly trail: AuditTrail;
  readonly mirror: Mirror;
  /** Changes the database behind the back of the bot, past its triggers. */
  readonly tamper: (sql: string) => void;
  /** Once is enough. */
  readonly close: () => void;
  readonly [Symbol.dispose]: () => void;
}

export interface SiteOptions {
  readonly key?: Uint8Array;
  readonly clean?: (text: string) => string;
}

export function auditSite({ key = KEY, clean = (text) => text }: SiteOptions = {}): AuditSite {
  const directory = mkdtempSync(join(tmpdir(), 'storagebot-audit-'));
  const parts: { trail?: AuditTrail; mirror?: Mirror } = {};
  let now = 1_795_000_000_000;
  const store = createStore(directory, {
    trail: (database) => (parts.trail = createAuditTrail({ database, key, clean, clock: () => (now += 1000) })),
    committed: () => parts.mirror?.flush(),
  });
  const { trail } = parts;
  if (trail === undefined) throw new Error('the store opens its trail at once');
  const mirror = createMirror({ file: join(directory, 'audit.jsonl'), trail });
  parts.mirror = mirror;
  let isOpen = true;
  const close = () => {
    if (isOpen) store.close();
    isOpen = false;
  };
  return {
    directory,
    store,
    trail,
    mirror,
    tamper: (sql) => tamper(directory, sql),
    close,
    [Symbol.dispose]() {
      close();
      rmSync(directory, { recursive: true });
    },
  };
}

function tamper(directory: string, sql: string): void {
  const database = new DatabaseSync(join(directory, 'storagebot.db'));
  const triggers = ['auditStays', 'auditRemains', 'decisionsStay', 'decisionsRemain'].map(
    (name) => `DROP TRIGGER IF EXISTS ${name};`,
  );
  database.exec(`PRAGMA foreign_keys = OFF; ${triggers.join(' ')} ${sql}`);
  database.close();
}

export const operator = { id: 'U0001', name: 'operator' };
export const approver = { id: 'U0002', name: 'approver' };
const proofLine = 'nas$ exportfs -v';

export interface Words {
  /** Stands wherever a host or a person can write. */
  readonly foreign?: string;
}

/** A whole run as the engine writes one: a look, a plan, an approval, the change, the last look. 14 lines of the trail. */
export function writeRun({ store }: Pick<AuditSite, 'store'>, id: string, { foreign = 'immich' }: Words = {}): void {
  const step = { run: id, round: 1, index: 0 };
  const at = 1_795_000_000_000;
  const output = { exitCode: 0, stdout: `done ${foreign}\n`, stderr: '' };
  store.addRun({
    id,
    runbook: 'diagnose-nfs',
    arguments: [foreign],
    requester: operator,
    origin: { kind: 'cli' },
    buildVersion: '1',
    startedAt: at,
  });
  store.addRound(roundOf(id, 1, foreign));
  store.offer(step, at + 1_000_000);
  store.remind(step, at);
  store.note({ kind: 'turned-down', ...place(step), actor: operator, verdict: 'approve', says: `Not you: ${foreign}` });
  store.addDecision(
    { ...place(step), digest: 'abcdef012345', actor: approver, verdict: 'approve', reason: foreign, at },
    'approved',
  );
  store.begin(step, { at, command: `nas$ exportfs -ra ${foreign}` });
  store.moveStep(step, { from: 'started', to: 'done', at, detail: `It is done: ${foreign}`, output, runStatus: 'applying' });
  store.addRound(roundOf(id, 2, foreign));
  store.endRun(id, { status: 'finished', at });
}

function place({ run, round, index }: { run: string; round: number; index: number }) {
  return { run, round, step: index };
}

function roundOf(run: string, number: number, foreign: string): Parameters<Store['addRound']>[0] {
  const first = { exitCode: 0, stdout: `/mnt/main/${foreign}\n`, stderr: '' };
  const recording: Recording = {
    [proofLine]: first,
    'w-1$ findmnt --json': { failed: 'timed-out', says: `It did not answer: ${foreign}`, toDo: 'Look by hand.' },
  };
  const seen = { known: true, value: 0, asks: 'x', line: proofLine, outcome: first } as const;
  const finding = {
    code: 'EXPORT_NOT_ACTIVE',
    subject: foreign,
    says: `It is not active: ${foreign}`,
    remedy: 'Load it.',
    seen: [seen],
  } as const;
  const preview = `Load the exports again\n  because ${foreign.replaceAll(/\s+/g, ' ')}`;
  const step = {
    digest: 'abcdef012345',
    preview,
    risk: 'normal',
    wordToType: 'nas',
    holds: [changes('nas', 'nas'), uses('pool', run)],
  } as const;
  return {
    run,
    number,
    offers: number === 1,
    recording,
    lookedMs: 12,
    at: 1_795_000_000_000,
    diagnosis: { findings: number === 1 ? [finding] : [], evidence: [{ status: 'ok', says: `Fine: ${foreign}`, seen: [seen] }] },
    ...(number === 1 ? { steps: [step] } : { steps: [], stop: 'There is nothing to repair.' }),
  };
}
