import { uidOf } from './ids.ts';
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
  /** Why calls to it never return: `killable` ones end with their process. */
  hangs?: 'killable' | 'unkillable';
  /** umount waits for ever as well; only a lazy one takes it out of the tree. */
  umountHangs?: boolean;
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
  readonly processes: LabProcess[];
  /** The kernel's NFS client waits for ever: no new mount ends. */
  wedged: boolean;
  readonly kernelLog: string[];
  /** Rows of /proc/mounts of what the host itself has mounted, for no pod. */
  readonly ownMounts: string[];
  /** Programs on ports, beside the host's own and those of pods that run as they should. */
  readonly listeners: LabListener[];
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
    processes: [],
    wedged: false,
    kernelLog: [],
    ownMounts: [],
    listeners: [],
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
