import type { Host } from '../core/command.ts';
import { defineRead, operand } from '../core/command.ts';
import { Refusal } from '../core/errors.ts';
import type { Output } from '../core/output.ts';
import { boundedAsRoot, linesOf } from './bounded.ts';
import { CHECK_SCRIPT } from './sqlite-script.ts';

/** What SQLite found in a database, or why it found nothing. */
export type SqliteCheck =
  | SqliteContent
  /** 11: its pages make no sense. 26: it is no database at all. Only these two are corruption. */
  | { readonly result: 'damaged'; readonly code: 11 | 26; readonly says: string; readonly integrity: readonly string[] }
  /** 5: locked. 8: read-only. 10: the disk gave an error. 14: it could not be opened. None of them says anything of its content. */
  | { readonly result: 'refused'; readonly code: 5 | 8 | 10 | 14; readonly says: string }
  | { readonly result: 'no-table'; readonly table: string; readonly integrity: readonly string[] }
  | { readonly result: 'not-looked'; readonly says: string; readonly toDo: string };

export interface SqliteContent {
  readonly result: 'read';
  /** Of the program that looked. */
  readonly version: string;
  readonly journal: 'wal' | 'rollback';
  /** `ok` alone, or what is wrong, one line each; SQLite stops after 100. */
  readonly integrity: readonly string[];
  /** Rows whose foreign key leads nowhere. */
  readonly brokenKeys: number;
  readonly rows: Readonly<Record<string, number>>;
}

const CODES = [5, 8, 10, 11, 14, 26] as const;
type Code = (typeof CODES)[number];

const LOOK_S = 60;

