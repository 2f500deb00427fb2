import type { Job, Schedule } from '../../src/commands/cluster-jobs.ts';

export interface Ownership {
  /** The CronJob that made the Job. */
  readonly cron?: Schedule;
  /** Why the Job is not ours to suspend. */
  readonly refusal?: string;
}

/** Suspended, it begins anew when it is resumed: on data that it has changed half. */
const CHANGES_DATA = /restor|recover|migrat|upgrade|repair|fsck|initdb|\binit\b/;
const BACKUP = /backup|dump|snapshot/;

export function isBackup({ name }: Pick<Job, 'name'>): boolean {
  return BACKUP.test(name);
}

/** Only people's own Jobs and those of their CronJobs are ours to suspend, and of these none that would leave data torn or without a copy. */
export function ownershipOf(job: Job, schedules: readonly Schedule[]): Ownership {
  const { namespace, name, owners } = job;
  if (namespace.startsWith('kube-'))
    return { refusal: `${namespace} belongs to Kubernetes itself: its Jobs are not suspended here.` };
  if (name.startsWith('storagebot-')) return { refusal: 'It is work of this bot: cancel the run that started it.' };
  const [owner, ...more] = owners;
  if (CHANGES_DATA.test(`${name} ${owner?.name ?? ''}`))
    return { refusal: `${namespace}/${name} seems to change data that would be left half done: let it end.` };
  if (owner === undefined) return isBackup(job) ? { refusal: asked(job) } : {};
  const cron = schedules.find((each) => each.namespace === namespace && each.name === owner.name);
  const master = owner.kind !== 'CronJob' ? owner : (more[0] ?? cron?.owners[0]);
  if (master !== undefined)
    return {
      refusal: `${namespace}/${name} belongs to ${master.kind} ${master.name}, which would start it again: pause it there.`,
    };
  if (cron === undefined) return { refusal: `The CronJob ${owner.name} that made it is gone: a person must decide.` };
  return isBackup(job) && !cron.hasSucceeded ? { refusal: firstCopy(cron) } : { cron };
}

function asked({ namespace, name }: Job): string {
  return `Somebody started the backup ${namespace}/${name} by hand, and what follows may count on it: let it end, or ask them.`;
}

function firstCopy({ namespace, name }: Schedule): string {
  return `No run of CronJob ${namespace}/${name} has ever succeeded: what this one writes may become the only copy. Let it end.`;
}
