import { IDENTIFIER, parseIdentifier, parseRoles } from './backup-identifiers.ts';

/** What every look into a packed file tells. */
export interface Unpacked {
  /** False: it could not be unpacked to its end. */
  readonly readable: boolean;
  /** What the unpacking said. */
  readonly problem?: string;
}

interface Dump extends Unpacked {
  readonly hasHeader: boolean;
  /** Nothing but a trailer tells that a dump is whole: one that was cut restores without an error. */
  readonly hasTrailer: boolean;
  /** Of the server that it was made of: `16.4 (Debian 16.4-1.pgdg110+2)`, `8.4.4`. */
  readonly serverVersion?: string;
}

export interface DumpedTable {
  /** As it stands in the dump, and as `format('%I.%I')` writes it: `public.links`, `public."User"`. */
  readonly name: string;
  /** `unknown`: its rows are INSERT statements, which are not counted. */
  readonly rows: number | 'unknown';
}

export interface DumpedDatabase {
  readonly name: string;
  readonly owner?: string;
  /** Those with data, also of no rows. */
  readonly tables: readonly DumpedTable[];
  /** How many tables it makes: with some and no `tables`, it is a dump of the schema alone. */
  readonly tablesCreated: number;
  /** Whom its part grants or gives something: a server that has not all of them cannot take it in. */
  readonly roles: readonly string[];
}

/** Of pg_dumpall. */
export interface PostgresDump extends Dump {
  /** It has \restrict lines, which only a psql that knows them can read. */
  readonly isRestricted: boolean;
  readonly databases: readonly DumpedDatabase[];
  readonly roles: readonly string[];
}

export interface MysqlDumpedTable {
  readonly name: string;
  readonly hasRows: boolean;
  /** Absent where its INSERT statements are of a form that is not counted. */
  readonly rows?: number;
}

/** Of mysqldump, MySQL's or MariaDB's. */
export interface MysqlDump extends Dump {
  readonly databases: readonly {
    readonly name: string;
    readonly tables: readonly MysqlDumpedTable[];
    /** Its views, triggers, routines and events: `view latest`. */
    readonly programs: readonly string[];
  }[];
  /** It sets GTID_PURGED: a server that has transactions of its own refuses that. */
  readonly setsGtid: boolean;
}

/** A copy of a SQLite database. */
export interface SqliteBackup {
  /** `ok`, or what `PRAGMA integrity_check` or SQLite itself said instead, or that a log beside it was not looked into. */
  readonly integrity: string;
  /** By table; one that the database does not have is left out. */
  readonly rows: Readonly<Record<string, number>>;
  /** What lies beside it, itself among them. */
  readonly files: readonly string[];
}

interface Row {
  readonly key: string;
  readonly rest: string;
}

interface Report {
  readonly rows: readonly Row[];
  readonly unpacked: Unpacked;
}

/** Throws where the report does not end as it should, or has a row that no dump known here leads to. */
function reportOf(stdout: string, keys: readonly string[]): Report {
  const lines = stdout.split('\n');
  const end = lines.indexOf('read');
  const [status, last, nothing] = lines.slice(-3);
  const code = /^unpacked (\d+)$/.exec(status ?? '')?.[1];
  if (end === -1 || code === undefined || last !== 'end' || nothing !== '') throw new Error('the report was cut');
  const rows = lines.slice(0, end).map(rowOf);
  const unknown = rows.find(({ key }) => !keys.includes(key));
  if (unknown !== undefined) throw new Error(`the dump has a line of a form that is not known: ${unknown.rest}`);
  const said = lines
    .slice(end + 1, -3)
    .join(' ')
    .trim();
  return { rows, unpacked: { readable: code === '0', ...(said === '' ? {} : { problem: said.slice(0, 300) }) } };
}

function rowOf(line: string): Row {
  const blank = line.indexOf(' ');
  return blank === -1 ? { key: line, rest: '' } : { key: line.slice(0, blank), rest: line.slice(blank + 1) };
}

function headOf({ rows, unpacked }: Report) {
  const has = (wanted: string) => rows.some(({ key }) => key === wanted);
  const serverVersion = rows.find(({ key }) => key === 'version')?.rest;
  return { ...unpacked, hasHeader: has('header'), hasTrailer: has('trailer'), ...(serverVersion && { serverVersion }) };
}

/** The rows that stand behind the name of each database: a name can stand there more than once. */
function rowsByDatabase(rows: readonly Row[], nameOf: (rest: string) => string, first?: string): Map<string, Row[]> {
  const databases = new Map<string, Row[]>();
  let current = first;
  for (const row of rows) {
    if (row.key === 'database') current = nameOf(row.rest);
    if (current === undefined) continue;
    const own = databases.get(current) ?? [];
    databases.set(current, row.key === 'database' ? own : [...own, row]);
  }
  return databases;
}

const POSTGRES_KEYS = ['header', 'trailer', 'version', 'restricted', 'database', 'created', 'rows', 'inserts', 'said', 'role'];

