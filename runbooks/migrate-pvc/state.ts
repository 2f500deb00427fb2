import type { Claim } from '../../src/commands/claims.ts';
import type { CopyJob, FailedCopy } from '../../src/commands/copy-jobs.ts';
import type { User } from '../../src/commands/workload-volumes.ts';
import { type Using, usingOf } from '../../src/topology/claim-using.ts';
import { nameOf } from '../../src/topology/stopped-users.ts';
import type { ClusterFacts, Place } from './facts.ts';

/** Who uses either claim. */
export interface Users {
  readonly source: Using;
  readonly target: Using;
}

export function usersOf(cluster: ClusterFacts, { source, target }: Place): Users | undefined {
  const { namespace, name } = source;
  const [own, others] = [usingOf(cluster, { namespace, claim: name }), usingOf(cluster, { namespace, claim: target })];
  return own === undefined || others === undefined ? undefined : { source: own, target: others };
}

/** How far the migration is, as the cluster alone tells. */
export type Stage =
  | 'running' // the workload uses the old claim and runs, or the new claim is not there
  | 'stopped' // nobody runs, and there is no complete copy
  | 'copied' // nobody runs since before a complete copy, or some use the new claim already
  | 'switched'; // nobody names the old claim any more

export function stageOf({ source, target }: Users, { made, jobs }: Place): Stage | undefined {
  if (!jobs.known) return undefined;
  const left = source.users.filter((user) => !target.users.some((each) => nameOf(each) === nameOf(user)));
  if (workersOf(target.users).length > 0) return left.length === 0 ? 'switched' : 'copied';
  if (made === undefined || source.users.some(({ runs }) => runs > 0)) return 'running';
  return completeFor({ jobs: jobs.value, made, users: source.users }) === undefined ? 'stopped' : 'copied';
}

/** All but CronJobs, which start pods of their own. */
export function workersOf(users: readonly User[]): readonly User[] {
  return users.filter(({ kind }) => kind !== 'CronJob');
}

/** Into what a Job copied is noted with its uid: a claim that was deleted, and made anew under its name, holds nothing of it. */
function noteOf(made: Pick<Claim, 'uid'> | undefined): string {
  return `; into ${made?.uid ?? '?'}`;
}

/** The Jobs that copied into this very claim. */
export function copiesInto(jobs: readonly CopyJob[], made: Pick<Claim, 'uid'> | undefined): readonly CopyJob[] {
  return made?.uid === undefined ? [] : jobs.filter(({ stopped }) => stopped.endsWith(noteOf(made)));
}

/**
 * The Jobs whose half copy may be in it: none once another ended last, or where the cluster does not say when one failed. Whether it is theirs,
 * the script finds out itself: a Job that completed may have been deleted.
 */
export function failedInto(jobs: readonly CopyJob[], made: Pick<Claim, 'uid'> | undefined): readonly FailedCopy[] {
  const all = copiesInto(jobs, made);
  if (all.some(({ state }) => state !== 'failed')) return [];
  return all.flatMap(({ name, failedAt }) => (failedAt === undefined ? [] : [{ name, failedAt }]));
}

/** Those who use the old claim, and have used this one: the bot noted it, and leaves the note where that was taken back. */
export function usedBefore({ users }: Using, made: Pick<Claim, 'uid'> | undefined): readonly User[] {
  return made?.uid === undefined ? [] : users.filter(({ movedTo }) => movedTo === made.uid);
}

interface Copied {
  readonly jobs: readonly CopyJob[];
  readonly made: Pick<Claim, 'uid'> | undefined;
  readonly users: readonly User[];
}

/** The complete copy into this claim that was made after these users were stopped, and before anybody changed one of them again. */
export function completeFor({ jobs, made, users }: Copied): CopyJob | undefined {
  const signature = signatureOf(users, made);
  return jobs.find(({ state, stopped }) => state === 'complete' && stopped === signature && !signature.includes('?'));
}

/**
 * Who they are, and the generation of each: the API server counts one up for each change of what a workload is to be, and begins anew with one
 * that is made anew, which therefore has another uid.
 */
export function signatureOf(users: readonly User[], made: Pick<Claim, 'uid'> | undefined): string {
  const stopped = users.map((user) => `${nameOf(user)} ${user.generation ?? '?'} ${user.uid ?? '?'}`).toSorted();
  return `${stopped.join(', ')}${noteOf(made)}`;
}
