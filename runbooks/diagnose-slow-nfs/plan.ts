import type { Job, Schedule } from '../../src/commands/cluster-jobs.ts';
import * as clusterJobs from '../../src/commands/cluster-jobs.ts';
import { diskLoad } from '../../src/commands/host-load.ts';
import type { Flavour } from '../../src/commands/nas.ts';
import { serviceRuns } from '../../src/commands/nas.ts';
import { nfsdThreads, setNfsdThreads } from '../../src/commands/nfsd-threads.ts';
import { processesOf } from '../../src/commands/node-system.ts';
import type { PoolStatus } from '../../src/commands/zfs-status.ts';
import { pauseScrub, poolStatuses, scrub } from '../../src/commands/zfs-status.ts';
import type { Diagnosis, Finding } from '../../src/core/finding.ts';
import { changes } from '../../src/core/hold.ts';
import type { Check, Plan, Step } from '../../src/core/plan.ts';
import { check, steps, stop, verify, within } from '../../src/core/plan.ts';
import type { Site } from '../../src/core/site.ts';
import { changesNas, usesNas } from '../../src/repairs/holds.ts';
import type { Code } from './codes.ts';
import type { Facts } from './facts.ts';
import { FEW_THREADS, SATURATED_PERCENT } from './facts.ts';
import { isBackup, ownershipOf } from './ownership.ts';

/** The gentlest first; one cause in each round. */
export function plan({ findings, evidence }: Diagnosis<Code>, facts: Facts): Plan {
  const named = (code: Code) => findings.find((finding) => finding.code === code);
  const [job, scan, drowning] = [named('job-floods'), named('scrub-running'), named('server-drowning')];
  if (job !== undefined) return suspendPlan(job, facts);
  if (scan !== undefined && facts.nas.flavour !== undefined) return steps(pauseStep(scan, facts.site, facts.nas.flavour));
  if (drowning !== undefined) return brakePlan(drowning, facts);
  const [first] = findings;
  if (first !== undefined) return stop(first.remedy);
  return stop(evidence.every(({ status }) => status === 'ok') ? 'NFS is not slow: nothing to do.' : BLIND);
}

const BLIND = 'Not everything could be seen: no plan is made from what is not known.';

function suspendPlan(because: Finding, { jobs, schedules, site }: Facts): Plan {
  const job = jobs.known ? jobs.value.find(({ namespace, name }) => `${namespace}/${name}` === because.subject) : undefined;
  if (job === undefined || !schedules.known) return stop(BLIND);
  const { cron, refusal } = ownershipOf(job, schedules.value);
  if (refusal !== undefined) return stop(refusal);
  const suspend = suspendStep(because, site, { job, schedule: cron?.schedule });
  return cron?.startsMore === true && !cron.suspended ? steps(suspend, holdBackStep(because, site, cron)) : steps(suspend);
}

const TORN =
  'It is a backup: the file that it writes now stays incomplete, and is torn where it writes over its only copy. See first that an older one is whole.';

interface Suspended {
  readonly job: Job;
  readonly schedule: string | undefined;
}

function suspendStep(because: Finding, site: Site, { job, schedule }: Suspended): Step {
  const { namespace, name, uid } = job;
  const look = clusterJobs.jobNamed(namespace, name);
  const isIt = (now: Job) => now.uid === uid;
  return {
    title: `Suspend Job ${namespace}/${name}`,
    because,
    before: [
      check(
        `${namespace}/${name} is still the same Job, runs and is not suspended`,
        look,
        (now) => isIt(now) && !now.suspended && now.active > 0,
      ),
      ...stillSaturated(site),
    ],
    change: clusterJobs.suspendJob(job, true),
    after: within(
      120_000,
      verify(
        `${namespace}/${name} is suspended and has no pod any more`,
        look,
        (now) => isIt(now) && now.suspended && now.active === 0,
      ),
    ),
    undo: {
      change: clusterJobs.suspendJob(job, false),
      before: [check(`${namespace}/${name} is still the same Job, and suspended`, look, (now) => isIt(now) && now.suspended)],
      after: verify(`${namespace}/${name} is not suspended`, look, (now) => isIt(now) && !now.suspended),
    },
    holds: [changes('workload', `${namespace}/${name}`), usesNas(site)],
    warnings: [
      'Its pods are ended; resumed, it begins anew: what it has not finished is lost unless it can go on by itself.',
      ...(isBackup(job) ? [TORN] : []),
      ...(schedule === undefined
        ? []
        : [`It is a run of a CronJob (${schedule}), which counts it as not over until it is resumed or deleted.`]),
    ],
  };
}

