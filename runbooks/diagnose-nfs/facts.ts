import type { KubeEvent, Pod } from '../../src/commands/cluster-objects.ts';
import type { OwnerMapping } from '../../src/commands/middleware.ts';
import type { Directory } from '../../src/commands/nas.ts';
import type { ExportList, Mount, MountAnswer, PortState, TestMount } from '../../src/commands/nfs-client.ts';
import type { NfsKernelLine, Process } from '../../src/commands/node-system.ts';
import type { BootDisk } from '../../src/commands/proxmox-host.ts';
import type { Finding } from '../../src/core/finding.ts';
import type { Seen } from '../../src/core/reading.ts';
import type { Site } from '../../src/core/site.ts';
import type { ClusterLook } from '../../src/topology/cluster-look.ts';
import type { NasLook } from '../../src/topology/nas-look.ts';
import type { Service } from '../../src/topology/service.ts';
import type { NfsVolume } from '../../src/topology/volumes.ts';
import type { CauseFacts } from './causes.ts';
import type { Code } from './codes.ts';
import type { Target } from './target.ts';

/** The owner that clients see where a name of an owner means nothing to them. */
export const NOBODY = 65534;

/** One mount of the service on one node, and what a call to it gave. */
export interface MountFacts {
  readonly node: string;
  readonly mount: Mount;
  readonly pod: Pod;
  readonly volume: NfsVolume;
  readonly answer: Seen<MountAnswer>;
}

/** A fresh mount of one path on one node; made only where something is wrong there. */
export interface TestMountFacts {
  readonly node: string;
  readonly server: string;
  readonly path: string;
  /** The version of NFS that was asked for; absent where the client and the server agree on one. */
  readonly version?: string;
  readonly result: Seen<TestMount>;
}

export interface NodeFacts {
  readonly name: string;
  readonly port: Seen<PortState>;
  readonly exports: Seen<ExportList>;
  readonly nullCall: Seen<'answers' | 'no-version' | 'silent'>;
  readonly mounts: Seen<readonly Mount[]>;
  readonly processes: Seen<readonly Process[]>;
  readonly kernel: Seen<readonly NfsKernelLine[]>;
  /** Another machine in the NAS's network; absent where the site names none. */
  readonly neighbour?: Seen<PortState>;
  /** The node's clock; read where a pod of the service is being ended. */
  readonly clock?: Seen<number>;
  readonly probes: readonly MountFacts[];
  readonly testMounts: readonly TestMountFacts[];
  /** Paths that wait for a fresh mount until the next look, because so many do. */
  readonly untested: readonly string[];
}

export interface NasFacts extends NasLook {
  /** Absent where the service has no path on this NAS. */
  readonly directories?: Seen<readonly Directory[]>;
  /** Asked only where files seem to belong to nobody. */
  readonly mapping?: Seen<OwnerMapping>;
}

export interface ClusterFacts extends ClusterLook {
  readonly events: readonly Seen<readonly KubeEvent[]>[];
}

export interface Facts {
  readonly site: Site;
  /** The address that volumes name and nodes are asked about. */
  readonly server: string;
  readonly cluster: ClusterFacts;
  readonly target: Target['kind'];
  /** What was asked about, be it a service, a node or the whole cluster. Absent where the cluster's lists could not be read. */
  readonly service?: Service;
  /** Its volumes on this NAS; of a node's, with the pods of that node alone. */
  readonly volumes: readonly NfsVolume[];
  /** Those of which nothing is looked at, because their paths cannot stand in a command. */
  readonly unaskable: readonly NfsVolume[];
  readonly nodes: readonly NodeFacts[];
  readonly nas: NasFacts;
  readonly nasVm?: Seen<string>;
  /** Asked only where the NAS's machine does not run. */
  readonly nasBootDisk?: Seen<BootDisk>;
  readonly diskBusyPercent?: Seen<number>;
  /** Boot disks of the virtual machines of nodes whose NFS client is stuck. */
  readonly bootDisks: Readonly<Record<string, Seen<BootDisk>>>;
  readonly causes: CauseFacts;
}

/** What is known when looks are made that only something found before asks for. */
export type Found = Pick<Facts, 'site' | 'server' | 'cluster' | 'target' | 'volumes' | 'nodes' | 'nas'>;

/** The distinct paths of the service on this NAS. */
export function pathsOf({ volumes }: Pick<Facts, 'volumes'>): string[] {
  return [...new Set(volumes.map(({ backing }) => backing.path))].toSorted();
}

/** Neither ended nor being ended: a pod that should have its mounts, or waits for them. */
export function isActive({ phase, terminatingAt }: Pod): boolean {
  return (phase === 'Running' || phase === 'Pending') && terminatingAt === undefined;
}

/** The paths on this NAS that a pod needs, all of which a successor must be able to mount. */
export function volumesOfPod({ volumes, unaskable }: Pick<Facts, 'volumes' | 'unaskable'>, { uid }: Pod): readonly NfsVolume[] {
  return [...volumes, ...unaskable].filter(({ pods }) => pods.some((pod) => pod.uid === uid));
}

export { stuckMounters } from '../../src/commands/node-system.ts';

/** As many approvals as a person can give with care; more wait for the next round. */
const MOST_IN_A_ROUND = 10;

/** What changes the machine of a node, or replaces a whole list at the NAS, is repaired one at a time. */
const ONE_AT_A_TIME: readonly Code[] = ['client-wedged', 'driver-port-forgotten', 'export-missing', 'export-not-loaded'];

/** Of findings of one cause those that this round repairs. Two mounts of one pod are two findings and one restart. */
export function thisRound(findings: readonly Finding<Code>[]): readonly Finding<Code>[] {
  const bySubject = [...new Map(findings.toReversed().map((each) => [each.subject, each])).values()].toReversed();
  const [first] = bySubject;
  return bySubject.slice(0, first !== undefined && ONE_AT_A_TIME.includes(first.code) ? 1 : MOST_IN_A_ROUND);
}
