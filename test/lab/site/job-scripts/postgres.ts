import type { LabBackup } from '../databases/backups.ts';
import { addBackups } from '../databases/backups.ts';
import type { LabPgDatabase, LabPostgres } from '../databases/postgres.ts';
import { DATABASES } from '../databases/settings.ts';
import { type Answer, fail, ok } from '../shell.ts';
import type { JobCall, JobProgram } from './index.ts';

/** `/backup/x` of the Job is `x` below the directory of the NAS that its claim is. */
function fileOf({ claims }: JobCall, path: string): string | undefined {
  const { claim, path: directory } = DATABASES.postgres.backups;
  return claims['/backup'] === claim && path.startsWith('/backup/') ? `${directory}${path.slice('/backup'.length)}` : undefined;
}

function safetyCopy(call: JobCall): Answer {
  const { world, args } = call;
  const [database = '', target = ''] = args;
  const live = world.databases.postgres?.databases.get(database);
  const path = fileOf(call, target);
  if (live === undefined || path === undefined) return fail(2, `FATAL:  database "${database}" does not exist`);
  if (world.databases.backups?.has(path) === true) return fail(1, `postgres-safety-copy: ${target} is there already`);
  const content: LabBackup['content'] = {
    kind: 'pg_dumpall',
    serverVersion: world.databases.postgres?.version ?? '',
    databases: { [database]: { owner: live.owner, tables: { ...live.tables } } },
  };
  addBackups(world, [{ path, bytes: Math.ceil(live.bytes / 10), writtenMs: world.time.nowMs, content }]);
  return ok(`${target} has ${Math.ceil(live.bytes / 10)} bytes\n`);
}

function restore(call: JobCall): Answer {
  const { world, args } = call;
  const [target = '', bytes = '', database = '', made = '', owner = '', mark = ''] = args;
  const { postgres, backups } = world.databases;
  const backup = backups?.get(fileOf(call, target) ?? '');
  if (postgres === undefined || backup?.content.kind !== 'pg_dumpall') return fail(1, `stat: cannot statx '${target}'`);
  if (`${backup.bytes}` !== bytes)
    return fail(1, `postgres-restore: ${target} has not the ${bytes} bytes that it had when it was looked at`);
  const { content } = backup;
  const own = content.databases[database];
  if (own === undefined || content.isTruncated === true || content.brokenGzip === true)
    return fail(1, `postgres-restore: ${target} is not whole, or not of a form that is known: nothing was made`);
  if (postgres.databases.has(made))
    return fail(1, `ERROR:  database "${made}" already exists\npostgres-restore: ${made} was not made`);
  const oid = Math.max(...[...postgres.databases.values()].map((each) => each.oid)) + 16;
  const tables = content.isSchemaOnly === true ? {} : { ...own.tables };
  postgres.databases.set(made, {
    oid,
    owner,
    tables,
    allowsConnections: false,
    bytes: 4 * backup.bytes,
    comment: `${mark}${oid}`,
  });
  return ok(`${made} is whole\n`);
}

type Named = readonly [name: string, database: LabPgDatabase];

function byOid({ databases }: LabPostgres, oid: number): Named | undefined {
  return [...databases].find(([, each]) => each.oid === oid);
}

function swap({ world, args }: JobCall): Answer {
  const [name = '', aside = '', out = '', from = '', incoming = '', door = ''] = args;
  const { postgres } = world.databases;
  if (postgres === undefined) return fail(2, 'FATAL:  no server');
  const [going, coming] = [byOid(postgres, Number(out)), byOid(postgres, Number(incoming))];
  const is = (found: Named | undefined, oid: string, wanted: string) => (oid === '0' ? true : found?.[0] === wanted);
  if (is(going, out, aside) && is(coming, incoming, name)) return ok(`${name} is the database with oid ${incoming}\n`);
  const isFree = out !== '0' || !postgres.databases.has(name);
  const isAsApproved = door === 'any' || coming?.[1].allowsConnections !== true;
  if (!is(going, out, name) || !is(coming, incoming, from) || !isFree || !isAsApproved || postgres.databases.has(aside))
    return fail(
      1,
      `postgres-swap: ${name}, ${aside} and ${from} are not the databases that this was approved for, or ${from} was opened: nothing was renamed`,
    );
  if (going !== undefined) rename(postgres, going, { name: aside, allowsConnections: false });
  if (coming !== undefined) rename(postgres, coming, { name, allowsConnections: true });
  return ok(`${name} is the database with oid ${incoming}\n`);
}

function rename({ databases }: LabPostgres, [old, database]: Named, now: { name: string; allowsConnections: boolean }): void {
  databases.delete(old);
  databases.set(now.name, Object.assign(database, { allowsConnections: now.allowsConnections }));
}

/** What the bot's scripts do to the site's PostgreSQL. */
export const postgresPrograms: Readonly<Record<string, JobProgram>> = {
  'postgres-safety-copy': { run: safetyCopy },
  'postgres-restore': { run: restore },
  'postgres-swap': { run: swap },
};
