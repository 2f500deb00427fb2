import type { Risk } from '../core/command.ts';
import { defineChange, kubernetes } from '../core/command.ts';
import { NODES, PODS, PVS } from './cluster.ts';

interface PodName {
  readonly namespace: string;
  readonly name: string;
  readonly uid: string;
}

/** Asks kubelet to end the pod within the pod's own grace period. A successor of the same name has another uid and is left alone. */
export function deletePod({ namespace, name, uid }: PodName, risk: Risk = 'normal') {
  return defineChange({ command: kubernetes({ verb: 'delete', resource: PODS, namespace, name, uid }, 15_000), risk });
}

/** Like a deletion, but refused by the API server where a disruption budget forbids it. */
export function evictPod({ namespace, name, uid }: PodName) {
  return defineChange({ command: kubernetes({ verb: 'evict', resource: PODS, namespace, name, uid }, 15_000), risk: 'normal' });
}

export function setCordon(node: string, unschedulable: boolean, risk: Risk = 'normal') {
  return defineChange({
    command: kubernetes({ verb: 'patch', resource: NODES, name: node, patch: { spec: { unschedulable } } }, 15_000),
    risk,
  });
}

/** Replaces all mount options of a PersistentVolume; with none it has no such field any more, as it is made without them. */
export function setMountOptions(volume: string, options: readonly string[], risk: Risk = 'normal') {
  const patch = { spec: { mountOptions: options.length === 0 ? null : options } };
  return defineChange({ command: kubernetes({ verb: 'patch', resource: PVS, name: volume, patch }, 15_000), risk });
}
