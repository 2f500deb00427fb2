import type { VolumeAttachment } from '../../src/commands/block-attachments.ts';
import type { PersistentVolume, PersistentVolumeClaim, Pod, Workload } from '../../src/commands/cluster-objects.ts';
import type { LogicalVolume } from '../../src/commands/logical-volumes.ts';
import type { ProxmoxStorage } from '../../src/commands/proxmox-storage.ts';
import type { VmConfig } from '../../src/commands/proxmox-vm.ts';
import type { Tree } from '../../src/commands/trees.ts';
import type { User } from '../../src/commands/workload-volumes.ts';
import type { Host } from '../../src/core/command.ts';
import type { Seen } from '../../src/core/reading.ts';
import type { HypervisorApi, Site } from '../../src/core/site.ts';
import type { BackupUnit } from '../../src/repairs/preflight.ts';

/** What to restore from: a snapshot by its name or the `20260403_0300` at its end, or the copy of the files of a week. */
export type Choice = { readonly from: 'snapshot'; readonly name: string } | { readonly from: 'files'; readonly week: string };

export interface Params {
  readonly namespace: string;
  readonly claim: string;
  readonly choice?: Choice | undefined;
}

/** The host of the volumes, and how to ask Proxmox about its machines. */
export interface Hypervisor {
  readonly host: Host;
  readonly api: HypervisorApi;
  readonly nodeVmids: Readonly<Record<string, number>>;
  /** Where copies of files lie, if the site makes any. */
  readonly copies?: string;
}

export interface ClusterFacts {
  readonly claims: Seen<readonly PersistentVolumeClaim[]>;
  readonly volumes: Seen<readonly PersistentVolume[]>;
  readonly users: readonly Seen<readonly User[]>[];
  readonly sets: Seen<readonly Workload[]>;
  readonly pods: Seen<readonly Pod[]>;
  readonly attachments: Seen<readonly VolumeAttachment[]>;
}

/** A machine of the hypervisor by its number; all that run there, whether they are nodes or not. */
export interface MachineFacts {
  readonly vmid: number;
  readonly config: Seen<VmConfig>;
}

export interface HostFacts {
  readonly storages: Seen<readonly ProxmoxStorage[]>;
  readonly list: Seen<readonly { readonly vmid: number }[]>;
  readonly machines: readonly MachineFacts[];
  readonly clock: Seen<number>;
  readonly backups: readonly BackupUnit[];
}

export interface VolumeFacts {
  readonly logical: Seen<readonly LogicalVolume[]>;
  /** The weeks of which there are copies of files; absent where the site makes none, and where a snapshot was asked for. */
  readonly weeks?: Seen<readonly string[]>;
  /** What is in the copy that was named. */
  readonly tree?: Seen<Tree>;
  /** What is on the volume, or on the copy that was made of it: on what has a device. */
  readonly content?: Content;
}

export interface Content {
  readonly name: string;
  readonly seen: Seen<string>;
}

export interface Facts {
  readonly site: Site;
  readonly asked: Params;
  readonly hypervisor: Hypervisor;
  readonly cluster: ClusterFacts;
  readonly host: HostFacts;
  /** Absent while the claim leads to no volume group. */
  readonly volume?: VolumeFacts;
}
