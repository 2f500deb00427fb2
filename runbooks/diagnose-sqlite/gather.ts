import { sqliteBackupWithin } from '../../src/commands/backup-dumps.ts';
import { filesInBackups } from '../../src/commands/backup-files.ts';
import { fileSystemErrors } from '../../src/commands/block-devices.ts';
import { schedules } from '../../src/commands/cluster-jobs.ts';
import type { Pod } from '../../src/commands/cluster-objects.ts';
import { logSignatures } from '../../src/commands/sqlite-files.ts';
import type { SqliteSite } from '../../src/core/databases.ts';
import type { Reader } from '../../src/core/reading.ts';
import type { Site } from '../../src/core/site.ts';
import { made } from '../../src/topology/cluster.ts';
import { isDamaged } from '../../src/topology/sqlite-damage.ts';
import { lookAtSqlite, type SqliteLook } from '../../src/topology/sqlite-look.ts';
import { isGood } from './backups.ts';
import type { Backups, Facts, Params, TriedBackup } from './facts.ts';

export async function gather({ service }: Params, read: Reader, site: Site): Promise<Facts> {
  const look = await lookAtSqlite(read, site, service);
  const [log, kernel, backups] = await Promise.all([
    logOf(look, read),
    kernelOf(look, read),
    isDamaged(look.inside?.check) ? backupsOf(look.sqlite, site, read) : undefined,
  ]);
  return { look, ...(log && { log }), ...(kernel && { kernel }), ...(backups && { backups }) };
}

async function logOf({ backing, sqlite }: SqliteLook, read: Reader): Promise<Facts['log']> {
  if (backing?.found !== true) return undefined;
  const pod = backing.pods.find((each) => each.phase === 'Running' && made(backing.workload, each));
  const container = pod && containerWith(pod, sqlite);
  if (pod === undefined || container === undefined) return undefined;
  return read(logSignatures({ namespace: pod.namespace, pod: pod.name, container }));
}

/** The one that has the volume in its file system. */
export function containerWith({ spec }: Pod, { volume }: SqliteSite): string | undefined {
  const mounts = spec.containers.find(({ volumeMounts }) => volumeMounts.some(({ name }) => name === volume));
  return (mounts ?? spec.containers[0])?.name;
}

async function kernelOf({ backing, place, inside }: SqliteLook, read: Reader): Promise<Facts['kernel']> {
  const isDisk = backing?.found === true && backing.volume.backing.kind === 'csi';
  const isReadOnly = inside?.mount?.known === true && inside.mount.value.readOnly;
  return isDisk && isReadOnly && place !== undefined ? read(fileSystemErrors(place.host)) : undefined;
}

/** So many, the newest first; a person lists the rest. */
const MOST_TRIED = 6;

async function backupsOf(sqlite: SqliteSite, { nas: { host }, backups: known = {} }: Site, read: Reader) {
  const { backups, file, tables, namespace } = sqlite;
  if (backups === undefined) return undefined;
  const jobs = Object.values(known).filter((job) => job.namespace === namespace && job.path === backups.path);
  const [list, all] = await Promise.all([
    read(filesInBackups(host, backups.path, file.slice(file.lastIndexOf('/') + 1))),
    read(schedules()),
  ]);
  const tried: TriedBackup[] = [];
  for (const each of list.known ? list.value.slice(0, MOST_TRIED) : []) {
    const seen = await read(sqliteBackupWithin(host, each.path, { tables, withinS: 8 }));
    tried.push({ file: each, seen });
    if (seen.known && isGood(each, seen.value, sqlite)) break;
  }
  return { jobs: jobs.map(({ cronJob }) => cronJob), schedules: all, list, tried } satisfies Backups;
}
