import type { Entry, Tree } from '../../src/commands/trees.ts';
import { isSameTree } from '../../src/commands/trees.ts';
import type { StoredDataset } from '../../src/commands/zfs-stored.ts';
import { hasPath } from '../../src/commands/zfs-stored.ts';
import type { Diagnosis } from '../../src/core/finding.ts';
import { bad, notSeen, ok, together } from '../../src/core/finding.ts';
import type { Known } from '../../src/core/reading.ts';
import { sizeOf } from '../../src/core/size.ts';
import { describeTree } from '../../src/repairs/copy-tree.ts';
import { aboutChoice } from '../../src/topology/zfs-choice.ts';
import { aboutPlace, aboutPool, found, NOTHING, timeOf, told } from '../../src/topology/zfs-findings.ts';
import { looksOf } from '../../src/topology/zfs-look.ts';
import type { Code } from './codes.ts';
import type { Facts, Paths } from './facts.ts';

type Part = Diagnosis<Code>;

export function diagnose(facts: Facts): Part {
  const { site, zfs, look, entries, kept, now, copy, statuses } = facts;
  const looks = [...looksOf(zfs, [look]), ...[entries, kept, now, copy, statuses].filter((each) => each !== undefined)];
  const dataset = look.place?.dataset.name;
  return together<Code>([
    { evidence: notSeen('NAS', looks), findings: [] },
    wasDeleted(facts) ? NOTHING : aboutPlace(site, zfs, look),
    aboutChoice(zfs, look, facts.asked.snapshot),
    unmounted(facts),
    ways(facts),
    difference(facts),
    blocks(facts),
    aboutPool(zfs, dataset === undefined ? [] : [dataset]),
  ]);
}

/** A directory that is gone is what the snapshot is asked for: then the way to it is looked at instead. */
function wasDeleted({ look: { entry }, paths }: Facts): boolean {
  return paths !== undefined && entry?.known === true && entry.value.is === 'absent';
}

function unmounted({ zfs: { stored }, look: { place } }: Facts): Part {
  if (place === undefined || stored?.known !== true || hasPath(place.dataset)) return NOTHING;
  const { name, kind } = place.dataset;
  return found({
    code: 'not-mounted',
    subject: name,
    says: kind === 'volume' ? `${name} is a block device (zvol)` : `${name} is not mounted at a path that ZFS knows`,
    remedy:
      kind === 'volume'
        ? 'Its files are those of whoever has the block device: a person clones the snapshot and attaches it there.'
        : 'Find out why, and mount it first: /storage diagnose zfs',
    seen: [stored],
  });
}

interface Way {
  readonly paths: Paths;
  readonly entries: Known<readonly Entry[]>;
}

/** Whether the path leads to it in the snapshot, and to where the copy goes. */
function ways({ paths, entries }: Facts): Part {
  if (paths === undefined || entries?.known !== true) return NOTHING;
  const is = (path: string) => entries.value.find((each) => each.path === path)?.is;
  const [root] = paths.waysKept;
  if (is(root) === 'absent')
    return told(bad(`${root} cannot be opened: the dataset may not show its snapshots (snapdir)`, entries));
  const [inSnapshot, now] = [keptWay({ paths, entries }, is), nowWay({ paths, entries }, is)];
  return inSnapshot.findings.length > 0 ? inSnapshot : together<Code>([inSnapshot, now]);
}

type KindOf = (path: string) => Entry['is'] | undefined;

function keptWay({ paths, entries }: Way, is: KindOf): Part {
  const link = paths.waysKept.find((path) => is(path) === 'link');
  if (link !== undefined) return linked(link, entries);
  if (is(paths.kept) !== 'absent') return told(ok(`The snapshot has ${paths.kept}`, entries));
  return found({
    code: 'not-in-snapshot',
    subject: paths.now,
    says: `The snapshot has nothing at ${paths.kept}`,
    remedy: 'Try an older snapshot, or the spelling: without a snapshot the list is shown.',
    seen: [entries],
  });
}

function linked(path: string, entries: Known<unknown>): Part {
  return found({
    code: 'link-in-the-way',
    subject: path,
    says: `${path} is a symbolic link, which may lead somewhere else`,
    remedy: 'Give the path to which it leads.',
    seen: [entries],
  });
}

