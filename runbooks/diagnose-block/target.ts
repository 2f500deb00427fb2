import { BLOCK_DRIVER } from '../../src/commands/block-attachments.ts';
import type { PersistentVolume } from '../../src/commands/cluster-objects.ts';
import { Refusal } from '../../src/core/errors.ts';
import type { Asked } from '../../src/topology/asked.ts';
import type { BlockLook } from '../../src/topology/block-look.ts';
import type { ClusterLook } from '../../src/topology/cluster-look.ts';
import { nearest, resolveService } from '../../src/topology/service.ts';

/** What a look is about; absent where the cluster's lists could not be read. */
export interface Scope {
  /** Names of PersistentVolumes of the block driver. */
  readonly volumes: readonly string[];
  /** Nodes at which they are, are wanted, or which were asked about. */
  readonly nodes: readonly string[];
}

/** Throws a Refusal for a name that the cluster does not have. */
export function scopeOf({ kind, name }: Asked, { cluster }: ClusterLook, look: BlockLook): Scope | undefined {
  const { volumes, nodes, attachments, pods } = look;
  if (!volumes.known || !nodes.known || !attachments.known || !pods.known || cluster === undefined) return undefined;
  const names = nodes.value.map((node) => node.name);
  const all = volumes.value.filter(({ csi }) => csi?.driver === BLOCK_DRIVER);
  if (kind === 'all') return { volumes: all.map((volume) => volume.name), nodes: names };
  if (kind === 'node' && !names.includes(name)) throw noNode(name, names);
  if (kind !== 'service' && names.includes(name)) return { volumes: all.filter(isAt(look, [name])).map(nameOf), nodes: [name] };
  const service = resolveService(cluster, name, names);
  const own = service.volumes.flatMap(({ persistentVolume }) => persistentVolume ?? []);
  const mine = all.filter((volume) => own.includes(volume.name));
  return { volumes: mine.map(nameOf), nodes: names.filter((node) => mine.some(isAt(look, [node]))) };
}

function nameOf({ name }: PersistentVolume): string {
  return name;
}

/** Whether the volume is attached to one of these nodes, or a pod of one of them wants it. */
function isAt({ attachments, pods }: BlockLook, nodes: readonly string[]) {
  return ({ name, claimRef }: PersistentVolume): boolean => {
    const attached = attachments.known
      ? attachments.value.some((each) => each.persistentVolume === name && nodes.includes(each.node))
      : false;
    const wanted = pods.known
      ? pods.value.some(
          (pod) =>
            pod.namespace === claimRef?.namespace &&
            nodes.includes(pod.node ?? '') &&
            pod.spec.volumes.some((each) => each.persistentVolumeClaim?.claimName === claimRef.name),
        )
      : false;
    return attached || wanted;
  };
}

function noNode(name: string, names: readonly string[]): Refusal {
  const near = nearest(name, names);
  return new Refusal(
    'not-found',
    `The cluster has no node ${name}. ${near.length === 0 ? `Its nodes: ${names.join(', ')}.` : `Did you mean ${near.join(', ')}?`}`,
  );
}
