import type { Evidence, Finding } from '../../../src/core/finding.ts';
import { notSeen, ok } from '../../../src/core/finding.ts';
import type { Known } from '../../../src/core/reading.ts';
import { forgottenHolders } from '../../../src/topology/port-holders.ts';
import type { Code } from '../codes.ts';
import type { DriverFacts, Facts, PortFacts } from '../facts.ts';
import { nodePods } from '../facts.ts';
import type { NodeCase } from './around.ts';

export function saysPortTaken(line: string): boolean {
  return /listen tcp \S+: bind: address already in use/.test(line.slice(0, 2_000));
}

export function portsOf({ ports }: DriverFacts, node: string): PortFacts | undefined {
  return ports.find((each) => each.node === node);
}

/** Whose pod the API no longer knows: with the ports of this driver on this node. */
export function forgottenOn(facts: Facts, driver: DriverFacts, node: string) {
  const { pods } = facts.cluster;
  const found = portsOf(driver, node);
  return pods.known && found !== undefined ? forgottenHolders(found, pods.value) : [];
}

export function forgotten({ driver, facts, pods, node, csiNodes, own }: NodeCase): Finding<Code> | undefined {
  const { pods: all } = facts.cluster;
  const found = portsOf(driver, node);
  const holders = forgottenOn(facts, driver, node);
  const [first] = holders;
  // What is left of the controller's pod keeps the controller from its port, and not the pod of the node.
  const isKeptOut = holders.some(({ port }) => driver.driver.nodePorts.includes(port));
  if (first === undefined || !isKeptOut || !all.known || !found?.listeners.known || own.ready) return undefined;
  return {
    code: 'port-forgotten',
    subject: node,
    says: `${driver.driver.name} cannot start on ${node}: its ports are held by containers of a pod that the API no longer knows: ${holders.map(({ port, program, pid }) => `${port} (${program}, pid ${pid})`).join(', ')}`,
    remedy: `Restart kubelet on ${node}, which ends containers of unknown pods; then delete the driver's pod of this node. One node at a time.`,
    doNot:
      'Do not roll the driver back or forward, and do not delete its pod in a loop: each leaves more behind. The server is healthy: do not restart it.',
    seen: [csiNodes, pods, all, found.listeners, first.processes, ...holders.map(({ owner }) => owner)],
  };
}

/** Held by a living pod or by a program of the host. */
export function taken({ driver, facts, pods, node, csiNodes, own }: NodeCase): Finding<Code> | undefined {
  const { pods: all } = facts.cluster;
  const { listeners, holders = [] } = portsOf(driver, node) ?? {};
  if (!all.known || !listeners?.known || own.ready) return undefined;
  const others = holders.flatMap(({ port, program, owner }) => {
    if (!owner.known || owner.value.of === 'nobody' || !driver.driver.nodePorts.includes(port)) return [];
    const uid = owner.value.of === 'pod' ? owner.value.podUid : undefined;
    const pod = all.value.find((each) => each.uid === uid);
    // A pod that is being ended, as the one before it, gives its ports back by itself.
    if (own.uid === uid || (uid !== undefined && pod === undefined) || pod?.terminatingAt !== undefined) return [];
    return [{ port, owner, by: pod === undefined ? `${program} of the host` : `pod ${pod.namespace}/${pod.name}` }];
  });
  if (others.length === 0) return undefined;
  return {
    code: 'port-taken',
    subject: node,
    says: `${driver.driver.name} cannot start on ${node}: ${others.map(({ port, by }) => `port ${port} is held by ${by}`).join(', ')}`,
    remedy:
      'Two pods that share the ports of the host must not share a node: spread the controllers by an anti-affinity, keep them off the control plane and pin the version of the chart, through Terraform.',
    doNot: 'Do not delete the pod in a loop: whoever comes second finds the port taken again.',
    seen: [csiNodes, pods, all, listeners, ...others.map(({ owner }) => owner)],
  };
}

/** What proves that no port of the node's pod is held by another; undefined where one is, or it could not be seen. */
export function portsAreFree(driver: DriverFacts, node: string): readonly Known<unknown>[] | undefined {
  if (driver.driver.nodePorts.length === 0) return [];
  const { listeners, holders = [] } = portsOf(driver, node) ?? {};
  if (!listeners?.known) return undefined;
  const own = nodePods(driver).find((pod) => pod.node === node)?.uid;
  const owners = holders.filter(({ port }) => driver.driver.nodePorts.includes(port)).map(({ owner }) => owner);
  const free = owners.filter(
    (owner): owner is Extract<typeof owner, { known: true }> =>
      owner.known && (owner.value.of === 'nobody' || (owner.value.of === 'pod' && owner.value.podUid === own)),
  );
  return free.length === owners.length ? [listeners, ...free] : undefined;
}

export function portEvidence(driver: DriverFacts, node: string): Evidence[] {
  const found = portsOf(driver, node);
  if (found === undefined) return [];
  const { listeners, processes, holders } = found;
  if (!listeners.known) return notSeen(`Ports of the driver on ${node}`, [listeners]);
  const held = holders.map(({ port, program, pid }) => `${port} by ${program} (pid ${pid})`).join(', ');
  return [
    ok(`Ports of the driver on ${node}: ${held === '' ? 'nobody holds one' : held}`, listeners),
    ...notSeen(`Who holds the ports of ${node}`, [processes, ...holders.map(({ owner }) => owner)]),
  ];
}
