import type { LabProcess } from './node.ts';

/** A virtual machine as Proxmox keeps it. */
export interface Vm {
  readonly vmid: number;
  readonly name: string;
  status: 'running' | 'stopped';
  /** Running, and its system is not up yet. */
  boots: boolean;
  readonly config: Map<string, string>;
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
  /** Beside those that every hypervisor has. */
  readonly processes: LabProcess[];
  /** The latest first. */
  readonly tasks: LabTask[];
  /** Share of time in which the disk under the NAS works. */
  diskBusyPercent: number;
  /** The pool of thin volumes under all machines, as lvs shows it. */
  readonly thinPool: { dataPercent: number; metadataPercent: number; attributes: string };
  readonly kernelLog: string[];
  /** False: `qm reset` returns 0 and does nothing. */
  resetWorks: boolean;
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

export function newHypervisor(): Hypervisor {
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
      ['scsihw', 'virtio-scsi-single'],
    ]);
    return [vmid, { vmid, name, status: 'running', boots: false, config }];
  });
  const thinPool = { dataPercent: 54.31, metadataPercent: 3.12, attributes: 'twi-aotz--' };
  return {
    name: 'pve',
    vms: new Map(vms),
    ownMounts: [],
    processes: [],
    tasks: [],
    diskBusyPercent: 23.4,
    thinPool,
    kernelLog: [],
    resetWorks: true,
  };
}

/** On, and booted. */
export function nasIsUp({ hypervisor }: { readonly hypervisor: Hypervisor }): boolean {
  const vm = hypervisor.vms.get(NAS_VMID);
  return vm?.status === 'running' && !vm.boots;
}
