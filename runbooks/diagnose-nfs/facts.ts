import type { KubeEvent, Pod } from '../../src/commands/cluster-objects.ts';
import type { OwnerMapping } from '../../src/commands/middleware.ts';
import type { Directory } from '../../src/commands/nas.ts';
import type { ExportList, Mount, MountAnswer, PortState, TestMount } from '../../src/commands/nfs-client.ts';
import type { NfsKernelLine, Process } from '../../src/commands/node-system.ts';
import type { BootDisk } from '../../src/commands/proxmox-host.ts';
import type { Seen } from '../../src/core/reading.ts';
import type { Site } from '../../src/core/site.ts';
import type { ClusterLook } from '../../src/topology/cluster-look.ts';
import type { NasLook } from '../../src/topology/nas-look.ts';
import type { Service } from '../../src/topology/service.ts';
import type { NfsVolume } from '../../src/topology/volumes.ts';

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
  /** Absent where the cluster's lists could not be read. */
  readonly service?: Service;
  /** The service's volumes on this NAS. */
  readonly volumes: readonly NfsVolume[];
  readonly nodes: readonly NodeFacts[];
  readonly nas: NasFacts;
  readonly nasVm?: Seen<string>;
  /** Asked only where the NAS's machine does not run. */
  readonly nasBootDisk?: Seen<BootDisk>;
  readonly diskBusyPercent?: Seen<number>;
  /** Boot disks of the virtual machines of nodes whose NFS client is stuck. */
  readonly bootDisks: Readonly<Record<string, Seen<BootDisk>>>;
}

/** The distinct paths of the service on this NAS. */
export function pathsOf({ volumes }: Pick<Facts, 'volumes'>): string[] {
  return [...new Set(volumes.map(({ backing }) => backing.path))].toSorted();
}

/** Neither ended nor being ended: a pod that should have its mounts, or waits for them. */
export function isActive({ phase, terminatingAt }: Pod): boolean {
  return (phase === 'Running' || phase === 'Pending') && terminatingAt === undefined;
}

/** The paths on this NAS that a pod needs, all of which a successor must be able to mount. */
export function volumesOfPod({ volumes }: Pick<Facts, 'volumes'>, { uid }: Pod): readonly NfsVolume[] {
  return volumes.filter(({ pods }) => pods.some((pod) => pod.uid === uid));
}

/** A process that waits inside the kernel for a mount to be made: a node with one cannot make another. */
export function stuckMounters(processes: readonly Process[]): readonly Process[] {
  return processes.filter(({ state, program }) => state === 'D' && program.startsWith('mount.nfs'));
}
