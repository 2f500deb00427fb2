import * as cluster from '../commands/cluster.ts';
import type { PersistentVolume, Pod } from '../commands/cluster-objects.ts';
import type { User, WholeVolume } from '../commands/workload-volumes.ts';
import { usersOfKind } from '../commands/workload-volumes.ts';
import { commandLine, show } from '../core/command.ts';
import { isAtOrBelow, withoutSlash } from '../core/path.ts';
import type { Check } from '../core/plan.ts';
import type { Site } from '../core/site.ts';
import { nfsReachOf, shareOf } from './volumes.ts';

/** That no pod which has not ended mounts this path of the NAS, or one below or above it. */
export function nobodyUses(path: string, site: Site): Check {
  const [volumes, pods] = [cluster.persistentVolumes(), cluster.pods()];
  return {
    says: `No pod uses ${path}`,
    line: `${show(volumes.command)}; ${commandLine(pods.command)}`,
    holds: async (read) => {
      const [seenVolumes, seenPods] = await Promise.all([read(volumes), read(pods)]);
      if (!seenVolumes.known) return { answer: 'unknown', seen: seenVolumes };
      if (!seenPods.known) return { answer: 'unknown', seen: seenPods };
      const touches = ({ path: each }: NfsMount) => isAtOrBelow(each, path) || isAtOrBelow(path, each);
      const mounts = seenPods.value.flatMap((pod) => nfsMounts(pod, seenVolumes.value)).filter(touches);
      const ours = mounts.filter(({ server }) => site.nas.nfsAddresses.includes(server));
      // The same path of a server that we do not know may be this one under another name.
      return { answer: ours.length > 0 ? 'no' : mounts.length > 0 ? 'unknown' : 'yes', seen: seenPods };
    },
  };
}

/** Whoever would start pods that mount this path, or one below or above it. */
export function wantedBy(path: string, users: readonly User[], volumes: readonly PersistentVolume[]): readonly User[] {
  return users.filter(
    ({ namespace, runs, volumes: own }) =>
      runs > 0 && mountsOf(namespace, own, volumes).some((each) => isAtOrBelow(each.path, path) || isAtOrBelow(path, each.path)),
  );
}

interface Beside {
  readonly path: string;
  readonly claim: { readonly namespace: string; readonly name: string };
  readonly volumes: readonly PersistentVolume[];
}

/** Whether any of these volumes but the claim itself is this path, or one below or above it. */
export function mountsBeside(
  { namespace, volumes: own }: { readonly namespace: string; readonly volumes: Mounting },
  { path, claim, volumes }: Beside,
): boolean {
  const others = own.filter(({ persistentVolumeClaim: each }) => namespace !== claim.namespace || each?.claimName !== claim.name);
  return mountsOf(namespace, others, volumes).some((each) => isAtOrBelow(each.path, path) || isAtOrBelow(path, each.path));
}

/** Workloads that can be at 0; a DaemonSet cannot, and has its pods. */
const STOPPABLE = ['Deployment', 'StatefulSet', 'CronJob'] as const;

export function stoppable() {
  return STOPPABLE.map((kind) => usersOfKind(kind));
}

/** That whatever could start such a pod is at 0, or suspended. */
export function nobodyStarts(path: string): readonly Check[] {
  const volumes = cluster.persistentVolumes();
  return stoppable().map((users, index) => ({
    says: `No ${STOPPABLE[index]} that is to run mounts ${path}`,
    line: `${show(users.command)}; ${commandLine(volumes.command)}`,
    holds: async (read) => {
      const [seen, all] = await Promise.all([read(users), read(volumes)]);
      if (!seen.known) return { answer: 'unknown', seen };
      if (!all.known) return { answer: 'unknown', seen: all };
      return { answer: wantedBy(path, seen.value, all.value).length === 0 ? 'yes' : 'no', seen };
    },
  }));
}

/** The paths of the NAS that a pod mounts, through its claims or itself; none once it has ended. */
export function mountedPaths(pod: Pod, volumes: readonly PersistentVolume[], { nas }: Site): string[] {
  return nfsMounts(pod, volumes)
    .filter(({ server }) => nas.nfsAddresses.includes(server))
    .map((each) => each.path);
}

/** As `mountedPaths`, and those of servers with names that we do not know, which may be the NAS too. */
export function mountedAnywhere(pod: Pod, volumes: readonly PersistentVolume[]): string[] {
  return nfsMounts(pod, volumes).map(({ path }) => path);
}

interface NfsMount {
  readonly server: string;
  readonly path: string;
}

function nfsMounts({ namespace, phase, spec }: Pod, volumes: readonly PersistentVolume[]): readonly NfsMount[] {
  return phase === 'Succeeded' || phase === 'Failed' ? [] : mountsOf(namespace, spec.volumes, volumes);
}

type Mounting = readonly Pick<WholeVolume, 'nfs' | 'csi' | 'persistentVolumeClaim'>[];

function mountsOf(namespace: string, own: Mounting, volumes: readonly PersistentVolume[]): readonly NfsMount[] {
  const claims = own.map(({ persistentVolumeClaim }) => persistentVolumeClaim?.claimName);
  const claimed = volumes.filter(({ claimRef }) => claimRef?.namespace === namespace && claims.includes(claimRef.name));
  const inline = own.flatMap(({ nfs, csi }) => [
    ...(nfs === undefined ? [] : [{ ...nfs, path: withoutSlash(nfs.path) }]),
    shareOf(csi?.volumeAttributes),
  ]);
  return [...inline, ...claimed.map(nfsReachOf)].filter((each) => each !== undefined);
}
