import type { BackupRun, BackupSchedule } from '../../src/commands/backup-jobs.ts';
import type { KubeEvent, Pod } from '../../src/commands/cluster-objects.ts';
import { meaningOf } from '../../src/commands/pod-events.ts';
import type { Diagnosis } from '../../src/core/finding.ts';
import { ok } from '../../src/core/finding.ts';
import type { Known } from '../../src/core/reading.ts';
import { spanText } from '../../src/core/span.ts';
import { runningOf } from '../../src/topology/backup-look.ts';
import { found, NOTHING, told } from '../../src/topology/zfs-findings.ts';
import type { Code } from './codes.ts';
import type { Facts, JobFacts } from './facts.ts';

/** What is known of the runs of one job. */
interface Runs {
  readonly facts: Facts;
  readonly each: JobFacts;
  readonly now: Known<number>;
  readonly schedules: Known<readonly BackupSchedule[]>;
  readonly cron: BackupSchedule;
}

export function diagnoseRuns(facts: Facts, each: JobFacts): Diagnosis<Code> {
  const { named } = each;
  const { schedules } = facts.jobs;
  if (!schedules.known) return NOTHING;
  const cron = schedules.value.find(({ namespace, name }) => namespace === named.job.namespace && name === named.job.cronJob);
  if (cron === undefined) return noCronJob(schedules, each);
  if (cron.suspended) return suspended(schedules, { cron, each });
  if (!facts.clock.known) return NOTHING;
  return ofSchedule({ facts, each, now: facts.clock, schedules, cron });
}

function noCronJob(schedules: Known<readonly BackupSchedule[]>, { named: { name, job } }: JobFacts): Diagnosis<Code> {
  const others = schedules.value.filter((each) => each.name === job.cronJob).map((each) => `${each.namespace}/${each.name}`);
  const elsewhere = others.length === 0 ? '' : `; ${others.join(', ')} has the same name and is another job`;
  return found({
    code: 'no-cron-job',
    subject: name,
    says: `There is no CronJob ${name}: nothing makes this backup${elsewhere}`,
    remedy: 'Make it again from where it is declared (Terraform), or correct backups in storagebot.yaml.',
    seen: [schedules],
  });
}

interface OfCron {
  readonly cron: BackupSchedule;
  readonly each: JobFacts;
}

function suspended(schedules: Known<readonly BackupSchedule[]>, { cron, each }: OfCron): Diagnosis<Code> {
  const who = cron.suspendedByBot ? ', by this bot, for a change that it has not finished' : '';
  return found({
    code: 'suspended',
    subject: each.named.name,
    says: `${each.named.name} is suspended${who}: it starts nothing (${cron.schedule}); it was started last ${whenText(cron.scheduledAt)}`,
    remedy: cron.suspendedByBot
      ? 'Ask for that change again: it goes on where it was and lets the job run at its end.'
      : `Find out who suspended it and why, then: kubectl patch cronjobs.batch/${cron.name} --namespace=${cron.namespace} --patch='{"spec":{"suspend":false}}'.`,
    seen: [schedules],
  });
}

function ofSchedule(runs: Runs): Diagnosis<Code> {
  const { each, now, schedules, cron } = runs;
  const { name, job, word } = each.named;
  const oldS = job.staleAfterMs / 1_000;
  const agoS = now.value - (cron.scheduledAt ?? cron.createdAt);
  if (agoS > oldS) {
    const deadline = cron.startingDeadlineS;
    const why =
      deadline === undefined
        ? 'Look at the log of kube-controller-manager'
        : `A run that cannot begin within ${deadline} s (startingDeadlineSeconds) is left out without a word: look whether kube-controller-manager stood still`;
    return found({
      code: 'missed',
      subject: name,
      says: `${name} is not suspended and has started nothing since ${whenText(cron.scheduledAt)}, ${spanText(agoS)} ago (${cron.schedule})`,
      remedy: `${why}; /storage run backup ${word} makes the backup now.`,
      seen: [schedules, now],
    });
  }
  const waiting = diagnoseWaiting(runs);
  if (waiting.findings.length > 0) return waiting;
  const succeededS = cron.succeededAt === undefined ? undefined : now.value - cron.succeededAt;
  if (cron.scheduledAt === undefined || (succeededS !== undefined && succeededS <= oldS))
    return told(
      ok(`${name} (${cron.schedule}): started ${whenText(cron.scheduledAt)}, succeeded ${whenText(cron.succeededAt)}`, schedules),
    );
  return notSucceeded(runs);
}

