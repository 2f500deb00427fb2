import type { Pod } from '../../src/commands/cluster-objects.ts';
import type { Facts } from './facts.ts';
import { isActive } from './facts.ts';

export const NFS_DRIVER = 'nfs.csi.k8s.io';

/** The label of the driver's pods, one on each node, in the chart of csi-driver-nfs. */
const NODE_POD = 'csi-nfs-node';

/** Ports of the host that the driver's pod of a node listens on: its registrar, and the probe of its life. */
export const NODE_PORTS: readonly number[] = [19_809, 29_653];

/** With the one of its controller, which does no harm to the pod of the node, and may be held by what is left of one. */
export const DRIVER_PORTS: readonly number[] = [...NODE_PORTS, 29_652];

/** Nodes that need a driver of these volumes and have not registered it. */
export function unregistered({ cluster: { csiNodes }, volumes }: Pick<Facts, 'cluster' | 'volumes'>) {
  const needed = volumes.flatMap(({ backing, pods }) =>
    pods
      .filter(isActive)
      .flatMap(({ node }) => (backing.driver === undefined || node === undefined ? [] : [{ node, driver: backing.driver }])),
  );
  const missing = csiNodes.known
    ? needed.filter(({ node, driver }) => !csiNodes.value.some((each) => each.node === node && each.drivers.includes(driver)))
    : [];
  const unique = [...new Map(missing.map((each) => [`${each.node} ${each.driver}`, each])).values()];
  return { isNeeded: needed.length > 0, missing: unique };
}

export function driverPods(pods: readonly Pod[], node: string): readonly Pod[] {
  return pods.filter((pod) => pod.labels['app'] === NODE_POD && pod.owner?.kind === 'DaemonSet' && pod.node === node);
}
