import type { Autoscaler } from '../../src/commands/autoscalers.ts';
import type { BackupFile } from '../../src/commands/backup-files.ts';
import type { VolumeAttachment } from '../../src/commands/block-attachments.ts';
import type { Claim } from '../../src/commands/claims.ts';
import type { KubeNode, PersistentVolume, Pod, Workload } from '../../src/commands/cluster-objects.ts';
import type { CopyJob, CopyTold } from '../../src/commands/copy-jobs.ts';
import type { LogicalVolume } from '../../src/commands/logical-volumes.ts';
import type { ClaimUsage } from '../../src/commands/prometheus.ts';
import type { ProxmoxStorage } from '../../src/commands/proxmox-storage.ts';
import type { VmConfig } from '../../src/commands/proxmox-vm.ts';
import type { BlockClass } from '../../src/commands/storage-classes.ts';
import type { ThinPool } from '../../src/commands/thin-pool.ts';
import type { Tree } from '../../src/commands/trees.ts';
import type { User } from '../../src/commands/workload-volumes.ts';
import type { Seen } from '../../src/core/reading.ts';
import type { Site } from '../../src/core/site.ts';
import type { SqliteLook } from '../../src/topology/sqlite-look.ts';
import type { Backing } from '../../src/topology/volumes.ts';

export interface Params {
  /** Absent where only one namespace has a claim of the name. */
  readonly namespace?: string | undefined;
  readonly claim: string;
  readonly storageClass: string;
  /** As Kubernetes writes it: `20Gi`; enough for the files, and no less than before, where it is absent. */
  readonly size?: string | undefined;
}

export interface ClusterFacts {
  readonly claims: Seen<readonly Claim[]>;
  readonly volumes: Seen<readonly PersistentVolume[]>;
  readonly users: readonly Seen<readonly User[]>[];
  readonly sets: Seen<readonly Workload[]>;
  readonly pods: Seen<readonly Pod[]>;
  readonly attachments: Seen<readonly VolumeAttachment[]>;
  readonly classes: Seen<readonly BlockClass[]>;
  readonly nodes: Seen<readonly KubeNode[]>;
  readonly autoscalers: Seen<readonly Autoscaler[]>;
}

/** The thin pool in which the new volume is made. */
export interface PoolFacts {
  readonly storages: Seen<readonly ProxmoxStorage[]>;
  readonly pools: Seen<readonly ThinPool[]>;
  /** Of the volume group of the class; absent while that is not known. */
  readonly logical?: Seen<readonly LogicalVolume[]>;
  /** Of the nodes that take pods: its disk is plugged into one of them. */
  readonly machines: readonly MachineFacts[];
}

export interface MachineFacts {
  readonly node: string;
  readonly config: Seen<VmConfig>;
}

export interface BackupFacts {
  readonly job: string;
  readonly files: Seen<readonly BackupFile[]>;
  readonly clock: Seen<number>;
}

/** The claim that was asked about, and the one that takes its place. */
export interface Place {
  readonly source: Claim;
  readonly volume?: PersistentVolume;
  readonly backing: Backing;
  readonly target: string;
  readonly made?: Claim;
  readonly jobs: Seen<readonly CopyJob[]>;
  /** Of the last of the Jobs, once it has ended. */
  readonly told?: Seen<CopyTold>;
  /** Of a directory of the NAS. */
  readonly tree?: Seen<Tree>;
  /** Of a disk, while a pod has it mounted. */
  readonly usage?: Seen<readonly ClaimUsage[]>;
  /** The databases that the configuration says are on it. */
  readonly databases: readonly SqliteLook[];
  readonly backups: readonly BackupFacts[];
}

export interface Facts {
  readonly site: Site;
  readonly asked: Params;
  readonly image: string;
  readonly cluster: ClusterFacts;
  readonly pool: PoolFacts;
  /** Absent while the claims or volumes are not known. */
  readonly place?: Place;
}
