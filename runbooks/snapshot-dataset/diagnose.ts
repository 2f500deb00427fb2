import type { Diagnosis } from '../../src/core/finding.ts';
import { notSeen, ok, together } from '../../src/core/finding.ts';
import { sizeOf } from '../../src/core/size.ts';
import { aboutPlace, aboutPool, ageOf, found, NOTHING, told } from '../../src/topology/zfs-findings.ts';
import { looksOf, type PlaceLook, type ZfsLook } from '../../src/topology/zfs-look.ts';
import type { Code } from './codes.ts';
import type { Facts } from './facts.ts';

type Part = Diagnosis<Code>;

export function diagnose({ site, zfs, places, service }: Facts): Part {
  const looks = [...looksOf(zfs, places), ...(service?.lists ?? [])];
  const datasets = places.flatMap(({ place }) => (place === undefined ? [] : [place.dataset.name]));
  return together<Code>([
    { evidence: notSeen('NAS and cluster', looks), findings: [] },
    ...places.map((each) => aboutPlace(site, zfs, each)),
    ...places.map((each) => protection(zfs, each)),
    aboutPool(zfs, datasets),
  ]);
}

/** A second request within this time finds the first one's snapshot. */
const FRESH_S = 300;

/** Whether something was written that no snapshot has. */
function protection({ stored, clock }: ZfsLook, { place, entry, snapshots }: PlaceLook): Part {
  if (place === undefined || stored?.known !== true || snapshots?.known !== true) return NOTHING;
  if (entry !== undefined && !(entry.known && entry.value.is === 'directory')) return NOTHING;
  const { name, writtenBytes } = place.dataset;
  const newest = snapshots.value.at(-1);
  const where = entry === undefined ? ([stored, snapshots] as const) : ([stored, snapshots, entry] as const);
  if (newest === undefined) {
    const says = `${name} has no snapshot: what is deleted or overwritten there is gone`;
    return found({ code: 'unprotected', subject: name, says, remedy: REMEDY, seen: where });
  }
  if (writtenBytes === 0) return told(ok(`Nothing was written to ${name} since its snapshot ${newest.short}`, ...where));
  if (!clock.known) return NOTHING;
  const ageS = clock.value - newest.createdS;
  const age = ageOf(ageS);
  // A snapshot that seems to be of tomorrow tells that the clock was set: its age is not known.
  if (ageS >= 0 && ageS <= FRESH_S) return told(ok(`${newest.name} is ${age} old: what was there then is kept`, ...where, clock));
  const says = `${sizeOf(writtenBytes)} were written to ${name} since its newest snapshot, ${newest.short}, ${age} ago`;
  return found({ code: 'unprotected', subject: name, says, remedy: REMEDY, seen: [...where, clock] });
}

const REMEDY = 'Make a snapshot before anything is changed there.';
