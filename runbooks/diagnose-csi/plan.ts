import { csiNodes, nodeNamed, podsOfNamespace } from '../../src/commands/cluster.ts';
import { deletePod } from '../../src/commands/cluster-changes.ts';
import type { Pod } from '../../src/commands/cluster-objects.ts';
import type { Memory } from '../../src/commands/container-memory.ts';
import type { LimitRange } from '../../src/commands/driver-templates.ts';
import type { Diagnosis, Finding } from '../../src/core/finding.ts';
import { verdictOf } from '../../src/core/finding.ts';
import { uses } from '../../src/core/hold.ts';
import type { Check, Plan, Step } from '../../src/core/plan.ts';
import { check, noUndo, steps, stop, verify, within } from '../../src/core/plan.ts';
import { nodeHost } from '../../src/core/site.ts';
import { endForgotten, isThereNotReady, portsFree, restartNodePod } from '../../src/repairs/driver-pods.ts';
import { changesWorkload } from '../../src/repairs/holds.ts';
import type { Code } from './codes.ts';
import { networkPodOf } from './diagnose/network.ts';
import { forgottenOn } from './diagnose/ports.ts';
import type { DriverFacts, Facts } from './facts.ts';
import { nodePods } from './facts.ts';

/** What a finding is about: a driver's pod on a node, and its finding. */
interface Case {
  readonly because: Finding<Code>;
  readonly facts: Facts;
  readonly driver: DriverFacts;
  readonly node: string;
}

type Planner = (one: Case) => readonly Step[];

/** One node in a round, whatever the others need: what is deleted at once everywhere can mount nothing anywhere. */
export function plan(diagnosis: Diagnosis<Code>, facts: Facts): Plan {
  const cases = REPAIRS.flatMap(([code, repair]) =>
    diagnosis.findings.filter((finding) => finding.code === code).flatMap((because) => casesOf(because, facts, repair)),
  );
  for (const { repair, ...one } of cases) {
    const [first, ...more] = obstacleOf(one, diagnosis) === undefined ? repair(one) : [];
    if (first !== undefined) return steps(first, ...more);
  }
  const obstacle = cases.map((one) => obstacleOf(one, diagnosis)).find((text) => text !== undefined);
  return stop(obstacle ?? WHY[verdictOf(diagnosis)]);
}

/** The driver whose pods the finding cites, on the node that it names. */
function casesOf(because: Finding<Code>, facts: Facts, repair: Planner) {
  const node = because.subject.replace(/^.* on /, '');
  return facts.drivers
    .filter(({ pods }) => because.seen.some((seen) => seen === pods))
    .map((driver) => ({ because, facts, driver, node, repair }));
}

function obstacleOf({ node, facts, driver }: Case, diagnosis: Diagnosis<Code>): string | undefined {
  return staleText(node, facts) ?? refusalText(driver, diagnosis);
}

/** A node that the site took out and that came back gets no driver: volumes would come to it. */
function staleText(node: string, { site, cluster }: Facts): string | undefined {
  const { nodeVmids = {} } = site.hypervisor ?? {};
  const isControlPlane =
    cluster.nodes.known && cluster.nodes.value.some(({ name, controlPlane }) => name === node && controlPlane);
  if (Object.keys(nodeVmids).length === 0 || node in nodeVmids || isControlPlane) return undefined;
  return `Nothing is planned, because the site's configuration has no virtual machine for ${node}: diagnose node ${node} comes first.`;
}

/** Why no pod of the driver is deleted: its successor would be refused, so that the node would have none at all. */
function refusalText(
  { driver, daemonSets, limitRanges, events }: DriverFacts,
  { findings }: Diagnosis<Code>,
): string | undefined {
  const { namespace, daemonSet } = driver;
  if (!daemonSets.known || !limitRanges.known || !events.known)
    return `Nothing is planned, because it could not be seen whether ${namespace} would refuse the successor of a pod that is deleted.`;
  const isSaid = findings.some(({ code, subject }) => code === 'pods-refused' && subject === `${namespace}/${daemonSet}`);
  const containers = daemonSets.value.find(({ name }) => name === daemonSet)?.containers ?? [];
  const range = limitRanges.value.find((each) => containers.some((container) => refuses(each, container)));
  if (!isSaid && range === undefined) return undefined;
  const who = range === undefined ? 'an admission rule' : `LimitRange ${range.name}`;
  return `Nothing is planned: ${who} of ${namespace} would refuse the successor of a pod that is deleted. Put that right first, through Terraform.`;
}

