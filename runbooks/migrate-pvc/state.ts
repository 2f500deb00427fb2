import type { CopyJob } from '../../src/commands/copy-jobs.ts';
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
  return completeFor(jobs.value, source.users) === undefined ? 'stopped' : 'copied';
}

/** All but CronJobs, which start pods of their own. */
export function workersOf(users: readonly User[]): readonly User[] {
  return users.filter(({ kind }) => kind !== 'CronJob');
}

/** The complete copy that was made after these users were stopped, and before anybody changed one of them again. */
export function completeFor(jobs: readonly CopyJob[], users: readonly User[]): CopyJob | undefined {
  const signature = signatureOf(users);
  return jobs.find(({ state, stopped }) => state === 'complete' && stopped === signature && !signature.includes('?'));
}

/** Who they are, and the generation of each: the API server counts one up for each change of what a workload is to be. */
export function signatureOf(users: readonly User[]): string {
  return users
    .map((user) => `${nameOf(user)} ${user.generation ?? '?'}`)
    .toSorted()
    .join(', ');
}
