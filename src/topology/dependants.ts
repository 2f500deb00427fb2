import type { Autoscaler } from '../commands/autoscalers.ts';
import { autoscalers } from '../commands/autoscalers.ts';
import * as cluster from '../commands/cluster.ts';
import type { KubeNode, Pod } from '../commands/cluster-objects.ts';
import type { User } from '../commands/workload-volumes.ts';
import { usersOfKind } from '../commands/workload-volumes.ts';
import { knownOf } from '../core/finding.ts';
import type { Reader, Seen } from '../core/reading.ts';
import { addressOfName } from './pod-names.ts';
import { forwards, isProxy } from './proxies.ts';
import { scalerOf } from './scaled-users.ts';
import { isInNamespace, sameService } from './service-names.ts';
import { isLiving, isPodOf, nameOf } from './stopped-users.ts';

export interface WantedDependants {
  /** The server's namespace, and its services as annotations name them: `postgresql.dbaas:5432`, `pg-cluster-rw.dbaas`. */
  readonly serves: {
    readonly namespace: string;
    readonly names: readonly string[];
    /** Names of the pods there that are the server itself: they are no dependants of theirs. */
    readonly pods?: readonly string[];
    /** Where it is one of several databases: who waits for the server itself waits for one of them, and which is not known. */
    readonly server?: { readonly names: readonly string[]; readonly port: number };
  };
  /** `namespace/name` of each. */
  readonly configured: readonly string[];
  /** Of live sessions, as the server prints them: `10.10.2.15`, `10.10.2.15/32`, `10.10.2.15:41822`, a pod's name. Those of its own host are left out. */
  readonly clientAddresses: readonly string[];
  /** What `stopDependants` was given: whoever was stopped for it is still one, now that it has no session. */
  readonly stoppedFor?: string;
}

export type FoundBy =
  | { readonly by: 'annotation'; readonly service: string }
  | { readonly by: 'configuration' }
  | { readonly by: 'session'; readonly pod: string; readonly address: string }
  /** The bot stopped it for this. */
  | { readonly by: 'note' };

export interface Dependant extends User {
  readonly foundBy: readonly [FoundBy, ...FoundBy[]];
  /** It forwards the sessions of others, as pgbouncer does: who is behind it, no session tells. */
  readonly isProxy: boolean;
  /** The HorizontalPodAutoscaler that sets its number; it leaves alone what is at 0. */
  readonly autoscaler?: string;
}

export interface NotByHand {
  /** `StatefulSet dbaas/mysql-cluster`, `Pod dbaas/psql` */
  readonly subject: string;
  readonly why: string;
  /** An operator's proxy: whoever is behind it is stopped instead. */
  readonly isProxy: boolean;
}

/** It waits for the server, and nothing tells that it uses the database. */
export interface WaitsForServer {
  /** `Deployment n8n/n8n` */
  readonly subject: string;
  readonly service: string;
}

export interface Dependants {
  /** Deployments, StatefulSets and CronJobs, sorted; also those at 0. */
  readonly users: readonly Dependant[];
  /** Whoever uses it and must not be stopped by hand. */
  readonly notByHand: readonly NotByHand[];
  /** Addresses that belong to no pod, or to a node: something outside the cluster, or in the network of its host. */
  readonly unknownClients: readonly string[];
  /** Configured, and not there. */
  readonly missing: readonly string[];
  /** Nobody stops these: they are told. */
  readonly waiting: readonly WaitsForServer[];
  /** All that was read for this. Where one is unknown, the lists are not whole: nothing may be planned. */
  readonly seen: readonly Seen<unknown>[];
}

const KINDS = ['Deployment', 'StatefulSet', 'DaemonSet', 'CronJob'] as const;

export async function findDependants(read: Reader, wanted: WantedDependants): Promise<Dependants> {
  const [users, pods, nodes, scalers] = await Promise.all([
    Promise.all(KINDS.map((kind) => read(usersOfKind(kind)))),
    read(cluster.pods()),
    read(cluster.nodes()),
    read(autoscalers()),
  ]);
  const seen = [...users, pods, nodes, scalers];
  const world = {
    users: knownOf(users).flatMap(({ value }) => value),
    pods: pods.known ? pods.value : [],
    nodes: nodes.known ? nodes.value : [],
    scalers: scalers.known ? scalers.value : [],
  };
  return { ...dependantsIn(world, wanted), seen };
}

interface World {
  readonly users: readonly User[];
  readonly pods: readonly Pod[];
  readonly nodes: readonly KubeNode[];
  readonly scalers: readonly Autoscaler[];
}

export function dependantsIn(world: World, wanted: WantedDependants): Omit<Dependants, 'seen'> {
  const clients = clientsOf(world, wanted);
  const proxies = world.users.filter((user) => isProxy(user, world.pods) && waysToFind(user, wanted, clients.pods).length > 0);
  const services = [...wanted.serves.names, ...proxies.map(({ name, namespace }) => `${name}.${namespace}`)];
  const found = world.users.flatMap((user) => {
    const [first, ...more] = waysToFind(user, { ...wanted, serves: { ...wanted.serves, names: services } }, clients.pods);
    return first === undefined ? [] : [describe(user, [first, ...more], world)];
  });
  const isByHand = (each: Dependant) => whyNotByHand(each, world.scalers) === undefined;
  const strangers = clients.pods.filter(({ pod }) => !world.users.some((user) => isPodOf(user, pod)));
  return {
    users: found.filter(isByHand).toSorted((a, b) => (nameOf(a) < nameOf(b) ? -1 : 1)),
    notByHand: [...found.flatMap((each) => notByHand(each, world.scalers)), ...strangers.map(({ pod }) => strangerOf(pod))],
    unknownClients: clients.unknown,
    missing: wanted.configured.filter((name) => !world.users.some((user) => `${user.namespace}/${user.name}` === name)),
    waiting: world.users.filter((user) => !found.some((each) => nameOf(each) === nameOf(user))).flatMap(waitsForServer(wanted)),
  };
}

