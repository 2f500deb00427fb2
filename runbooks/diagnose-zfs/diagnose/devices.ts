import type { ThinPool } from '../../../src/commands/thin-pool.ts';
import type { PoolStatus } from '../../../src/commands/zfs-status.ts';
import { ok, together } from '../../../src/core/finding.ts';
import type { Known } from '../../../src/core/reading.ts';
import { isExhausted } from '../../../src/repairs/scrub.ts';
import { leavesOf } from '../baseline.ts';
import type { Facts } from '../facts.ts';
import { expectedPools } from '../facts.ts';
import type { Part, Statuses } from './errors.ts';
import { NOTHING, oneFinding, plural } from './errors.ts';

/** Pools that must be there and are not imported. */
export function missing(facts: Facts, statuses: Statuses): Part {
  const { asked } = facts;
  const there = statuses.value.map(({ name }) => name);
  const wanted = expectedPools(facts).filter((name) => asked === undefined || asked === name);
  const gone = wanted.filter((name) => !there.includes(name));
  if (there.length === 0 && gone.length === 0) return { evidence: [ok('The server has no ZFS pool', statuses)], findings: [] };
  return together(
    gone.map((name) =>
      oneFinding({
        code: 'pool-missing',
        subject: name,
        says: `The NAS has no pool ${name}; it has ${there.length === 0 ? 'none' : there.join(', ')}`,
        remedy: 'Look at the virtual disks of the NAS on the hypervisor (qm config, lvs) before anybody imports the pool again.',
        doNot: 'Do not import it with -F, which throws away the last writes, and do not make a pool of that name.',
        seen: [statuses],
      }),
    ),
  );
}

/** The state of the pool and of its devices, and what they count of failed reads and writes. */
export function devices(pool: PoolStatus, statuses: Statuses): Part {
  return together([state(pool, statuses), counts(pool, statuses)]);
}

function state(pool: PoolStatus, statuses: Statuses): Part {
  const faulty = pool.vdevs.filter((vdev) => vdev.depth > 0 && vdev.errors !== undefined && vdev.state !== 'ONLINE');
  const each = faulty.map(({ name, state: own, note }) => `${name} ${own}${note === undefined ? '' : ` (${note})`}`);
  const about = { subject: pool.name, seen: [statuses] } as const;
  const more = `${pool.status === undefined ? '' : `: ${pool.status}`}${each.length === 0 ? '' : ` Devices: ${each.join(', ')}.`}`;
  if (pool.state === 'SUSPENDED') {
    return oneFinding({
      ...about,
      code: 'pool-suspended',
      says: `Pool ${pool.name} is SUSPENDED, every read and write of it waits${more}`,
      remedy:
        'Find what failed below it on the hypervisor (thin pool, disk, controller) and repair that first; then a person resumes it.',
      doNot: 'Do not run zpool clear while the cause is there, do not import with -F, and do not restart the services that wait.',
    });
  }
  if (pool.state !== 'ONLINE' || each.length > 0) {
    return oneFinding({
      ...about,
      code: 'pool-not-whole',
      says: `Pool ${pool.name} is ${pool.state}${more}`,
      remedy:
        'See on the hypervisor why that disk fails or is gone. A device of a stripe cannot be replaced: copy the data off first.',
      doNot: 'Do not replace, offline or detach a device of a stripe: with any of them the whole pool is lost.',
    });
  }
  return { evidence: [ok(`Pool ${pool.name} is ONLINE, and so is each of its devices`, statuses)], findings: [] };
}

function counts(pool: PoolStatus, statuses: Statuses): Part {
  const failing = failingDevices(pool);
  if (failing.length === 0) return NOTHING;
  const each = failing.map(({ name, errors }) => `${name} ${errors.read.text} of reading, ${errors.write.text} of writing`);
  return oneFinding({
    code: 'device-errors',
    subject: pool.name,
    says: `Devices of pool ${pool.name} count errors: ${each.join('; ')}`,
    remedy: 'Look at the disk under them on the hypervisor: its kernel log, its controller, its SMART values. Copy the data off.',
    doNot: 'Do not scrub before: reading everything may end a disk that fails.',
    seen: [statuses],
  });
}

