import type { MysqlDump } from '../../src/commands/backup-dumps.ts';
import type { BackupFile } from '../../src/commands/backup-files.ts';

type Database = MysqlDump['databases'][number];

export function databaseIn(dump: MysqlDump, name: string): Database | undefined {
  return dump.databases.find((each) => each.name === name);
}

/** Undefined where not all tables of it could be counted. */
export function rowsOf({ tables }: Database): number | undefined {
  return tables.reduce<number | undefined>(
    (sum, { rows, hasRows }) => (sum === undefined || (hasRows && rows === undefined) ? undefined : sum + (rows ?? 0)),
    0,
  );
}

/** A dump that is cut restores without an error: only its last line tells. */
export function brokenBecause({ readable, problem = '', hasHeader, hasTrailer }: MysqlDump): string | undefined {
  if (!readable) return `it cannot be unpacked to its end${problem === '' ? '' : ` (${problem})`}`;
  if (!hasHeader) return 'it does not begin like a dump of mysqldump';
  return hasTrailer ? undefined : 'it is cut off: its last line "-- Dump completed" is missing';
}

/** What makes one doubt a dump that is whole. */
export function doubts(dump: MysqlDump, database: string, { file, files, server }: Around): readonly string[] {
  const own = databaseIn(dump, database);
  const isEmpty = own !== undefined && own.tables.every(({ hasRows }) => !hasRows);
  const older = olderThan(dump.serverVersion, server);
  return [
    ...(isEmpty ? [`${database} in it has tables and no row: it is a dump of the schema alone, or of an empty database`] : []),
    ...(older === undefined ? [] : [`it was made of version ${older}, and the server is ${server}`]),
    ...sizeDoubts(file, files),
  ];
}

export interface Around {
  readonly file: BackupFile;
  /** All of the same place, the newest first. */
  readonly files: readonly BackupFile[];
  /** The version that runs. */
  readonly server: string;
}

/** Compared by what a release is: `8.0` and `8.4`. */
function olderThan(version: string | undefined, server: string): string | undefined {
  const numbers = (text: string) => (/^(\d+)\.(\d+)/.exec(text) ?? []).slice(1).map(Number);
  const [major = 0, minor = 0] = numbers(version ?? '');
  const [nowMajor = 0, nowMinor = 0] = numbers(server);
  return version !== undefined && (major < nowMajor || (major === nowMajor && minor < nowMinor)) ? version : undefined;
}

/** What its size alone tells. */
export function sizeDoubts(file: BackupFile, files: readonly BackupFile[]): readonly string[] {
  // Copies that the bot made are of one database.
  const nights = files.filter(({ name }) => !name.startsWith('pre_restore_'));
  if (!nights.some(({ name }) => name === file.name)) return [];
  const others = nights.filter(({ name }) => name !== file.name).map(({ bytes }) => bytes);
  const middle = others.toSorted((a, b) => a - b)[Math.floor(others.length / 2)];
  const same = others.filter((bytes) => bytes === file.bytes).length;
  return [
    ...(middle !== undefined && file.bytes < middle / 2 ? [`it has ${file.bytes} bytes, and the others ${middle}`] : []),
    ...(same >= 3 ? [`${same} others have exactly as many bytes: what they hold may not be what is used`] : []),
  ];
}
