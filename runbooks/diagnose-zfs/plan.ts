import type { PoolStatus } from '../../src/commands/zfs-status.ts';
import type { Diagnosis, Finding } from '../../src/core/finding.ts';
import type { Plan } from '../../src/core/plan.ts';
import { steps, stop } from '../../src/core/plan.ts';
import { BUSY_PERCENT, backupsIn, resumeStep, scrubStep } from '../../src/repairs/scrub.ts';
import type { Code } from './codes.ts';
import type { Facts, Zfs } from './facts.ts';

/** Where one of these is so, reading everything may do more harm than it finds. */
const OBSTACLES: readonly Code[] = [
  'pool-missing',
  'pool-suspended',
  'pool-not-whole',
  'device-errors',
  'disk-errors',
  'all-devices-grow',
  'thin-pool-exhausted',
  'volumes-without-space',
];

/** One scrub at a time; all other findings are for people. */
export function plan({ findings }: Diagnosis<Code>, facts: Facts): Plan {
  const { zfs } = facts;
  const wanted = findings.find(({ code }) => code === 'scrub-paused') ?? findings.find(({ code }) => code === 'scrub-due');
  const obstacle = findings.find(({ code }) => OBSTACLES.includes(code));
  if (zfs?.statuses.known !== true) return stop(BLIND);
  if (wanted === undefined) return stop(findings.length === 0 ? 'Nothing to do.' : FOR_PEOPLE);
  if (obstacle !== undefined) return stop(`No scrub before this is done: ${obstacle.remedy}`);
  const running = zfs.statuses.value.find(({ scan }) => scan.is === 'running');
  if (running !== undefined) return stop(`First the scrub or resilver of ${running.name} must end: one at a time.`);
  return waitsFor(facts) ?? scrubPlan(wanted, facts, { zfs, pools: zfs.statuses.value });
}

const BLIND = 'Not everything that a scrub depends on could be seen: no plan is made from what is not known.';

const FOR_PEOPLE = 'No command repairs this: each finding says what a person should do, and what not.';

/** Why no scrub begins now. */
function waitsFor({ jobs, below }: Facts): Plan | undefined {
  if (!jobs.known || below?.thinPools.known === false || below?.busyPercent?.known === false) return stop(BLIND);
  const [backup] = backupsIn(jobs.value);
  if (backup !== undefined)
    return stop(`A scrub waits until the backup ${backup.namespace}/${backup.name} is over. Ask again then.`);
  const busy = below?.busyPercent?.known ? below.busyPercent.value : 0;
  return busy < BUSY_PERCENT
    ? undefined
    : stop(`A scrub waits: the disk under the NAS is busy ${busy} % of the time. Ask again later.`);
}

function scrubPlan(because: Finding<Code>, { site }: Facts, { zfs, pools }: { zfs: Zfs; pools: readonly PoolStatus[] }): Plan {
  const pool = pools.find(({ name }) => name === because.subject);
  if (pool === undefined) return stop(BLIND);
  const situation = { site, flavour: zfs.flavour, pool, because };
  return steps(because.code === 'scrub-paused' ? resumeStep(situation) : scrubStep(situation));
}
