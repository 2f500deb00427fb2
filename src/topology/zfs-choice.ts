import type { Snapshot } from '../commands/zfs-snapshots.ts';
import type { Diagnosis } from '../core/finding.ts';
import { ok, together } from '../core/finding.ts';
import { choice, found, NOTHING, timeOf, told } from './zfs-findings.ts';
import type { PlaceLook, ZfsLook } from './zfs-look.ts';

export const CHOICE_CODES = {
  'not-a-dataset': 'It is a plain directory of a dataset that holds other things too.',
  'is-volume': 'It is a block device, which an initiator may have open.',
  'no-such-snapshot': 'No snapshot was named, or the dataset has none of that name.',
} as const;
export type ChoiceCode = keyof typeof CHOICE_CODES;

export const LATEST = 'latest';

export function chosenSnapshot({ snapshots }: PlaceLook, wanted: string | undefined): Snapshot | undefined {
  if (snapshots?.known !== true) return undefined;
  return wanted === LATEST ? snapshots.value.at(-1) : snapshots.value.find(({ short }) => short === wanted);
}

/** For what can be done with a whole file system only. */
export function aboutWhole({ stored }: ZfsLook, { place, entry }: PlaceLook, what: string): Diagnosis<ChoiceCode> {
  if (stored?.known !== true || place === undefined) return NOTHING;
  const { dataset, path, isWhole } = place;
  if (dataset.kind === 'volume')
    return found({
      code: 'is-volume',
      subject: dataset.name,
      says: `${dataset.name} is a block device (zvol), which an iSCSI initiator may have open`,
      remedy: 'Log its sessions out first; then a person does it, with the volume in no use.',
      doNot: `A ${what} under a running initiator breaks its file system.`,
      seen: [stored],
    });
  if (isWhole || entry?.known !== true || entry.value.is !== 'directory') return NOTHING;
  return found({
    code: 'not-a-dataset',
    subject: path ?? dataset.name,
    says: `${path} is a directory of ${dataset.name}: a ${what} would be one of everything in that dataset`,
    remedy: `Copy the files out of a snapshot of ${dataset.name}: /storage restore files ${dataset.name} latest …`,
    doNot: `Do not make a ${what} of ${dataset.name} for one directory of it.`,
    seen: [stored, entry],
  });
}

/** The list to choose from, where none was named or there is none of that name. */
export function aboutChoice(zfs: ZfsLook, look: PlaceLook, wanted: string | undefined): Diagnosis<'no-such-snapshot'> {
  const { place, snapshots } = look;
  if (place === undefined || snapshots?.known !== true) return NOTHING;
  const { name } = place.dataset;
  const snapshot = chosenSnapshot(look, wanted);
  if (snapshot !== undefined) return told(ok(`${snapshot.name} was made ${timeOf(snapshot.createdS)}`, snapshots));
  return together<'no-such-snapshot'>([
    choice(name, snapshots, zfs.clock),
    found({
      code: 'no-such-snapshot',
      subject: name,
      says: wanted === undefined ? `Which snapshot of ${name}?` : `${name} has no snapshot ${wanted}`,
      remedy: 'Name one of the list, or "latest" where that is allowed.',
      seen: [snapshots],
    }),
  ]);
}
