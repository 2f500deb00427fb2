import type { Pod } from '../../../src/commands/cluster-objects.ts';
import type { Diagnosis, Evidence, Finding } from '../../../src/core/finding.ts';
import { bad, notSeen, ok } from '../../../src/core/finding.ts';
import type { Known } from '../../../src/core/reading.ts';
import { forgottenHolders as forgottenAmong } from '../../../src/topology/port-holders.ts';
import type { DriverFacts } from '../causes.ts';
import type { Code } from '../codes.ts';
import { driverPods, NFS_DRIVER, NODE_PORTS, unregistered } from '../driver.ts';
import type { Facts } from '../facts.ts';

type Part = Diagnosis<Code>;

const SERVER_IS_WELL =
  'Do not restart NFS on the NAS, re-run the exports or restore databases: the server is healthy, the data is whole.';

/** Nodes where kubelet cannot mount anything new, and why their driver does not come up. */
export function drivers(facts: Facts): Part {
  const { csiNodes, pods } = facts.cluster;
  const { isNeeded, missing } = unregistered(facts);
  if (!isNeeded) return { evidence: [], findings: [] };
  if (!csiNodes.known) return { evidence: notSeen('CSI drivers of the nodes', [csiNodes]), findings: [] };
  if (missing.length === 0)
    return { evidence: [ok('The NFS driver is registered where the service runs', csiNodes)], findings: [] };
  const parts = missing.map(({ node, driver }): Part => {
    const evidence = [bad(`${driver} is not registered on ${node}`, csiNodes)];
    if (!pods.known || driver !== NFS_DRIVER) return { evidence, findings: [notRegistered({ node, driver }, '', [csiNodes])] };
    const found = { node, csiNodes, pods, own: driverPods(pods.value, node) };
    return { evidence: [...evidence, ...portEvidence(facts, node)], findings: [whyNot(facts, found)] };
  });
  return { evidence: parts.flatMap((part) => part.evidence), findings: parts.flatMap((part) => part.findings) };
}

interface Unregistered {
  readonly node: string;
  readonly csiNodes: Known<unknown>;
  readonly pods: Known<readonly Pod[]>;
  /** The driver's own pods of the node. */
  readonly own: readonly Pod[];
}

function whyNot(facts: Facts, found: Unregistered): Finding<Code> {
  const { node, csiNodes, pods, own } = found;
  if (own.length === 0) return podMissing(node, [csiNodes, pods]);
  const waits = [...new Set(own.flatMap((pod) => pod.waits))].join(', ');
  const names = own.map(({ name }) => name).join(', ');
  const state = own.some(({ ready }) => ready) ? 'is ready and has not registered it' : `is not ready${waits && ` (${waits})`}`;
  return (
    forgotten(facts, found) ??
    taken(facts, found) ??
    notRegistered({ node, driver: NFS_DRIVER }, `; its pod ${names} ${state}`, [csiNodes, pods])
  );
}

function notRegistered(
  { node, driver }: { readonly node: string; readonly driver: string },
  pod: string,
  seen: [Known<unknown>, ...Known<unknown>[]],
): Finding<Code> {
  return {
    code: 'driver-not-registered',
    subject: node,
    says: `${driver} is not registered on ${node}: kubelet can mount nothing new there, and existing mounts are not affected${pod}`,
    remedy: `Read the logs of the driver's pod on ${node}, all containers; after a node restart look at the network plug-in (Calico) first. One node at a time.`,
    doNot: SERVER_IS_WELL,
    seen,
  };
}

function podMissing(node: string, seen: [Known<unknown>, ...Known<unknown>[]]): Finding<Code> {
  return {
    code: 'driver-pod-missing',
    subject: node,
    says: `${NFS_DRIVER} is not registered on ${node}, because no pod of the driver is there: kubelet can mount nothing new`,
    remedy: `Find out why its DaemonSet leaves ${node} out: a taint that it does not tolerate, a node selector, a quota, a removed release. Put it right through Terraform.`,
    doNot: SERVER_IS_WELL,
    seen,
  };
}

