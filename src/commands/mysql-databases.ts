import { defineRead } from '../core/command.ts';
import type { MysqlServer } from './mysql-query.ts';
import { mysqlQuery, mysqlRows, numberOf } from './mysql-query.ts';

/** Schemas of the server and of its cluster: never restored, moved or counted. */
export const SYSTEM_SCHEMAS: readonly string[] = [
  'mysql',
  'sys',
  'information_schema',
  'performance_schema',
  'mysql_innodb_cluster_metadata',
];

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
    command: mysqlQuery({ server, sql: DATABASES, seconds: 20 }),
    answers: [0],
    parse: (output) =>
      mysqlRows(output, 5).map(([name = '', tables = '', marked = '', bytes = '', programs = '']) => ({
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
    command: mysqlQuery({ server, sql: `SELECT dump, sha256 FROM ${MARKER}`, database }),
    answers: [0],
    parse: (output) => {
      const [row, ...more] = mysqlRows(output, 2);
      if (row?.[0] === undefined || row[0] === '' || more.length > 0) throw new Error('not one mark');
      return row[0];
    },
  });
}

const PROGRAMS = [
  "SELECT 'view', table_name, '' FROM information_schema.views WHERE table_schema = DATABASE()",
  "SELECT 'trigger', trigger_name, event_object_table FROM information_schema.triggers WHERE trigger_schema = DATABASE()",
  "SELECT LOWER(routine_type), routine_name, '' FROM information_schema.routines WHERE routine_schema = DATABASE()",
  "SELECT 'event', event_name, '' FROM information_schema.events WHERE event_schema = DATABASE()",
].join('; ');

/** Its views, triggers, routines and events, by kind and name: `trigger positive of results`. */
export function mysqlPrograms(server: MysqlServer, database: string) {
  return defineRead<readonly string[]>({
    asks: `Which views, triggers, routines and events does ${database} have?`,
    command: mysqlQuery({ server, sql: PROGRAMS, database }),
    answers: [0],
    parse: (output) =>
      mysqlRows(output, 3).map(([kind = '', name = '', table = '']) => `${kind} ${name}${table === '' ? '' : ` of ${table}`}`),
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
    command: mysqlQuery({ server, sql: COUNTS, seconds: 120, database }),
    answers: [0],
    parse: (output) => mysqlRows(output, 2).map(([name = '', rows = '']) => ({ name, rows: numberOf(rows) })),
  });
}
