import type { BackupRun, BackupSchedule } from '../../src/commands/backup-jobs.ts';
import type { Diagnosis } from '../../src/core/finding.ts';
import { ok } from '../../src/core/finding.ts';
import type { Known } from '../../src/core/reading.ts';
import { spanText } from '../../src/core/span.ts';
import { runningOf } from '../../src/topology/backup-look.ts';
import { found, NOTHING, told } from '../../src/topology/zfs-findings.ts';
import type { Code } from './codes.ts';
import type { Facts, JobFacts } from './facts.ts';
import { diagnoseHanging, diagnoseWaiting, type Runs, refused } from './waiting.ts';

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
    says: `${each.named.name} is suspended${who}: it starts nothing (${cron.schedule}); ${lastText('it was started', cron.scheduledAt)}`,
    remedy: cron.suspendedByBot
      ? 'Ask for that change again: it goes on where it was and lets the job run at its end.'
      : `Find out who suspended it and why, then: kubectl patch cronjobs.batch/${cron.name} --namespace=${cron.namespace} --patch='{"spec":{"suspend":false}}'.`,
    seen: [schedules],
  });
}

function ofSchedule(runs: Runs): Diagnosis<Code> {
  const { each, now, schedules, cron } = runs;
  const { name, job } = each.named;
  const oldS = job.staleAfterMs / 1_000;
  // A run that does not end may be why no other one is started.
  const waiting = diagnoseWaiting(runs);
  if (waiting.findings.length > 0) return waiting;
  const isStarted = now.value - (cron.scheduledAt ?? cron.createdAt) <= oldS;
  const isFresh = cron.succeededAt !== undefined && now.value - cron.succeededAt <= oldS;
  if (isStarted && (cron.scheduledAt === undefined || isFresh))
    return told(
      ok(
        `${name} (${cron.schedule}): ${lastText('it was started', cron.scheduledAt)}, ${lastText('and succeeded', cron.succeededAt)}`,
        schedules,
      ),
    );
  const hanging = diagnoseHanging(runs);
  if (hanging.findings.length > 0) return hanging;
  return isStarted ? notSucceeded(runs) : missed(runs);
}

function missed({ facts: { jobs }, each, now, schedules, cron }: Runs): Diagnosis<Code> {
  const { events, named } = each;
  const { name, word } = named;
  if (!jobs.runs.known || !events.known) return NOTHING;
  const agoS = now.value - (cron.scheduledAt ?? cron.createdAt);
  const nothing =
    cron.scheduledAt === undefined
      ? `has never started anything since it was made ${spanText(agoS)} ago`
      : `has started nothing since ${whenText(cron.scheduledAt)}, ${spanText(agoS)} ago`;
  const says = `${name} is not suspended and ${nothing} (${cron.schedule})`;
  const seen = [schedules, jobs.runs, events, now] as const;
  const own = events.value.filter(({ about }) => about.kind === 'CronJob' && about.name === cron.name);
  const denied = refused({ events: own, each, says, seen });
  if (denied.findings.length > 0) return denied;
  const deadline = cron.startingDeadlineS;
  const why =
    deadline === undefined
      ? 'Look at the log of kube-controller-manager'
      : `A run that cannot begin within ${deadline} s (startingDeadlineSeconds) is left out without a word: look whether kube-controller-manager stood still`;
  return found({
    code: 'missed',
    subject: name,
    says,
    remedy: `${why}; /storage run backup ${word} makes the backup now.`,
    seen,
  });
}

function whenText(atS: number): string {
  return `${new Date(atS * 1_000).toISOString().slice(0, 16).replace('T', ' ')} UTC`;
}

function startsText(name: string, { scheduledAt, succeededAt }: BackupSchedule): string {
  return `${lastText(`${name} was started`, scheduledAt)} ${lastText('and succeeded', succeededAt)}`;
}

function lastText(what: string, atS: number | undefined): string {
  return atS === undefined ? `${what} never` : `${what} last ${whenText(atS)}`;
}

function notSucceeded(known: Runs): Diagnosis<Code> {
  const { facts, each, now, schedules, cron } = known;
  const { runs } = facts.jobs;
  const { named } = each;
  if (!runs.known || !facts.pods.known) return NOTHING;
  if (runningOf(runs.value, named) !== undefined) return told(ok(`${named.name} runs now`, runs));
  const source = diagnoseSource(known);
  if (source.findings.length > 0) return source;
  const own = runs.value.filter(({ namespace, cronJob }) => namespace === cron.namespace && cronJob === cron.name);
  const last = own.toSorted((a, b) => b.createdAt - a.createdAt)[0];
  const gap = startsText(named.name, cron);
  if (last?.failure !== undefined)
    return found({
      code: 'failed',
      subject: named.name,
      says: `${gap}. Job ${last.name} failed: ${last.failure}`,
      remedy: `Read what it said: kubectl logs --namespace=${cron.namespace} job/${last.name} --tail=50.`,
      seen: [schedules, runs, now],
    });
  if (last?.isOfBot === true && last.createdAt > (cron.succeededAt ?? 0)) return onlyByHand(known, { last, runs, gap });
  return nothingLeft(known, gap);
}

/** The CronJob counts its own runs alone: who alerts by its time of success goes on until the next of them. */
function onlyByHand(
  { each: { named }, now, schedules, cron }: Runs,
  { last, runs, gap }: { readonly last: BackupRun; readonly runs: Known<unknown>; readonly gap: string },
): Diagnosis<Code> {
  return found({
    code: 'only-by-hand',
    subject: named.name,
    says: `${gap}. Job ${last.name}, a run of it that the bot made ${whenText(last.createdAt)}, succeeded: it is its own runs that do not`,
    remedy: `There is a backup, and the alert goes on until a run of the CronJob itself succeeds (${cron.schedule}). If the next one does not, compare: the same template ran at another time, without ttlSecondsAfterFinished; kubectl logs --namespace=${cron.namespace} job/${last.name}.`,
    doNot: 'Do not push a time of success, and do not take the backup that was made by hand for the end of the matter.',
    seen: [schedules, runs, now],
  });
}

function nothingLeft({ facts, each, now, schedules, cron }: Runs, gap: string): Diagnosis<Code> {
  const { pods, jobs } = facts;
  const { events, named } = each;
  if (!jobs.runs.known || !pods.known || !events.known) return NOTHING;
  const isOfRuns = ({ about: { kind, name } }: (typeof events.value)[number]) =>
    (kind === 'Job' && name?.startsWith(`${cron.name}-`) === true) || (kind === 'CronJob' && name === cron.name);
  const seen = [schedules, jobs.runs, pods, events, now] as const;
  const denied = refused({ events: events.value.filter(isOfRuns), each, says: `${gap} and has no pod`, seen });
  if (denied.findings.length > 0) return denied;
  const kept = cron.keptS === undefined ? '' : ` (they are kept for ${cron.keptS} s)`;
  return found({
    code: cron.succeededAt === undefined ? 'never-succeeded' : 'hidden-failure',
    subject: named.name,
    says: `${gap}. Neither a Job nor a pod of its runs since is left${kept}: nothing can be read there`,
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
    says: `${startsText(name, cron)}; the check of ${source.service}'s database says no, and a job does not copy a database that is not whole`,
    remedy: `/storage diagnose sqlite ${source.service} first: the check says no too where it could not open the database or found it locked.`,
    doNot: 'Do not run the backup by hand before, and do not restore for a lock or a lost disk: that loses passwords.',
    seen: [schedules, pushed, now],
  });
}
