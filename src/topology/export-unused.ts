import * as cluster from '../commands/cluster.ts';
import type { KubeNode, PersistentVolume } from '../commands/cluster-objects.ts';
import { mountList, mountsOf } from '../commands/nfs-client.ts';
import { isAtOrBelow } from '../core/path.ts';
import type { Check } from '../core/plan.ts';
import { check } from '../core/plan.ts';
import type { Site } from '../core/site.ts';
import { nodeHost } from '../core/site.ts';
import { nfsPlaceOf, plainPath } from './nas-users.ts';
import { namesOfNodes } from './node-mounts.ts';

/** That nothing needs the export of this path or of one below it: asked of the cluster, of each node's kernel and of mountd. */
export function nothingNeeds(path: string, site: Site, nodes: readonly KubeNode[]): readonly Check[] {
  const isMeant = (other: string) => isAtOrBelow(plainPath(other), path);
  const own = namesOfNodes(nodes);
  return [
    check(`No PersistentVolume names ${path} or a path below it`, cluster.persistentVolumes(), (volumes) =>
      volumes.every((volume) => !namesMeant(volume, isMeant)),
    ),
    check('No pod names it without a claim', cluster.pods(), (pods) =>
      pods.every(
        ({ phase, spec }) => hasEnded(phase) || spec.volumes.every(({ nfs }) => nfs === undefined || !isMeant(nfs.path)),
      ),
    ),
    ...nodes.map(({ name }) =>
      check(`${name} does not mount it`, mountsOf(nodeHost(site, name)), (mounts) =>
        mounts.every(({ remotePath }) => !isMeant(remotePath)),
      ),
    ),
    check('No other client told mountd that it mounts it', mountList(site.nas.host), (mounts) =>
      mounts.every(({ client, path: mounted }) => own.includes(client) || !isMeant(mounted)),
    ),
  ];
}

function namesMeant(volume: PersistentVolume, isMeant: (path: string) => boolean): boolean {
  const place = nfsPlaceOf(volume);
  return place !== undefined && isMeant(place.path);
}

function hasEnded(phase: string): boolean {
  return phase === 'Succeeded' || phase === 'Failed';
}
