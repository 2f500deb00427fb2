import { firingAlerts } from '../../src/commands/alerts.ts';
import { mysqlDump, secondsForEach } from '../../src/commands/backup-dumps.ts';
import type { BackupFile } from '../../src/commands/backup-files.ts';
import { backupFiles, freeSpaceAt } from '../../src/commands/backup-files.ts';
import { mysqlSessions } from '../../src/commands/mysql.ts';
import { mysqlDatabases, mysqlPrograms, mysqlTableCounts, restoredFrom } from '../../src/commands/mysql-databases.ts';
import type { Reader } from '../../src/core/reading.ts';
import type { Site } from '../../src/core/site.ts';
import { findDependants } from '../../src/topology/dependants.ts';
import type { KnownServer } from '../../src/topology/mysql-look.ts';
import { lookAtMysql, mysqlPrimary, mysqlSpaces } from '../../src/topology/mysql-look.ts';
import type { Facts, LookedInto, Params, ServerFacts } from './facts.ts';
import { isBeside, reasonOf, stageOf } from './state.ts';

/** Two weeks of nights. */
const SHOWN = 14;

/** Parameters as a request has them. */
type Asked = { readonly [Key in keyof Params]: Params[Key] | undefined } & Pick<Params, 'database'>;

export async function gather({ database, file, anyway }: Asked, read: Reader, site: Site): Promise<Facts> {
  const asked = { database, ...(file !== undefined && { file, anyway: anyway === true }) };
  const look = await lookAtMysql(read, site);
  const { path } = look.mysql.backups;
  const [files, room, alerts] = await Promise.all([
    read(backupFiles(site.nas.host, { path, begins: '', ends: '.gz' })),
    read(freeSpaceAt(site.nas.host, path)),
    file === undefined ? undefined : read(firingAlerts()),
  ]);
  const some = chosen(asked, files.known ? files.value : []);
  const withinS = file === undefined ? secondsForEach(some.length) : 600;
  const dumps = await Promise.all(
    some.map(
      async (each): Promise<LookedInto> => ({ file: each, dump: await read(mysqlDump(site.nas.host, each.path, withinS)) }),
    ),
  );
  const facts = { site, asked, look, files, room, dumps, ...(alerts && { alerts }) };
  const primary = mysqlPrimary(look);
  return primary === undefined ? facts : { ...facts, server: await lookAtServer(facts, primary, read) };
}

function chosen({ file }: Params, files: readonly BackupFile[]): readonly BackupFile[] {
  const dumps = files.filter(({ isDirectory }) => !isDirectory);
  return file === undefined ? dumps.slice(0, SHOWN) : dumps.filter(({ name }) => name === file);
}

async function lookAtServer(facts: Omit<Facts, 'server'>, primary: KnownServer, read: Reader): Promise<ServerFacts> {
  const { asked, look } = facts;
  const { server } = primary;
  const [databases, spaces, sessions] = await Promise.all([
    read(mysqlDatabases(server)),
    mysqlSpaces(read, look),
    read(mysqlSessions(server)),
  ]);
  const own = databases.known ? databases.value.filter((each) => isBeside(asked.database, each)) : [];
  const besides = await Promise.all(
    own.map(async (database) =>
      database.isMarked ? { database, from: await read(restoredFrom(server, database.name)) } : { database },
    ),
  );
  // Which of the databases somebody waits for, an annotation does not say: those who are configured or connected are asked for.
  const dependants = await findDependants(read, {
    serves: { namespace: look.mysql.namespace, names: [], pods: look.instances.map(({ pod }) => pod.name) },
    configured: look.mysql.dependants[asked.database] ?? [],
    clientAddresses: sessions.known
      ? sessions.value.flatMap(({ database, address }) => (database === asked.database && address !== undefined ? [address] : []))
      : [],
    stoppedFor: reasonOf(look.mysql, asked.database),
  });
  const seen = { primary, databases, spaces, sessions, besides, dependants };
  return { ...seen, ...(await lookInside(facts, seen, read)) };
}

async function lookInside(
  facts: Facts,
  seen: ServerFacts,
  read: Reader,
): Promise<Pick<ServerFacts, 'now' | 'waiting' | 'programs'>> {
  const stage = stageOf(facts, seen);
  const { server } = seen.primary;
  if (stage === undefined || stage.is === 'left-over' || stage.is === 'restored') return {};
  const hasPrograms =
    seen.databases.known && seen.databases.value.some((each) => each.name === facts.asked.database && each.programs > 0);
  const [now, waiting, programs] = await Promise.all([
    stage.live === undefined ? undefined : read(mysqlTableCounts(server, stage.live.name)),
    stage.is === 'beside' ? read(mysqlTableCounts(server, stage.made.name)) : undefined,
    hasPrograms ? read(mysqlPrograms(server, facts.asked.database)) : undefined,
  ]);
  return { ...(now && { now }), ...(waiting && { waiting }), ...(programs && { programs }) };
}
