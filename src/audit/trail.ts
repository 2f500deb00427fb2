import { z } from 'zod';
import type { Queries } from '../store/queries.ts';
import { canonical } from './canonical.ts';
import { GENESIS, type Head, isGenuine, keyIdOf, seal, unseal } from './chain.ts';
import type { Audit } from './event.ts';

/** The audit trail in the database; its table is `audit (seq INTEGER PRIMARY KEY, line TEXT NOT NULL)`. */
export interface AuditTrail {
  /** Call it inside the transaction that makes what it tells: both are written or neither. */
  readonly append: Audit;
  /** `GENESIS` while nothing was written. */
  readonly head: () => Head;
  /** The lines after this number, in order, as many at once as `LINES_AT_ONCE`. */
  readonly linesSince: (seq: number) => readonly TrailRow[];
}

export interface TrailRow {
  readonly seq: number;
  /** One line of JSON, without a line feed. */
  readonly line: string;
}

export interface TrailParts {
  readonly database: Queries;
  readonly key: Uint8Array;
  /** Takes secrets out of a text. */
  readonly clean: (text: string) => string;
  /** Milliseconds since 1970. */
  readonly clock: () => number;
}

/** The trail cannot be continued; the message says why and what to do. */
export class AuditUnusable extends Error {
  override readonly name = 'AuditUnusable';
  readonly code = 'AUDIT_UNUSABLE';
}

export const LINES_AT_ONCE = 500;

const Row = z.object({ seq: z.int(), line: z.string() });
const HeadRow = z.object({ seq: z.int(), mac: z.string() });

/** Throws `AuditUnusable` where the last line was not made with this key. */
export function createAuditTrail({ database, key, clean, clock }: TrailParts): AuditTrail {
  const head = () =>
    database.row(HeadRow, `SELECT seq, substr(line, -66, 64) AS mac FROM audit ORDER BY seq DESC LIMIT 1`) ?? GENESIS;
  requireOurs(database.row(Row, 'SELECT seq, line FROM audit ORDER BY seq DESC LIMIT 1'), key);
  return {
    head,
    append(event) {
      // The head is asked of the database each time, because the transaction before this one may have been taken back.
      const before = head();
      const line = seal({ head: before, at: clock(), event: canonical(event, clean) }, key);
      database.run('INSERT INTO audit (seq, line) VALUES (?, ?)', before.seq + 1, line);
    },
    linesSince: (seq) => database.rows(Row, 'SELECT seq, line FROM audit WHERE seq > ? ORDER BY seq LIMIT ?', seq, LINES_AT_ONCE),
  };
}

function requireOurs(last: TrailRow | undefined, key: Uint8Array): void {
  if (last === undefined) return;
  const sealed = unseal(last.line);
  if (sealed !== undefined && sealed.key !== keyIdOf(key)) {
    throw new AuditUnusable(
      `The audit trail was written with key ${sealed.key}, and the key in use is ${keyIdOf(key)}. ` +
        'Give back the key (audit.key in the configuration, or the file audit.key in the state directory).',
    );
  }
  if (sealed !== undefined && isGenuine(last.line, sealed, key)) return;
  throw new AuditUnusable(
    `The last line of the audit trail (seq ${last.seq}) was changed. Run storagebot audit verify, keep the state directory ` +
      'as evidence, and start with an empty one.',
  );
}
