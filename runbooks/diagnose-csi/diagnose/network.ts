import type { Pod } from '../../../src/commands/cluster-objects.ts';
import type { Finding } from '../../../src/core/finding.ts';
import type { Code } from '../codes.ts';
import type { NodeCase } from './around.ts';
import { proofsOf } from './around.ts';

/** DaemonSets of network plug-ins: a pod of one gives the pods of its node their way to the API. */
const PLUGINS: readonly string[] = ['calico-node', 'canal', 'cilium', 'kube-flannel-ds'];

export function networkPodOf(pods: readonly Pod[], node: string): Pod | undefined {
  return pods.find(
    ({ owner, node: at, terminatingAt }) =>
      owner?.kind === 'DaemonSet' && PLUGINS.includes(owner.name) && at === node && terminatingAt === undefined,
  );
}

/** `dial tcp 10.96.0.1:443: connect: no route to host`: the ports of the API, and not those of a hypervisor or a NAS. */
export function saysNoRoute(line: string): boolean {
  return /dial tcp \S+:6?443: (connect: (no route to host|network is unreachable|connection refused)|i\/o timeout)/.test(
    line.slice(0, 2_000),
  );
}

/** Its words say that it does not reach the API, and the network plug-in of its node is not ready. */
export function networkDown({ driver, facts, pods, node, csiNodes, endings }: NodeCase): Finding<Code> | undefined {
  const { pods: all } = facts.cluster;
  const log = endings.find(({ lines }) => lines.known && lines.value.some(saysNoRoute));
  if (log === undefined || !log.lines.known || !all.known) return undefined;
  const network = networkPodOf(all.value, node);
  if (network === undefined || network.ready) return undefined;
  const words = log.lines.value.findLast(saysNoRoute)?.trim().slice(0, 300);
  return {
    code: 'network-down',
    subject: node,
    says: `${driver.driver.name} cannot start on ${node}, because it does not reach the API (${words}), and ${network.namespace}/${network.name} is not ready there`,
    remedy: `The network plug-in of ${node} first, then the driver's pod of ${node}, then see that it is registered; attachments that are left over come last.`,
    doNot: 'Do not begin with VolumeAttachments: they come back. Do not reinstall the driver: it is well on the other nodes.',
    seen: [csiNodes, pods, all, ...proofsOf(log, driver)],
  };
}
