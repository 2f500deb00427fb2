import type { DumpedDatabase, PostgresDump } from '../commands/backup-dumps.ts';
import { rowsIn } from '../commands/backup-dumps.ts';
import type { BackupFile, BackupNames } from '../commands/backup-files.ts';
import type { Pod } from '../commands/cluster-objects.ts';
import type { PostgresSite } from '../core/databases.ts';
import type { Finding } from '../core/finding.ts';
import type { Known } from '../core/reading.ts';
import type { Site } from '../core/site.ts';
import { isHistory, isLeftByRestore } from './postgres-look.ts';
import { isLiving } from './stopped-users.ts';

/** The job that leaves its dumps where the restore finds them says how it names them. */
export function dumpNamesOf({ backups = {} }: Site, { backups: { path } }: PostgresSite): BackupNames {
  const job = Object.values(backups).find((each) => each.kind === 'pg_dumpall' && each.path === path);
  return { path, begins: job?.begins ?? 'dump_', ends: job?.ends ?? '.sql.gz' };
}

/** Pods of Jobs that have the dumps mounted and have not ended. */
export function usesDumps({ backups: { claim } }: PostgresSite, pod: Pod): boolean {
  const mounts = pod.spec.volumes.some(({ persistentVolumeClaim }) => persistentVolumeClaim?.claimName === claim);
  return mounts && isLiving(pod);
}

/** Whoever has the dumps is waited for. */
export function dumpsInUse({ namespace, name }: Pod, pods: Known<unknown>): Finding<'backup-running'> {
  return {
    code: 'backup-running',
    subject: `Pod ${namespace}/${name}`,
    says: `${namespace}/${name} has the dumps mounted, and has not ended`,
    remedy: 'Wait until it has ended, then ask again.',
    doNot: 'Do not kill it: it writes a dump, or restores one.',
    seen: [pods],
  };
}

/** Why the dump cannot be restored at all; psql would do so nevertheless, and end with 0. */
export function brokenness({ readable, problem, hasHeader, hasTrailer }: PostgresDump): string | undefined {
  if (!readable) return `it cannot be unpacked to its end${problem === undefined ? '' : ` (${problem})`}`;
  if (!hasHeader) return 'it does not begin as a dump of a whole cluster does';
  return hasTrailer ? undefined : 'it is cut: its last line is not the one that pg_dumpall ends with';
}

export interface About {
  readonly file: BackupFile;
  readonly dump: PostgresDump;
  /** What it has of the database that is wanted. */
  readonly own?: DumpedDatabase | undefined;
  readonly serverVersion: string | undefined;
  readonly files: readonly BackupFile[];
}

/** Why a whole dump may not be what is wanted. */
export function doubts({ file, dump, own, serverVersion, files }: About): readonly string[] {
  return [
    ...(own === undefined ? [] : doubtsOfRows(own)),
    ...doubtsOfVersion(dump, serverVersion),
    ...doubtsOfSize(
      file,
      files.filter(({ name }) => name !== file.name),
    ),
  ];
}

function doubtsOfRows(own: DumpedDatabase): readonly string[] {
  const { name, tables, tablesCreated } = own;
  if (tablesCreated === 0 && tables.length === 0) return [`${name} is empty in it: it has no table`];
  if (tables.length === 0) return [`it has the schema of ${name} alone: ${tablesCreated} tables and no data`];
  const data = tables.filter((table) => !isHistory(table.name));
  if (rowsIn({ tables: data }) !== 0) return [];
  const but = rowsIn(own) === 0 ? '' : ', but for the history of its migrations';
  return [`no table of ${name} has a row in it${but}`];
}

export function majorOf(version: string | undefined): number | undefined {
  const major = /^(\d+)/.exec(version ?? '')?.[1];
  return major === undefined ? undefined : Number(major);
}

function doubtsOfVersion({ serverVersion: dumped }: PostgresDump, serverVersion: string | undefined): readonly string[] {
  const [then, now] = [majorOf(dumped), majorOf(serverVersion)];
  if (then === undefined) return ['it does not say which PostgreSQL it was made of'];
  return now !== undefined && then < now ? [`it was made of PostgreSQL ${then}, and the server is ${now}`] : [];
}

const SAME_NIGHTS = 3;

function doubtsOfSize({ bytes }: BackupFile, others: readonly BackupFile[]): readonly string[] {
  const sizes = others.map((each) => each.bytes).toSorted((a, b) => a - b);
  const middle = sizes[Math.floor(sizes.length / 2)];
  if (middle === undefined) return [];
  const same = sizes.filter((each) => each === bytes).length;
  const percent = Math.round((100 * bytes) / middle);
  return [
    ...(same >= SAME_NIGHTS
      ? [`${same} other dumps have exactly as many bytes: nothing was written, or the same is dumped again`]
      : []),
    ...(percent < 50 || percent > 150 ? [`it has ${percent} % of the size that dumps usually have`] : []),
  ];
}

/** What restores made is in the dumps of the nights after them, and none of an application's. */
export function isOfApplication(database: string): boolean {
  return !isOfServer(database) && !isLeftByRestore(database);
}

/** Of a dump of all: what belongs to the server itself is never restored. */
export function isOfServer(database: string): boolean {
  return ['postgres', 'template0', 'template1'].includes(database);
}