function failingDevices(pool: PoolStatus) {
  return leavesOf(pool).filter(({ errors }) => errors.read.least + errors.write.least > 0);
}

/** What the hypervisor says of what lies below the pools. */
export function below({ below: looks, site }: Facts, disturbed: Statuses | undefined): Part {
  if (looks === undefined) return NOTHING;
  return together([thinPools(looks.thinPools), disk(site.hypervisor?.dataDisk, looks.errors, disturbed)]);
}

type Looks = NonNullable<Facts['below']>;

function thinPools(pools: Looks['thinPools']): Part {
  return pools.known ? together(pools.value.map((pool) => thinPool(pool, pools))) : NOTHING;
}

const HIGH_DATA_PERCENT = 80;
const HIGH_METADATA_PERCENT = 75;

function thinPool(pool: ThinPool, seen: Known<readonly ThinPool[]>): Part {
  const { name, attributes, dataPercent, metadataPercent } = pool;
  const figures = `data ${dataPercent} %, metadata ${metadataPercent} %, attributes ${attributes}`;
  const about = { subject: name, seen: [seen] } as const;
  if (isExhausted(pool)) {
    return oneFinding({
      ...about,
      code: 'thin-pool-exhausted',
      says: `Thin pool ${name} under the disks of the NAS is full, or nearly, or has failed: ${figures}`,
      remedy: 'Stop what writes, then make room below: remove old snapshots of machines, or extend the part that is full.',
      doNot: 'Do not scrub, do not make snapshots, and do not extend the data where the metadata is full.',
    });
  }
  if (dataPercent >= HIGH_DATA_PERCENT || metadataPercent >= HIGH_METADATA_PERCENT) {
    return oneFinding({
      ...about,
      code: 'thin-pool-high',
      says: `Thin pool ${name} under the disks of the NAS fills up: ${figures}`,
      remedy: 'Plan for room before it is full: remove old snapshots of machines, and let guests give back what they freed.',
      doNot: 'Do not extend the data where it is the metadata that fills.',
    });
  }
  return { evidence: [ok(`Thin pool ${name} of the hypervisor: ${figures}`, seen)], findings: [] };
}

/** Lines of the kernel may be old: they are a finding only where a pool fails as well. */
function disk(name: string | undefined, errors: Looks['errors'], disturbed: Statuses | undefined): Part {
  if (!errors.known) return NOTHING;
  const what = name ?? 'a disk';
  const own = errors.value.filter(
    (line) => name === undefined || new RegExp(`\\bdev ${name}(p?\\d+)?\\b|\\[${name}\\]`).test(line),
  );
  const last = own.at(-1);
  if (last === undefined)
    return { evidence: [ok(`The kernel of the hypervisor reports no I/O error of ${what}`, errors)], findings: [] };
  const says = `The kernel of the hypervisor reported ${plural(own.length, 'I/O error')} of ${what}, the last: ${last}`;
  if (disturbed === undefined) return { evidence: [ok(`${says}; no pool counts one`, errors)], findings: [] };
  return oneFinding({
    code: 'disk-errors',
    subject: what,
    says,
    remedy: 'Read the state of the controller and of its disks (SMART), and replace the failing disk of the RAID there.',
    doNot: 'Do not repair file systems above it before the disk is sound.',
    seen: [errors, disturbed],
  });
}

/** The statuses, where a pool fails to read or write. */
export function disturbance(statuses: Statuses): Statuses | undefined {
  const fails = (pool: PoolStatus) => pool.state === 'SUSPENDED' || failingDevices(pool).length > 0;
  return statuses.value.some(fails) ? statuses : undefined;
}
