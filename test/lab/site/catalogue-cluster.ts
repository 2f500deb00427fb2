import { firingAlerts, prometheusUptime } from '../../../src/commands/alerts.ts';
import { autoscalers } from '../../../src/commands/autoscalers.ts';
import { claims, expansions, sizedVolumes } from '../../../src/commands/claims.ts';
import * as cluster from '../../../src/commands/cluster.ts';
import { jobs, schedules } from '../../../src/commands/cluster-jobs.ts';
import { copyJobs, copyTold } from '../../../src/commands/copy-jobs.ts';
import { driverPods } from '../../../src/commands/driver-pods.ts';
import { driverDaemonSets, driverDeployments, driverVolumes, limitRanges } from '../../../src/commands/driver-templates.ts';
import { claimGrowth, claimsBefore, claimUsage, poolFreeBefore, poolGrowth } from '../../../src/commands/prometheus.ts';
import { sqliteJobs, sqliteJobsWithoutEffect } from '../../../src/commands/sqlite-scripts.ts';
import { blockClasses } from '../../../src/commands/storage-classes.ts';
import { usersOfKind, wholeVolumes } from '../../../src/commands/workload-volumes.ts';
import type { Read } from '../../../src/core/command.ts';
import type { World } from './world.ts';

/** What the bot can ask of the cluster and of Prometheus. */
export function clusterReads(world: World): readonly Read<unknown>[] {
  return [
    cluster.nodes(),
    cluster.nodeNamed('k8s-node2'),
    cluster.pods(),
    cluster.persistentVolumes(),
    cluster.persistentVolumeClaims(),
    cluster.csiNodes(),
    cluster.storageClasses(),
    cluster.deployments(),
    cluster.statefulSets(),
    cluster.daemonSets(),
    cluster.cronJobs(),
    cluster.eventsOf('immich'),
    ...(['Deployment', 'StatefulSet', 'DaemonSet', 'CronJob'] as const).map(usersOfKind),
    autoscalers(),
    wholeVolumes(),
    claims(),
    sizedVolumes(),
    expansions(),
    blockClasses(),
    copyJobs({ namespace: 'ebooks', source: 'ebooks-calibre', target: 'ebooks-calibre-storagebot-lvm' }),
    copyTold('ebooks', 'storagebot-1-1-copy'),
    ...figures(world),
    jobs(),
    schedules(),
    sqliteJobs('vaultwarden'),
    sqliteJobsWithoutEffect('vaultwarden'),
    ...['nfs-csi', 'proxmox-csi', 'iscsi-csi'].flatMap(driverReads),
    driverVolumes(),
  ];
}

function driverReads(namespace: string): readonly Read<unknown>[] {
  return [driverPods, driverDaemonSets, driverDeployments, limitRanges].map((read) => read(namespace));
}

/** Of Prometheus, where it answers. */
function figures({ monitoring }: World): Read<unknown>[] {
  const all = [
    firingAlerts(),
    prometheusUptime(),
    claimUsage(),
    claimGrowth('1d'),
    claimsBefore('1d'),
    poolGrowth('7d'),
    poolFreeBefore('7d'),
  ];
  return monitoring.up && monitoring.warnings.length === 0 ? all : [];
}
