import type { BackupFile } from '../../src/commands/backup-files.ts';
import { freeSpaceAt } from '../../src/commands/backup-files.ts';
import type { Pushed } from '../../src/commands/backup-jobs.ts';
import { jobTemplates, pushed } from '../../src/commands/backup-jobs.ts';
import type { DiskLoad } from '../../src/commands/host-load.ts';
import { diskLoad } from '../../src/commands/host-load.ts';
import { clockOf } from '../../src/commands/node-system.ts';
import type { JobTemplate } from '../../src/commands/work-job.ts';
import type { Reader, Seen } from '../../src/core/reading.ts';
import type { Site } from '../../src/core/site.ts';
import type { JobsLook, KeptLook, NamedJob } from '../../src/topology/backup-look.ts';
import { jobNamed, lookAtJobs, lookAtKept } from '../../src/topology/backup-look.ts';

export interface CronTemplate {
  readonly namespace: string;
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly template: JobTemplate;
}

export interface Facts {
  readonly site: Site;
  readonly named: NamedJob;
  readonly jobs: JobsLook;
  readonly templates: Seen<readonly CronTemplate[]>;
  readonly kept: KeptLook;
  readonly clock: Seen<number>;
  readonly room: Seen<{ readonly bytes: number }>;
  readonly pushed: Seen<Pushed>;
  /** Of the disk under the NAS, where the site says which one that is. */
  readonly load?: Seen<DiskLoad>;
}

export async function gather({ job }: { readonly job: string }, read: Reader, site: Site): Promise<Facts> {
  const named = jobNamed(site, job);
  const { host } = site.nas;
  const jobs = lookAtJobs(read);
  const { hypervisor } = site;
  const [kept, templates, clock, room, pushedNow, load] = await Promise.all([
    lookAtKept(read, host, { named, jobs, depth: { withinS: 600, oldest: false } }),
    read(jobTemplates()),
    read(clockOf(host)),
    read(freeSpaceAt(host, named.job.path)),
    read(pushed()),
    hypervisor?.dataDisk === undefined ? undefined : read(diskLoad(hypervisor.host, hypervisor.dataDisk)),
  ]);
  const facts = { site, named, jobs: await jobs, templates, kept, clock, room, pushed: pushedNow };
  return load === undefined ? facts : { ...facts, load };
}

/** What the largest of the backups takes, since the newest may have been cut; of a directory, the file that counts. */
export function bytesOf({ newest, files, inner }: KeptLook): number {
  const { content } = newest ?? {};
  if (content?.kind === 'directory' && content.seen.known) return content.seen.value.bytes;
  const kept: readonly BackupFile[] = inner?.known ? inner.value : files.known ? files.value : [];
  return kept.reduce((most, { bytes }) => Math.max(most, bytes), 0);
}
