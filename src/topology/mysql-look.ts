import { podsOfNamespace } from '../commands/cluster.ts';
import type { Pod } from '../commands/cluster-objects.ts';
import type { DataSpace, GroupMember, MysqlState } from '../commands/mysql.ts';
import { groupMembers, mysqlDataSpace, mysqlState } from '../commands/mysql.ts';
import type { MysqlServer } from '../commands/mysql-query.ts';
import type { MysqlSite } from '../core/databases.ts';
import { Refusal } from '../core/errors.ts';
import type { Known, Reader, Seen } from '../core/reading.ts';
import type { Site } from '../core/site.ts';
import { nodeHost } from '../core/site.ts';

/** A pod of the cluster; with its server where its container runs. */
export interface MysqlInstance {
  readonly pod: Pod;
  readonly asked?: {
    readonly server: MysqlServer;
    readonly state: Seen<MysqlState>;
    /** The group as this server sees it. */
    readonly members: Seen<readonly GroupMember[]>;
  };
}

/** A server that answered both questions. */
export interface KnownServer {
  readonly pod: Pod;
  readonly server: MysqlServer;
  readonly state: Known<MysqlState>;
  readonly members: Known<readonly GroupMember[]>;
}

export interface MysqlLook {
  readonly mysql: MysqlSite;
  /** Of its namespace. */
  readonly pods: Seen<readonly Pod[]>;
  readonly instances: readonly MysqlInstance[];
}

/** Refuses where the configuration does not name the cluster. */
export function mysqlSiteOf({ databases }: Site): MysqlSite {
  if (databases?.mysql !== undefined) return databases.mysql;
  throw new Refusal('not-found', 'databases.mysql is not in the configuration: the bot does not know which cluster to look at');
}

export async function lookAtMysql(read: Reader, site: Site): Promise<MysqlLook> {
  const mysql = mysqlSiteOf(site);
  const pods = await read(podsOfNamespace(mysql.namespace));
  const own = pods.known ? pods.value.filter((pod) => isInstance(pod, mysql)) : [];
  const instances = await Promise.all(own.map((pod) => lookAtInstance(read, site, pod)));
  return { mysql, pods, instances };
}

function isInstance({ name, owner }: Pod, { cluster }: MysqlSite): boolean {
  return owner?.kind === 'StatefulSet' && owner.name === cluster && name.startsWith(`${cluster}-`);
}

async function lookAtInstance(read: Reader, site: Site, pod: Pod): Promise<MysqlInstance> {
  const id = pod.containers.get('mysql');
  if (pod.node === undefined || id === undefined) return { pod };
  const server = { container: { node: nodeHost(site, pod.node), id }, localUser: mysqlSiteOf(site).localUser };
  const [state, members] = await Promise.all([read(mysqlState(server)), read(groupMembers(server))]);
  return { pod, asked: { server, state, members } };
}

/** How full the volume of each server that runs is, by the names of their pods. */
export async function mysqlSpaces(read: Reader, { instances }: MysqlLook): Promise<ReadonlyMap<string, Seen<DataSpace>>> {
  const running = instances.flatMap(({ pod, asked }) => (asked === undefined ? [] : [{ pod, server: asked.server }]));
  return new Map(
    await Promise.all(running.map(async ({ pod, server }) => [pod.name, await read(mysqlDataSpace(server))] as const)),
  );
}

/** Undefined where a server that runs could not be asked: it might be the one that takes writes. */
export function serversOf({ instances }: Pick<MysqlLook, 'instances'>): readonly KnownServer[] | undefined {
  const running = instances.flatMap(({ pod, asked }) => (asked === undefined ? [] : [{ pod, ...asked }]));
  const known = running.flatMap(({ pod, server, state, members }): readonly KnownServer[] =>
    state.known && members.known ? [{ pod, server, state, members }] : [],
  );
  return known.length === running.length ? known : undefined;
}

/** Members have the name of their pod and of the service that gives pods names. */
export function isOf({ host }: GroupMember, pod: Pod): boolean {
  return host.startsWith(`${pod.name}.`);
}

/** By its own word the primary of a group of which it sees more than half. */
export function isPrimary({ pod, members }: KnownServer): boolean {
  const online = members.value.filter(({ state }) => state === 'ONLINE');
  return online.length * 2 > members.value.length && online.some((member) => member.role === 'PRIMARY' && isOf(member, pod));
}

/** Nobody can write to it. */
export function isClosed({ state: { value } }: KnownServer): boolean {
  return value.offline || value.superReadOnly || value.readOnly;
}

/** The one server that takes writes. Undefined where there is none, more than one, or not every running server could be asked. */
export function mysqlPrimary(look: Pick<MysqlLook, 'instances'>): KnownServer | undefined {
  const [first, ...more] = serversOf(look)?.filter((server) => isPrimary(server) && !isClosed(server)) ?? [];
  return more.length === 0 ? first : undefined;
}