/** Integrity, foreign keys and rows of the tables of a database that may be in use at this moment. Writes nothing. */
export function sqliteCheck(host: Host, path: string, tables: readonly string[]) {
  if (/[?#%]/.test(path))
    throw new Refusal('bad-request', `${JSON.stringify(path.slice(0, 300))} cannot be given to SQLite as a file`);
  const odd = tables.find((table) => !/^[A-Za-z_]\w*$/.test(table));
  if (odd !== undefined) throw new Refusal('bad-request', `${JSON.stringify(odd.slice(0, 100))} is no plain name of a table`);
  return defineRead<SqliteCheck>({
    asks: `Is ${path} on ${host.name} whole, and what is in it?`,
    command: boundedAsRoot(host, LOOK_S, ['sh', '-c', CHECK_SCRIPT, 'check', operand(path), tables.join(' ')]),
    answers: [0, 1, ...CODES, 65, 66, 67, 68, 75, 124, 127],
    parse: (output) => parseCheck(output, tables),
  });
}

export function parseCheck(output: Output, tables: readonly string[]): SqliteCheck {
  const { exitCode, stdout, stderr } = output;
  if (exitCode === 0) return parseContent(stdout, tables);
  const notLooked = NOT_LOOKED[exitCode];
  if (notLooked !== undefined) return { result: 'not-looked', ...notLooked };
  return parseRefusal(output, errorOf(stderr));
}

const NOT_LOOKED: Readonly<Record<number, { readonly says: string; readonly toDo: string }>> = {
  65: {
    says: 'The database is larger than 64 MiB and has a rollback journal: its writers would wait for the check.',
    toDo: 'Check a copy of it, or stop the service first.',
  },
  66: {
    says: 'Its write-ahead log belongs to another user than the database, and a look as root would change that.',
    toDo: 'Give the database, its -wal and its -shm one owner, that of the program that writes them.',
  },
  67: {
    says: 'The database is a symbolic link: what lies beside the file that it leads to was not looked for.',
    toDo: 'Name the file itself in the configuration, by its path in the volume.',
  },
  68: {
    says: 'Beside the database lies a journal of a transaction that was cut off while its way of writing was changed.',
    toDo: 'Start the application, which rolls that transaction back when it opens the database; then look again.',
  },
  75: { says: 'The database was opened by somebody while it was read.', toDo: 'Look again.' },
  124: {
    says: 'It was not read to its end in time, which is 8 seconds where its writers have to wait for a look, and a minute elsewhere.',
    toDo: 'Look at how fast the storage below it is, or check a copy of it.',
  },
  127: {
    says: 'The program sqlite3 (Debian package sqlite3) is not installed there, which says nothing of the database.',
    toDo: 'Install the Debian package sqlite3 on that host.',
  },
};

/** Its code is 11 as well, whether the schema is damaged or only has words that this version does not know (prepare.c, corruptSchema). */
const OLDER =
  'Look with a sqlite3 at least as new as the one of the application: an older one says this of whole databases. If that says so too, the schema is damaged.';

/** `Error: in prepare, database is locked (5)`; `Runtime error near line 1: …`; without a number where it is 1. */
function errorOf(stderr: string): { readonly says: string; readonly code?: number } {
  const line = linesOf(stderr).find((each) => /^(?:Parse error|Runtime error|Error)\b/.test(each));
  const match =
    /^(?:Parse error|Runtime error|Error)(?: near line \d+)?: (?:in prepare, |stepping, )?(?:unable to open database ".*": )?(.+?)(?: \((\d+)\))?$/.exec(
      line ?? '',
    );
  const [, says, code] = match ?? [];
  if (says === undefined) throw new Error(stderr || 'it failed without a word');
  return { says, ...(code !== undefined && { code: Number(code) }) };
}

function parseRefusal({ exitCode, stdout }: Output, error: ReturnType<typeof errorOf>): SqliteCheck {
  const integrity = wordsOf(stdout, 'integrity').filter((line) => line !== 'ok');
  const [, table] = /^no such table: (?:main\.)?(\w+)$/.exec(error.says) ?? [];
  if (table !== undefined) return { result: 'no-table', table, integrity };
  const isMissing = exitCode === 1 && error.says === 'unable to open database file';
  if (error.says.startsWith('malformed database schema'))
    return { result: 'not-looked', says: `SQLite says: ${error.says.slice(0, 300)}.`, toDo: OLDER };
  // An extended code has the plain one in its lowest byte, which is all that an exit code can hold.
  const plain = isMissing ? 14 : (error.code ?? exitCode) & 0xff;
  const code = CODES.find((each) => each === plain);
  if (code === undefined) throw new Error(error.says);
  const says = `${error.says} (${error.code ?? code})`;
  return isDamage(code) ? { result: 'damaged', code, says, integrity } : { result: 'refused', code, says };
}

function isDamage(code: Code): code is 11 | 26 {
  return code === 11 || code === 26;
}

function parseContent(stdout: string, tables: readonly string[]): SqliteContent {
  if (linesOf(stdout).at(-1) !== 'end') throw new Error('it did not come to its end');
  const rows = wordsOf(stdout, 'rows').map((line) => line.split(' '));
  const integrity = wordsOf(stdout, 'integrity');
  if (integrity.length === 0) throw new Error('it says nothing of its integrity');
  const [version = missing('version')] = wordsOf(stdout, 'version');
  const [format] = wordsOf(stdout, 'format');
  return {
    result: 'read',
    version,
    journal: format === '2' ? 'wal' : 'rollback',
    integrity,
    brokenKeys: number(wordsOf(stdout, 'keys')[0]),
    rows: Object.fromEntries(tables.map((table) => [table, number(rows.find(([name]) => name === table)?.[1])])),
  };
}

function wordsOf(stdout: string, what: string): string[] {
  return linesOf(stdout).flatMap((line) => (line.startsWith(`${what} `) ? [line.slice(what.length + 1)] : []));
}

function number(text: string | undefined): number {
  if (text === undefined || !/^\d+$/.test(text)) throw new Error(`not a number: ${text}`);
  return Number(text);
}

function missing(what: string): never {
  throw new Error(`it says nothing of its ${what}`);
}
