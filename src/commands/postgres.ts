import { z } from 'zod';
import type { Host, Read } from '../core/command.ts';
import { defineRead, operand } from '../core/command.ts';
import { isPrintable } from '../core/quote.ts';
import { boundedAsRoot } from './bounded.ts';
import type { Container } from './in-container.ts';
import { inContainer } from './in-container.ts';
import { TABLE_COUNTS } from './postgres-counts.ts';

// Each question is one constant statement in one read-only transaction, and its answer one JSON text: psql that prints nothing
// has not answered.

/** A name that cannot stand in a command makes the whole answer unreadable. */
const Name = z.string().refine(isPrintable, 'a name has a character that cannot be shown');

interface Question<T extends z.ZodType> {
  readonly asks: string;
  /** The database that is asked. */
  readonly database: string;
  readonly seconds: number;
  readonly sql: string;
  readonly answer: T;
}

/**
 * As the superuser over the socket of the container, which knows the way to it from its environment (PGHOST, PGPORT). The server ends
 * the statement before timeout(1) ends psql. PGDATABASE, unlike `--dbname`, is never read as a connection string.
 */
function question<T extends z.ZodType>(container: Container, { asks, database, seconds, sql, answer }: Question<T>) {
  const options = [
    'default_transaction_read_only=on',
    'default_transaction_isolation=repeatable\\ read',
    'lock_timeout=3s',
    `statement_timeout=${seconds - 2}s`,
  ];
  return defineRead<z.output<T>>({
    asks,
    command: inContainer(container, seconds, [
      'env',
      `PGOPTIONS=${options.map((option) => `-c ${option}`).join(' ')}`,
      `PGDATABASE=${database}`,
      'psql',
      '--no-psqlrc',
      '--tuples-only',
      '--no-align',
      '--set=ON_ERROR_STOP=1',
      `--command=${sql}`,
    ]),
    answers: [0],
    parse: ({ stdout }) => answer.parse(JSON.parse(stdout)),
  });
}

/** Its rows as one array, also where there are none. */
function arrayOf(query: string): string {
  return `array(SELECT row_to_json(x) FROM (${query}) x)`;
}

function listOf(query: string): string {
  return `SELECT to_json(${arrayOf(query)})`;
}

/** Where every server has something to ask. */
const ANY = 'postgres';

const ServerState = z.object({ version: z.string(), inRecovery: z.boolean(), timeline: z.number() });
export type ServerState = z.output<typeof ServerState>;

/** Answered by a server that takes connections: a primary, or a replica that follows. The timeline of a replica is that of its last checkpoint. */
export function serverState(container: Container): Read<ServerState> {
  return question(container, {
    asks: 'Is it a primary or does it follow one?',
    database: ANY,
    seconds: 8,
    sql: 'SELECT row_to_json(s) FROM (SELECT current_setting($$server_version$$) AS version, pg_is_in_recovery() AS "inRecovery", CASE WHEN pg_is_in_recovery() THEN (pg_control_checkpoint()).timeline_id ELSE ($$x$$ || substr(pg_walfile_name(pg_current_wal_lsn()), 1, 8))::bit(32)::int END AS timeline) s',
    answer: ServerState,
  });
}

const Database = z
  .object({
    name: Name,
    oid: z.number(),
    owner: Name,
    bytes: z.number(),
    allowsConnections: z.boolean(),
    comment: z.string().nullable(),
  })
  .transform(({ comment, ...rest }) => ({ ...rest, ...(comment !== null && { comment }) }));
export type PgDatabase = z.output<typeof Database>;

/** Databases but templates, by name. */
export function postgresDatabases(container: Container): Read<readonly PgDatabase[]> {
  return question(container, {
    asks: 'Which databases does it have?',
    database: ANY,
    seconds: 10,
    sql: listOf(
      'SELECT datname AS name, oid::bigint, pg_get_userbyid(datdba) AS owner, pg_database_size(oid) AS bytes, datallowconn AS "allowsConnections", shobj_description(oid, $$pg_database$$) AS comment FROM pg_database WHERE NOT datistemplate ORDER BY datname',
    ),
    answer: z.array(Database),
  });
}

