import { uidOf } from './ids.ts';
import { type Initiator, newInitiator } from './iscsi.ts';
import type { LabListener } from './port-holders.ts';
import { shortIso } from './time.ts';

/** A pod's volume as the kernel of its node has it mounted. */
export interface PodMount {
  readonly podUid: string;
  /** The persistent volume, or the volume's name in the pod where it is inline. */
  readonly volume: string;
  readonly mountPoint: string;
  /** When its pod's program began, as milliseconds since 1970. */
  readonly beganMs: number;
  /** Absent for a block volume. */
  readonly nfs?: NfsHandle;
  /** Absent for a volume on NFS. */
  readonly block?: BlockHandle;
  /** As /proc/mounts shows the disk of a block volume: `/dev/sdc`. */
  readonly device?: string;
  /** Its kernel stopped writing to it. */
  readOnly?: boolean;
  /** Why calls to it never return: `killable` ones end with their process. */
  hangs?: 'killable' | 'unkillable';
  /** umount waits for ever as well; only a lazy one takes it out of the tree. */
  umountHangs?: boolean;
}

/** What the kernel holds of a mounted disk, whatever the disk's name is given to later. */
export interface BlockHandle {
  /** The logical volume that the disk was when it was mounted. */
  readonly volume: string;
  /** The disk was taken out of the machine while it was mounted. */
  gone: boolean;
}

/** Where the driver has mounted a volume for all pods of the node that use it. */
export interface StagedMount {
  readonly volume: string;
  readonly mountPoint: string;
  readonly device: string;
  readonly block: BlockHandle;
  readOnly?: boolean;
  /** The driver says that it let go, and did not. */
  staysMounted?: boolean;
}

/** What an NFS client holds of a mounted directory. */
export interface NfsHandle {
  readonly server: string;
  readonly path: string;
  /** The directory that it had mounted; absent on servers that the lab has no disk for. */
  readonly directory: number | undefined;
  readonly version: '3' | '4.1' | '4.2';
  /** As /proc/mounts shows them. */
  readonly options: string;
}

export interface LabProcess {
  readonly state: string;
  readonly pid: number;
  /** Milliseconds since 1970. */
  readonly beganMs: number;
  readonly waitsIn: string;
  readonly program: string;
}

/** `mounted`: in another process's table of mounts alone. `given`: the device itself is mounted at the path `by`. */
export interface DiskUser {
  /** `sdc` or `sdc1` */
  readonly device: string;
  readonly how: 'mounted' | 'given' | 'open' | 'held' | 'loop' | 'swap';
  readonly by?: string;
}

/** A Kubernetes node. */
export interface LabNode {
  readonly name: string;
  readonly address: string;
  readonly vmid: number;
  bootId: string;
  boots: number;
  bootedMs: number;
  /** False while it boots, or where its sshd is dead. */
  sshAnswers: boolean;
  isUp: boolean;
  /** Addresses that it cannot reach: packets to them vanish. */
  readonly cutFrom: Set<string>;
  readonly mounts: PodMount[];
  readonly staged: StagedMount[];
  /** Its kubelet ended, and systemd does not start it again. */
  kubeletRests?: true;
  /** Since when its kubelet does not report, as milliseconds since 1970. */
  silentSinceMs?: number;
  readonly processes: LabProcess[];
  /** The kernel's NFS client waits for ever: no new mount ends. */
  wedged: boolean;
  readonly kernelLog: string[];
  /** Rows of /proc/mounts of what the host itself has mounted, for no pod. */
  readonly ownMounts: string[];
  /** Who uses its disks without a mount in its own table. */
  readonly diskUsers: DiskUser[];
  /** Programs on ports, beside the host's own and those of pods that run as they should. */
  readonly listeners: LabListener[];
  readonly iscsi: Initiator;
  /** Versions of NFS that this kernel cannot mount any more, for what it keeps of earlier sessions. */
  readonly brokenVersions: Set<NfsHandle['version']>;
}

export function newNode({ name, address, vmid, bootedMs }: Pick<LabNode, 'name' | 'address' | 'vmid' | 'bootedMs'>): LabNode {
  return {
    name,
    address,
    vmid,
    bootId: uidOf(`boot/${name}/0`),
    boots: 0,
    bootedMs,
    sshAnswers: true,
    isUp: true,
    cutFrom: new Set(),
    mounts: [],
    staged: [],
    processes: [],
    wedged: false,
    kernelLog: [],
    ownMounts: [],
    diskUsers: [],
    listeners: [],
    iscsi: newInitiator(),
    brokenVersions: new Set(),
  };
}

export function kernelSays(node: LabNode, nowMs: number, text: string): void {
  node.kernelLog.push(`${shortIso(nowMs)} ${node.name} kernel: ${text}`);
}

/** How long the mount.nfs of a stopped client has waited when a scenario begins. */
const WEDGED_FOR_MS = 20 * 60_000;

/** Stops the NFS client of this kernel: a mount.nfs waits in it, and every further one will. */
export function wedge(node: LabNode, nowMs: number): void {
  node.wedged = true;
  const beganMs = nowMs - WEDGED_FOR_MS;
  node.processes.push({ state: 'D', pid: 21_407, beganMs, waitsIn: 'rpc_wait_bit_killable', program: 'mount.nfs' });
}