function nowWay({ paths, entries }: Way, is: KindOf): Part {
  const link = paths.waysNow.find((path) => is(path) === 'link');
  if (link !== undefined) return linked(link, entries);
  const missing = paths.waysNow.find((path) => is(path) !== 'directory');
  if (missing === undefined) return NOTHING;
  return found({
    code: 'parent-missing',
    subject: missing,
    says: `${missing} is no directory now, so that nothing can be put beside ${paths.now}`,
    remedy: `Restore ${missing} itself: the snapshot has it with all that is in it.`,
    seen: [entries],
  });
}

/** What the snapshot has against what is there, and whether it was copied out already. */
function difference({ look, zfs, snapshot, paths, entries, kept, now, copy }: Facts): Part {
  if (paths === undefined || snapshot === undefined || entries?.known !== true || kept?.known !== true) return NOTHING;
  const { place, snapshots } = look;
  if (place === undefined || snapshots?.known !== true || zfs.stored?.known !== true) return NOTHING;
  if (kept.value.files === 0)
    return found({
      code: 'not-in-snapshot',
      subject: paths.now,
      says: `${paths.kept} holds no file: a copy of nothing would prove nothing`,
      remedy: 'A dataset below may hold them, or an older snapshot.',
      seen: [entries, kept],
    });
  const figures = told(
    ...(now?.known ? [ok(`There now: ${describeTree(now.value)}`, now)] : []),
    ok(`In ${snapshot.name}: ${describeTree(kept.value)}`, kept),
  );
  if (copy !== undefined) return together<Code>([figures, alreadyThere(paths, [kept, copy], entries)]);
  const seen = [zfs.stored, snapshots, entries, kept] as const;
  const rest = place.dataset.availableBytes < 2 * kept.value.bytes ? noRoom(place.dataset, kept, zfs.stored) : NOTHING;
  const says = `${paths.now} as of ${timeOf(snapshot.createdS)} is in ${snapshot.name}: ${describeTree(kept.value)}`;
  const remedy = `Copy it to ${paths.copy}, compare, and let a person move back what is missing.`;
  const doNot = 'Do not roll the dataset back for it: that loses all good writes since, of every service in it.';
  return together<Code>([figures, found({ code: 'not-restored', subject: paths.now, says, remedy, doNot, seen }), rest]);
}

function alreadyThere(paths: Paths, [kept, copy]: readonly [Known<Tree>, Facts['copy']], entries: Known<unknown>): Part {
  if (copy?.known !== true) return NOTHING;
  if (isSameTree(kept.value, copy.value))
    return told(ok(`${paths.copy} has the same: ${describeTree(copy.value)}`, entries, kept, copy));
  return found({
    code: 'copy-differs',
    subject: paths.copy,
    says: `${paths.copy} is there and has ${describeTree(copy.value)}: a copy that did not end, or that somebody used`,
    remedy: 'Look into it, and move it away before you ask again.',
    doNot: 'Nothing is copied over it.',
    seen: [entries, kept, copy],
  });
}

function noRoom({ name, availableBytes }: StoredDataset, kept: Known<Tree>, stored: Known<unknown>): Part {
  return found({
    code: 'no-room',
    subject: name,
    says: `${name} has room for ${sizeOf(availableBytes)}, and twice ${sizeOf(kept.value.bytes)} are wanted: the copy shares nothing with the snapshot`,
    remedy: 'Restore a smaller part, or clone the snapshot, which takes no room: /storage clone.',
    seen: [stored, kept],
  });
}

/** A block that cannot be read cannot be read in the snapshot either: the good copy is elsewhere. */
function blocks({ look, paths, snapshot, statuses }: Facts): Part {
  if (paths === undefined || snapshot === undefined || statuses?.known !== true || look.place === undefined) return NOTHING;
  const inSnapshot = `${snapshot.name}:${paths.now.slice(look.place.dataset.mountPoint.length)}`;
  const broken = statuses.value.flatMap(({ errors }) => (errors.is === 'listed' ? errors.entries : []));
  const hit = broken.find((entry) => [paths.now, inSnapshot].some((path) => entry === path || entry.startsWith(`${path}/`)));
  if (hit === undefined) return told(ok('ZFS knows of no broken block in it', statuses));
  return found({
    code: 'broken-block',
    subject: paths.now,
    says: `ZFS cannot read ${hit}: the snapshots share that block, unless the file was written anew since`,
    remedy: 'Take this file from the offsite copy, beside the broken one, and compare.',
    doNot: 'Do not run zpool clear: it erases the list and repairs nothing.',
    seen: [statuses],
  });
}
