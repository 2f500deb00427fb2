import type { JobScript } from '../../kubernetes/jobs.ts';
import type { KubeObject } from '../../kubernetes/store.ts';
import { addBackups, backupsIn, type LabBackup } from '../databases/backups.ts';
import { BACKUPS } from '../databases/settings.ts';
import type { World } from '../world.ts';

/** What one more run of a CronJob leaves on the NAS: first a part of its backup, at its end the whole. */
export function backupRun(world: World, job: KubeObject, cronJob: string): Partial<JobScript> {
  const { namespace } = job.metadata;
  const known = Object.values(BACKUPS).find((each) => each.cronJob === cronJob && each.namespace === namespace);
  if (known === undefined) return {};
  const path = `${known.path}/${nameAt(known, world.time.nowMs)}`;
  const put = (change: Partial<LabBackup>) => {
    const above = world.nas.disk.at(known.path);
    const kept = above === undefined ? [] : backupsIn(world, above).filter(isWhole);
    const [last] = kept.toSorted((a, b) => b.writtenMs - a.writtenMs);
    if (last !== undefined) addBackups(world, [{ ...last, path, writtenMs: world.time.nowMs, ...change }]);
  };
  return {
    begin: () => put({ bytes: 1_048_576 }),
    run: () => {
      put({ bytes: 11_563_008 });
      return { exitCode: 0, stderr: '' };
    },
  };
}

function isWhole({ content }: LabBackup): boolean {
  return !('isTruncated' in content) && (content.kind !== 'sqlite' || content.files.includes(content.file));
}

function nameAt({ begins, ends }: { readonly begins: string; readonly ends: string }, ms: number): string {
  return `${begins}${new Date(ms).toISOString().slice(0, 16).replaceAll(/[-T:]/g, '_')}${ends}`;
}
