import type { BackupRun, BackupSchedule } from '../../src/commands/backup-jobs.ts';
import type { KubeEvent, Pod } from '../../src/commands/cluster-objects.ts';
import { meaningOf } from '../../src/commands/pod-events.ts';
import type { Diagnosis } from '../../src/core/finding.ts';
import type { Known } from '../../src/core/reading.ts';
import { spanText } from '../../src/core/span.ts';
import { runningOf } from '../../src/topology/backup-look.ts';
import { found, NOTHING } from '../../src/topology/zfs-findings.ts';
import type { Code } from './codes.ts';
import type { Facts, JobFacts } from './facts.ts';

/** What is known of the runs of one job. */
export interface Runs {
  readonly facts: Facts;
  readonly each: JobFacts;
  readonly now: Known<number>;
  readonly schedules: Known<readonly BackupSchedule[]>;
  readonly cron: BackupSchedule;
}

/** So long a pod may take to start. */
const STARTS_WITHIN_S = 600;

/** A Job that runs, and whose pod has not come to run. */
export function diagnoseWaiting({ facts, each, now, schedules }: Runs): Diagnosis<Code> {
  const { pods, jobs } = facts;
  const { events, named } = each;
  const run = jobs.runs.known ? runningOf(jobs.runs.value, named) : undefined;
  if (!jobs.runs.known || run === undefined || now.value - run.createdAt < STARTS_WITHIN_S || !pods.known || !events.known)
    return NOTHING;
  const own = podsOf(run, pods.value);
  const since = sinceOf(run, now);
  const seen = [schedules, jobs.runs, pods, events, now] as const;
  const waits = own.find(({ phase }) => phase === 'Pending');
  if (waits !== undefined) return waitingPod({ pod: waits, since, events: events.value, facts, each, seen });
  if (own.length > 0) return NOTHING;
  return refused({ events: events.value.filter((event) => isAbout(event, run)), each, says: `${since} and has no pod`, seen });
}

function podsOf(run: BackupRun, pods: readonly Pod[]): readonly Pod[] {
  return pods.filter((pod) => pod.namespace === run.namespace && pod.owner?.kind === 'Job' && pod.owner.name === run.name);
}

function sinceOf(run: BackupRun, now: Known<number>): string {
  return `Job ${run.namespace}/${run.name} was made ${spanText(now.value - run.createdAt)} ago`;
}

/** A backup of this site takes minutes: one that has not ended after so long hangs. */
const ENDS_WITHIN_S = 7_200;

/** A Job whose pod runs and does not come to its end, as one with a mount that does not answer. */
export function diagnoseHanging({ facts: { pods, jobs }, each: { named }, now, schedules }: Runs): Diagnosis<Code> {
  const run = jobs.runs.known ? runningOf(jobs.runs.value, named) : undefined;
  if (!jobs.runs.known || run === undefined || !pods.known || now.value - run.createdAt < ENDS_WITHIN_S) return NOTHING;
  const own = podsOf(run, pods.value).map(({ name, phase, node }) => `pod ${name} is ${phase} on ${node ?? 'no node'}`);
  return found({
    code: 'hangs',
    subject: named.name,
    says: `${sinceOf(run, now)} and has not ended: ${own.join(', ') || 'it has no pod'}. Meanwhile nothing else of it succeeds`,
    remedy: `See what it waits for: /storage triage ${run.namespace} (a pod whose NFS does not answer looks like this), and kubectl logs --namespace=${run.namespace} job/${run.name} --tail=50.`,
    doNot: 'Do not start a second one beside it, and do not delete its pod by force: two would write the backup.',
    seen: [schedules, jobs.runs, pods, now],
  });
}

interface Waiting {
  readonly pod: Pod;
  readonly since: string;
  readonly events: readonly KubeEvent[];
  readonly facts: Facts;
  readonly each: JobFacts;
  readonly seen: readonly [Known<unknown>, ...Known<unknown>[]];
}

function waitingPod({ pod, since, events, facts, each: { named }, seen }: Waiting): Diagnosis<Code> {
  const own = events.filter(({ about, warning }) => warning && about.kind === 'Pod' && about.name === pod.name);
  const attached = own.find((event) => meaningOf(event) === 'multi-attach');
  const holder = attached === undefined ? undefined : holderOf(facts, pod, attached);
  if (attached !== undefined && holder !== undefined)
    return found({
      code: 'multi-attach',
      subject: named.name,
      says: `${since}, and its pod ${pod.name} waits on ${pod.node ?? 'no node'}: ${textOf(attached)}. Pod ${holder.pod.name} has it on ${holder.pod.node ?? 'no node'}, and is ready`,
      remedy: `Delete the pod ${pod.namespace}/${pod.name}: its next one may come to the node of the application. For good: podAffinity to the application in the CronJob, since the claim can be on one node alone.`,
      doNot:
        'Do not scale the application down, delete the VolumeAttachment or detach by force: the volume is in use where it is.',
      seen: [...seen, holder.claims],
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

/** Who has the volume that the event names, and is well: one that is not may have to be dealt with before. */
function holderOf({ claims, pods }: Facts, pod: Pod, { message }: KubeEvent) {
  const volume = /for volume "([^"]+)"/.exec(message)?.[1];
  if (!claims.known || !pods.known || volume === undefined) return undefined;
  const claim = claims.value.find((each) => each.namespace === pod.namespace && each.volume === volume);
  const has = ({ spec }: Pod) => spec.volumes.some((each) => each.persistentVolumeClaim?.claimName === claim?.name);
  const holder = pods.value.find(
    (each) => claim !== undefined && each.namespace === pod.namespace && each.node !== pod.node && isWell(each) && has(each),
  );
  return holder === undefined ? undefined : { pod: holder, claims };
}

function isWell({ ready, terminatingAt }: Pod): boolean {
  return ready && terminatingAt === undefined;
}

interface Refused {
  readonly events: readonly KubeEvent[];
  readonly each: JobFacts;
  readonly says: string;
  readonly seen: readonly [Known<unknown>, ...Known<unknown>[]];
}

/** The controllers say why they could not make a Job, or a pod. */
export function refused({ events, each: { named }, says, seen }: Refused): Diagnosis<Code> {
  const last = events.filter(({ reason }) => reason === 'FailedCreate').at(-1);
  if (last === undefined) return NOTHING;
  const isDenied = last.message.includes('admission webhook');
  return found({
    code: isDenied ? 'denied' : 'not-created',
    subject: named.name,
    says: `${says}: ${textOf(last)}`,
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
