import type { Pod } from '../commands/cluster-objects.ts';
import type { Dataset } from '../commands/zfs.ts';
import { datasetOf } from '../commands/zfs.ts';
import type { Hold } from '../core/hold.ts';
import { changes, uses } from '../core/hold.ts';
import { withoutSlash } from '../core/path.ts';
import type { Site } from '../core/site.ts';

// One thing has the same name in the holds of every runbook, or two runs would change it at once.

export function usesNas({ nas }: Site): Hold {
  return uses('nas', nas.host.name);
}

export function changesNas({ nas }: Site): Hold {
  return changes('nas', nas.host.name);
}

/** The pool of a dataset is the first part of its name. */
export function usesPoolOf(dataset: string): Hold {
  return uses('pool', dataset.split('/', 1)[0] ?? dataset);
}

export function usesDataset(dataset: string): Hold {
  return uses('dataset', dataset);
}

export function changesDataset(dataset: string): Hold {
  return changes('dataset', dataset);
}

/** The dataset and the pool under a path of the NAS, where ZFS holds it. */
export function usesDatasetOf(datasets: readonly Dataset[], path: string): readonly Hold[] {
  const dataset = datasetOf(datasets, path)?.name;
  return dataset === undefined ? [] : [uses('dataset', dataset), usesPoolOf(dataset)];
}

export function usesExport(path: string): Hold {
  return uses('export', withoutSlash(path));
}

export function changesExport(path: string): Hold {
  return changes('export', withoutSlash(path));
}

/** A volume of the NAS as a pod mounts it; an inline one has neither claim nor volume. */
interface MountedVolume {
  readonly namespace: string;
  /** The claim's name, unless the volume is inline. */
  readonly name: string;
  readonly persistentVolume?: string;
  readonly backing: { readonly inline: boolean };
}

/** The claim and the volume through which a pod mounts it. */
export function usesClaim({ namespace, name, persistentVolume, backing }: MountedVolume): readonly Hold[] {
  return [
    ...(backing.inline ? [] : [uses('pvc', `${namespace}/${name}`)]),
    ...(persistentVolume === undefined ? [] : [uses('pv', persistentVolume)]),
  ];
}

type OwnedPod = Pick<Pod, 'namespace' | 'name' | 'owner'>;

export function changesWorkload(pod: OwnedPod): Hold {
  return changes('workload', workloadOf(pod));
}

/** `namespace/name` of whatever made the pod: a ReplicaSet stands for its Deployment, a pod without owner for itself. */
export function workloadOf({ namespace, name, owner }: OwnedPod): string {
  if (owner === undefined) return `${namespace}/${name}`;
  return `${namespace}/${owner.kind === 'ReplicaSet' ? withoutHash(owner.name) : owner.name}`;
}

/** A Deployment adds a hash to its ReplicaSets' names, made of letters and figures that spell no word. */
function withoutHash(replicaSet: string): string {
  return /^(.+)-[bcdfghjklmnpqrstvwxz2456789]{1,10}$/.exec(replicaSet)?.[1] ?? replicaSet;
}