/** Processes on the driver's ports that are of no pod that the API knows. */
export function forgottenHolders({ cluster, causes, nodes }: Facts, node: string) {
  const { processes } = nodes.find(({ name }) => name === node) ?? {};
  const holders = causes.drivers.find((each) => each.node === node)?.holders ?? [];
  return cluster.pods.known ? forgottenAmong({ holders, processes }, cluster.pods.value) : [];
}

function forgotten(facts: Facts, { node, csiNodes, pods, own }: Unregistered): Finding<Code> | undefined {
  const holders = forgottenHolders(facts, node);
  const { listeners } = portsOf(facts, node) ?? {};
  const [first] = holders;
  // What is left of the controller's pod keeps the controller from its port, and not the pod of the node.
  const isKeptOut = holders.some(({ port }) => NODE_PORTS.includes(port));
  if (first === undefined || !isKeptOut || !listeners?.known || own.some(({ ready }) => ready)) return undefined;
  const list = holders.map(({ port, program, pid }) => `${port} (${program}, pid ${pid})`).join(', ');
  return {
    code: 'driver-port-forgotten',
    subject: node,
    says: `${NFS_DRIVER} cannot start on ${node}: its ports are held by containers of a pod that the API no longer knows: ${list}`,
    remedy: `Restart kubelet on ${node}, which ends containers of unknown pods; then delete the driver's pod of this node. One node at a time.`,
    doNot: `${SERVER_IS_WELL} Do not roll the driver back or forward, and do not delete its pod in a loop: each leaves more behind.`,
    seen: [csiNodes, pods, listeners, first.processes, ...holders.map(({ owner }) => owner)],
  };
}

/** Held by a living pod or by a program of the host. */
function taken(facts: Facts, { node, csiNodes, pods, own }: Unregistered): Finding<Code> | undefined {
  const { listeners, holders = [] } = portsOf(facts, node) ?? {};
  if (!holders.every(({ owner }) => owner.known)) return undefined;
  const others = holders.flatMap(({ port, program, owner }) => {
    if (!owner.known || owner.value.of === 'nobody' || !NODE_PORTS.includes(port)) return [];
    const uid = owner.value.of === 'pod' ? owner.value.podUid : undefined;
    const pod = pods.value.find((each) => each.uid === uid);
    if (own.some((each) => each.uid === uid) || (uid !== undefined && pod === undefined)) return [];
    return [{ port, owner, by: pod === undefined ? `${program} of the host` : `pod ${pod.namespace}/${pod.name}` }];
  });
  if (others.length === 0 || !listeners?.known || own.some(({ ready }) => ready)) return undefined;
  return {
    code: 'driver-port-taken',
    subject: node,
    says: `${NFS_DRIVER} cannot start on ${node}: ${others.map(({ port, by }) => `port ${port} is held by ${by}`).join(', ')}`,
    remedy:
      'Two pods that share the ports of the host must not share a node: spread the controllers, keep them off the control plane and pin the version of the chart (through Terraform).',
    doNot: SERVER_IS_WELL,
    seen: [csiNodes, pods, listeners, ...others.map(({ owner }) => owner)],
  };
}

function portsOf({ causes }: Facts, node: string): DriverFacts | undefined {
  return causes.drivers.find((each) => each.node === node);
}

function portEvidence(facts: Facts, node: string): Evidence[] {
  const { listeners, holders = [] } = portsOf(facts, node) ?? {};
  if (listeners === undefined) return [];
  if (!listeners.known) return notSeen(`Ports of the driver on ${node}`, [listeners]);
  const held = holders.map(({ port, program, pid }) => `${port} by ${program} (pid ${pid})`).join(', ');
  return [
    ok(`Ports of the driver on ${node}: ${held === '' ? 'nobody holds one' : held}`, listeners),
    ...notSeen(
      `Who holds the ports of ${node}`,
      holders.map(({ owner }) => owner),
    ),
  ];
}
