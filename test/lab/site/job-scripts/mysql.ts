import { addBackups } from '../databases/backups.ts';
import type { LabMysql } from '../databases/mysql.ts';
import { DATABASES } from '../databases/settings.ts';
import { type Answer, fail, ok } from '../shell.ts';
import type { JobCall, JobProgram } from './index.ts';

// What the scripts of src/commands/mysql-scripts.ts do to a server; where they refuse, by the same words.

const MOUNTED = '/backup';

/** By the names of the scripts. */
export const mysqlPrograms: Readonly<Record<string, JobProgram>> = {
  'mysql-safety-dump': { run: (call) => onPrimary(call, safetyDump) },
  'mysql-load-beside': { run: (call) => onPrimary(call, loadBeside) },
  'mysql-swap': { run: (call) => onPrimary(call, swap) },
};

interface Work {
  readonly call: JobCall;
  readonly mysql: LabMysql;
  readonly database: string;
  readonly words: readonly string[];
}

function onPrimary(call: JobCall, run: (work: Work) => Answer): Answer {
  const { databases } = call.world;
  const [host, user, database = '', ...words] = call.args;
  const { secret, host: service } = DATABASES.mysql;
  if (call.environment['MYSQL_PWD'] !== `secret:${secret.name}/${secret.key}` || user !== 'root')
    return fail(1, "ERROR 1045 (28000): Access denied for user 'root'@'10.10.36.77' (using password: NO)");
  if (databases.mysql === undefined || host !== service)
    return fail(1, `ERROR 2005 (HY000): Unknown MySQL server host '${host}' (-2)`);
  const primary = [...databases.mysql.members.values()].find(({ role }) => role === 'PRIMARY');
  if (primary === undefined || primary.readOnly)
    return fail(1, 'this server is not the primary, or takes no writes: super_read_only');
  return run({ call, mysql: databases.mysql, database, words });
}

function onNas({ call }: Work, path: string): string | undefined {
  const { claim, path: directory } = DATABASES.mysql.backups;
  return call.claims[MOUNTED] === claim ? `${directory}${path.slice(MOUNTED.length)}` : undefined;
}

function safetyDump(work: Work): Answer {
  const { call, mysql, database, words } = work;
  const path = onNas(work, words[0] ?? '');
  const found = mysql.databases.get(database);
  if (path === undefined || found === undefined)
    return fail(2, `mysqldump: Got error: 1049: "Unknown database '${database}'" when selecting the database`);
  if (call.world.databases.backups?.has(path) === true) return fail(1, `${words[0]} is there already`);
  const content = { kind: 'mysqldump', serverVersion: mysql.version, databases: { [database]: { ...found.tables } } } as const;
  addBackups(call.world, [{ path, bytes: Math.round(found.bytes / 4), writtenMs: call.world.time.nowMs, content }]);
  return ok(`${database} as it is now is kept\n`);
}

function loadBeside(work: Work): Answer {
  const { call, mysql, database, words } = work;
  const [file = '', beside = ''] = words;
  const path = onNas(work, file);
  const backup = path === undefined ? undefined : call.world.databases.backups?.get(path);
  if (path === undefined || backup?.content.kind !== 'mysqldump') return fail(1, `gzip: ${file}: No such file or directory`);
  const { databases, isTruncated, brokenGzip } = backup.content;
  const tables = databases[database];
  if (brokenGzip === true) return fail(1, `${file} is damaged: it cannot be unpacked to its end`);
  if (isTruncated === true) return fail(1, `${file} is cut off: its last line is not '-- Dump completed'`);
  if (tables === undefined) return fail(1, `${file} has no database ${database}`);
  if (mysql.databases.has(beside)) return fail(1, `${beside} is there already`);
  mysql.databases.set(beside, {
    tables: { ...tables },
    bytes: backup.bytes * 3,
    programs: [],
    madeOf: path.slice(path.lastIndexOf('/') + 1),
  });
  return ok(`${Object.keys(tables).length} tables of ${database} are in ${beside}, each row as it is in the dump\n`);
}

function swap({ mysql, database, words }: Work): Answer {
  const [from = '', aside = ''] = words;
  const tablesOf = (name: string) => Object.keys(mysql.databases.get(name)?.tables ?? {}).length;
  if ([from, aside].every((name) => mysql.databases.get(name)?.madeOf === undefined))
    return fail(1, `neither ${from} nor ${aside} was made by a restore`);
  if (tablesOf(from) === 0 && tablesOf(aside) > 0) return ok(`${database} has the tables of ${from} already\n`);
  if (tablesOf(from) === 0 || tablesOf(aside) > 0) return fail(1, `${from} has no table, or ${aside} has some already`);
  move(mysql, database, aside);
  move(mysql, from, database);
  return ok(`${database} has the tables of ${from}, and those that it had are kept in ${aside}\n`);
}

/** The databases themselves stay, also without a table. */
function move({ databases }: LabMysql, from: string, to: string): void {
  const empty = { tables: {}, bytes: 0, programs: [] };
  const [source, target] = [databases.get(from) ?? empty, databases.get(to) ?? empty];
  databases.set(to, { ...target, tables: source.tables, bytes: source.bytes });
  databases.set(from, { ...source, tables: {}, bytes: 0 });
}
