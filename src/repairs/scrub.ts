import type { Job } from '../commands/cluster-jobs.ts';
import { jobs } from '../commands/cluster-jobs.ts';
import type { Flavour } from '../commands/nas.ts';
import { diskBusyPercent } from '../commands/proxmox-host.ts';
import type { ThinPool } from '../commands/thin-pool.ts';
import { thinPools } from '../commands/thin-pool.ts';
import type { PoolStatus } from '../commands/zfs-status.ts';
import { pauseScrub, poolStatuses, scrub, stopScrub } from '../commands/zfs-status.ts';
import type { Finding } from '../core/finding.ts';
import type { Hold } from '../core/hold.ts';
import { changes } from '../core/hold.ts';
import type { Check, Step } from '../core/plan.ts';
import { check, verify } from '../core/plan.ts';
import type { Site } from '../core/site.ts';
import { usesNas } from './holds.ts';

export interface ScrubSituation {
  readonly site: Site;
  readonly flavour: Flavour;
  readonly pool: PoolStatus;
  readonly because: Finding;
}

/** From this on a disk has no time for a scrub. */
export const BUSY_PERCENT = 80;

/** Starts a scrub of a pool that has none. */
export function scrubStep(situation: ScrubSituation): Step {
  const { site, flavour, pool, because } = situation;
  const { host } = site.nas;
  return {
    title: `Scrub the pool ${pool.name}`,
    because,
    before: [
      // Scrubbing goes on with a paused scrub, which the undo would throw away.
      check(
        `${pool.name} is ONLINE, its scrub is not paused, and nothing runs in any pool`,
        poolStatuses(host, flavour),
        (all) => {
          const own = all.find((each) => each.name === pool.name);
          return own?.state === 'ONLINE' && own.scan.is !== 'paused' && all.every((each) => each.scan.is !== 'running');
        },
      ),
      ...quiet(situation),
    ],
    change: scrub(host, pool.name),
    after: verify(`A scrub of ${pool.name} runs, or is over already`, poolStatuses(host, flavour), (all) =>
      all.some((each) => each.name === pool.name && (isScrubbed(each) || hasEndedSince(pool, each))),
    ),
    undo: {
      change: stopScrub(host, pool.name),
      before: [runs(situation)],
      after: verify(`No scrub of ${pool.name} runs`, poolStatuses(host, flavour), (all) =>
        all.some((each) => each.name === pool.name && !isScrubbed(each)),
      ),
    },
    holds: holdsOf(situation),
    warnings: [LOAD],
  };
}

/** Goes on with a scrub that somebody paused. */
export function resumeStep(situation: ScrubSituation): Step {
  const { site, flavour, pool, because } = situation;
  const { host } = site.nas;
  const isPaused = (all: readonly PoolStatus[]) => all.some((each) => each.name === pool.name && each.scan.is === 'paused');
  return {
    title: `Go on with the scrub of the pool ${pool.name}`,
    because,
    before: [
      check(`The scrub of ${pool.name} is still paused, and nothing runs in another pool`, poolStatuses(host, flavour), (all) => {
        const others = all.filter((each) => each.name !== pool.name);
        return isPaused(all) && others.every((each) => each.scan.is !== 'running');
      }),
      ...quiet(situation),
    ],
    change: scrub(host, pool.name),
    after: verify(`The scrub of ${pool.name} runs, or is over already`, poolStatuses(host, flavour), (all) =>
      all.some((each) => each.name === pool.name && (isScrubbed(each) || each.scan.is === 'finished')),
    ),
    undo: {
      change: pauseScrub(host, pool.name),
      before: [runs(situation)],
      after: verify(`The scrub of ${pool.name} is paused`, poolStatuses(host, flavour), isPaused),
    },
    holds: holdsOf(situation),
    warnings: [LOAD],
  };
}

const LOAD =
  'It reads all data of the pool for hours, on a disk that others share: services get slower. "zpool scrub -p" pauses it at any time.';

function holdsOf({ site, pool }: ScrubSituation): readonly [Hold, ...Hold[]] {
  return [changes('pool', pool.name), usesNas(site)];
}

function isScrubbed({ scan }: PoolStatus): boolean {
  return scan.is === 'running' && scan.what === 'scrub';
}

function hasEndedSince({ scan: before }: PoolStatus, { scan: now }: PoolStatus): boolean {
  return now.is === 'finished' && now.what === 'scrub' && (before.is !== 'finished' || now.at > before.at);
}

function runs({ site, flavour, pool }: ScrubSituation): Check {
  return check(`A scrub of ${pool.name} runs`, poolStatuses(site.nas.host, flavour), (all) =>
    all.some((each) => each.name === pool.name && isScrubbed(each)),
  );
}

/** That nothing else needs the disk now, and that what lies below it is sound. */
function quiet({ site: { hypervisor } }: ScrubSituation): Check[] {
  const noBackup = check('No backup job runs in the cluster', jobs(), (all) => backupsIn(all).length === 0);
  if (hypervisor === undefined) return [noBackup];
  const { host, dataDisk } = hypervisor;
  const sound = check('No thin pool of the hypervisor is exhausted', thinPools(host), (all) => !all.some(isExhausted));
  if (dataDisk === undefined) return [noBackup, sound];
  const idle = check(
    `${dataDisk} is busy less than ${BUSY_PERCENT} % of the time`,
    diskBusyPercent(host, dataDisk),
    (percent) => {
      return percent < BUSY_PERCENT;
    },
  );
  return [noBackup, sound, idle];
}

/** Jobs that run now and copy data, by their names. */
export function backupsIn(all: readonly Job[]): readonly Job[] {
  return all.filter(({ name, active }) => active > 0 && /backup|dump|snapshot|sync|restore/.test(name));
}

const FULL_PERCENT = 90;

/** Its metadata can be full while there is space for data: each is an end of its own. Any letter for its health is a fault or unknown. */
export function isExhausted({ attributes, dataPercent, metadataPercent }: ThinPool): boolean {
  return attributes[8] !== '-' || dataPercent >= FULL_PERCENT || metadataPercent >= FULL_PERCENT;
}
