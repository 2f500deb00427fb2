import * as cluster from '../commands/cluster.ts';
import type { PersistentVolume, Pod } from '../commands/cluster-objects.ts';
import { commandLine, show } from '../core/command.ts';
import type { Check } from '../core/plan.ts';
import type { Site } from '../core/site.ts';
import { backingOf } from './volumes.ts';

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
      const touches = ({ path: each }: NfsMount) => isBelow(each, path) || isBelow(path, each);
      const mounts = seenPods.value.flatMap((pod) => nfsMounts(pod, seenVolumes.value)).filter(touches);
      const ours = mounts.filter(({ server }) => site.nas.nfsAddresses.includes(server));
      // The same path of a server that we do not know may be this one under another name.
      return { answer: ours.length > 0 ? 'no' : mounts.length > 0 ? 'unknown' : 'yes', seen: seenPods };
    },
  };
}

/** The paths of the NAS that a pod mounts, through its claims or itself; none once it has ended. */
export function mountedPaths(pod: Pod, volumes: readonly PersistentVolume[], { nas }: Site): string[] {
  return nfsMounts(pod, volumes)
    .filter(({ server }) => nas.nfsAddresses.includes(server))
    .map((each) => each.path);
}

interface NfsMount {
  readonly server: string;
  readonly path: string;
}

function nfsMounts({ namespace, phase, spec }: Pod, volumes: readonly PersistentVolume[]): readonly NfsMount[] {
  if (phase === 'Succeeded' || phase === 'Failed') return [];
  const claims = spec.volumes.map(({ persistentVolumeClaim }) => persistentVolumeClaim?.claimName);
  const claimed = volumes.filter(({ claimRef }) => claimRef?.namespace === namespace && claims.includes(claimRef.name));
  const inline = spec.volumes.flatMap(({ nfs }) => (nfs === undefined ? [] : [nfs]));
  return [...inline, ...claimed.map(backingOf).filter((backing) => backing.kind === 'nfs')];
}

function isBelow(path: string, above: string): boolean {
  return path === above || path.startsWith(`${above}/`);
}