function whenText(atS: number | undefined): string {
  return atS === undefined ? 'never' : `${new Date(atS * 1_000).toISOString().slice(0, 16).replace('T', ' ')} UTC`;
}

/** So long a pod may take to start. */
const STARTS_WITHIN_S = 600;

/** A Job that runs, and whose pod has not come to run. */
function diagnoseWaiting({ facts, each, now, schedules }: Runs): Diagnosis<Code> {
  const { pods, jobs } = facts;
  const { events, named } = each;
  const run = jobs.runs.known ? runningOf(jobs.runs.value, named) : undefined;
  if (!jobs.runs.known || run === undefined || now.value - run.createdAt < STARTS_WITHIN_S || !pods.known || !events.known)
    return NOTHING;
  const own = pods.value.filter(
    (pod) => pod.namespace === run.namespace && pod.owner?.kind === 'Job' && pod.owner.name === run.name,
  );
  const since = `Job ${run.namespace}/${run.name} was made ${spanText(now.value - run.createdAt)} ago`;
  const seen = [schedules, jobs.runs, pods, events, now] as const;
  const waits = own.find(({ phase }) => phase === 'Pending');
  if (waits !== undefined) return waitingPod({ pod: waits, since, events: events.value, each, seen });
  if (own.length > 0) return NOTHING;
  return refusedPods({ events: events.value.filter((event) => isAbout(event, run)), each, since, seen });
}

interface Waiting {
  readonly pod: Pod;
  readonly since: string;
  readonly events: readonly KubeEvent[];
  readonly each: JobFacts;
  readonly seen: readonly [Known<unknown>, ...Known<unknown>[]];
}

function waitingPod({ pod, since, events, each: { named }, seen }: Waiting): Diagnosis<Code> {
  const own = events.filter(({ about, warning }) => warning && about.kind === 'Pod' && about.name === pod.name);
  const attached = own.find((event) => meaningOf(event) === 'multi-attach');
  if (attached !== undefined)
    return found({
      code: 'multi-attach',
      subject: named.name,
      says: `${since}, and its pod ${pod.name} waits on ${pod.node ?? 'no node'}: ${textOf(attached)}`,
      remedy: `Delete the pod ${pod.namespace}/${pod.name}: its next one may come to the node of the application. For good: podAffinity to the application in the CronJob, since the claim can be on one node alone.`,
      doNot:
        'Do not scale the application down, delete the VolumeAttachment or detach by force: the volume is in use where it is.',
      seen,
    });
  const said = own.at(-1);
  return found({
    code: 'pod-waits',
    subject: named.name,
    says: `${since}, and its pod ${pod.name} waits: ${[...pod.waits, ...(said === undefined ? [] : [textOf(said)])].join(', ') || pod.phase}`,
    remedy: `Find out why pods of ${named.job.namespace} do not start: /storage triage ${named.job.namespace}. The backup is made as soon as the pod runs.`,
    seen,
  });
}

interface Refused {
  readonly events: readonly KubeEvent[];
  readonly each: JobFacts;
  readonly since: string;
  readonly seen: readonly [Known<unknown>, ...Known<unknown>[]];
}