/** Tables and partitions that belong to no extension, with rows of their own. */
const TABLES =
  'FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE c.relkind = $$r$$ AND c.relpersistence <> $$t$$ AND n.nspname <> $$information_schema$$ AND n.nspname !~ $$^pg_$$ AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.classid = $$pg_class$$::regclass AND d.objid = c.oid AND d.deptype = $$e$$)';

const NAME = 'format($$%I.%I$$, n.nspname, c.relname)';

const TableRows = z.object({ name: z.string(), rows: z.number() });
export type TableRows = z.output<typeof TableRows>;

/** Every table as SQL writes it (`public.links`, `public."Link"`), with its exact count of rows, all at one moment. */
export function tableCounts(container: Container, database: string): Read<readonly TableRows[]> {
  return question(container, {
    asks: `How many rows does each table of ${database} have?`,
    database,
    // Every page of every table is read: a volume of 20 GiB takes minutes on a disk.
    seconds: 600,
    sql: listOf(`SELECT name, rows FROM (${TABLE_COUNTS.replaceAll("'", '$$$$')}) t ORDER BY name COLLATE "C"`),
    answer: z.array(TableRows),
  });
}

/** A replica has no rows of an unlogged table, and refuses to read one. */
const IS_READABLE = '(c.relpersistence <> $$u$$ OR NOT pg_is_in_recovery())';
const HAS_ROW =
  'query_to_xml(format($$SELECT 1 AS n FROM ONLY %I.%I LIMIT 1$$, n.nspname, c.relname), true, true, $$$$)::text <> $$$$';

const Fill = z.object({ tables: z.number(), withRows: z.array(z.string()) });
export type Fill = z.output<typeof Fill>;

/** How many tables it has, and which of them have a row at all: no table is read to its end. */
export function databaseFill(container: Container, database: string): Read<Fill> {
  return question(container, {
    asks: `Has ${database} any rows?`,
    database,
    seconds: 8,
    sql: `SELECT row_to_json(f) FROM (SELECT (SELECT count(*) ${TABLES}) AS tables, array(SELECT ${NAME} ${TABLES} AND ${IS_READABLE} AND ${HAS_ROW} ORDER BY 1) AS "withRows") f`,
    answer: Fill,
  });
}

const Session = z
  .object({ database: z.string(), pid: z.number(), user: z.string(), address: z.string().nullable(), application: z.string() })
  .transform(({ address, ...rest }) => ({ ...rest, ...(address !== null && { address }) }));
export type PgSession = z.output<typeof Session>;

/** Clients that are connected to any database, but this question itself. One over the socket has no address. */
export function postgresSessions(container: Container): Read<readonly PgSession[]> {
  return question(container, {
    asks: 'Who is connected to its databases?',
    database: ANY,
    seconds: 8,
    sql: listOf(
      'SELECT datname AS database, pid, coalesce(usename, $$$$) AS user, host(client_addr) AS address, coalesce(application_name, $$$$) AS application FROM pg_stat_activity WHERE backend_type = $$client backend$$ AND datname IS NOT NULL AND pid <> pg_backend_pid() ORDER BY pid',
    ),
    answer: z.array(Session),
  });
}

/** The same, of one database. */
export function sessionsOf(container: Container, database: string): Read<readonly PgSession[]> {
  const all = postgresSessions(container);
  return {
    ...all,
    asks: `Who is connected to ${database}?`,
    parse: (output) => all.parse(output).filter((session) => session.database === database),
  };
}

/** Roles of people and applications. */
export function postgresRoles(container: Container): Read<readonly string[]> {
  return question(container, {
    asks: 'Which roles does it have?',
    database: ANY,
    seconds: 8,
    sql: 'SELECT to_json(array(SELECT rolname FROM pg_roles WHERE rolname !~ $$^pg_$$ ORDER BY rolname))',
    answer: z.array(Name),
  });
}

