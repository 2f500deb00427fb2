import type { Diagnosis } from '../../src/core/finding.ts';
import { knownOf, notSeen, ok, together } from '../../src/core/finding.ts';
import { isAtOrBelow } from '../../src/core/path.ts';
import type { Seen } from '../../src/core/reading.ts';
import { sizeOf } from '../../src/core/size.ts';
import { describe, newerThan } from '../../src/repairs/roll-back.ts';
import { mountedAnywhere, wantedBy } from '../../src/topology/users.ts';
import { aboutChoice, aboutWhole } from '../../src/topology/zfs-choice.ts';
import { aboutPlace, aboutPool, found, NOTHING, told } from '../../src/topology/zfs-findings.ts';
import { looksOf } from '../../src/topology/zfs-look.ts';
import type { Code } from './codes.ts';
import type { Facts } from './facts.ts';

type Part = Diagnosis<Code>;

export function diagnose(facts: Facts): Part {
  const { site, asked, zfs, look } = facts;
  const dataset = look.place?.dataset;
  const isWhole = look.place?.isWhole === true && dataset?.kind === 'filesystem';
  return together<Code>([
    { evidence: notSeen('NAS and cluster', allLooks(facts)), findings: [] },
    aboutPlace(site, zfs, look),
    aboutWhole(zfs, look, 'rollback'),
    ...(isWhole
      ? [aboutChoice(zfs, look, asked.snapshot), difference(facts), newer(facts), surroundings(facts), users(facts)]
      : []),
    aboutPool(zfs, dataset === undefined ? [] : [dataset.name]),
  ]);
}

export function allLooks({ zfs, look, bookmarks, changed, pods, volumes, workloads }: Facts): readonly Seen<unknown>[] {
  return [...looksOf(zfs, [look]), pods, volumes, ...workloads, ...[bookmarks, changed].filter((each) => each !== undefined)];
}

/** What a rollback would take away. */
function difference({ zfs: { stored }, look: { place, snapshots }, snapshot, changed }: Facts): Part {
  if (place === undefined || snapshot === undefined || stored?.known !== true || snapshots?.known !== true || !changed?.known)
    return NOTHING;
  const { name, writtenBytes } = place.dataset;
  if (changed.value.files.length === 0) return told(ok(`No file of ${name} differs from ${snapshot.short}`, changed, snapshots));
  return found({
    code: 'changed-since',
    subject: name,
    says: `${sizeOf(writtenBytes)} were written to ${name} since its newest snapshot; against ${snapshot.short} differ: ${describe(changed.value)}`,
    remedy: 'If single files are wanted, restore them beside: /storage restore files. A rollback loses every good write since.',
    doNot:
      'Do not make a snapshot first: it would be newer, and in the way. What may be wanted is copied out of the dataset before.',
    seen: [stored, snapshots, changed],
  });
}

/** `-r` would destroy these, the one that the offsite copy counts from among them. */
function newer({ look: { place, snapshots }, snapshot, bookmarks }: Facts): Part {
  if (place === undefined || snapshot === undefined || snapshots?.known !== true || bookmarks?.known !== true) return NOTHING;
  const bySnapshot = newerThan(snapshot, snapshots.value, []);
  const all = newerThan(snapshot, snapshots.value, bookmarks.value);
  if (all.length === 0) return told(ok(`${snapshot.name} is the newest, and no bookmark is newer`, snapshots, bookmarks));
  const shown = `${all.slice(-5).join(', ')}${all.length > 5 ? ` and ${all.length - 5} others` : ''}`;
  return found({
    code: 'newer-snapshots',
    subject: snapshot.name,
    says: `${all.length} are newer than ${snapshot.name}, and zfs goes back to the newest only: ${shown}`,
    remedy: `Restore files out of it, or clone it: /storage clone ${place.dataset.name} ${snapshot.short}`,
    doNot:
      'Do not give zfs rollback -r: it destroys all of these for good. Without cloudsync-prev the next offsite copy starts from nothing.',
    seen: bySnapshot.length === all.length ? [snapshots] : [snapshots, bookmarks],
  });
}

function surroundings({ zfs: { stored }, look: { place } }: Facts): Part {
  if (place === undefined || stored?.known !== true) return NOTHING;
  const { name } = place.dataset;
  const below = stored.value.filter((each) => each.name.startsWith(`${name}/`)).map((each) => each.name);
  if (below.length > 0)
    return found({
      code: 'child-datasets',
      subject: name,
      says: `${name} holds datasets, which a rollback leaves as they are: ${below.join(', ')}`,
      remedy: 'Name the dataset that is meant, or restore files: what belongs together would come from two times.',
      seen: [stored],
    });
  if (place.path !== undefined) return told(ok(`${name} holds no other dataset`, stored));
  const says = `${name} is not mounted at a path that ZFS knows: who uses it and what would be lost cannot be seen`;
  return found({
    code: 'not-mounted',
    subject: name,
    says,
    remedy: 'Find out why, and mount it first: /storage diagnose zfs',
    seen: [stored],
  });
}

function users({ zfs: { stored }, look: { place }, pods, volumes, workloads }: Facts): Part {
  const lists = knownOf(workloads);
  if (place?.path === undefined || stored?.known !== true || !pods.known || !volumes.known || lists.length < workloads.length)
    return NOTHING;
  const { path, dataset } = place;
  const touches = (each: string) => isAtOrBelow(each, path) || isAtOrBelow(path, each);
  const using = pods.value.filter((pod) => mountedAnywhere(pod, volumes.value).some(touches));
  const wanting = wantedBy(
    path,
    lists.flatMap(({ value }) => value),
    volumes.value,
  );
  const seen = [stored, pods, volumes, ...lists] as const;
  const names = [
    ...using.map(({ namespace, name }) => `${namespace}/${name}`).toSorted(),
    ...wanting.map(({ kind, namespace, name }) => `${kind} ${namespace}/${name}`).toSorted(),
  ];
  if (names.length === 0) return told(ok(`No pod mounts ${path}, and nothing in the cluster would start one`, ...seen));
  return found({
    code: 'in-use',
    subject: dataset.name,
    says: `${names.join(', ')} mount ${path}: a rollback under a running program breaks what it has open`,
    remedy: 'Scale what uses it to 0 first, and note the replicas; suspend its CronJobs. Then ask again.',
    seen,
  });
}
