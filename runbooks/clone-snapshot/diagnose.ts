import { hasPath } from '../../src/commands/zfs-stored.ts';
import type { Diagnosis } from '../../src/core/finding.ts';
import { notSeen, ok, together } from '../../src/core/finding.ts';
import { sizeOf } from '../../src/core/size.ts';
import { aboutChoice, aboutWhole } from '../../src/topology/zfs-choice.ts';
import { aboutPlace, aboutPool, found, NOTHING, told } from '../../src/topology/zfs-findings.ts';
import { looksOf } from '../../src/topology/zfs-look.ts';
import type { Code } from './codes.ts';
import type { Facts } from './facts.ts';
import { parentOf } from './parent.ts';

export function diagnose(facts: Facts): Diagnosis<Code> {
  const { site, asked, zfs, look } = facts;
  const isWhole = look.place?.isWhole === true && look.place.dataset.kind === 'filesystem';
  const dataset = look.place?.dataset.name;
  return together<Code>([
    { evidence: notSeen('NAS', looksOf(zfs, [look])), findings: [] },
    aboutPlace(site, zfs, look),
    aboutWhole(zfs, look, 'clone'),
    ...(isWhole ? [aboutChoice(zfs, look, asked.snapshot), aboutClone(facts), aboutParent(facts)] : []),
    aboutPool(zfs, dataset === undefined ? [] : [dataset]),
  ]);
}

function aboutClone({ zfs: { stored }, look: { snapshots }, snapshot }: Facts): Diagnosis<Code> {
  if (snapshot === undefined || stored?.known !== true || snapshots?.known !== true) return NOTHING;
  const own = stored.value.find(({ name, origin }) => origin === snapshot.name && /-storagebot-[^/]*$/.test(name));
  if (own !== undefined) {
    const where = own.mounted ? `mounted at ${own.mountPoint}` : 'not mounted';
    return told(ok(`${own.name} is a clone of ${snapshot.name}, ${where}`, stored, snapshots));
  }
  const others = snapshot.clones.length === 0 ? '' : `; others made ${snapshot.clones.join(', ')}`;
  return found({
    code: 'not-cloned',
    subject: snapshot.name,
    says: `There is no clone of ${snapshot.name} by this bot, which shows ${sizeOf(snapshot.referencedBytes)}${others}`,
    remedy: 'Clone it read-only, compare, and copy back what is wanted.',
    doNot: 'Do not promote the clone: the old dataset would then depend on it.',
    seen: [stored, snapshots],
  });
}

function aboutParent({ zfs: { stored }, look: { place } }: Facts): Diagnosis<Code> {
  if (stored?.known !== true || place === undefined) return NOTHING;
  const above = parentOf(stored.value, place.dataset);
  if (above !== undefined && hasPath(above)) return NOTHING;
  const says = `${above?.name ?? 'The dataset above it'} is not mounted at a path that ZFS knows: the clone would appear nowhere`;
  const remedy = `Read the snapshot in the dataset itself (.zfs/snapshot), or let a person clone it with a mount point.`;
  return found({ code: 'nowhere-to-appear', subject: above?.name ?? place.dataset.name, says, remedy, seen: [stored] });
}
