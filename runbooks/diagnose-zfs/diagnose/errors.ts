import type { PoolStatus } from '../../../src/commands/zfs-status.ts';
import { isWorking } from '../../../src/commands/zfs-status.ts';
import type { StoredDataset } from '../../../src/commands/zfs-stored.ts';
import type { Diagnosis, Finding } from '../../../src/core/finding.ts';
import { bad, notSeen, ok, together } from '../../../src/core/finding.ts';
import type { Known } from '../../../src/core/reading.ts';
import type { ZfsBaseline } from '../../../src/core/site.ts';
import type { Compared, EntryKind } from '../baseline.ts';
import { baselineText, compare, datasetOfEntry, growthOf, kindOf, leavesOf } from '../baseline.ts';
import type { Code } from '../codes.ts';
import type { Zfs } from '../facts.ts';

export type Part = Diagnosis<Code>;
export type Statuses = Known<readonly PoolStatus[]>;

export const NOTHING: Part = { evidence: [], findings: [] };

export function oneFinding(finding: Finding<Code>): Part {
  return { evidence: [bad(finding.says, ...finding.seen)], findings: [finding] };
}

const KEEP = 'Do not run zpool clear: it erases the evidence and repairs nothing.';

/** Whether the permanent errors and the checksum errors are those that are known. */
export function errors(pool: PoolStatus, known: ZfsBaseline | undefined, { statuses, stored }: Zfs): Part {
  if (!statuses.known || !isWorking(pool)) return NOTHING;
  const compared = compare(pool, known);
  if (compared === undefined) return together([unlisted(pool, statuses), checksums(pool, known, statuses)]);
  const comparison = { known, compared, statuses };
  const entries = compared.more === 0 ? accepted(pool, comparison) : unknownErrors(pool, comparison);
  return together([entries, blocks(pool, compared, { statuses, stored }), checksums(pool, known, statuses)]);
}

function unlisted({ name }: PoolStatus, statuses: Statuses): Part {
  return oneFinding({
    code: 'errors-unlisted',
    subject: name,
    says: `Pool ${name} has permanent errors and does not list them`,
    remedy: 'Run "zpool status -v" as root on the NAS; if the list stays empty, a whole scrub makes it anew.',
    doNot: KEEP,
    seen: [statuses],
  });
}

interface Comparison {
  readonly known: ZfsBaseline | undefined;
  readonly compared: Compared;
  readonly statuses: Statuses;
}

function accepted({ name, errors: own }: PoolStatus, { known, compared: { count, gone }, statuses }: Comparison): Part {
  const says =
    count === 0
      ? `Pool ${name} has no known data errors`
      : typeof known?.errors === 'number'
        ? `Pool ${name} has ${plural(count, 'permanent error')}, and ${known.errors} are known; which, the configuration does not say`
        : own.is === 'counted'
          ? `Pool ${name} has ${plural(count, 'permanent error')}, no more than are known; which, it does not say`
          : `Pool ${name} has the ${count} permanent errors that are known, and no other`;
  const less = `Known errors of pool ${name} that are gone, to be taken out of zfsBaseline: ${some(gone)}`;
  return { evidence: [ok(says, statuses), ...(gone.length === 0 ? [] : [ok(less, statuses)])], findings: [] };
}

function unknownErrors(pool: PoolStatus, { known, compared, statuses }: Comparison): Part {
  const { count, fresh, more, gone } = compared;
  const about = {
    subject: pool.name,
    doNot: `${KEEP} Do not replace, offline or detach a device of a stripe.`,
    seen: [statuses],
  } as const;
  if (known === undefined) {
    return oneFinding({
      ...about,
      code: 'no-baseline',
      says: `Pool ${pool.name} lists ${plural(count, 'permanent error')}, and none is known: ${some(fresh)}`,
      remedy: `${remedyFor(fresh)} What stays and is accepted goes under site.nas of the configuration: ${baselineText(pool)}`,
    });
  }
  const which = fresh.length === 0 ? 'the configuration has only their number, so which they are is not known' : some(fresh);
  const less = gone.length === 0 ? '' : `; known ones that are gone: ${some(gone)}`;
  return oneFinding({
    ...about,
    code: 'new-errors',
    says: `Pool ${pool.name} lists ${plural(count, 'permanent error')}, ${more} more than known: ${which}${less}`,
    remedy: remedyFor(fresh),
  });
}

