import { sqliteBackup, sqliteBackupWithin } from '../../src/commands/backup-dumps.ts';
import { type BackupFile, backupFiles, filesInBackups } from '../../src/commands/backup-files.ts';
import { clockOf } from '../../src/commands/node-system.ts';
import { sqliteJobs } from '../../src/commands/sqlite-scripts.ts';
import { usersOfKind } from '../../src/commands/workload-volumes.ts';
import type { SqliteSite } from '../../src/core/databases.ts';
import { Refusal } from '../../src/core/errors.ts';
import type { Reader } from '../../src/core/reading.ts';
import type { Site } from '../../src/core/site.ts';
import { lookAtSqlite, sqliteSiteOf } from '../../src/topology/sqlite-look.ts';
import type { BackupFacts, Facts, Params } from './facts.ts';

/** So many are looked into where none was named. */
const OFFERED = 5;

const KINDS = ['Deployment', 'StatefulSet', 'DaemonSet', 'CronJob'] as const;

export async function gather(asked: Params, read: Reader, site: Site): Promise<Facts> {
  const sqlite = sqliteSiteOf(site, asked.service);
  requireSettings(asked, site, sqlite);
  const [look, users, jobs, backups] = await Promise.all([
    lookAtSqlite(read, site, asked.service),
    Promise.all(KINDS.map((kind) => read(usersOfKind(kind)))),
    read(sqliteJobs(sqlite.namespace)),
    asked.choice?.from === 'reindex' ? undefined : lookAtBackups(asked, read, { site, sqlite }),
  ]);
  return { site, asked, look, users, jobs, ...(backups && { backups }) };
}

function requireSettings({ service, choice }: Params, { toolsImage }: Site, { backups }: SqliteSite): void {
  if (choice === undefined) return;
  if (toolsImage === undefined)
    throw new Refusal('bad-request', 'The configuration names no image for Jobs that copy and check files (site.toolsImage).');
  if (choice.from === 'backup' && backups === undefined)
    throw new Refusal(
      'not-found',
      `The configuration names no backups of ${service} (site.databases.sqlite.${service}.backups). Look into snapshots of its volume: /storage restore pvc or restore files.`,
    );
}

/** The database has its own name in each backup, without the directories that it is in. */
export function baseOf({ file }: SqliteSite): string {
  return file.slice(file.lastIndexOf('/') + 1);
}

/** As old as the database in it: whoever opens one in its place, or removes a file beside it, makes its directory look newer. */
export function dated(list: readonly BackupFile[], databases: readonly BackupFile[]): readonly BackupFile[] {
  return list
    .filter(({ isDirectory }) => isDirectory)
    .map((each) => {
      const own = databases.find(({ path }) => path.startsWith(`${each.path}/`));
      return own === undefined ? each : { ...each, modifiedAt: own.modifiedAt };
    })
    .toSorted((a, b) => b.modifiedAt - a.modifiedAt);
}

async function lookAtBackups(
  { choice }: Params,
  read: Reader,
  { site, sqlite }: { readonly site: Site; readonly sqlite: SqliteSite },
): Promise<BackupFacts | undefined> {
  const { backups: place, tables } = sqlite;
  if (place === undefined) return undefined;
  const { host } = site.nas;
  const base = baseOf(sqlite);
  const [list, sizes, clock] = await Promise.all([
    read(backupFiles(host, { path: place.path, begins: '', ends: '' })),
    read(filesInBackups(host, place.path, base)),
    read(clockOf(host)),
  ]);
  const directories = list.known ? dated(list.value, sizes.known ? sizes.value : []) : [];
  const wanted =
    choice?.from === 'backup' ? directories.filter(({ name }) => name === choice.name) : directories.slice(0, OFFERED);
  // People wait for the list; the one that is to be restored may take its time.
  const looks = (path: string) =>
    choice === undefined ? sqliteBackupWithin(host, path, { tables, withinS: 8 }) : sqliteBackup(host, path, tables);
  const candidates = await Promise.all(
    wanted.map(async (file) => ({ file, content: await read(looks(`${file.path}/${base}`)) })),
  );
  return { place, list, sizes, clock, candidates };
}