function refusedPods({ events, each: { named }, since, seen }: Refused): Diagnosis<Code> {
  const refused = events.filter(({ reason }) => reason === 'FailedCreate').at(-1);
  if (refused === undefined) return NOTHING;
  const isDenied = refused.message.includes('admission webhook');
  return found({
    code: isDenied ? 'denied' : 'not-created',
    subject: named.name,
    says: `${since} and has no pod: ${textOf(refused)}`,
    remedy: isDenied
      ? 'Correct what the policy names (an image of a registry that it does not trust, a missing limit) in the CronJob where it is declared.'
      : 'Correct what the API server names, as a quota of the namespace.',
    ...(isDenied && { doNot: 'Do not switch the policy off for the sake of a backup.' }),
    seen,
  });
}

function isAbout({ about }: KubeEvent, { name }: BackupRun): boolean {
  return about.kind === 'Job' && about.name === name;
}

function textOf({ message }: KubeEvent): string {
  return message.replaceAll(/\s+/g, ' ').slice(0, 300);
}

function notSucceeded({ facts, each, now, schedules, cron }: Runs): Diagnosis<Code> {
  const { runs } = facts.jobs;
  const { events, named } = each;
  const { pods } = facts;
  if (!runs.known || !pods.known) return NOTHING;
  if (runningOf(runs.value, named) !== undefined) return told(ok(`${named.name} runs now`, runs));
  const refused = diagnoseSource({ facts, each, now, schedules, cron });
  if (refused.findings.length > 0) return refused;
  const own = runs.value.filter(({ namespace, cronJob }) => namespace === cron.namespace && cronJob === cron.name);
  const last = own.toSorted((a, b) => b.createdAt - a.createdAt)[0];
  const gap = `${named.name} was started ${whenText(cron.scheduledAt)} and succeeded last ${whenText(cron.succeededAt)}`;
  if (last?.failure !== undefined)
    return found({
      code: 'failed',
      subject: named.name,
      says: `${gap}. Job ${last.name} failed: ${last.failure}`,
      remedy: `Read what it said: kubectl logs --namespace=${cron.namespace} job/${last.name} --tail=50.`,
      seen: [schedules, runs, now],
    });
  if (!events.known) return NOTHING;
  const ofRuns = events.value.filter(({ about }) => about.kind === 'Job' && about.name?.startsWith(`${cron.name}-`) === true);
  const seen = [schedules, runs, pods, events, now] as const;
  const denied = refusedPods({ events: ofRuns, each, since: gap, seen });
  if (denied.findings.length > 0) return denied;
  const kept = cron.keptS === undefined ? '' : ` (they are kept for ${cron.keptS} s)`;
  return found({
    code: cron.succeededAt === undefined ? 'never-succeeded' : 'hidden-failure',
    subject: named.name,
    says: `${gap}. Neither a Job nor a pod of its runs is left${kept}: nothing can be read there`,
    remedy: `/storage run backup ${named.word} runs it by hand and keeps the Job, so that what it says can be read.`,
    doNot: 'Do not restore anything and do not push a time of success: neither makes a backup.',
    seen,
  });
}

/** The hourly check of the database that it copies says no: then the job refuses to copy it, as it should. */
function diagnoseSource({ facts: { pushed }, each: { named }, now, schedules, cron }: Runs): Diagnosis<Code> {
  const { source, name } = named;
  if (source === undefined || !pushed.known || pushed.value.isSourceOk.get(source.service) !== false) return NOTHING;
  return found({
    code: 'source-refused',
    subject: name,
    says: `${name} was started ${whenText(cron.scheduledAt)} and succeeded last ${whenText(cron.succeededAt)}; the check of ${source.service}'s database says no, and a job does not copy a database that is not whole`,
    remedy: `/storage diagnose sqlite ${source.service} first: the check says no too where it could not open the database or found it locked.`,
    doNot: 'Do not run the backup by hand before, and do not restore for a lock or a lost disk: that loses passwords.',
    seen: [schedules, pushed, now],
  });
}
