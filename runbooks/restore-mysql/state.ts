import type { MysqlDatabase } from '../../src/commands/mysql-databases.ts';
import { workNamed } from '../../src/commands/work.ts';
import type { MysqlSite } from '../../src/core/databases.ts';
import type { Beside, Facts, ServerFacts } from './facts.ts';

/** How far the restore of this dump is, from what the server has alone. */
export type Stage =
  | { readonly is: 'none'; readonly live?: MysqlDatabase }
  | { readonly is: 'beside'; readonly made: MysqlDatabase; readonly live?: MysqlDatabase }
  | { readonly is: 'restored'; readonly made: MysqlDatabase; readonly live: MysqlDatabase }
  | { readonly is: 'left-over'; readonly names: readonly string[] };

export function besideName(database: string, workName: string): string {
  return `${database}_${workNamed(workName, 'restore')}`;
}

/** Where the tables go that the restored ones take the place of. */
export function asideName(made: string): string {
  return made.replace(/-restore$/, '-before');
}

export function isBeside(database: string, { name }: MysqlDatabase): boolean {
  return name.startsWith(`${database}_storagebot-`) && name.endsWith('-restore');
}

/** Undefined where not all of it could be seen. */
export function stageOf({ asked }: Facts, { databases, besides }: ServerFacts): Stage | undefined {
  if (!databases.known || besides.some(({ from }) => from?.known === false)) return undefined;
  const live = databases.value.find(({ name, tables }) => name === asked.database && tables > 0);
  const unmarked = besides.filter(({ from }) => from === undefined);
  const own = besides.filter(({ from }) => from?.known === true && from.value === asked.file);
  const leftOver = [...unmarked, ...own.slice(1)];
  if (leftOver.length > 0) return { is: 'left-over', names: leftOver.map(nameOf) };
  const made = own[0]?.database;
  if (made === undefined) return { is: 'none', ...(live && { live }) };
  if (made.tables > 0) return { is: 'beside', made, ...(live && { live }) };
  return live === undefined ? { is: 'left-over', names: [made.name] } : { is: 'restored', made, live };
}

function nameOf({ database: { name } }: Beside): string {
  return name;
}

/** Noted at whoever is stopped: what for. */
export function reasonOf({ namespace, cluster }: MysqlSite, database: string): string {
  return `${namespace}/${cluster}/${database}`;
}

/** Who was stopped for this restore, and is to run again. */
export function stoppedFor({ dependants }: ServerFacts): ServerFacts['dependants']['users'] {
  return dependants.users.filter(({ foundBy, ranBefore }) => ranBefore !== undefined && foundBy.some(({ by }) => by === 'note'));
}
