import * as cluster from '../commands/cluster.ts';
import type { PersistentVolume } from '../commands/cluster-objects.ts';
import { mountList, mountsOf } from '../commands/nfs-client.ts';
import type { Check } from '../core/plan.ts';
import { check } from '../core/plan.ts';
import type { Site } from '../core/site.ts';
import { nodeHost } from '../core/site.ts';
import { isAtOrBelow } from './exported.ts';
import { plainPath } from './nas-users.ts';
import { backingOf } from './volumes.ts';

/** That nothing needs the export of this path or of one below it: asked of the cluster, of each node's kernel and of mountd. */
export function nothingNeeds(path: string, site: Site, nodes: readonly string[]): readonly Check[] {
  const isMeant = (other: string) => isAtOrBelow(plainPath(other), path);
  return [
    check(`No PersistentVolume names ${path} or a path below it`, cluster.persistentVolumes(), (volumes) =>
      volumes.every((volume) => !namesMeant(volume, isMeant)),
    ),
    check('No pod names it without a claim', cluster.pods(), (pods) =>
      pods.every(
        ({ phase, spec }) => hasEnded(phase) || spec.volumes.every(({ nfs }) => nfs === undefined || !isMeant(nfs.path)),
      ),
    ),
    ...nodes.map((node) =>
      check(`${node} does not mount it`, mountsOf(nodeHost(site, node)), (mounts) =>
        mounts.every(({ server, remotePath }) => !site.nas.nfsAddresses.includes(server) || !isMeant(remotePath)),
      ),
    ),
    check('No client told mountd that it mounts it', mountList(site.nas.host), (mounts) =>
      mounts.every((mount) => !isMeant(mount.path)),
    ),
  ];
}

function namesMeant(volume: PersistentVolume, isMeant: (path: string) => boolean): boolean {
  const backing = backingOf(volume);
  return backing.kind === 'nfs' && isMeant(backing.path);
}

function hasEnded(phase: string): boolean {
  return phase === 'Succeeded' || phase === 'Failed';
}
