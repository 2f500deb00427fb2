import type { CheckedBackup, CopiedDirectory } from '../commands/backup-contents.ts';
import { checkedBackup, copiedDirectory } from '../commands/backup-contents.ts';
import type { LookS, MysqlDump, PostgresDump, SqliteBackup } from '../commands/backup-dumps.ts';
import { mysqlDump, postgresDump, sqliteBackupWithin } from '../commands/backup-dumps.ts';
import type { BackupFile } from '../commands/backup-files.ts';
import { backupFiles, filesInBackups } from '../commands/backup-files.ts';
import type { BackupRun, BackupSchedule } from '../commands/backup-jobs.ts';
import { backupRuns, backupSchedules } from '../commands/backup-jobs.ts';
import type { Host, Read } from '../core/command.ts';
import type { BackupJob, SqliteSite } from '../core/databases.ts';
import { Refusal } from '../core/errors.ts';
import type { Reader, Seen } from '../core/reading.ts';
import type { Site } from '../core/site.ts';

/** A configured job, with the word that people use for it. */
export interface NamedJob {
  readonly word: string;
  readonly job: BackupJob;
  /** Its CronJob: `dbaas/postgresql-backup`, since several namespaces have one of the same name. */
  readonly name: string;
  /** The application whose SQLite database it copies, where the site says so. */
  readonly source?: { readonly service: string; readonly sqlite: SqliteSite };
}

export function jobsOf({ backups, databases }: Site): readonly NamedJob[] {
  if (backups === undefined || Object.keys(backups).length === 0)
    throw new Refusal('not-found', 'backups are not configured: storagebot.yaml says nothing of the jobs that make them');
  const sources = Object.entries(databases?.sqlite ?? {}).map(([service, sqlite]) => ({ service, sqlite }));
  return Object.entries(backups).map(([word, job]) => {
    const source = sources.find(
      ({ sqlite }) => sqlite.namespace === job.namespace && sqlite.cronJobs.includes(job.cronJob) && job.kind === 'sqlite',
    );
    return { word, job, name: `${job.namespace}/${job.cronJob}`, ...(source !== undefined && { source }) };
  });
}

export function jobNamed(site: Site, word: string): NamedJob {
  const all = jobsOf(site);
  const found = all.find((each) => each.word === word);
  if (found !== undefined) return found;
  throw new Refusal('not-found', `There is no backup job ${word}; the site has ${all.map((each) => each.word).join(', ')}.`);
}

/** What is in a backup, by the kind of what is expected there. */
export type Content =
  | { readonly kind: 'pg_dumpall'; readonly seen: Seen<PostgresDump> }
  | { readonly kind: 'mysqldump'; readonly seen: Seen<MysqlDump> }
  | { readonly kind: 'sqlite'; readonly seen: Seen<SqliteBackup> }
  | { readonly kind: 'directory'; readonly seen: Seen<CopiedDirectory> }
  /** A directory without the file that counts, as a run leaves it that failed in between. */
  | { readonly kind: 'without'; readonly file: string; readonly seen: Seen<readonly BackupFile[]> }
  | { readonly kind: 'rdb' | 'etcd' | 'raft' | 'tar'; readonly seen: Seen<CheckedBackup> };

export interface Backup {
  readonly file: BackupFile;
  readonly content: Content;
}

/** The backups of a job as they lie on the NAS. */
export interface KeptLook {
  readonly files: Seen<readonly BackupFile[]>;
  /** For backups that are directories with one file that counts: its size in each. */
  readonly inner?: Seen<readonly BackupFile[]>;
  /** The newest that no job is still writing; absent where there is none, or none could be seen. */
  readonly newest?: Backup;
  /** Only where it was asked for. */
  readonly oldest?: Backup;
}

export interface JobsLook {
  readonly schedules: Seen<readonly BackupSchedule[]>;
  readonly runs: Seen<readonly BackupRun[]>;
}

export async function lookAtJobs(read: Reader): Promise<JobsLook> {
  const [schedules, runs] = await Promise.all([read(backupSchedules()), read(backupRuns())]);
  return { schedules, runs };
}

interface Depth {
  readonly withinS: LookS;
  /** Looks into the oldest kept backup too. */
  readonly oldest: boolean;
}

/** A backup that is still being written is none yet: what began after the Job that runs now is left out. */
export async function lookAtKept(
  read: Reader,
  nas: Host,
  { named, jobs, depth }: { readonly named: NamedJob; readonly jobs: Promise<JobsLook>; readonly depth: Depth },
): Promise<KeptLook> {
  const { job } = named;
  const [files, inner, { runs }] = await Promise.all([
    read(backupFiles(nas, job)),
    job.kind === 'sqlite' ? read(filesInBackups(nas, job.path, fileOf(job))) : undefined,
    jobs,
  ]);
  const began = runs.known ? runningOf(runs.value, named)?.createdAt : undefined;
  const whole = files.known ? files.value.filter(({ modifiedAt }) => began === undefined || modifiedAt < began) : [];
  const [first] = whole;
  const last = depth.oldest && whole.length > 1 ? whole.at(-1) : undefined;
  const [newest, oldest] = await Promise.all(
    [first, last].map(async (file) => {
      if (file === undefined) return undefined;
      const without = withoutFile(named, file, inner);
      return { file, content: without ?? (await contentOf(read, nas, { named, file, withinS: depth.withinS })) };
    }),
  );
  return {
    files,
    ...(inner !== undefined && { inner }),
    ...(newest !== undefined && { newest }),
    ...(oldest !== undefined && { oldest }),
  };
}

function withoutFile({ job }: NamedJob, { name, isDirectory }: BackupFile, inner: KeptLook['inner']): Content | undefined {
  if (!isDirectory || inner?.known !== true || inner.value.some((each) => each.name.startsWith(`${name}/`))) return undefined;
  return { kind: 'without', file: fileOf(job), seen: inner };
}

/** A Job of it that has not ended. */
export function runningOf(runs: readonly BackupRun[], { job }: NamedJob): BackupRun | undefined {
  return runs.find(({ namespace, cronJob, isRunning }) => isRunning && namespace === job.namespace && cronJob === job.cronJob);
}

export function fileOf({ file }: BackupJob): string {
  if (file === undefined)
    throw new Refusal('bad-request', 'The configuration does not say which file of this backup is the database (file)');
  return file;
}

export async function contentOf(
  read: Reader,
  nas: Host,
  { named, file: { path }, withinS }: { readonly named: NamedJob; readonly file: BackupFile; readonly withinS: LookS },
): Promise<Content> {
  const { kind } = named.job;
  switch (kind) {
    case 'pg_dumpall':
      return { kind, seen: await read(postgresDump(nas, path, withinS)) };
    case 'mysqldump':
      return { kind, seen: await read(mysqlDump(nas, path, withinS)) };
    case 'sqlite':
      return { kind, seen: await read(databaseIn(nas, named, { path, withinS })) };
    case 'directory':
      return { kind, seen: await read(copiedDirectory(nas, path, withinS)) };
    default:
      return { kind, seen: await read(checkedBackup(nas, path, { kind, withinS })) };
  }
}

function databaseIn(
  nas: Host,
  { job, source }: NamedJob,
  { path, withinS }: { readonly path: string; readonly withinS: LookS },
): Read<SqliteBackup> {
  return sqliteBackupWithin(nas, `${path}/${fileOf(job)}`, { tables: source?.sqlite.tables ?? [], withinS });
}
