import { groupMembers, mysqlSessions, mysqlState } from '../../../../src/commands/mysql.ts';
import { mysqlDatabases, mysqlPrograms, mysqlTableCounts, restoredFrom } from '../../../../src/commands/mysql-databases.ts';
import type { Read } from '../../../../src/core/command.ts';
import type { LabMysql, LabMysqlMember } from '../databases/mysql.ts';
import { mysqlOf } from '../databases/mysql.ts';
import { type Answer, fail, lines, ok } from '../shell.ts';
import type { ContainerPrograms, Inside } from './crictl.ts';

/** The programs of the container `mysql`. */
export const inMysql: ContainerPrograms = { mysql: { run: client }, df: { run: diskFree } };

interface Asked {
  readonly mysql: LabMysql;
  readonly own: LabMysqlMember;
  readonly database: string;
}

const ANY = { container: { node: { name: '', sudo: false }, id: '0'.repeat(64) }, localUser: 'localroot' };

/** What a question to the server is known by: its SQL is the last word. */
function sqlOf({ command }: Read<unknown>): string {
  return (command.via === 'ssh' ? command.argv.at(-1) : undefined) ?? '';
}

type Row = readonly (string | number)[];

const QUESTIONS: Readonly<Record<string, (asked: Asked) => readonly Row[]>> = {
  [sqlOf(mysqlState(ANY))]: ({ mysql, own }) => [
    ['max_connections', 80],
    ['offline_mode', own.offline ? 'ON' : 'OFF'],
    ['read_only', own.readOnly ? 'ON' : 'OFF'],
    ['super_read_only', own.readOnly ? 'ON' : 'OFF'],
    ['version', mysql.version],
    ['Threads_connected', own.connections],
    ['Uptime', 1_036_812],
  ],
  [sqlOf(groupMembers(ANY))]: ({ mysql, own }) =>
    Object.entries(own.sees ?? Object.fromEntries(mysql.members)).map(([pod, { state, role }]) => [
      pod === '' ? '' : `${pod}.mysql-cluster-instances.dbaas.svc.cluster.local`,
      state,
      role,
    ]),
  [sqlOf(mysqlDatabases(ANY))]: ({ mysql: { databases } }) =>
    [...databases]
      .toSorted(([a], [b]) => (a < b ? -1 : 1))
      .map(([name, { tables, bytes, programs, madeOf }]) => [
        name,
        Object.keys(tables).length,
        madeOf === undefined ? 0 : 1,
        bytes,
        programs.length,
      ]),
  [sqlOf(mysqlTableCounts(ANY, 'any'))]: ({ mysql, database }) =>
    Object.entries(mysql.databases.get(database)?.tables ?? {}).toSorted(([a], [b]) => (a < b ? -1 : 1)),
  [sqlOf(mysqlPrograms(ANY, 'any'))]: ({ mysql, database }) => mysql.databases.get(database)?.programs ?? [],
  [sqlOf(restoredFrom(ANY, 'any'))]: ({ mysql, database }) => [[mysql.databases.get(database)?.madeOf ?? '', 'e3b0'.repeat(16)]],
  [sqlOf(mysqlSessions(ANY))]: ({ mysql }) => mysql.sessions.map(({ id, user, host, database }) => [id, user, host, database]),
};

const NO_SERVER = "ERROR 2002 (HY000): Can't connect to local MySQL server through socket '/var/run/mysqld/mysql.sock' (2)";

function client({ world, pod }: Inside, args: readonly string[]): Answer {
  const mysql = mysqlOf(world);
  const own = mysql.members.get(pod.metadata.name);
  if (own === undefined || own.stopped) return fail(1, NO_SERVER);
  if (!args.includes('--user=localroot'))
    return fail(1, "ERROR 1045 (28000): Access denied for user 'mysql'@'localhost' (using password: NO)");
  const database = args.find((arg) => arg.startsWith('--database='))?.slice('--database='.length) ?? '';
  if (database !== '' && !mysql.databases.has(database)) return fail(1, `ERROR 1049 (42000): Unknown database '${database}'`);
  const answer = QUESTIONS[args.at(-1) ?? ''];
  if (answer === undefined) return fail(1, 'ERROR 1064 (42000) at line 1: You have an error in your SQL syntax');
  return ok(lines([...answer({ mysql, own, database }).map((row) => row.join('\t')), 'storagebot-end']));
}

const BYTES = 31_526_391_808;

function diskFree({ world, pod }: Inside): Answer {
  const used = Math.round((BYTES / 100) * (mysqlOf(world).members.get(pod.metadata.name)?.usedPercent ?? 0));
  const percent = Math.ceil((used / BYTES) * 100);
  return ok(
    lines([
      'Filesystem        1-blocks       Used   Available Capacity Mounted on',
      `/dev/sdc       ${BYTES} ${used} ${BYTES - used}      ${percent}% /var/lib/mysql`,
    ]),
  );
}
