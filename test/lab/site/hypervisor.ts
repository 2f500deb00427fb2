import { GIB, type LabVolume, newRuntime, newVolume, startRuntime, type VmRuntime } from './block.ts';
import type { LabProcess } from './node.ts';
import type { LabCopy } from './pvc-copies.ts';

/** A virtual machine as Proxmox keeps it. */
export interface Vm {
  readonly vmid: number;
  readonly name: string;
  status: 'running' | 'stopped';
  /** Running, and its system is not up yet. */
  boots: boolean;
  readonly config: Map<string, string>;
  /** A lock that something holds on its configuration: `backup`, `migrate` … */
  lock?: string;
  /** Since when nothing is read or written any more, as milliseconds since 1970. */
  quietSinceMs?: number;
  /** It reads all the same, as a check of a file system does. */
  readsWhileQuiet?: boolean;
  readonly runtime: VmRuntime;
}

/** A volume group of LVM. */
export interface LabGroup {
  readonly name: string;
  sizeBytes: number;
  freeBytes: number;
}

/** A task as Proxmox lists it. */
export interface LabTask {
  readonly upid: string;
  readonly node: string;
  readonly type: string;
  readonly id: string;
  readonly user: string;
  /** Seconds since 1970. */
  readonly starttime: number;
  readonly endtime?: number;
  /** `RUNNING`, `OK`, or what went wrong. */
  readonly status: string;
}

export interface Hypervisor {
  readonly name: string;
  readonly vms: ReadonlyMap<number, Vm>;
  /** Rows of /proc/mounts of what it has mounted over NFS. */
  readonly ownMounts: string[];
  /** Volumes that it has mounted itself, as what it exports over NFS. */
  readonly hostMounts: { readonly mountPoint: string; readonly volume: string }[];
  /** Beside those that every hypervisor has. */
  readonly processes: LabProcess[];
  /** The latest first. */
  readonly tasks: LabTask[];
  /** Share of time in which the disk under the NAS works. */
  diskBusyPercent: number;
  /** The pool of thin volumes under all machines, as lvs shows it. */
  readonly thinPool: {
    dataPercent: number;
    metadataPercent: number;
    attributes: string;
    sizeBytes: number;
    metadataSizeBytes: number;
  };
  /** What is in its volume groups, beside the thin pool itself. */
  readonly volumes: LabVolume[];
  readonly groups: readonly LabGroup[];
  /** Copies of files on its disk for backups. */
  readonly copies: LabCopy[];
  /** What the API says to the token of the block driver. */
  driverToken: 'accepted' | 'invalid' | 'forbidden';
  readonly kernelLog: string[];
  /** False: `qm reset` returns 0 and does nothing. */
  resetWorks: boolean;
  readonly api: LabProxmoxApi;
}

/** What the API of Proxmox does instead of answering our tokens. */
export interface LabProxmoxApi {
  state: 'answers' | 'down' | 'hangs' | 'refuses-tokens';
  /** Privileges that our tokens lack: `VM.Config.Disk` … */
  readonly forbidden: Set<string>;
}

export const NAS_VMID = 9000;

const MACHINES: readonly (readonly [vmid: number, name: string, cores: number, memoryMiB: number])[] = [
  [101, 'pfsense', 8, 4096],
  [102, 'devvm', 16, 8192],
  [200, 'k8s-master', 8, 16_384],
  [201, 'k8s-node1', 16, 32_768],
  [202, 'k8s-node2', 8, 24_576],
  [203, 'k8s-node3', 8, 24_576],
  [204, 'k8s-node4', 8, 24_576],
  [NAS_VMID, 'truenas', 16, 16_384],
];

/** The nodes of Kubernetes: the block driver finds its disks on this controller only. */
const NODES = [200, 201, 202, 203, 204];

/** Disks of the NAS beside the one that it boots from. */
const NAS_DISKS = [1, 2, 3, 4, 5, 6, 7];

export function newHypervisor(createdMs: number): Hypervisor {
  const vms = MACHINES.map(([vmid, name, cores, memory]): [number, Vm] => {
    const config = new Map([
      ['agent', '1'],
      ['balloon', '0'],
      ['boot', 'order=scsi0'],
      ['cores', `${cores}`],
      ['memory', `${memory}`],
      ['name', name],
      [
        'net0',
        `virtio=BC:24:11:00:${`${vmid}`.padStart(4, '0').replace(/(..)(..)/, '$1:$2')},bridge=vmbr1,tag=${vmid === NAS_VMID ? 10 : 20}`,
      ],
      ['onboot', '1'],
      ['ostype', 'l26'],
      ['scsi0', `local-lvm:vm-${vmid}-disk-0,size=${vmid === NAS_VMID ? 32 : 256}G`],
      ['scsihw', NODES.includes(vmid) ? 'virtio-scsi-pci' : 'virtio-scsi-single'],
      ...(vmid === NAS_VMID ? NAS_DISKS : []).map((disk): [string, string] => [
        `scsi${disk}`,
        `local-lvm:vm-${vmid}-disk-${disk},size=256G`,
      ]),
    ]);
    return [vmid, { vmid, name, status: 'running', boots: false, config, runtime: newRuntime() }];
  });
  const hypervisor = newHost(new Map(vms), createdMs);
  for (const [, vm] of vms) startRuntime(hypervisor, vm);
  return hypervisor;
}

function newHost(vms: Hypervisor['vms'], createdMs: number): Hypervisor {
  const thinPool = {
    dataPercent: 54.31,
    metadataPercent: 3.12,
    attributes: 'twi-aotz--',
    sizeBytes: 10_793 * GIB,
    metadataSizeBytes: 16 * GIB,
  };
  return {
    name: 'pve',
    vms,
    ownMounts: [],
    hostMounts: [],
    processes: [],
    tasks: [],
    diskBusyPercent: 23.4,
    thinPool,
    volumes: [...vms.values()].flatMap((vm) => ownDisks(vm, createdMs)),
    groups: [
      { name: 'pve', sizeBytes: 10_957 * GIB, freeBytes: 15.9 * GIB },
      { name: 'ssd', sizeBytes: 931 * GIB, freeBytes: 675 * GIB },
    ],
    copies: [],
    driverToken: 'accepted',
    kernelLog: [],
    resetWorks: true,
    api: { state: 'answers', forbidden: new Set() },
  };
}

/** What a machine was made with. */
function ownDisks({ vmid, config }: Vm, createdMs: number): LabVolume[] {
  const sizeBytes = (key: string) => Number(/size=(\d+)G/.exec(config.get(key) ?? '')?.[1]) * GIB;
  const keys = [...config.keys()].filter((key) => /^scsi\d+$/.test(key));
  return keys.map((key) =>
    newVolume({ name: `vm-${vmid}-disk-${key.slice(4)}`, sizeBytes: sizeBytes(key), usedPercent: 61.4, createdMs }),
  );
}

/** On, and booted. */
export function nasIsUp({ hypervisor }: { readonly hypervisor: Hypervisor }): boolean {
  const vm = hypervisor.vms.get(NAS_VMID);
  return vm?.status === 'running' && !vm.boots;
}
