import type { Evidence } from '../../../src/core/finding.ts';
import { isSome, ok, together } from '../../../src/core/finding.ts';
import { sizeOf } from '../../../src/core/size.ts';
import { hasRoom } from '../../../src/repairs/thin-pool-state.ts';
import type { Facts } from '../facts.ts';
import { diskClaims } from '../facts.ts';
import type { Fill } from '../fill.ts';
import { fillsOf, idOf, isFull, lacksInodes } from '../fill.ts';
import { growth } from './growth.ts';
import type { Part } from './part.ts';
import { oneFinding, some } from './part.ts';

export function claims(facts: Facts): Part {
  const fills = fillsOf(facts);
  const known = new Set(facts.site.capacity?.knownFull ?? []);
  const isKnown = (fill: Fill) => known.has(idOf(fill));
  const own = fills.filter(({ server }) => server === undefined);
  const checked = own.filter((fill) => !isKnown(fill));
  return together([
    ...checked.map(ofDisk),
    growth(facts, checked),
    servers(facts, fills),
    { evidence: [...writers(facts), ...unmeasured(facts, fills)], findings: [] },
    { evidence: [...fullest(checked), ...accepted(fills.filter(isKnown))], findings: [] },
  ]);
}

/** Who would have to be stopped where a pool is short of space; what it writes over and over does not show here. */
function writers({ below, measured: { overHours } }: Facts): Evidence[] {
  const isShort = below?.pools.known === true && !below.pools.value.every(hasRoom);
  if (!isShort || !overHours.known) return [];
  const growing = overHours.value.filter(({ value }) => value < 0).toSorted((a, b) => a.value - b.value);
  const names = growing
    .slice(0, 3)
    .map(({ namespace, claim, value }) => `${namespace}/${claim} (${sizeOf(-value * 3_600)} an hour)`);
  return isSome(names) ? [ok(`Over the last 6 hours these claims grew most: ${names.join(', ')}`, overHours)] : [];
}

/** What is mounted and has no figure is not well: nobody knows. */
function unmeasured(facts: Facts, fills: readonly Fill[]): Evidence[] {
  const { pods, nodes } = facts;
  if (!pods.known) return [];
  const measured = new Set(fills.map(idOf));
  const wasLookedAt = (node: string | undefined) =>
    nodes.some((each) => each.node === node && each.use.known && each.mounts.known);
  const ids = pods.value
    .filter(({ node }) => wasLookedAt(node))
    .flatMap((pod) => diskClaims(pod, facts).map(idOf))
    .filter((id) => !measured.has(id));
  const says = `Neither Prometheus nor df on its node has a figure of ${some([...new Set(ids)])}: how full that is, is not known`;
  const looks = nodes.flatMap(({ use, mounts }) => [use, mounts]);
  return isSome(ids) ? [{ status: 'unknown', says, seen: [facts.measured.now, pods, ...looks] }] : [];
}

function ofDisk(fill: Fill): Part {
  const parts = [...(isFull(fill) ? [full(fill)] : []), ...(lacksInodes(fill) ? [withoutInodes(fill)] : [])];
  return together(parts);
}

function full(fill: Fill): Part {
  const id = idOf(fill);
  return oneFinding({
    code: 'claim-full',
    subject: id,
    says: `${id} has used ${fill.usedPercent} % of ${sizeOf(fill.sizeBytes)}; ${sizeOf(fill.freeBytes)} are left for its programs`,
    remedy: `Delete what the application no longer needs, by its own means, or let the claim grow: "/storage expand pvc ${id} <size>" says how.`,
    doNot: 'Do not delete files of a database by hand, and do not make a smaller claim: a claim cannot shrink.',
    seen: fill.seen,
  });
}

function withoutInodes(fill: Fill): Part {
  const id = idOf(fill);
  return oneFinding({
    code: 'claim-inodes',
    subject: id,
    says:
      `${id} has used ${fill.inodesPercent} % of its inodes and ${fill.usedPercent} % of its space: ` +
      'programs that make a file are told "No space left on device"',
    remedy: `Find the directory with the many small files and clean it by the application's own means, or let the claim grow: ext4 gets inodes with its size ("/storage expand pvc ${id} <size>").`,
    doNot: 'Do not take the free space for a sign that the monitoring is wrong.',
    seen: fill.seen,
  });
}

/** A client on NFS is told the file system of the server, whatever the claim says: forty claims, one file system. */
function servers({ site }: Facts, fills: readonly Fill[]): Part {
  const shared = Map.groupBy(
    fills.filter(({ server }) => server !== undefined),
    ({ server = '', sizeBytes }) => `${server} ${sizeBytes}`,
  );
  return together([...shared.values()].map((group) => ofServer(group, site.nas.nfsAddresses)));
}

function ofServer(group: readonly Fill[], own: readonly string[]): Part {
  const [first] = group;
  const { server = '', usedPercent = 0, sizeBytes = 0 } = first ?? {};
  const names = some(group.map(idOf), 3);
  const says = `${names} ${group.length === 1 ? 'shows' : 'show'} ${usedPercent} % of ${sizeOf(sizeBytes)}: that is the file system of ${server}, not a size of their own`;
  if (first === undefined || !isFull(first) || !own.includes(server))
    return { evidence: first === undefined ? [] : [ok(says, ...first.seen)], findings: [] };
  return oneFinding({
    code: 'server-full',
    subject: server,
    says,
    remedy: 'Make room on the NAS: "/storage diagnose zfs" says how full its pools are and what their snapshots hold.',
    doNot: 'Do not expand or delete these claims: their size is a number that nobody enforces.',
    seen: first.seen,
  });
}

function fullest(fills: readonly Fill[]): Evidence[] {
  const [first] = fills;
  if (first === undefined) return [];
  const says = `${fills.length} claims with a disk of their own are measured; the fullest is ${idOf(first)} with ${first.usedPercent} % of ${sizeOf(first.sizeBytes)}`;
  return isFull(first) ? [] : [ok(says, ...first.seen)];
}

function accepted(fills: readonly Fill[]): Evidence[] {
  const all = fills.filter((fill) => isFull(fill) || lacksInodes(fill));
  const seen = all.flatMap((fill) => fill.seen);
  return isSome(all) ? [ok(`Full, which the configuration says is known: ${some(all.map(idOf))}`, ...seen)] : [];
}