const REMEDIES: Readonly<Record<EntryKind, string>> = {
  file: 'Restore these files from a snapshot or the copy off site, beside the old ones: /storage restore files.',
  snapshot: 'What is named in a snapshot cannot be restored from it; its entry goes with the snapshot.',
  object: 'An object without a path is a block of a volume, or a file that was deleted since.',
  deleted: 'Entries like <0x1420>:<0x1> were deleted already and vanish after two scrubs without errors.',
  metadata: 'The pool damaged its own metadata: copy all data to another pool.',
};

function remedyFor(entries: readonly string[]): string {
  if (entries.length === 0) return 'Compare "zpool status -v" with an older list of it, and write the list into zfsBaseline.';
  return [...new Set(entries.map(kindOf))].map((kind) => REMEDIES[kind]).join(' ');
}

/** Blocks of volumes, which no file restore brings back. */
function blocks(
  pool: PoolStatus,
  { fresh }: Compared,
  { statuses, stored }: { statuses: Statuses; stored: Zfs['stored'] },
): Part {
  const objects = fresh.filter((entry) => kindOf(entry) === 'object');
  if (objects.length === 0) return NOTHING;
  if (!stored.known) return { evidence: notSeen(`Which entries of ${pool.name} are volumes`, [stored]), findings: [] };
  const damaged = volumesAmong(stored.value, objects);
  if (damaged.length === 0) return NOTHING;
  return oneFinding({
    code: 'database-blocks',
    subject: pool.name,
    says: `Blocks of ${damaged.join(', ')} in pool ${pool.name} are damaged`,
    remedy:
      'Dump the database that stands on it and load the dump into a new volume; where the dump fails, restore its last backup.',
    doNot: 'Do not restore single files into the volume, and do not roll it back: its database would be torn.',
    seen: [statuses, stored],
  });
}

function volumesAmong(all: readonly StoredDataset[], entries: readonly string[]): string[] {
  const volumes = all.filter(({ kind }) => kind === 'volume').map(({ name }) => name);
  return [...new Set(entries.map(datasetOfEntry))].filter((name) => volumes.includes(name));
}

function checksums(pool: PoolStatus, known: ZfsBaseline | undefined, statuses: Statuses): Part {
  const grown = growthOf(pool, known);
  const leaves = leavesOf(pool);
  if (grown.length === 0) return { evidence: [ok(checksumsSay(pool), statuses)], findings: [] };
  const each = some(grown.map(({ device, now, known: before }) => `${device} ${now.text} (${before} known)`));
  const about = { subject: pool.name, doNot: KEEP, seen: [statuses] } as const;
  if (leaves.length > 1 && grown.length === leaves.length) {
    return oneFinding({
      ...about,
      code: 'all-devices-grow',
      says: `All ${leaves.length} devices of pool ${pool.name} have new checksum errors: ${each}`,
      remedy:
        'Look below them all before anything else: the thin pool of the hypervisor, then its memory, controller and cables.',
    });
  }
  return oneFinding({
    ...about,
    code: 'checksums-grow',
    says: `New checksum errors on ${grown.length} of ${plural(leaves.length, 'device')} of pool ${pool.name}: ${each}`,
    remedy: 'Look at that virtual disk: its logical volume and the disk under it. Plan to move the data off it.',
  });
}

function checksumsSay(pool: PoolStatus): string {
  const counted = leavesOf(pool).filter((leaf) => leaf.errors.checksum.least > 0);
  if (counted.length === 0) return `No device of pool ${pool.name} counts checksum errors`;
  const each = some(counted.map((leaf) => `${leaf.name} ${leaf.errors.checksum.text}`));
  return `No device of pool ${pool.name} counts more checksum errors than are known: ${each}`;
}

const SHOWN = 10;

/** The first of them, and how many more there are. */
export function some(entries: readonly string[]): string {
  const rest = entries.length - SHOWN;
  return `${entries.slice(0, SHOWN).join(', ')}${rest > 0 ? ` and ${rest} more` : ''}`;
}

export function plural(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}
