import { isUtf8 } from 'node:buffer';
import { closeSync, existsSync, openSync, readSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { z } from 'zod';
import { type Queries, queriesOn } from '../store/queries.ts';
import { isMissing } from './files.ts';
import { AuditUnusable } from './trail.ts';
import type { FoundLine, TrailProblem } from './verify.ts';

/** The copy of the trail in the state directory. */
export const MIRROR_FILE = 'audit.jsonl';

/** The database as of one moment, for reading; the bot may go on working with it. */
export interface Snapshot {
  readonly db: Queries;
  readonly lines: () => Iterable<FoundLine>;
  /** Rows whose number is not that of their line. */
  readonly misnumbered: () => TrailProblem[];
  readonly close: () => void;
}

/** Throws `AuditUnusable` where there is no trail. */
export function openSnapshot(stateDirectory: string): Snapshot {
  const file = join(stateDirectory, 'storagebot.db');
  if (!existsSync(file)) throw new AuditUnusable(`There is no state of storagebot in ${stateDirectory}.`);
  const database = new DatabaseSync(file, { readOnly: true, timeout: 5_000 });
  const db = queriesOn(database);
  // One transaction, so that the trail and the journal are of the same moment.
  database.exec('BEGIN');
  if (db.row(z.object({}), `SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = 'audit'`) === undefined) {
    database.close();
    throw new AuditUnusable(`The state in ${stateDirectory} is older than the audit trail: this version of the bot begins one.`);
  }
  return { db, lines: () => tableLines(database), misnumbered: () => misnumberedIn(db), close: () => database.close() };
}

const Line = z.object({ line: z.string() });
const Seq = z.object({ seq: z.int() });

function* tableLines(database: DatabaseSync): Generator<FoundLine> {
  for (const row of database.prepare('SELECT line FROM audit ORDER BY seq').iterate()) {
    yield { text: Line.parse(row).line, whole: true };
  }
}

function misnumberedIn(db: Queries): TrailProblem[] {
  return db
    .rows(Seq, `SELECT seq FROM audit WHERE substr(line, 1, 8 + length(seq)) <> '{"seq":' || seq || ','`)
    .map(({ seq }) => ({ says: `The row with the number ${seq} holds a line with another number.`, seq }));
}

const CHUNK_BYTES = 1024 * 1024;
const LINE_FEED = 0x0a;

/** The lines of a file, of which there are none where there is no file. A line feed in the end makes the last line whole. */
export function* fileLines(file: string): Generator<FoundLine> {
  let rest: Buffer = Buffer.alloc(0);
  for (const chunk of chunksOf(file)) {
    let from = 0;
    for (let end = chunk.indexOf(LINE_FEED); end >= 0; end = chunk.indexOf(LINE_FEED, from)) {
      yield { text: textOf(Buffer.concat([rest, chunk.subarray(from, end)])), whole: true };
      rest = Buffer.alloc(0);
      from = end + 1;
    }
    rest = Buffer.concat([rest, chunk.subarray(from)]);
  }
  if (rest.length > 0) yield { text: textOf(rest), whole: false };
}

function* chunksOf(file: string): Generator<Buffer> {
  const fd = openIfThere(file);
  if (fd === undefined) return;
  try {
    for (;;) {
      const buffer = Buffer.allocUnsafe(CHUNK_BYTES);
      const read = readSync(fd, buffer, 0, CHUNK_BYTES, null);
      if (read === 0) return;
      yield buffer.subarray(0, read);
    }
  } finally {
    closeSync(fd);
  }
}

function openIfThere(file: string): number | undefined {
  try {
    return openSync(file, 'r');
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
}

/** Bytes that are not UTF-8 become other characters, never the text that they were changed from. */
function textOf(bytes: Buffer): string {
  return bytes.toString(isUtf8(bytes) ? 'utf8' : 'latin1');
}
