import {
  DATA_SPACE_SCRIPT,
  databaseFill,
  postgresDatabases,
  postgresRoles,
  postgresSessions,
  replicationOf,
  serverState,
  tableCounts,
} from '../../../../src/commands/postgres.ts';
import type { Read } from '../../../../src/core/command.ts';
import { volumeNamed } from '../block.ts';
import type { LabPostgres } from '../databases/postgres.ts';
import { logicalName } from '../populate-block.ts';
import { type Answer, type Call, fail, ok } from '../shell.ts';
import type { World } from '../world.ts';
import type { ContainerPrograms, Inside } from './crictl.ts';

/** The programs of the container `postgres`. */
export const inPostgres: ContainerPrograms = { psql: { run: psql }, sh: { run: sh } };

interface Asked {
  readonly postgres: LabPostgres;
  readonly isPrimary: boolean;
  readonly database: string;
}

const ANY = { node: { name: '', sudo: false }, id: '0'.repeat(64) };

/** What a question to the server is known by: its SQL is the last word. */
function sqlOf({ command }: Read<unknown>): string {
  return (command.via === 'ssh' ? command.argv.at(-1) : undefined) ?? '';
}

const QUESTIONS: Readonly<Record<string, (asked: Asked) => unknown>> = {
  [sqlOf(serverState(ANY))]: ({ postgres: { version, timeline }, isPrimary }) => ({ version, inRecovery: !isPrimary, timeline }),
  [sqlOf(postgresDatabases(ANY))]: ({ postgres }) =>
    byName(postgres.databases).map(([name, { oid, owner, bytes, allowsConnections, comment = null }]) => ({
      name,
      oid,
      owner,
      bytes,
      allowsConnections,
      comment,
    })),
  [sqlOf(tableCounts(ANY, ''))]: (asked) => tablesOf(asked).map(([name, rows]) => ({ name, rows })),
  [sqlOf(databaseFill(ANY, ''))]: (asked) => ({
    tables: tablesOf(asked).length,
    withRows: tablesOf(asked).flatMap(([name, rows]) => (rows > 0 ? [name] : [])),
  }),
  [sqlOf(postgresSessions(ANY))]: ({ postgres: { sessions } }) =>
    sessions.toSorted((a, b) => a.pid - b.pid).map(({ address = null, ...rest }) => ({ ...rest, address })),
  [sqlOf(postgresRoles(ANY))]: ({ postgres: { roles } }) => roles.toSorted(),
  [sqlOf(replicationOf(ANY))]: ({ postgres: { slots, replicas }, isPrimary }) => (isPrimary ? { slots, replicas } : NONE),
};

const NONE = { slots: [], replicas: [] };

function tablesOf({ postgres, database }: Asked): readonly (readonly [string, number])[] {
  return Object.entries(postgres.databases.get(database)?.tables ?? {}).toSorted(([a], [b]) => (a < b ? -1 : 1));
}

function byName<T>(map: ReadonlyMap<string, T>): readonly (readonly [string, T])[] {
  return [...map].toSorted(([a], [b]) => (a < b ? -1 : 1));
}

function psql({ world, pod, env }: Inside, args: readonly string[]): Answer {
  const { postgres } = world.databases;
  if (postgres === undefined) return refusal('stopped');
  const name = pod.metadata.name;
  const { PGDATABASE: database = 'postgres' } = env;
  const refused = refusalOf(postgres, name, database);
  if (refused !== undefined) return refused;
  const sql = args.at(-1) ?? '';
  const answer = QUESTIONS[sql];
  if (answer === undefined) return fail(1, `ERROR:  the lab does not know this statement: ${sql.slice(0, 80)}`);
  return ok(
    `${JSON.stringify(answer({ postgres, isPrimary: [postgres.primary, postgres.alsoWrites].includes(name), database }))}\n`,
  );
}

const SOCKET = '/controller/run/.s.PGSQL.5432';

const REFUSALS = {
  stopped: 'No such file or directory\n\tIs the server running locally and accepting connections on that socket?',
  starting: 'FATAL:  the database system is starting up',
} as const;

function refusal(why: keyof typeof REFUSALS): Answer {
  return fail(2, `psql: error: connection to server on socket "${SOCKET}" failed: ${REFUSALS[why]}`);
}

function refusalOf({ servers, databases }: LabPostgres, pod: string, database: string): Answer | undefined {
  const server = servers.get(pod);
  if (server !== undefined) return refusal(server);
  const found = databases.get(database);
  const fatal = (says: string) => fail(2, `psql: error: connection to server on socket "${SOCKET}" failed: FATAL:  ${says}`);
  if (found === undefined) return fatal(`database "${database}" does not exist`);
  if (!found.allowsConnections) return fatal(`database "${database}" is not currently accepting connections`);
  return undefined;
}

function sh({ world, pod }: Inside, [flag, script]: readonly string[]): Answer {
  if (flag !== '-c' || script !== DATA_SPACE_SCRIPT) return fail(2, 'sh: the lab runs no scripts');
  const { namespace = '', name } = pod.metadata;
  return space(world, {
    volume: logicalName({ namespace, claim: name }),
    pod: name,
    log: '/var/lib/postgresql/data/pgdata/pg_wal/',
  });
}

/** What a node tells of a volume that it has mounted. */
export function spaceOnNode({ world, machine }: Call, [mountPoint = '']: readonly string[]): Answer {
  const mount = machine.kind === 'node' ? machine.node.mounts.find((each) => each.mountPoint === mountPoint) : undefined;
  if (mount?.block === undefined) return fail(1, `mountpoint: ${mountPoint}: No such file or directory`);
  const { volume } = mount.block;
  return space(world, { volume, pod: world.cluster.podNamed(mount.podUid), log: `${mountPoint}/pgdata/pg_wal` });
}

interface Place {
  readonly volume: string;
  readonly pod: string;
  readonly log: string;
}

function space({ hypervisor, databases }: World, { volume, pod, log }: Place): Answer {
  const fileSystem = volumeNamed(hypervisor, volume)?.fileSystem;
  if (fileSystem === undefined || fileSystem === null) return fail(1, `df: ${log}: Input/output error`);
  const { sizeBytes, usedBytes } = fileSystem;
  const free = `${Math.max(0, sizeBytes - usedBytes)}`;
  const rows = [
    ['1B-blocks', 'Avail'],
    [`${sizeBytes}`, free],
  ].map(([size = '', avail = '']) => `${size.padStart(11)} ${avail.padStart(11)}`);
  return ok(`${rows.join('\n')}\n${databases.postgres?.walBytes.get(pod) ?? 0}\t${log}\n`);
}
