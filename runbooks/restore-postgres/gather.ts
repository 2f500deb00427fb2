import { firingAlerts } from '../../src/commands/alerts.ts';
import { postgresDump } from '../../src/commands/backup-dumps.ts';
import type { BackupFile, BackupNames } from '../../src/commands/backup-files.ts';
import { backupFiles } from '../../src/commands/backup-files.ts';
import type { Container } from '../../src/commands/in-container.ts';
import { clockOf } from '../../src/commands/node-system.ts';
import { dataSpace, postgresDatabases, postgresRoles, sessionsOf, tableCounts } from '../../src/commands/postgres.ts';
import type { PostgresSite } from '../../src/core/databases.ts';
import type { Reader } from '../../src/core/reading.ts';
import type { Site } from '../../src/core/site.ts';
import { findDependants } from '../../src/topology/dependants.ts';
import { lookAtPostgres, postgresSiteOf } from '../../src/topology/postgres-look.ts';
import type { Facts, LookedInto, Params, ServerFacts, TargetFacts } from './facts.ts';
import type { Dumped } from './state.ts';
import { isOfApplication, restoredFrom, stageOf } from './state.ts';

/** Two weeks of nights. */
const SHOWN = 14;

export async function gather(asked: Params, read: Reader, site: Site): Promise<Facts> {
  const postgres = postgresSiteOf(site);
  const names = namesOf(site, postgres);
  const changes = asked.what === 'restore' || asked.what === 'all';
  const [look, files, clock, alerts] = await Promise.all([
    lookAtPostgres(read, site),
    read(backupFiles(site.nas.host, names)),
    read(clockOf(site.nas.host)),
    changes ? read(firingAlerts()) : undefined,
  ]);
  const container = 'container' in look.primary ? look.primary.container : undefined;
  const [server, dumps] = await Promise.all([
    container === undefined ? undefined : lookAtServer(container, read),
    lookInto(chosen(asked, files.known ? files.value : []), { read, site, isOne: changes }),
  ]);
  const facts = { site, postgres, asked, look, names, files, clock, dumps, ...(alerts && { alerts }), ...(server && { server }) };
  const target = container === undefined ? undefined : await lookAtTarget(facts, container, read);
  return { ...facts, ...(target && { target }) };
}

/** The job that leaves its dumps where the restore finds them says how it names them. */
function namesOf({ backups = {} }: Site, { backups: { path } }: PostgresSite): BackupNames {
  const job = Object.values(backups).find((each) => each.kind === 'pg_dumpall' && each.path === path);
  return { path, begins: job?.begins ?? 'dump_', ends: job?.ends ?? '.sql.gz' };
}

async function lookAtServer(container: Container, read: Reader): Promise<ServerFacts> {
  const [databases, roles, space] = await Promise.all([
    read(postgresDatabases(container)),
    read(postgresRoles(container)),
    read(dataSpace(container)),
  ]);
  return { databases, roles, space };
}

function chosen(asked: Params, files: readonly BackupFile[]): readonly BackupFile[] {
  const plain = files.filter(({ isDirectory }) => !isDirectory);
  if (asked.what === 'rebuild') return plain.slice(0, 1);
  if (asked.what !== 'list') return plain.filter(({ name }) => name === asked.file);
  return asked.database === undefined ? [] : plain.slice(0, SHOWN);
}

interface Looking {
  readonly read: Reader;
  readonly site: Site;
  /** The one that is to be restored is read to its end, however long that takes. */
  readonly isOne: boolean;
}

function lookInto(files: readonly BackupFile[], { read, site, isOne }: Looking): Promise<readonly LookedInto[]> {
  return Promise.all(
    files.map(async (file) => ({ file, dump: await read(postgresDump(site.nas.host, file.path, isOne ? 600 : 8)) })),
  );
}

type Before = Omit<Facts, 'target'>;

async function lookAtTarget(facts: Before, container: Container, read: Reader): Promise<TargetFacts | undefined> {
  const { asked, server, dumps } = facts;
  const [first] = dumps;
  if (asked.what === 'list' || asked.what === 'rebuild' || server?.databases.known !== true) return undefined;
  if (asked.what === 'restore') {
    const file = first?.file ?? restoredFrom(asked.database, asked.file, server.databases.value);
    return file && lookAt(facts, { container, name: asked.database, file }, read);
  }
  if (first === undefined) return undefined;
  const names = first.dump.known ? first.dump.value.databases.map(({ name }) => name).filter(isOfApplication) : [];
  for (const name of names) {
    const target = await lookAt(facts, { container, name, file: first.file }, read);
    const isDone = stageOf(name, first.file, server.databases.value).is === 'restored' && stopped(target).length === 0;
    if (!isDone) return target;
  }
  return undefined;
}

/** Who was stopped for this restore, and is to run again. */
export function stopped({ dependants }: TargetFacts): TargetFacts['dependants']['users'] {
  return dependants.users.filter(({ foundBy, ranBefore }) => ranBefore !== undefined && foundBy.some(({ by }) => by === 'note'));
}

/** Noted at whoever is stopped: what for. */
export function reasonOf({ namespace, cluster }: PostgresSite, database: string): string {
  return `${namespace}/${cluster}/${database}`;
}

interface Wanted {
  readonly container: Container;
  readonly name: string;
  readonly file: Dumped;
}

async function lookAt({ postgres, server, look }: Before, { container, name, file }: Wanted, read: Reader): Promise<TargetFacts> {
  const stage = server?.databases.known === true ? stageOf(name, file, server.databases.value) : undefined;
  const [sessions, beside, now] = await Promise.all([
    read(sessionsOf(container, name)),
    stage?.is === 'beside' ? read(tableCounts(container, stage.made.name)) : undefined,
    stage !== undefined && stage.is !== 'restored' && stage.live?.allowsConnections === true
      ? read(tableCounts(container, name))
      : undefined,
  ]);
  // Which of the databases somebody waits for, an annotation does not say: those who are configured or connected are asked for.
  const dependants = await findDependants(read, {
    serves: { namespace: postgres.namespace, names: [], pods: look.instances.map(({ pod }) => pod.name) },
    configured: postgres.dependants[name] ?? [],
    clientAddresses: sessions.known ? sessions.value.flatMap(({ address }) => address ?? []) : [],
    stoppedFor: reasonOf(postgres, name),
  });
  return { name, sessions, dependants, ...(beside && { beside }), ...(now && { now }) };
}
