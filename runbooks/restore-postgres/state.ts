import type { BackupFile } from '../../src/commands/backup-files.ts';
import type { PgDatabase } from '../../src/commands/postgres.ts';

/** What a mark tells of a dump. */
export type Dumped = Pick<BackupFile, 'name' | 'bytes'>;

/** What the bot writes at a database that holds all that a dump has of it; its own oid must follow, since the text travels with dumps. */
export function markOf(database: string, { name, bytes }: Dumped): string {
  return `storagebot: ${database} of ${name}, ${bytes} bytes, oid `;
}

export function isMarked({ comment, oid }: PgDatabase, mark: string): boolean {
  return comment?.split('\n', 1)[0] === `${mark}${oid}`;
}

/** The dump of this name that the database was restored from, as its mark tells: the file itself may be gone since. */
export function restoredFrom(database: string, file: string, all: readonly PgDatabase[]): Dumped | undefined {
  const live = all.find(({ name }) => name === database);
  const bytes = Number(/, (\d{1,15}) bytes, oid \d+$/.exec(live?.comment?.split('\n', 1)[0] ?? '')?.[1]);
  const dumped = { name: file, bytes };
  return live !== undefined && isMarked(live, markOf(database, dumped)) ? dumped : undefined;
}

/** PostgreSQL's names have 63 letters; these take up to 32 more than the database's own. */
function stamped(database: string, what: What, workName: string): string {
  return `${database}_${workName}-${what}`;
}

export const scratchName = (database: string, workName: string): string => stamped(database, 'restore', workName);
export const asideName = (database: string, workName: string): string => stamped(database, 'broken', workName);
export const undoneName = (database: string, workName: string): string => stamped(database, 'undone', workName);
export const safetyCopyName = (database: string, workName: string): string => `pre_restore_${database}_${workName}-copy.sql.gz`;

/** How far a restore is, as the names, comments and numbers of the databases tell. */
export type Stage =
  | { readonly is: 'untouched'; readonly live?: PgDatabase }
  /** A whole one waits beside it. */
  | { readonly is: 'beside'; readonly live?: PgDatabase; readonly made: PgDatabase }
  | { readonly is: 'restored'; readonly live: PgDatabase };

export function stageOf(database: string, file: Dumped, all: readonly PgDatabase[]): Stage {
  const mark = markOf(database, file);
  const live = all.find(({ name }) => name === database);
  if (live !== undefined && isMarked(live, mark)) return { is: 'restored', live };
  const [made] = all.filter((each) => isScratch(database, each) && isMarked(each, mark)).toSorted((a, b) => b.oid - a.oid);
  const known = live === undefined ? {} : { live };
  return made === undefined ? { is: 'untouched', ...known } : { is: 'beside', ...known, made };
}

function isScratch(database: string, { name }: PgDatabase): boolean {
  return isMade(database, name, ['restore']);
}

/** What restores left that did not come to their end, and what they put aside: only people drop a database. */
export function leftovers(database: string, file: Dumped, all: readonly PgDatabase[]): readonly PgDatabase[] {
  const stage = stageOf(database, file, all);
  const own = 'made' in stage ? stage.made.oid : undefined;
  return all.filter((each) => each.oid !== own && isMade(database, each.name));
}

type What = 'restore' | 'broken' | 'undone';

function isMade(database: string, name: string, whats: readonly What[] = ['restore', 'broken', 'undone']): boolean {
  return name.startsWith(`${database}_storagebot-`) && whats.some((what) => name.endsWith(`-${what}`));
}