/** Another run of a CronJob that lets its Jobs overlap would flood the disk again. */
function holdBackStep(because: Finding, site: Site, { namespace, name, schedule }: Schedule): Step {
  const all = clusterJobs.schedules();
  const isNow = (suspended: boolean) => (now: readonly Schedule[]) =>
    now.some((each) => each.namespace === namespace && each.name === name && each.suspended === suspended);
  return {
    title: `Suspend CronJob ${namespace}/${name}, which would start the next (${schedule})`,
    because,
    before: [check(`CronJob ${namespace}/${name} is there and not suspended`, all, isNow(false))],
    change: clusterJobs.suspendCronJob({ namespace, name }, true),
    after: verify(`CronJob ${namespace}/${name} is suspended`, all, isNow(true)),
    undo: {
      change: clusterJobs.suspendCronJob({ namespace, name }, false),
      before: [check(`CronJob ${namespace}/${name} is still suspended`, all, isNow(true))],
      after: verify(`CronJob ${namespace}/${name} is not suspended`, all, isNow(false)),
    },
    holds: [changes('workload', `${namespace}/${name}`), usesNas(site)],
    warnings: [
      'It starts nothing until it is resumed: a backup that is suspended is no backup. Resumed after a missed time, it may start at once.',
    ],
  };
}

function stillSaturated({ hypervisor }: Site): readonly Check[] {
  if (hypervisor?.dataDisk === undefined) return [];
  const { host, dataDisk } = hypervisor;
  const says = `${dataDisk} of ${host.name} is still busy at least ${SATURATED_PERCENT} % of the time`;
  return [check(says, diskLoad(host, dataDisk), ({ busyPercent }) => busyPercent >= SATURATED_PERCENT)];
}

function pauseStep(because: Finding, site: Site, flavour: Flavour): Step {
  const { host } = site.nas;
  const pool = because.subject;
  const look = poolStatuses(host, flavour);
  const own = (is: (status: PoolStatus) => boolean) => (all: readonly PoolStatus[]) =>
    all.some((each) => each.name === pool && is(each));
  const isPaused = own(({ scan }) => scan.is === 'paused');
  return {
    title: `Pause the scrub of the pool ${pool}`,
    because,
    before: [
      check(
        `A scrub of ${pool} still runs`,
        look,
        own(({ scan }) => scan.is === 'running' && scan.what === 'scrub'),
      ),
    ],
    change: pauseScrub(host, pool),
    after: verify(`The scrub of ${pool} is paused`, look, isPaused),
    undo: {
      change: scrub(host, pool),
      before: [check(`The scrub of ${pool} is still paused`, look, isPaused)],
      after: verify(
        `The scrub of ${pool} goes on, or is over`,
        look,
        own(({ scan }) => scan.is === 'running' || scan.is === 'finished'),
      ),
    },
    holds: [changes('pool', pool), usesNas(site)],
    warnings: ['A paused scrub finds no errors: let it go on at a quiet time ("zpool scrub", which is its undo).'],
  };
}

function brakePlan(because: Finding, { site, nas: { threads, flavour } }: Facts): Plan {
  if (!threads?.known || flavour === undefined || flavour === 'core') return stop(BLIND);
  const { host } = site.nas;
  const count = threads.value;
  const look = nfsdThreads(host);
  const waits = check(`More than ${FEW_THREADS} threads of the NFS server still wait for the disk`, processesOf(host), (all) => {
    return all.filter(({ state, program }) => state === 'D' && /^nfsd\b/.test(program)).length > FEW_THREADS;
  });
  return steps({
    title: `Let the NFS server work with ${FEW_THREADS} threads instead of ${count}`,
    because,
    before: [
      check(`The NFS server still has ${count} threads`, look, (now) => now === count),
      check('The NFS server runs', serviceRuns(host, flavour, 'nfsd'), (runs) => runs),
      waits,
      ...stillSaturated(site),
    ],
    change: setNfsdThreads(host, FEW_THREADS),
    after: verify(`The NFS server has ${FEW_THREADS} threads`, look, (now) => now === FEW_THREADS),
    undo: {
      change: setNfsdThreads(host, count),
      before: [check(`The NFS server still has ${FEW_THREADS} threads`, look, (now) => now === FEW_THREADS)],
      after: verify(`The NFS server has ${count} threads`, look, (now) => now === count),
    },
    holds: [changesNas(site)],
    warnings: [
      'An emergency brake: every client of this server gets slower, so that etcd and the machines on the same disk can breathe. No mount is dropped.',
      `It holds until the server is started anew or the number is set again: take it back (${count}) once whoever floods the disk has been stopped.`,
    ],
  });
}
