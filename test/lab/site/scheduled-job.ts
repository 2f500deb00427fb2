import { uidOf } from './ids.ts';
import type { World } from './world.ts';

export interface ScheduledJob {
  readonly namespace: string;
  readonly name: string;
  readonly cronJob: string;
  readonly claims: readonly string[];
  /** Where the scheduler puts its pod. */
  readonly node: string;
}

/** A CronJob's next Job: its pod mounts what it can, and whoever deletes it gets no other one. */
export function scheduleJob({ store, cluster }: World, { namespace, name, cronJob, claims, node }: ScheduledJob): void {
  const workload = { namespace, kind: 'Job', name, nodes: [], claims } as const;
  const owner = {
    apiVersion: 'batch/v1',
    kind: 'CronJob',
    name: cronJob,
    uid: uidOf(`cron/${namespace}/${cronJob}`),
    controller: true,
  };
  store.create({
    apiVersion: 'batch/v1',
    kind: 'Job',
    metadata: { name, namespace, uid: uidOf(`Job/${namespace}/${name}`), ownerReferences: [owner] },
    spec: { parallelism: 1, completions: 1, backoffLimit: 0, suspend: false },
    status: { active: 1 },
  });
  cluster.make(workload, { slot: 0, node });
}
