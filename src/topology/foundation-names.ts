import type { Foundation } from '../core/foundation.ts';
import { byDepth, foundationKey } from '../core/foundation.ts';
import { isAtOrBelow } from '../core/path.ts';
import type { Site } from '../core/site.ts';
import { csiDriverNamed } from './csi-drivers.ts';
import { ISCSI_DRIVER } from './iscsi-look.ts';

export const NFS_DRIVER = 'nfs.csi.k8s.io';

/** Each once, the lowest first. */
export function sorted(all: readonly Foundation[]): readonly Foundation[] {
  return [...new Map(all.map((each) => [foundationKey(each), each])).values()].toSorted(byDepth);
}

export function has(all: readonly Foundation[], wanted: Foundation): boolean {
  return all.some(({ kind, name }) => kind === wanted.kind && name === wanted.name);
}

/** None where the site has its machines of metal, or does not say. */
export function hypervisorOf({ hypervisor }: Site): readonly Foundation[] {
  return hypervisor === undefined ? [] : [{ kind: 'hypervisor', name: hypervisor.host.name }];
}

export function nasOf({ nas }: Site): Foundation {
  return { kind: 'nas', name: nas.host.name };
}

/** The path from the nodes to the NAS. */
export function networkOf({ nas }: Site): Foundation {
  return { kind: 'network', name: nas.host.name };
}

/** The NAS and what is under it, whatever the path. */
export function underNas(site: Site): readonly Foundation[] {
  return [...hypervisorOf(site), networkOf(site), nasOf(site)];
}

/** Where a pool is not called as the directory it is mounted at, only a look at the NAS would tell. */
export function poolOf(path: string, { nas }: Site): readonly Foundation[] {
  const root = nas.roots.find((each) => isAtOrBelow(path, each));
  const name = root?.split('/').find((part) => part !== '' && part !== 'mnt');
  return name === undefined ? [] : [{ kind: 'pool', name }];
}

export function poolsOf(site: Site): readonly Foundation[] {
  return sorted(site.nas.roots.flatMap((root) => poolOf(root, site)));
}

/** Whatever a server of NFS stands on; of a server that is not this site's NAS nothing is known but its address. */
export function underShare(
  { server, path }: { readonly server: string; readonly path: string },
  site: Site,
): readonly Foundation[] {
  if (!site.nas.nfsAddresses.includes(server)) return [{ kind: 'nas', name: server }];
  return [...underNas(site), ...poolOf(path, site)];
}

/** A driver by its name, its short name or its namespace, and what it must reach to work. */
export function underDriver(word: string, site: Site): readonly Foundation[] {
  const name = csiDriverNamed(site, word)?.name ?? word;
  const reaches = name === NFS_DRIVER || name === ISCSI_DRIVER ? underNas(site) : hypervisorOf(site);
  return sorted([...reaches, { kind: 'driver', name }]);
}

export type Engine = 'postgres' | 'mysql' | 'redis';

/** The servers that the site has configured: one of each engine at most. */
export function databaseServers({ databases }: Site): Readonly<Record<Engine, readonly Foundation[]>> {
  const server = (namespace: string, name: string): readonly [Foundation] => [
    { kind: 'database-server', name: `${namespace}/${name}` },
  ];
  const { postgres, mysql, redis } = databases ?? {};
  return {
    postgres: postgres === undefined ? [] : server(postgres.namespace, postgres.cluster),
    mysql: mysql === undefined ? [] : server(mysql.namespace, mysql.cluster),
    redis: redis === undefined ? [] : server(redis.namespace, redis.statefulSet),
  };
}

/** Workloads (`namespace/name`) that use the server of an engine, as the configuration has them. */
export function dependantsOf(engine: Engine, { databases }: Site): readonly string[] {
  if (engine === 'redis') return databases?.redis?.dependants ?? [];
  return Object.values(databases?.[engine]?.dependants ?? {}).flat();
}
