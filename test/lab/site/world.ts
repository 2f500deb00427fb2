import type { Flavour } from '../../../src/commands/nas.ts';
import { ObjectStore } from '../kubernetes/store.ts';
import { type Alerting, newAlerting } from './alerts.ts';
import { attachDetach } from './attach-detach.ts';
import { binderOf } from './binder.ts';
import { Cluster } from './cluster.ts';
import { logOf } from './containers.ts';
import { control } from './controllers.ts';
import type { LabDatabases } from './databases/index.ts';
import { expanderOf } from './expansion.ts';
import { type Hypervisor, newHypervisor } from './hypervisor.ts';
import { scriptOf } from './job-scripts/index.ts';
import { runKubelets } from './kubelet.ts';
import { type Load, newLoad } from './load.ts';
import { type LongWork, newLongWork } from './long-work.ts';
import { type Monitoring, newMonitoring } from './monitoring.ts';
import { type Nas, newNas } from './nas.ts';
import { type LabNode, newNode } from './node.ts';
import { lookAfterNodes } from './node-lifecycle.ts';
import { populate } from './populate.ts';
import type { Answer, Machine } from './shell.ts';
import { keepUsualSnapshots } from './snapshots.ts';
import { Timeline } from './time.ts';
import { newWorkstation, type Workstation } from './workstation.ts';

export interface WorldOptions {
  readonly flavour?: Flavour;
  /** Share of its real time that a hang takes: 0.001 makes four seconds four milliseconds. */
  readonly hangScale?: number;
  readonly startMs?: number;
}

/** Everything that exists in the lab. Programs look at it and at nothing else. */
export interface World {
  readonly time: Timeline;
  /** When its machines booted, as milliseconds since 1970. */
  readonly startedMs: number;
  readonly hangScale: number;
  readonly nas: Nas;
  readonly hypervisor: Hypervisor;
  readonly nodes: ReadonlyMap<string, LabNode>;
  readonly workstation: Workstation;
  readonly store: ObjectStore;
  readonly cluster: Cluster;
  readonly longWork: LongWork;
  readonly load: Load;
  readonly monitoring: Monitoring;
  readonly alerting: Alerting;
  /** What the databases hold; nothing until a scenario sets them up. */
  readonly databases: LabDatabases;
  /** What the API server does instead of answering. */
  readonly api: { readonly forbidden: Set<string>; hangs: boolean };
  /** Every change that reached a host or the API server, as its shown line. */
  readonly executed: string[];
  /** Every line that an SSH server was asked to run, whatever it did with it. */
  readonly received: string[];
  /** What a program really prints and how it ends, where that differs. */
  amend?: (answer: Answer, by: { readonly machine: Machine; readonly isChange: boolean }) => Answer;
}

export const START_MS = Date.UTC(2026, 3, 3, 9, 0, 0);

/** How long the site has run well before a scenario begins. */
const AGE_MS = 12 * 86_400_000;

const NODES: readonly (readonly [name: string, address: string, vmid: number])[] = [
  ['k8s-master', '10.0.20.100', 200],
  ['k8s-node1', '10.0.20.101', 201],
  ['k8s-node2', '10.0.20.102', 202],
  ['k8s-node3', '10.0.20.103', 203],
  ['k8s-node4', '10.0.20.104', 204],
];

/** A healthy site. */
export function newWorld({ flavour = 'core', hangScale = 1, startMs = START_MS }: WorldOptions = {}): World {
  const time = new Timeline(startMs - AGE_MS);
  const store = new ObjectStore({ now: () => time.nowMs, seed: 'site' });
  const nodes = new Map(NODES.map(([name, address, vmid]) => [name, newNode({ name, address, vmid, bootedMs: time.nowMs })]));
  const parts = {
    time,
    startedMs: time.nowMs,
    hangScale,
    nas: newNas(flavour),
    hypervisor: newHypervisor(time.nowMs),
    nodes,
    store,
  };
  const cluster = new Cluster(parts);
  store.logs = (pod, wanted) => logOf(cluster, pod, wanted);
  const longWork = newLongWork(store, time);
  const world = {
    ...parts,
    cluster,
    longWork,
    load: newLoad(),
    workstation: newWorkstation(),
    monitoring: newMonitoring(),
    alerting: newAlerting(time.nowMs),
    databases: {},
    api: { forbidden: new Set<string>(), hangs: false },
    executed: [],
    received: [],
  };
  longWork.scriptOf = (job) => scriptOf(world, job);
  populate(world);
  time.advance(AGE_MS);
  keepUsualSnapshots(world.nas.disk, time.nowMs);
  const bind = binderOf(store);
  const attach = attachDetach(cluster);
  const expand = expanderOf(world);
  time.every(1_000, () => {
    runKubelets(cluster);
    control(cluster);
    bind();
    lookAfterNodes(cluster);
    attach();
    expand();
  });
  return world;
}

export function nodeOf(world: Pick<World, 'nodes'>, name: string): LabNode {
  const node = world.nodes.get(name);
  if (node === undefined) throw new Error(`The lab has no node ${name}`);
  return node;
}
