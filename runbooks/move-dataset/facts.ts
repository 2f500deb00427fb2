import type { PersistentVolume, PersistentVolumeClaim, Pod } from '../../src/commands/cluster-objects.ts';
import type { Directory } from '../../src/commands/nas.ts';
import type { Tree } from '../../src/commands/trees.ts';
import type { User, WholePersistentVolume } from '../../src/commands/workload-volumes.ts';
import type { DatasetProperties } from '../../src/commands/zfs-send.ts';
import type { Snapshot } from '../../src/commands/zfs-snapshots.ts';
import type { Seen } from '../../src/core/reading.ts';
import type { Site } from '../../src/core/site.ts';
import type { NasLook } from '../../src/topology/nas-look.ts';

export interface Params {
  readonly dataset: string;
  readonly pool: string;
}

/** Everything about one dataset; whoever is asked about one that does not exist answers so. */
export interface DatasetLook {
  readonly name: string;
  readonly properties: Seen<{ readonly found?: DatasetProperties }>;
  readonly snapshots?: Seen<readonly Snapshot[]>;
  /** Bytes since the last snapshot that both have. */
  readonly written?: Seen<number>;
  readonly content?: Seen<Tree>;
}

export interface ClusterFacts {
  readonly users: readonly Seen<readonly User[]>[];
  readonly pods: Seen<readonly Pod[]>;
  readonly volumes: Seen<readonly PersistentVolume[]>;
  readonly whole: Seen<readonly WholePersistentVolume[]>;
  readonly claims: Seen<readonly PersistentVolumeClaim[]>;
}

export interface Facts extends Params {
  readonly site: Site;
  readonly nas: NasLook;
  readonly cluster: ClusterFacts;
  /** Absent while the datasets of the NAS are not known. */
  readonly place?: Place;
}

export interface Place {
  readonly source: DatasetLook;
  readonly target: DatasetLook;
  /** The other pool itself. */
  readonly pool: DatasetLook;
  readonly children: Seen<readonly string[]>;
  /** Where the dataset is mounted, as far as the list of datasets tells. */
  readonly path: string;
  /** Where the copy will be. */
  readonly newPath: string;
  readonly directory: Seen<readonly Directory[]>;
}
