import type { Snapshot } from '../../src/commands/zfs-snapshots.ts';
import type { Reader } from '../../src/core/reading.ts';
import type { Site } from '../../src/core/site.ts';
import { chosenSnapshot } from '../../src/topology/zfs-choice.ts';
import type { PlaceLook, ZfsLook } from '../../src/topology/zfs-look.ts';
import { lookAtPlace, lookAtZfs } from '../../src/topology/zfs-look.ts';

export interface Params {
  readonly dataset: string;
  /** What follows the "@", or `latest`; absent: which one is asked. */
  readonly snapshot?: string | undefined;
}

export interface Facts {
  readonly site: Site;
  readonly asked: Params;
  readonly zfs: ZfsLook;
  readonly look: PlaceLook;
  readonly snapshot?: Snapshot;
}

export async function gather(asked: Params, read: Reader, site: Site): Promise<Facts> {
  const { host } = site.nas;
  const zfs = await lookAtZfs(host, read);
  const look = await lookAtPlace(asked.dataset, zfs, { host, read });
  const snapshot = chosenSnapshot(look, asked.snapshot);
  return { site, asked, zfs, look, ...(snapshot && { snapshot }) };
}
