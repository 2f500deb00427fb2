import type { ThinPool } from '../../../src/commands/thin-pool.ts';
import type { Evidence } from '../../../src/core/finding.ts';
import { bad, isSome, ok, together } from '../../../src/core/finding.ts';
import type { Known } from '../../../src/core/reading.ts';
import { spanText } from '../../../src/core/span.ts';
import type { Level } from '../../../src/repairs/thin-pool-state.ts';
import { hasRoom, stateOf } from '../../../src/repairs/thin-pool-state.ts';
import type { Code } from '../codes.ts';
import type { Below } from '../facts.ts';
import type { Part } from './part.ts';
import { NOTHING, oneFinding, some } from './part.ts';

type Pools = Known<readonly ThinPool[]>;

export function pools(below: Below): Part {
  const { pools: seen } = below;
  if (!seen.known) return NOTHING;
  const parts = seen.value.map((pool) => together([ofPool(pool, seen), forecast(pool, seen, below)]));
  const stopped = seen.value.some((pool) => !hasRoom(pool)) ? consequences(below) : [];
  return together([...parts, { evidence: [...kernel(below, seen), ...stopped], findings: [] }]);
}

function ofPool(pool: ThinPool, seen: Pools): Part {
  const { name, attributes, dataPercent, metadataPercent } = pool;
  const state = stateOf(pool);
  const figures = `Thin pool ${name} has used ${dataPercent} % of its data space and ${metadataPercent} % of its metadata (${attributes})`;
  if (state.failed) return failed(pool, seen);
  const parts = [ofMetadata(pool, state.metadata, seen), ofData(pool, state.data, seen)];
  return state.data === 'ok' && state.metadata === 'ok' ? { evidence: [ok(figures, seen)], findings: [] } : together(parts);
}

function failed({ name, attributes }: ThinPool, seen: Pools): Part {
  return oneFinding({
    code: 'thin-pool-failed',
    subject: name,
    says: `Thin pool ${name} has the attributes ${attributes}: it has failed, its metadata needs a check, or its state is unknown`,
    remedy: 'Stop the machines that write to it, read the kernel log of the hypervisor, and call whoever knows LVM.',
    doNot: REPAIR,
    seen: [seen],
  });
}

const REPAIR = 'Do not run lvconvert --repair while the pool is active: it works on metadata that is still being written.';
const UNKNOWN =
  'Do not remove a vm-9999-pvc-… volume because nothing seems to use it: that of a Released claim may be the only copy.';

function ofMetadata({ name, attributes, dataPercent, metadataPercent }: ThinPool, level: Level, seen: Pools): Part {
  if (level === 'ok') return NOTHING;
  const isFull = level === 'full';
  return oneFinding({
    code: METADATA[level],
    subject: name,
    says:
      `The metadata of thin pool ${name} is ${metadataPercent} % full (${attributes}), its data space ${dataPercent} %` +
      (isFull ? ': nothing new can be written to any volume in it, although there is space' : ''),
    remedy: isFull
      ? 'Stop the machines that write most, extend the metadata, then have its metadata checked and repaired while the pool is not active.'
      : 'Extend the metadata, and remove snapshots that have expired: each keeps metadata of its own.',
    doNot: isFull
      ? `Do not extend the data space and take no snapshot: both need metadata. ${REPAIR}`
      : 'Do not wait for the data space: the metadata fills up by itself, and stops the pool just as well.',
    seen: [seen],
  });
}

const METADATA: Readonly<Record<Exclude<Level, 'ok'>, Code>> = {
  full: 'thin-metadata-full',
  critical: 'thin-metadata-critical',
  high: 'thin-metadata-high',
};

const DATA: Readonly<Record<Exclude<Level, 'ok'>, Code>> = {
  full: 'thin-data-full',
  critical: 'thin-data-critical',
  high: 'thin-data-high',
};

