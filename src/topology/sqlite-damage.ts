import type { Seen } from '../core/reading.ts';
import type { SqliteInside } from './sqlite-inside.ts';

type Check = SqliteInside['check'] extends Seen<infer Value> ? Value : never;

/** What `PRAGMA integrity_check` found: in the tables, in what can be made anew from them (`search`: full-text indexes), or in what rows are allowed to be. */
export type Damage = 'none' | 'tables' | 'indexes' | 'search' | 'rules';

/** No row is touched by these (pragma.c, btree.c): the table has all that the index lacks. */
const INDEXES = [
  /^row \d+ missing from index \S/,
  /^row \d+ values differ from index \S/,
  /^rowid not at end-of-record for row \d+ of index \S/,
  /^wrong # of entries in index \S/,
  /^Page \d+(?: is|:) never used$/,
];

/**
 * Since 3.44 virtual tables are asked too (fts3.c, fts5_main.c, fts5_index.c): the words of each row lie beside the rows. A row that is "missing
 * from content table" is none of these.
 */
const SEARCH = [
  /^malformed inverted index for FTS[345] table \S/,
  /^fts5: (?:checksum mismatch for|corrupt structure record for|corruption (?:in|found reading blob -?\d+ from|on page \d+, segment \d+,)) table "/,
];

/** Of rows that are there and whole. */
const RULES = [/^NULL value in \S/, /^CHECK constraint failed in \S/, /^(?:non-)?[A-Z]+ value in \S/];

const HEADING = /^\*\*\* in database \w+ \*\*\*$/;

/** Anything that is not known to be harmless is damage of tables. */
export function damageIn(integrity: readonly string[]): Damage {
  const lines = integrity.filter((line) => line !== 'ok' && !HEADING.test(line));
  const isOne = (patterns: readonly RegExp[]) => (line: string) => patterns.some((pattern) => pattern.test(line));
  if (lines.length === 0) return integrity.includes('ok') ? 'none' : 'tables';
  if (lines.every(isOne(RULES))) return 'rules';
  if (lines.every(isOne([...INDEXES, ...RULES]))) return 'indexes';
  return lines.every(isOne([...SEARCH, ...INDEXES, ...RULES])) ? 'search' : 'tables';
}

/** What a person does, since a table may have its words alone, without the rows that they came from. */
export const SEARCH_REMEDY =
  "Stop the application, copy the database with its -wal, and make the index anew in the copy, for each table that was named: INSERT INTO t(t) VALUES('rebuild'); where that says the table is contentless, its application alone can fill it. Where PRAGMA integrity_check then says ok, put the copy in place. Many applications have a command of their own for that.";

/** Whether a backup is needed, or may be. */
export function isDamaged(check: SqliteInside['check'] | undefined): boolean {
  if (check?.known !== true) return false;
  return damageOf(check.value) !== 'none' && damageOf(check.value) !== 'rules';
}

export function damageOf(check: Check): Damage {
  if (check.result === 'damaged') return 'tables';
  if (check.result === 'read') return damageIn(check.integrity);
  return check.result === 'no-table' && check.integrity.length > 0 ? damageIn(check.integrity) : 'none';
}

/** The first lines as SQLite has them. */
export function quoted(integrity: readonly string[]): string {
  const lines = integrity.filter((line) => !HEADING.test(line));
  const more = lines.length > 3 ? ` and ${lines.length - 3} more` : '';
  return `${lines
    .slice(0, 3)
    .map((line) => `"${line.slice(0, 200)}"`)
    .join(', ')}${more}`;
}
