import type { Container, DriverPod } from '../../../src/commands/driver-pods.ts';
import type { Diagnosis, Evidence, Finding } from '../../../src/core/finding.ts';
import { bad, isSome, knownOf, notSeen, ok } from '../../../src/core/finding.ts';
import type { Code } from '../codes.ts';
import { endedLately, nodePods, nodesWithoutPod, runsAgain, unregisteredNodes, wasKilledForMemory } from '../facts.ts';
import type { Around, NodeCase } from './around.ts';
import { KEEP_THE_OTHERS, lastWords, proofsOf } from './around.ts';
import { networkDown, networkPodOf, saysNoRoute } from './network.ts';
import { forgotten, portEvidence, portsAreFree, saysPortTaken, taken } from './ports.ts';

/** Each node on which the driver is not registered or does not run, and why. */
export function nodes(around: Around): Diagnosis<Code> {
  const { driver, facts } = around;
  const { csiNodes } = facts.cluster;
  const { name } = driver.driver;
  if (!csiNodes.known) return { evidence: notSeen('CSI drivers of the nodes', [csiNodes]), findings: [] };
  const without = unregisteredNodes(driver, facts.cluster);
  const ill = nodePods(driver).flatMap(({ node, ready, terminating }) => (ready || terminating ? [] : (node ?? [])));
  const all = [...new Set([...without, ...ill, ...nodesWithoutPod(driver, facts.cluster)])].toSorted();
  const has = csiNodes.value.filter((each) => each.drivers.includes(name)).map(({ node }) => node);
  return {
    evidence: [
      ok(`${name} is registered on ${has.toSorted().join(', ') || 'no node'}`, csiNodes),
      ...all.flatMap((node) => nodeEvidence(node, around, { csiNodes, isRegistered: !without.includes(node) })),
    ],
    findings: all.flatMap((node) => why(node, around, { csiNodes, isRegistered: !without.includes(node) }) ?? []),
  };
}

type Registration = Pick<NodeCase, 'csiNodes' | 'isRegistered'>;

function nodeEvidence(node: string, { driver, pods }: Around, { csiNodes, isRegistered }: Registration): Evidence[] {
  const own = nodePods(driver).filter((pod) => pod.node === node);
  const logs = driver.endings.filter((each) => own.includes(each.pod) && endedLately(each, driver));
  const clock = driver.clocks[node];
  const isUnclear = clock !== undefined && own.some(({ containers }) => containers.some(runsAgain));
  return [
    ...(isRegistered ? [] : [bad(`${driver.driver.name} is not registered on ${node}`, csiNodes)]),
    ...own.filter(({ ready }) => !ready).map((pod) => bad(`${pod.name} on ${node} is not ready: ${stateOf(pod)}`, pods)),
    ...logs.flatMap((log) =>
      log.lines.known ? [bad(`${log.container.name} ended${lastWords(log) || ' without a word'}`, log.lines)] : [],
    ),
    ...notSeen(
      `Logs of ${driver.driver.name} on ${node}`,
      logs.map(({ lines }) => lines),
    ),
    ...notSeen(`When containers of ${driver.driver.name} on ${node} ended`, isUnclear ? [clock] : []),
    ...portEvidence(driver, node),
  ];
}

function stateOf({ containers, phase }: DriverPod): string {
  const ill = containers.filter(({ ready }) => !ready);
  const text = ill.map(({ name, waits, ended, restarts }) => {
    const end = ended === undefined ? '' : `, ended ${restarts} times, last with ${ended.reason} (exit code ${ended.exitCode})`;
    return `${name} ${waits ?? 'does not answer its probe'}${end}`;
  });
  return text.join('; ') || phase;
}

function why(node: string, around: Around, registration: Registration): Finding<Code> | undefined {
  const { driver, pods } = around;
  const own = nodePods(driver).filter((pod) => pod.node === node && !pod.terminating);
  const [pod] = own;
  if (pod === undefined) return podMissing(node, around, registration);
  const ended = driver.endings.filter((each) => each.pod === pod && endedLately(each, driver));
  const endings = ended.filter(({ container }) => !isOfLimit(container));
  const one: NodeCase = { ...around, ...registration, node, own: pod, endings };
  // A living holder first: kubelet would end the forgotten one, and the port of the other stayed taken.
  const port = taken(one) ?? forgotten(one);
  if (port !== undefined) return port;
  // The limit that kills it is a finding of its own.
  if (endings.length < ended.length) return undefined;
  return networkDown(one) ?? ending(one) ?? stalled(one) ?? notRegistered(one, [registration.csiNodes, pods]);
}

/** Killed at a limit; what has none was killed because the node had nothing left. */
function isOfLimit(container: Container): boolean {
  return wasKilledForMemory(container) && container.limitBytes !== undefined;
}