function ofData({ name, attributes, dataPercent }: ThinPool, level: Level, seen: Pools): Part {
  if (level === 'ok') return NOTHING;
  const isFull = level === 'full';
  return oneFinding({
    code: DATA[level],
    subject: name,
    says:
      `Thin pool ${name} is ${dataPercent} % full of data (${attributes})` +
      (isFull
        ? ': all machines that write to it hang, and 60 seconds later get I/O errors. It is one cause, however much fails above it'
        : ''),
    remedy:
      level === 'high'
        ? 'Plan for more room: expired snapshots, file systems that can be trimmed, disks that nobody needs, another disk in the group.'
        : 'Stop what writes most. Then, in this order: remove expired snapshots, trim file systems, extend the pool where its group has free extents.',
    doNot: UNKNOWN,
    seen: [seen],
  });
}

const FORECAST_S = 14 * 86_400;
const WINDOW_S = 7 * 86_400;

/** Only where one pool is there is it clear which one the snapshot job reports. */
function forecast(pool: ThinPool, seen: Pools, { growth, freeBefore }: Below): Part {
  if (seen.value.length !== 1 || !growth.known || !freeBefore.known || !hasRoom(pool)) return NOTHING;
  if (growth.value === undefined || freeBefore.value === undefined) {
    const says = 'Nothing has reported the fill of the thin pool for seven days (lvm_snapshot_thinpool_free_pct): no forecast';
    return { evidence: [ok(says, growth, freeBefore)], findings: [] };
  }
  const free = 100 - pool.dataPercent;
  const isFigureOfIt = agrees({ lost: freeBefore.value - free, byLine: -growth.value * WINDOW_S });
  const pace = `${(-growth.value * 86_400).toFixed(2)} % a day over the last seven days`;
  const fullInS = growth.value < 0 ? free / -growth.value : Number.POSITIVE_INFINITY;
  if (!isFigureOfIt) {
    const says = `The snapshot job's figures of the thin pool (${pace}) do not lead to what LVM says now: room was made, or it stopped reporting; no forecast`;
    return { evidence: [ok(says, growth, freeBefore, seen)], findings: [] };
  }
  if (fullInS > FORECAST_S)
    return { evidence: [ok(`Thin pool ${pool.name} fills by ${pace}`, growth, freeBefore, seen)], findings: [] };
  return oneFinding({
    code: 'pool-fills',
    subject: pool.name,
    says:
      `Thin pool ${pool.name} fills by ${pace} (${freeBefore.value.toFixed(1)} % were free then, ${free.toFixed(1)} % are now): ` +
      `going on like that it is full in ${spanText(fullInS)}. It is a straight line through one figure a night`,
    remedy: 'Find what grows: compare the claims that fill up, and how much each snapshot holds. Plan for more room.',
    doNot: UNKNOWN,
    seen: [growth, freeBefore, seen],
  });
}

/** Percent: one figure a night is up to a day old. */
const SLACK_PERCENT = 2;

function agrees({ lost, byLine }: { readonly lost: number; readonly byLine: number }): boolean {
  return lost >= byLine / 2 - SLACK_PERCENT && lost <= byLine * 2 + SLACK_PERCENT;
}

const TROUBLE = /out-of-data-space|read-only mode|metadata operation|no free space/;

function kernel({ lines }: Below, seen: Pools): Evidence[] {
  if (!lines.known) return [];
  const last = lines.value.filter((line) => TROUBLE.test(line)).at(-1);
  if (last === undefined) return [ok('The kernel of the hypervisor reports no trouble of a thin pool', lines)];
  return seen.value.every(hasRoom)
    ? [ok(`A thin pool was in trouble, and is not any more: ${last}`, lines, seen)]
    : [bad(`The kernel of the hypervisor says: ${last}`, lines)];
}

function consequences({ machines }: Below): Evidence[] {
  const stopped = machines.filter(({ seen }) => seen.known && seen.value.qmpStatus === 'io-error');
  const known = stopped.flatMap(({ seen }) => (seen.known ? [seen] : []));
  const says = `QEMU has stopped after an I/O error: ${some(stopped.map(({ vmid, name }) => `${vmid} (${name})`))}`;
  return isSome(known) ? [bad(says, ...known)] : [];
}