/** Services have names of their own, which only the site knows: in its namespace the port tells too. */
function waitsForServer({ serves: { namespace, server } }: WantedDependants) {
  const isServer = (entry: string, from: string) =>
    server !== undefined &&
    (server.names.some((name) => sameService({ name: entry, from }, { name, from: namespace })) ||
      isInNamespace({ name: entry, from }, { namespace, port: server.port }));
  return (user: User): readonly WaitsForServer[] => {
    const service = user.waitsFor.find((entry) => isServer(entry, user.namespace));
    return service === undefined ? [] : [{ subject: nameOf(user), service }];
  };
}

interface Client {
  readonly pod: Pod;
  readonly address: string;
}

function clientsOf({ pods, nodes }: World, { clientAddresses, serves }: WantedDependants) {
  const told = [...new Set(clientAddresses.map(bareAddress))].filter((address) => !isLocal(address));
  const addresses = [...new Set(told.map((each) => addressOfName(pods, each) ?? each))];
  // A pod in its host's network has the address of the node, as has everything else there.
  const podAt = (address: string) =>
    nodes.some(({ internalIp }) => internalIp === address) ? undefined : pods.find((pod) => pod.ip === address && isLiving(pod));
  const isServer = (pod: Pod) => pod.namespace === serves.namespace && serves.pods?.includes(pod.name) === true;
  const known = addresses.flatMap((address): readonly Client[] => {
    const pod = podAt(address);
    return pod === undefined || isServer(pod) ? [] : [{ pod, address }];
  });
  return { pods: known, unknown: addresses.filter((address) => podAt(address) === undefined) };
}

/** Without the prefix length that PostgreSQL's `inet` may have, and without a port. */
function bareAddress(text: string): string {
  return text
    .trim()
    .replace(/\/\d+$/, '')
    .replace(/^([^:]+):\d+$/, '$1')
    .replace(/^::ffff:/, '');
}

/** From the pod of the server itself: a socket, or its loopback. */
function isLocal(address: string): boolean {
  return ['', 'localhost', '::1'].includes(address) || address.startsWith('127.');
}

function waysToFind(user: User, { serves, configured, stoppedFor }: WantedDependants, clients: readonly Client[]): FoundBy[] {
  const waitsFor = user.waitsFor.filter((entry) =>
    serves.names.some((name) => sameService({ name: entry, from: user.namespace }, { name, from: serves.namespace })),
  );
  return [
    ...waitsFor.map((service) => ({ by: 'annotation', service }) as const),
    ...(configured.includes(`${user.namespace}/${user.name}`) ? [{ by: 'configuration' } as const] : []),
    ...clients
      .filter(({ pod }) => isPodOf(user, pod))
      .map(({ pod, address }) => ({ by: 'session', pod: pod.name, address }) as const),
    ...(stoppedFor !== undefined && user.stoppedFor === stoppedFor ? [{ by: 'note' } as const] : []),
  ];
}

function describe(user: User, foundBy: Dependant['foundBy'], { pods, scalers }: World): Dependant {
  const autoscaler = scalerOf(user, scalers)?.name;
  return { ...user, foundBy, isProxy: isProxy(user, pods), ...(autoscaler !== undefined && { autoscaler }) };
}

function notByHand(each: Dependant, scalers: readonly Autoscaler[]): readonly NotByHand[] {
  const why = whyNotByHand(each, scalers);
  return why === undefined ? [] : [{ subject: nameOf(each), why, isProxy: each.isProxy }];
}

function whyNotByHand(user: User, scalers: readonly Autoscaler[]): string | undefined {
  const keda = scalerOf(user, scalers)?.owner;
  if (user.owner !== undefined) return `${user.owner.kind} ${user.owner.name} made it and looks after it`;
  if (user.kind === 'DaemonSet') return 'it runs on every node and has no number of replicas';
  return keda === undefined ? undefined : `${keda.kind} ${keda.name} sets its number and would start it again`;
}

function strangerOf(pod: Pod): NotByHand {
  const { namespace, name, owner } = pod;
  const why = owner === undefined ? 'nothing would start it again' : `${owner.kind} ${owner.name} made it`;
  return { subject: `Pod ${namespace}/${name}`, why, isProxy: forwards(pod) };
}

/** How it was found, for a person. */
export function howFound({ foundBy }: Dependant): string {
  const sessions = foundBy.filter(({ by }) => by === 'session').length;
  const ways = foundBy.flatMap((way): readonly string[] => {
    if (way.by === 'annotation') return [`waits for ${way.service}`];
    if (way.by === 'configuration') return ['is in the configuration'];
    return way.by === 'note' ? ['was stopped for this by the bot'] : [];
  });
  return [...ways, ...(sessions > 0 ? [`has sessions of ${sessions} pod${sessions === 1 ? '' : 's'}`] : [])].join(', ');
}
