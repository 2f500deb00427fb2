import type { SqliteJob } from '../../src/commands/sqlite-scripts.ts';
import type { Choice } from './facts.ts';

/** How far it is, as the bot's own Jobs tell: a volume that nobody mounts cannot be looked into, and they stay. */
export type Stage =
  /** `after`: a Job did this once before, which does not count. */
  | { readonly is: 'untouched'; readonly after?: string }
  /** A Job failed, or was ended at its deadline. One under the same stamp goes on with what it had begun. */
  | { readonly is: 'unclear'; readonly job: SqliteJob }
  | { readonly is: 'running'; readonly job: SqliteJob }
  | { readonly is: 'done'; readonly job: SqliteJob };

export interface Target {
  readonly claim: string;
  readonly file: string;
}

export interface Wanted {
  readonly choice: Choice;
  /** The Job that had done this before the database was damaged again. */
  readonly after?: string | undefined;
}

export function stageOf(jobs: readonly SqliteJob[], target: Target, { choice, after }: Wanted): Stage {
  const own = jobs.filter(({ claim, file }) => claim === target.claim && file === target.file);
  const running = own.find(({ state }) => state === 'running');
  if (running !== undefined) return { is: 'running', job: running };
  const last = own.at(-1);
  if (last?.state === 'failed') return { is: 'unclear', job: last };
  const placed = own.reduce<SqliteJob | undefined>(placedAfter, undefined);
  if (placed === undefined || !isFor(placed, choice)) return { is: 'untouched' };
  return placed.name === after ? { is: 'untouched', after } : { is: 'done', job: placed };
}

/** What has the place of the database after this Job. Taken back, it is what was there before, whatever that was. */
function placedAfter(before: SqliteJob | undefined, job: SqliteJob): SqliteJob | undefined {
  if (job.state !== 'succeeded') return before;
  return job.does === 'back' ? undefined : job;
}

export function isFor(job: SqliteJob, choice: Choice): boolean {
  if (choice.from === 'reindex') return job.does === 'reindex';
  return job.does === 'restore' && job.from === choice.name;
}
