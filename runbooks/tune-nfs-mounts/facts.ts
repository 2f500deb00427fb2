import type { Pod, StorageClass } from '../../src/commands/cluster-objects.ts';
import type { Shown } from '../../src/commands/mount-options.ts';
import { isTakenOver, sameOptions, sharesWith, shownBy } from '../../src/commands/mount-options.ts';
import type { Mount, TestMount } from '../../src/commands/nfs-client.ts';
import { podUidOf } from '../../src/commands/nfs-client.ts';
import type { Process } from '../../src/commands/node-system.ts';
import { withoutSlash } from '../../src/core/path.ts';
import type { Seen } from '../../src/core/reading.ts';
import type { Site } from '../../src/core/site.ts';
import type { Workload } from '../../src/topology/cluster.ts';
import type { ClusterLook } from '../../src/topology/cluster-look.ts';
import type { Service } from '../../src/topology/service.ts';
import type { NfsVolume } from '../../src/topology/volumes.ts';

/** One volume of the service, with every pod of the cluster that mounts it and what it is to be mounted with. */
export interface TunedVolume {
  readonly volume: NfsVolume;
  readonly className?: string;
  /** The wanted options, and those of its own that say nothing about the same. */
  readonly target: readonly string[];
  /** Not ended: of this service and of others that share its claim. */
  readonly pods: readonly Pod[];
  /** What mounts it when it runs, and has no pod now. */
  readonly idle: readonly Workload[];
}

/** A fresh mount, as a pod made now would make it. */
export interface FreshMount {
  readonly node: string;
  readonly server: string;
  readonly path: string;
  readonly version?: string;
  readonly result: Seen<TestMount>;
}

export interface NodeFacts {
  readonly name: string;
  readonly mounts: Seen<readonly Mount[]>;
  readonly processes: Seen<readonly Process[]>;
  /** Made only where a pod would have to be made anew. */
  readonly freshMounts: readonly FreshMount[];
}

export interface Facts {
  readonly site: Site;
  readonly wanted: readonly string[];
  readonly look: ClusterLook;
  readonly statefulSets: Seen<
    readonly { readonly namespace: string; readonly name: string; readonly owner?: { readonly kind: string } }[]
  >;
  readonly classes: Seen<readonly StorageClass[]>;
  /** Absent where the cluster's lists could not be read. */
  readonly service?: Service;
  readonly volumes: readonly TunedVolume[];
  readonly nodes: readonly NodeFacts[];
}

/** Neither ended nor being ended. */
export function isActive({ phase, terminatingAt }: Pod): boolean {
  return (phase === 'Running' || phase === 'Pending') && terminatingAt === undefined;
}

export function isTuned({ volume, target }: TunedVolume): boolean {
  return volume.backing.inline || sameOptions(volume.mountOptions, target);
}

/** The pod's own mount of the volume; the kernel's table has one of each subdirectory as well. */
export function mountFor(mounts: readonly Mount[], pod: Pod, { backing }: Pick<NfsVolume, 'backing'>): Mount | undefined {
  return mounts.find(
    (mount) => podUidOf(mount) === pod.uid && mount.server === backing.server && withoutSlash(mount.remotePath) === backing.path,
  );
}

/** The options that the mount shows in this way. */
export function optionsThatAre(shown: Shown, mount: Mount, options: readonly string[]): readonly string[] {
  return options.filter((option) => shownBy(mount, option) === shown);
}

/** Mounts of other pods with which the kernel shares what it keeps of the file system, time-outs included. */
export function sharers(mount: Mount, mounts: readonly Mount[]): readonly Mount[] {
  return mounts.filter((other) => podUidOf(other) !== podUidOf(mount) && sharesWith(mount, other));
}

/** What the mount lacks of these options and a new mount would have. */
export function lacking(mount: Mount, mounts: readonly Mount[], options: readonly string[]): readonly string[] {
  const shared = sharers(mount, mounts).length > 0;
  return optionsThatAre('no', mount, options).filter((option) => !(shared && isTakenOver(option)));
}