/** The node is in the list because a pod there needs it, which the lists of pods, claims and volumes prove; or its pod is being ended. */
function podMissing(
  node: string,
  { facts, driver, pods }: Around,
  { csiNodes, isRegistered }: Registration,
): Finding<Code> | undefined {
  const { pods: all, claims, volumes } = facts.cluster;
  if (nodePods(driver).some((pod) => pod.node === node)) return undefined;
  if (!all.known || !claims.known || !volumes.known) return undefined;
  return {
    code: 'driver-pod-missing',
    subject: node,
    says: isRegistered
      ? `No pod of ${driver.driver.name} is on ${node}, and pods there need it: its registration is left from one that is gone`
      : `${driver.driver.name} is not registered on ${node}, because no pod of it is there, and pods on ${node} need it`,
    remedy: `Find out why ${driver.driver.daemonSet} leaves ${node} out: a taint that it does not tolerate, a node selector, a quota, a removed release. Put it right through Terraform.`,
    doNot: 'Do not restart the NAS or the pods that wait: they wait for the driver of their node.',
    seen: [csiNodes, pods, all, claims, volumes],
  };
}

function isUp(node: string, { nodes: all }: Around['facts']['cluster']): boolean {
  return all.known && all.value.some(({ name, ready }) => name === node && ready);
}

/** Ends by itself, with words that the bot does not know as an effect of something else. */
function ending({ driver, pods, node, csiNodes, own, endings }: NodeCase): Finding<Code> | undefined {
  const unknown = endings.filter(({ lines }) => lines.known && !lines.value.some((line) => isEffect(line)));
  const [first] = unknown;
  if (first === undefined || !first.lines.known) return undefined;
  const { name, restarts, ended } = first.container;
  return {
    code: 'container-ending',
    subject: `${own.name}/${name}`,
    says: `${name} of ${driver.driver.name} on ${node} has ended ${restarts} times, last with ${ended?.reason ?? 'no reason'} (exit code ${ended?.exitCode ?? '-'})${lastWords(first)}`,
    remedy: `Its last words say why. Where it worked before, compare the version of the chart with the one that ran then, and pin it through Terraform.`,
    doNot: `${KEEP_THE_OTHERS} Do not roll the chart back and forth: each leaves containers behind that hold the ports of the next.`,
    seen: [csiNodes, pods, ...proofsOf(first, driver)],
  };
}

function isEffect(line: string): boolean {
  return saysNoRoute(line) || saysPortTaken(line);
}

/** What kept it from starting is over, and kubelet waits up to five minutes before it tries again; or it runs and did not register. */
function stalled(one: NodeCase): Finding<Code> | undefined {
  const { driver, facts, pods, node, csiNodes, isRegistered, own, endings } = one;
  const logs = knownOf(endings.map(({ lines }) => lines));
  const mayStart = own.ready || endings.length > 0;
  const { nodes: all, pods: everyPod } = facts.cluster;
  if (isRegistered || !mayStart || logs.length < endings.length || !isUp(node, facts.cluster)) return undefined;
  if (!all.known || !everyPod.known) return undefined;
  const network = networkPodOf(everyPod.value, node);
  const ports = portsAreFree(driver, node);
  if (network?.ready === false || ports === undefined) return undefined;
  const state = own.ready
    ? 'is ready and has not registered it'
    : 'waits to be started again after what kept it from starting is over';
  return {
    code: 'driver-stalled',
    subject: `${driver.driver.name} on ${node}`,
    says: `${driver.driver.name} is not registered on ${node}: its pod ${own.name} ${state}${endings.map(lastWords).join('')}`,
    remedy: `Start the driver's pod of ${node} anew, and wait until it has registered. It unmounts nothing. One node at a time.`,
    doNot: KEEP_THE_OTHERS,
    seen: [csiNodes, pods, all, everyPod, ...endings.flatMap((each) => proofsOf(each, driver)), ...ports],
  };
}

function notRegistered({ driver, node, isRegistered, own }: NodeCase, seen: Finding['seen']): Finding<Code> | undefined {
  if (isRegistered || !isSome(seen)) return undefined;
  return {
    code: 'driver-not-registered',
    subject: `${driver.driver.name} on ${node}`,
    says: `${driver.driver.name} is not registered on ${node}: kubelet can mount nothing new there, and existing mounts are not affected; its pod ${own.name}: ${own.ready ? 'ready' : stateOf(own)}`,
    remedy: `Look again in a minute; then read the logs of all containers of ${own.name}. Whether ${node} is ready comes first.`,
    doNot: KEEP_THE_OTHERS,
    seen,
  };
}
