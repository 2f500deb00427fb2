import { persistentVolumes, pods } from '../../src/commands/cluster.ts';
import type { PersistentVolume, Pod } from '../../src/commands/cluster-objects.ts';
import type { User } from '../../src/commands/workload-volumes.ts';
import { type Bookmark, bookmarksOf, type Snapshot } from '../../src/commands/zfs-snapshots.ts';
import { changedSince } from '../../src/commands/zfs-stored.ts';
import type { Reader, Seen } from '../../src/core/reading.ts';
import type { Site } from '../../src/core/site.ts';
import type { Changed } from '../../src/repairs/roll-back.ts';
import { stoppable } from '../../src/topology/users.ts';
import { chosenSnapshot } from '../../src/topology/zfs-choice.ts';
import type { PlaceLook, ZfsLook } from '../../src/topology/zfs-look.ts';
import { lookAtPlace, lookAtZfs } from '../../src/topology/zfs-look.ts';

export interface Params {
  readonly dataset: string;
  /** What follows the "@". */
  readonly snapshot: string;
}

export interface Facts {
  readonly site: Site;
  readonly asked: Params;
  readonly zfs: ZfsLook;
  readonly look: PlaceLook;
  /** The one that was named; absent where there is none. */
  readonly snapshot?: Snapshot;
  readonly bookmarks?: Seen<readonly Bookmark[]>;
  readonly changed?: Seen<Changed>;
  readonly pods: Seen<readonly Pod[]>;
  readonly volumes: Seen<readonly PersistentVolume[]>;
  /** Whatever could start a pod, a list of each kind. */
  readonly workloads: readonly Seen<readonly User[]>[];
}

export async function gather(asked: Params, read: Reader, site: Site): Promise<Facts> {
  const { host } = site.nas;
  const [zfs, seenPods, volumes, workloads] = await Promise.all([
    lookAtZfs(host, read),
    read(pods()),
    read(persistentVolumes()),
    Promise.all(stoppable().map((each) => read(each))),
  ]);
  const look = await lookAtPlace(asked.dataset, zfs, { host, read });
  const facts = { site, asked, zfs, look, pods: seenPods, volumes, workloads };
  const { place } = look;
  if (place?.isWhole !== true || place.dataset.kind !== 'filesystem') return facts;
  const snapshot = chosenSnapshot(look, asked.snapshot);
  const [bookmarks, changed] = await Promise.all([
    read(bookmarksOf(host, place.dataset.name)),
    snapshot === undefined || place.path === undefined ? undefined : read(changedSince(host, snapshot.name)),
  ]);
  return { ...facts, bookmarks, ...(snapshot && { snapshot }), ...(changed && { changed }) };
}
