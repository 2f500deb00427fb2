import { secondsForEach } from '../../src/commands/backup-dumps.ts';
import type { Pushed } from '../../src/commands/backup-jobs.ts';
import { pushed, pushedBefore } from '../../src/commands/backup-jobs.ts';
import * as cluster from '../../src/commands/cluster.ts';
import type { KubeEvent, PersistentVolume, PersistentVolumeClaim, Pod } from '../../src/commands/cluster-objects.ts';
import { hasMiddleware, kernelOf } from '../../src/commands/nas.ts';
import { clockOf } from '../../src/commands/node-system.ts';
import type { Dataset } from '../../src/commands/zfs.ts';
import { datasetOf, datasets } from '../../src/commands/zfs.ts';
import type { Snapshot } from '../../src/commands/zfs-snapshots.ts';
import { snapshotsOf } from '../../src/commands/zfs-snapshots.ts';
import type { Reader, Seen } from '../../src/core/reading.ts';
import type { Site } from '../../src/core/site.ts';
import type { JobsLook, KeptLook, NamedJob } from '../../src/topology/backup-look.ts';
import { jobNamed, jobsOf, lookAtJobs, lookAtKept } from '../../src/topology/backup-look.ts';
import { flavourOf } from '../../src/topology/nas-look.ts';

/** What is seen of one job alone. */
export interface JobFacts {
  readonly named: NamedJob;
  readonly kept: KeptLook;
  readonly events: Seen<readonly KubeEvent[]>;
}

export interface Facts {
  readonly site: Site;
  readonly jobs: JobsLook;
  readonly each: readonly JobFacts[];
  /** By the NAS, in seconds since 1970: files have their times from there. */
  readonly clock: Seen<number>;
  readonly pods: Seen<readonly Pod[]>;
  readonly claims: Seen<readonly PersistentVolumeClaim[]>;
  readonly volumes: Seen<readonly PersistentVolume[]>;
  readonly pushed: Seen<Pushed>;
  readonly pushedBefore: Seen<ReadonlySet<string>>;
  /** Absent while the server's kind is unknown. */
  readonly datasets?: Seen<readonly Dataset[]>;
  /** Of the pool that has the backups; only where all jobs are looked at. */
  readonly offsite?: Seen<readonly Snapshot[]>;
}

export interface Params {
  readonly job?: string | undefined;
}

/** Of one job that is named, the oldest backup too, and with time for a large one. */
export async function gather({ job }: Params, read: Reader, site: Site): Promise<Facts> {
  const { host } = site.nas;
  const named = job === undefined ? jobsOf(site) : [jobNamed(site, job)];
  const depth = { withinS: job === undefined ? secondsForEach(named.length) : 600, oldest: job !== undefined } as const;
  const jobs = lookAtJobs(read);
  const [each, clock, pods, claims, volumes, pushedNow, before, onNas] = await Promise.all([
    Promise.all(
      named.map(async (one): Promise<JobFacts> => {
        const [kept, events] = await Promise.all([
          lookAtKept(read, host, { named: one, jobs, depth }),
          read(cluster.eventsOf(one.job.namespace)),
        ]);
        return { named: one, kept, events };
      }),
    ),
    read(clockOf(host)),
    read(cluster.pods()),
    read(cluster.persistentVolumeClaims()),
    read(cluster.persistentVolumes()),
    read(pushed()),
    read(pushedBefore()),
    lookAtDatasets(read, site, job === undefined ? named[0]?.job.path : undefined),
  ]);
  const all = { site, jobs: await jobs, each, clock, pods, claims, volumes, pushed: pushedNow, pushedBefore: before };
  return { ...all, ...onNas };
}

type OnNas = Pick<Facts, 'datasets' | 'offsite'>;

async function lookAtDatasets(read: Reader, { nas: { host } }: Site, backups: string | undefined): Promise<OnNas> {
  const [kernel, middleware] = await Promise.all([read(kernelOf(host)), read(hasMiddleware(host))]);
  const flavour = flavourOf(kernel, middleware);
  if (flavour === undefined) return {};
  const mounted = await read(datasets(host, flavour));
  const pool = mounted.known && backups !== undefined ? datasetOf(mounted.value, backups)?.name.split('/')[0] : undefined;
  return { datasets: mounted, ...(pool !== undefined && { offsite: await read(snapshotsOf(host, pool)) }) };
}
