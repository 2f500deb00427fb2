import { firingAlerts } from '../../src/commands/alerts.ts';
import { postgresDump, secondsForEach } from '../../src/commands/backup-dumps.ts';
import type { BackupFile } from '../../src/commands/backup-files.ts';
import { backupFiles } from '../../src/commands/backup-files.ts';
import type { Container } from '../../src/commands/in-container.ts';
import { clockOf } from '../../src/commands/node-system.ts';
import type { PgDatabase } from '../../src/commands/postgres.ts';
import { dataSpace, postgresDatabases, postgresRoles, sessionsOf, tableCounts } from '../../src/commands/postgres.ts';
import type { PostgresSite } from '../../src/core/databases.ts';
import type { Reader } from '../../src/core/reading.ts';
import type { Site } from '../../src/core/site.ts';
import { findDependants } from '../../src/topology/dependants.ts';
import { dumpNamesOf, isOfApplication } from '../../src/topology/postgres-dumps.ts';
import type { PostgresLook } from '../../src/topology/postgres-look.ts';
import { lookAtPostgres, postgresSiteOf } from '../../src/topology/postgres-look.ts';
import type { Facts, LookedInto, Params, ServerFacts, TargetFacts } from './facts.ts';
import type { Dumped } from './state.ts';
import { restoredFrom, stageOf } from './state.ts';

/** Two weeks of nights. */
const SHOWN = 14;

export async function gather(asked: Params, read: Reader, site: Site): Promise<Facts> {
  const postgres = postgresSiteOf(site);
  const names = dumpNamesOf(site, postgres);
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
    files.map(async (file) => ({
      file,
      dump: await read(postgresDump(site.nas.host, file.path, isOne ? 600 : secondsForEach(files.length))),
    })),
  );
}

type Before = Omit<Facts, 'target'>;

async function lookAtTarget(facts: Before, container: Container, read: Reader): Promise<TargetFacts | undefined> {
  const { asked, server, dumps } = facts;
  const [first] = dumps;
  if (asked.what === 'list' || server?.databases.known !== true) return undefined;
  if (asked.what === 'restore') {
    const file = first?.file ?? restoredFrom(asked.database, asked.file, server.databases.value);
    return file && lookAt(facts, { container, name: asked.database, file }, read);
  }
  const { value: databases } = server.databases;
  for (const { name, file } of asked.what === 'all' ? allOf(asked.file, first, databases) : []) {
    const target = await lookAt(facts, { container, name, file }, read);
    if (stageOf(name, file, databases).is !== 'restored' || stopped(target).length > 0) return target;
  }
  return undefined;
}

interface Named {
  readonly name: string;
  readonly file: Dumped;
}

/** What the dump has; once it is gone or cannot be read, what was restored from it, by its own mark: whoever was stopped for that is to run again. */
function allOf(asked: string, first: LookedInto | undefined, databases: readonly PgDatabase[]): readonly Named[] {
  if (first?.dump.known === true) {
    const { file, dump } = first;
    return dump.value.databases.flatMap(({ name }) => (isOfApplication(name) ? [{ name, file }] : []));
  }
  return databases.flatMap(({ name }) => {
    const file = restoredFrom(name, asked, databases);
    return file === undefined ? [] : [{ name, file }];
  });
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
  const [sessions, now] = await Promise.all([
    read(sessionsOf(container, name)),
    stage !== undefined && stage.is !== 'restored' && stage.live?.allowsConnections === true
      ? read(tableCounts(container, name))
      : undefined,
  ]);
  const dependants = await findDependants(read, {
    serves: servedBy(postgres, look),
    configured: postgres.dependants[name] ?? [],
    clientAddresses: sessions.known ? sessions.value.flatMap(({ address }) => address ?? []) : [],
    stoppedFor: reasonOf(postgres, name),
  });
  return { name, sessions, dependants, ...(now && { now }) };
}

/** Which of its databases somebody waits for, an annotation does not say: only who is configured or connected is stopped. */
function servedBy({ namespace, cluster, host }: PostgresSite, { instances }: PostgresLook) {
  const names = [host, ...['rw', 'ro', 'r'].map((role) => `${cluster}-${role}.${namespace}`)];
  return { namespace, names: [], pods: instances.map(({ pod }) => pod.name), server: { names, port: 5_432 } };
}