const Slot = z
  .object({ name: z.string(), active: z.boolean(), walStatus: z.string().nullable(), keptBytes: z.number().nullable() })
  .transform(({ walStatus, keptBytes, ...rest }) => ({
    ...rest,
    ...(walStatus !== null && { walStatus }),
    keptBytes: keptBytes ?? 0,
  }));
const Replica = z.object({ name: z.string(), state: z.string(), lagBytes: z.number().nullable() });
const Replication = z.object({ slots: z.array(Slot), replicas: z.array(Replica) });
export type Replication = z.output<typeof Replication>;

const NOW = 'CASE WHEN pg_is_in_recovery() THEN pg_last_wal_replay_lsn() ELSE pg_current_wal_lsn() END';
const SLOTS = arrayOf(
  `SELECT slot_name AS name, active, wal_status AS "walStatus", pg_wal_lsn_diff(${NOW}, restart_lsn) AS "keptBytes" FROM pg_replication_slots ORDER BY slot_name`,
);
const REPLICAS = arrayOf(
  `SELECT application_name AS name, state, pg_wal_lsn_diff(${NOW}, replay_lsn) AS "lagBytes" FROM pg_stat_replication ORDER BY application_name`,
);

/** Of a primary: which replicas it feeds and how far behind they are, and how much write-ahead log each slot makes it keep. */
export function replicationOf(container: Container): Read<Replication> {
  return question(container, {
    asks: 'Which replicas does it feed, and what do its slots keep?',
    database: ANY,
    seconds: 8,
    sql: `SELECT row_to_json(r) FROM (SELECT ${SLOTS} AS slots, ${REPLICAS} AS replicas) r`,
    answer: Replication,
  });
}

/** A file of the log may go while it is counted. */
const LOG_SIZE = 'du --bytes --summarize "$log" 2>/dev/null || true';
export const DATA_SPACE_SCRIPT = `log=$PGDATA/pg_wal/; df --block-size=1 --output=size,avail "$PGDATA" && { ${LOG_SIZE}; }`;
export const DATA_SPACE_ON_NODE_SCRIPT = `log=$1/pgdata/pg_wal; mountpoint "$1" >/dev/null && df --block-size=1 --output=size,avail "$1" && { ${LOG_SIZE}; }`;

/** Of the file system that holds the data of a server, and its write-ahead log. */
export interface DataSpace {
  readonly bytes: number;
  readonly freeBytes: number;
  readonly walBytes: number;
}

export function dataSpace(container: Container): Read<DataSpace> {
  return defineRead({
    asks: 'How much room do its data have, and how much is write-ahead log?',
    command: inContainer(container, 10, ['sh', '-c', DATA_SPACE_SCRIPT]),
    answers: [0],
    parse: ({ stdout }) => spaceIn(stdout),
  });
}

/** The same where no container runs to ask in: of its volume as the node has it mounted. */
export function dataSpaceOnNode(node: Host, mountPoint: string): Read<DataSpace> {
  return defineRead({
    asks: `How much room do the data at ${mountPoint} have, and how much is write-ahead log?`,
    command: boundedAsRoot(node, 10, ['sh', '-c', DATA_SPACE_ON_NODE_SCRIPT, 'space', operand(mountPoint)]),
    answers: [0],
    parse: ({ stdout }) => spaceIn(stdout),
  });
}

function spaceIn(stdout: string): DataSpace {
  const figures = /^ *1B-blocks +Avail\n *(\d+) +(\d+)\n(\d+)\t\/[^\n]*\/pg_wal\/?\n$/.exec(stdout);
  if (figures === null) throw new Error(stdout);
  return { bytes: Number(figures[1]), freeBytes: Number(figures[2]), walBytes: Number(figures[3]) };
}
