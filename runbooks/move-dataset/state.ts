import type { DatasetProperties } from '../../src/commands/zfs-send.ts';
import type { Snapshot } from '../../src/commands/zfs-snapshots.ts';
import type { DatasetLook, Place } from './facts.ts';

/** How far the move is, as far as ZFS tells. */
export type Stage =
  | 'nothing' // no dataset of the target's name
  | 'foreign' // one that is no copy of the bot's
  | 'copied' // a copy, and the source may still change
  | 'complete'; // a mounted copy of a source that cannot change, and did not

export function foundOf({ properties }: DatasetLook): DatasetProperties | undefined {
  return properties.known ? properties.value.found : undefined;
}

/** The last snapshot of the bot's that the dataset and its copy both have: zfs gives no guid twice. */
export function commonSnapshot({ source, target }: Pick<Place, 'source' | 'target'>): Snapshot | undefined {
  if (source.snapshots?.known !== true || target.snapshots?.known !== true) return undefined;
  const copied = target.snapshots.value;
  return source.snapshots.value.findLast(
    ({ short, guid }) => short.startsWith('storagebot-') && copied.some((each) => each.guid === guid),
  );
}

/** Undefined where something that it depends on could not be seen. */
export function stageOf(place: Place): Stage | undefined {
  const { source, target } = place;
  if (!target.properties.known || !source.properties.known) return undefined;
  if (target.properties.value.found === undefined) return 'nothing';
  if (source.snapshots?.known !== true || target.snapshots?.known !== true) return undefined;
  if (commonSnapshot(place) === undefined) return 'foreign';
  if (source.written?.known !== true) return undefined;
  const isFrozen = foundOf(source)?.isReadOnly === true && source.written.value === 0;
  return isFrozen && foundOf(target)?.isMounted === true ? 'complete' : 'copied';
}
