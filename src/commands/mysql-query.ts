import { Refusal } from '../core/errors.ts';
import type { Output } from '../core/output.ts';
import { linesOf } from './bounded.ts';
import type { Container } from './in-container.ts';
import { inContainer } from './in-container.ts';

/** A server as it is asked in its container: over the socket that the image names in MYSQL_UNIX_PORT, by a user without a password. */
export interface MysqlServer {
  readonly container: Container;
  readonly localUser: string;
}

/** Ended by a word of its own, so that nothing is an answer. Backslashes, tabs and line feeds in values are escaped by `--batch`. */
const END = "SELECT 'storagebot-end'";

interface Query {
  readonly server: MysqlServer;
  readonly sql: string;
  readonly seconds?: number;
  readonly database?: string;
}

/** SQL that reads, in a session that refuses to write. */
export function mysqlQuery({ server: { container, localUser }, sql, seconds = 8, database }: Query) {
  if (!/^[a-z_]\w*$/.test(localUser)) throw new Refusal('bad-request', `${JSON.stringify(localUser)} is no plain name of a user`);
  const named = database === undefined ? [] : [`--database=${plainName(database)}`];
  return inContainer(container, seconds, [
    'mysql',
    '--no-defaults',
    `--user=${localUser}`,
    '--batch',
    '--skip-column-names',
    '--default-character-set=utf8mb4',
    ...named,
    '--init-command=SET SESSION TRANSACTION READ ONLY',
    `--execute=${sql}; ${END}`,
  ]);
}

/** The names that the configuration and people's words may have: no other is put into a command. */
export function plainName(database: string): string {
  if (database.length <= 64 && /^[A-Za-z_][\w-]*$/.test(database)) return database;
  throw new Refusal('bad-request', `${JSON.stringify(database.slice(0, 100))} is no plain name of a database`);
}

/** Rows of columns. Throws without the last row, and for a row with another number of columns. */
export function mysqlRows({ stdout }: Pick<Output, 'stdout'>, columns: number): string[][] {
  const lines = linesOf(stdout);
  if (lines.pop() !== 'storagebot-end') throw new Error('the answer has no end');
  return lines.map((line) => {
    const row = line.split('\t');
    if (row.length !== columns) throw new Error(`not ${columns} columns: ${line}`);
    return row.map(unescaped);
  });
}

const ESCAPES: Readonly<Record<string, string>> = { '\\t': '\t', '\\n': '\n', '\\0': '\0', '\\\\': '\\' };

function unescaped(text: string): string {
  return text.replaceAll(/\\[tn0\\]/g, (escape) => ESCAPES[escape] ?? escape);
}

/** A plain whole number, as a server prints it. */
export function numberOf(text: string): number {
  if (!/^\d{1,15}$/.test(text)) throw new Error(`no number: ${text}`);
  return Number(text);
}
