import { defineRead } from '../core/command.ts';
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

/** Schemas of the server and of its cluster: never restored, moved or counted. */
export const SYSTEM_SCHEMAS: readonly string[] = [
  'mysql',
  'sys',
  'information_schema',
  'performance_schema',
  'mysql_innodb_cluster_metadata',
];

/** Ended by a word of its own, so that nothing is an answer. Backslashes, tabs and line feeds in values are escaped by `--batch`. */
const END = "SELECT 'storagebot-end'";

interface Query {
  readonly server: MysqlServer;
  readonly sql: string;
  readonly seconds?: number;
  readonly database?: string;
}

function query({ server: { container, localUser }, sql, seconds = 8, database }: Query) {
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
function rowsOf({ stdout }: Pick<Output, 'stdout'>, columns: number): string[][] {
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

function numberOf(text: string): number {
  if (!/^\d{1,15}$/.test(text)) throw new Error(`no number: ${text}`);
  return Number(text);
}

const VARIABLES =
  "SHOW GLOBAL VARIABLES WHERE Variable_name IN ('version', 'read_only', 'super_read_only', 'offline_mode', 'max_connections');" +
  " SHOW GLOBAL STATUS WHERE Variable_name IN ('Threads_connected', 'Uptime')";

export interface MysqlState {
  /** `8.4.4` */
  readonly version: string;
  /** Nobody may write; `super`: not even root. */
  readonly readOnly: boolean;
  readonly superReadOnly: boolean;
  /** Only administrators may connect: everybody else gets ERROR 3032. */
  readonly offline: boolean;
  readonly maxConnections: number;
  readonly connections: number;
  readonly uptimeS: number;
}

export function mysqlState(server: MysqlServer) {
  return defineRead<MysqlState>({
    asks: `How is the MySQL in container ${server.container.id.slice(0, 12)}?`,
    command: query({ server, sql: VARIABLES }),
    answers: [0],
    parse: (output) => stateOf(new Map(rowsOf(output, 2).map(([name = '', value = '']) => [name, value]))),
  });
}

/** MariaDB has neither `super_read_only` nor `offline_mode`. */
function stateOf(values: ReadonlyMap<string, string>): MysqlState {
  const text = (name: string) => {
    const value = values.get(name);
    if (value === undefined) throw new Error(`no value of ${name}`);
    return value;
  };
  const flag = (value: string) => {
    if (!/^(ON|OFF)$/.test(value)) throw new Error(`neither ON nor OFF: ${value}`);
    return value === 'ON';
  };
  return {
    version: text('version'),
    readOnly: flag(text('read_only')),
    superReadOnly: flag(values.get('super_read_only') ?? 'OFF'),
    offline: flag(values.get('offline_mode') ?? 'OFF'),
    maxConnections: numberOf(text('max_connections')),
    connections: numberOf(text('Threads_connected')),
    uptimeS: numberOf(text('Uptime')),
  };
}

const MEMBER_STATES = ['ONLINE', 'RECOVERING', 'OFFLINE', 'ERROR', 'UNREACHABLE'] as const;

export interface GroupMember {
  /** `mysql-cluster-0.mysql-cluster-instances.dbaas.svc.cluster.local`; empty for a server that is in no group. */
  readonly host: string;
  readonly state: (typeof MEMBER_STATES)[number];
  readonly role: 'PRIMARY' | 'SECONDARY' | '';
}

/** The group as one member sees it: others may see another. */
export function groupMembers(server: MysqlServer) {
  return defineRead<readonly GroupMember[]>({
    asks: `Whom does the MySQL in container ${server.container.id.slice(0, 12)} see in its group?`,
    command: query({
      server,
      sql: 'SELECT MEMBER_HOST, MEMBER_STATE, MEMBER_ROLE FROM performance_schema.replication_group_members',
    }),
    answers: [0],
    parse: (output) => rowsOf(output, 3).map(memberOf),
  });
}

function memberOf([host = '', stateText = '', role = '']: readonly string[]): GroupMember {
  const state = MEMBER_STATES.find((each) => each === stateText);
  if (state === undefined || (role !== 'PRIMARY' && role !== 'SECONDARY' && role !== ''))
    throw new Error(`not a member: ${stateText} ${role}`);
  return { host, state, role };
}

/** The table by which a database that was restored beside is known to be whole; it names the dump that it came from. */
export const MARKER = 'storagebot_restore';

const DATABASES =
  `SELECT s.schema_name, COUNT(t.table_name) - COUNT(NULLIF(t.table_name = '${MARKER}', 0)), COUNT(NULLIF(t.table_name = '${MARKER}', 0)),` +
  ' COALESCE(SUM(t.data_length + t.index_length), 0),' +
  ' (SELECT COUNT(*) FROM information_schema.views v WHERE v.table_schema = s.schema_name)' +
  ' + (SELECT COUNT(*) FROM information_schema.triggers g WHERE g.trigger_schema = s.schema_name)' +
  ' + (SELECT COUNT(*) FROM information_schema.routines r WHERE r.routine_schema = s.schema_name)' +
  ' + (SELECT COUNT(*) FROM information_schema.events e WHERE e.event_schema = s.schema_name)' +
  " FROM information_schema.schemata s LEFT JOIN information_schema.tables t ON t.table_schema = s.schema_name AND t.table_type = 'BASE TABLE'" +
  ' GROUP BY s.schema_name ORDER BY s.schema_name';

export interface MysqlDatabase {
  readonly name: string;
  readonly tables: number;
  /** A restore made it, and found it whole. */
  readonly isMarked: boolean;
  /** As the server estimates it. */
  readonly bytes: number;
  /** Views, triggers, routines and events: they cannot be renamed into another database. */
  readonly programs: number;
}

export function mysqlDatabases(server: MysqlServer) {
  return defineRead<readonly MysqlDatabase[]>({
    asks: 'Which databases does the server have?',
    command: query({ server, sql: DATABASES, seconds: 20 }),
    answers: [0],
    parse: (output) =>
      rowsOf(output, 5).map(([name = '', tables = '', marked = '', bytes = '', programs = '']) => ({
        name,
        tables: numberOf(tables),
        isMarked: numberOf(marked) === 1,
        bytes: numberOf(bytes),
        programs: numberOf(programs),
      })),
  });
}

/** The file name of the dump that a marked database was made of. */
export function restoredFrom(server: MysqlServer, database: string) {
  return defineRead<string>({
    asks: `Which dump did ${database} come out of?`,
    command: query({ server, sql: `SELECT dump, sha256 FROM ${MARKER}`, database }),
    answers: [0],
    parse: (output) => {
      const [row, ...more] = rowsOf(output, 2);
      if (row?.[0] === undefined || row[0] === '' || more.length > 0) throw new Error('not one mark');
      return row[0];
    },
  });
}

/** One statement made of the names of the tables, since the server has no other exact count: its own figure is an estimate. */
const COUNTS =
  'SET SESSION group_concat_max_len = 4000000;' +
  " SELECT COALESCE(GROUP_CONCAT(CONCAT('SELECT ', QUOTE(table_name), ', COUNT(*) FROM `', REPLACE(table_name, '`', '``'), '`') ORDER BY table_name SEPARATOR ' UNION ALL ')," +
  " 'SELECT 0, 0 WHERE FALSE') INTO @counts FROM information_schema.tables WHERE table_schema = DATABASE() AND table_type = 'BASE TABLE' AND table_name <> 'storagebot_restore';" +
  ' PREPARE counts FROM @counts; EXECUTE counts';

export interface TableRows {
  readonly name: string;
  readonly rows: number;
}

/** Exact counts, which read every table. */
export function mysqlTableCounts(server: MysqlServer, database: string) {
  return defineRead<readonly TableRows[]>({
    asks: `How many rows do the tables of ${database} have?`,
    command: query({ server, sql: COUNTS, seconds: 120, database }),
    answers: [0],
    parse: (output) => rowsOf(output, 2).map(([name = '', rows = '']) => ({ name, rows: numberOf(rows) })),
  });
}

const SESSIONS = "SELECT id, user, host, COALESCE(db, '') FROM information_schema.processlist WHERE id <> CONNECTION_ID()";

export interface MysqlSession {
  readonly id: number;
  readonly user: string;
  /** Of the client, without its port; absent for what the server does itself. */
  readonly address?: string;
  /** Empty where it has chosen none. */
  readonly database: string;
}

export function mysqlSessions(server: MysqlServer) {
  return defineRead<readonly MysqlSession[]>({
    asks: 'Who is connected to the server?',
    command: query({ server, sql: SESSIONS }),
    answers: [0],
    parse: (output) =>
      rowsOf(output, 4).map(([id = '', user = '', host = '', database = '']) => {
        const address = host.replace(/:\d+$/, '');
        return { id: numberOf(id), user, ...(address !== '' && address !== 'localhost' && { address }), database };
      }),
  });
}

export interface DataSpace {
  readonly bytes: number;
  readonly freeBytes: number;
}

/** The file system of the data, as the server sees it. */
export function mysqlDataSpace({ container }: MysqlServer) {
  return defineRead<DataSpace>({
    asks: `How full is the volume of the MySQL in container ${container.id.slice(0, 12)}?`,
    command: inContainer(container, 8, ['df', '-P', '-B1', '/var/lib/mysql']),
    answers: [0],
    parse: ({ stdout }) => {
      const [header = '', row = '', ...more] = linesOf(stdout);
      const [, bytes = '', , free = ''] = row.split(/\s+/);
      if (!header.startsWith('Filesystem') || more.length > 0) throw new Error('not the table of df');
      return { bytes: numberOf(bytes), freeBytes: numberOf(free) };
    },
  });
}