/** Whether a container that says so much itself would not be let in. */
function refuses(
  { minimumBytes = 0, maximumBytes = Number.POSITIVE_INFINITY }: LimitRange,
  { requestBytes, limitBytes }: Memory,
): boolean {
  return [requestBytes, limitBytes].some((bytes) => bytes !== undefined && (bytes < minimumBytes || bytes > maximumBytes));
}

const freePorts: Planner = ({ because, facts, driver, node }) => {
  const own = onlyPodOf(driver, node);
  const holders = forgottenOn(facts, driver, node);
  if (own === undefined || holders.length === 0) return [];
  const host = nodeHost(facts.site, node);
  const before = [portsFree(host, holders), isThereNotReady(own)] as const;
  return [endForgotten(because, host, holders), restartNodePod(because, own, { node, driver: driver.driver.name, before })];
};

/** In this order: without the network the driver cannot register, however often it is started. */
const startNetworkFirst: Planner = ({ because, facts, driver, node }) => {
  const own = onlyPodOf(driver, node);
  const { pods } = facts.cluster;
  const network = pods.known ? networkPodOf(pods.value, node) : undefined;
  if (own === undefined || network === undefined) return [];
  const before = [networkIsReady(network, node), isThereNotReady(own)] as const;
  return [restartNetwork(because, network, node), restartNodePod(because, own, { node, driver: driver.driver.name, before })];
};

const startAnew: Planner = ({ because, driver, node }) => {
  const own = onlyPodOf(driver, node);
  if (own === undefined) return [];
  const { name } = driver.driver;
  const before = [
    check(`${node} is ready`, nodeNamed(node), ({ ready }) => ready),
    check(`${name} is still not registered on ${node}`, csiNodes(), (now) =>
      now.every((each) => each.node !== node || !each.drivers.includes(name)),
    ),
    check('This very pod is there', podsOfNamespace(own.namespace), (now) =>
      now.some(({ uid, terminatingAt }) => uid === own.uid && terminatingAt === undefined),
    ),
  ] as const;
  return [restartNodePod(because, own, { node, driver: name, before })];
};

function onlyPodOf(driver: DriverFacts, node: string) {
  const [own, ...others] = nodePods(driver).filter((pod) => pod.node === node);
  return others.length > 0 || own?.terminating === true ? undefined : own;
}

function restartNetwork(because: Finding, pod: Pod, node: string): Step {
  return {
    title: `Start the network plug-in of ${node} anew`,
    because,
    before: [
      check(`${node} is ready`, nodeNamed(node), ({ ready }) => ready),
      check('This very pod is there and is not ready', podsOfNamespace(pod.namespace), (now) =>
        now.some(({ uid, ready, terminatingAt }) => uid === pod.uid && !ready && terminatingAt === undefined),
      ),
    ],
    change: deletePod(pod, 'high'),
    after: within(
      180_000,
      verify(`The network plug-in of ${node} is ready`, podsOfNamespace(pod.namespace), (now) => isReadyOn(now, pod, node)),
    ),
    undo: noUndo('Not needed: its DaemonSet starts another.'),
    holds: [changesWorkload(pod), uses('node', node)],
    warnings: [`Pods on ${node} keep the routes that they have; until it is ready none is added or changed there.`],
  };
}

function networkIsReady(pod: Pod, node: string): Check {
  return check(`The network plug-in of ${node} is ready`, podsOfNamespace(pod.namespace), (now) => isReadyOn(now, pod, node));
}

function isReadyOn(now: readonly Pod[], { owner }: Pod, node: string): boolean {
  return now.some(
    (each) => each.ready && each.node === node && each.owner?.kind === 'DaemonSet' && each.owner.name === owner?.name,
  );
}

/** What the bot may do about a cause. What is not here is Terraform's or a person's: its remedy says what. */
const REPAIRS: readonly (readonly [Code, Planner])[] = [
  ['port-forgotten', freePorts],
  ['network-down', startNetworkFirst],
  ['driver-stalled', startAnew],
];

const WHY = {
  well: 'Every driver that was looked at is well: nothing to do.',
  ill: 'There is no change in the cluster that mends this and lasts: each finding says what to change, and where.',
  blind: 'Nothing that explains a fault was found, and not everything could be seen: no plan is made from what is not known.',
} as const;