export function parsePostgresDump(stdout: string): PostgresDump {
  const report = reportOf(stdout, POSTGRES_KEYS);
  const said = report.rows.filter(({ key }) => key === 'said').map(({ rest }) => rest);
  const owners = new Map(said.flatMap(ownerIn));
  return {
    ...headOf(report),
    isRestricted: report.rows.some(({ key }) => key === 'restricted'),
    roles: said.flatMap((line) => /^CREATE ROLE (.*);$/.exec(line)?.[1] ?? []).map(parseIdentifier),
    databases: [...rowsByDatabase(report.rows, connectedTo)].map(([name, rows]) => databaseOf(name, rows, owners.get(name))),
  };
}

function databaseOf(name: string, rows: readonly Row[], owner: string | undefined): DumpedDatabase {
  const counted = rows.filter(({ key }) => key === 'rows').map(({ rest }) => countedTable(rest));
  const inserted = new Set(rows.filter(({ key }) => key === 'inserts').map(({ rest }) => rest));
  const tables = [...counted, ...[...inserted].map((table) => ({ name: table, rows: 'unknown' as const }))];
  const created = rows.filter(({ key }) => key === 'created').map(({ rest }) => count(rest));
  const roles = rows.filter(({ key }) => key === 'role').flatMap(({ rest }) => parseRoles(rest));
  return {
    name,
    ...(owner !== undefined && { owner }),
    tables,
    tablesCreated: created.reduce((sum, each) => sum + each, 0),
    roles: [...new Set(roles)].toSorted(),
  };
}

function countedTable(rest: string): DumpedTable {
  const [, rows, name] = /^(\d+) (.+)$/.exec(rest) ?? [];
  if (rows === undefined || name === undefined) throw new Error(`not the rows of a table: ${rest}`);
  return { name, rows: count(rows) };
}

function count(text: string): number {
  if (!/^\d+$/.test(text)) throw new Error(`not a number: ${text}`);
  return Number(text);
}

function ownerIn(line: string): [database: string, owner: string][] {
  const [, name, owner] = new RegExp(`^ALTER DATABASE (${IDENTIFIER}) OWNER TO (${IDENTIFIER});$`).exec(line) ?? [];
  return name === undefined || owner === undefined ? [] : [[parseIdentifier(name), parseIdentifier(owner)]];
}

/** `linkwarden`, `"Mixed"`, and where the name needs it `-reuse-previous=on "dbname='it\'s'"` (fe_utils/string_utils.c). */
function connectedTo(argument: string): string {
  const [, reuse, name] = new RegExp(`^(-reuse-previous=on )?(${IDENTIFIER})$`).exec(argument) ?? [];
  if (name === undefined) throw new Error(`not the name of a database: ${argument}`);
  const plain = parseIdentifier(name);
  if (reuse === undefined) return plain;
  const [, quoted, bare] = /^dbname=(?:'((?:[^'\\]|\\.)*)'|([^' ]+))$/.exec(plain) ?? [];
  if (bare !== undefined) return bare;
  if (quoted === undefined) throw new Error(`not the name of a database: ${argument}`);
  return quoted.replaceAll(/\\(.)/g, '$1');
}

const MYSQL_KEYS = ['header', 'trailer', 'version', 'gtid', 'only', 'database', 'rows', 'program'];

export function parseMysqlDump(stdout: string): MysqlDump {
  const report = reportOf(stdout, MYSQL_KEYS);
  const only = report.rows.find(({ key }) => key === 'only')?.rest;
  const databases = rowsByDatabase(report.rows, (rest) => rest.replaceAll('``', '`'), only);
  return {
    ...headOf(report),
    setsGtid: report.rows.some(({ key }) => key === 'gtid'),
    databases: [...databases].map(([name, rows]) => ({
      name,
      tables: rows.filter(({ key }) => key === 'rows').map(({ rest }) => mysqlTable(rest)),
      programs: rows.filter(({ key }) => key === 'program').map(({ rest }) => rest.replaceAll('``', '`')),
    })),
  };
}

function mysqlTable(rest: string): MysqlDumpedTable {
  const [, rows, some, name] = /^(\d+|\?) ([01]) (.+)$/.exec(rest) ?? [];
  if (rows === undefined || name === undefined) throw new Error(`not the rows of a table: ${rest}`);
  return { name: name.replaceAll('``', '`'), hasRows: some === '1', ...(rows !== '?' && { rows: count(rows) }) };
}

/** `integrity` and `failed` carry what SQLite said, line by line. */
export function parseSqliteBackup(stdout: string): SqliteBackup {
  const lines = stdout.split('\n');
  if (lines.at(-2) !== 'end' || lines.at(-1) !== '') throw new Error('the report was cut');
  const rows = lines.slice(0, -2).map(rowOf);
  const of = (wanted: string) => rows.filter(({ key }) => key === wanted).map(({ rest }) => rest);
  const failed = of('failed').filter((said) => !/no such table: \w+$/.test(said));
  const said = [...new Set([...of('integrity'), ...failed])];
  if (said.length === 0) throw new Error('integrity_check printed nothing');
  return {
    integrity:
      said
        .filter((line) => line !== 'ok')
        .join(' / ')
        .slice(0, 300) || 'ok',
    rows: Object.fromEntries(of('rows').map((row) => tableRows(row))),
    files: of('file'),
  };
}

function tableRows(row: string): [name: string, rows: number] {
  const [, rows, name] = /^(\d+) (\w+)$/.exec(row) ?? [];
  if (rows === undefined || name === undefined) throw new Error(`not the rows of a table: ${row}`);
  return [name, count(rows)];
}
