import { covers } from '../../src/commands/exports.ts';
import type { Directory } from '../../src/commands/nas.ts';
import { directories } from '../../src/commands/nas.ts';
import type { Host } from '../../src/core/command.ts';
import { Refusal } from '../../src/core/errors.ts';
import type { Reader, Seen } from '../../src/core/reading.ts';
import type { Site } from '../../src/core/site.ts';
import type { ClusterLook } from '../../src/topology/cluster-look.ts';
import { lookAtCluster } from '../../src/topology/cluster-look.ts';
import type { NasLook } from '../../src/topology/nas-look.ts';
import { lookAtNas } from '../../src/topology/nas-look.ts';
import { nodeForTestMount } from '../../src/topology/test-node.ts';
import { backingOf } from '../../src/topology/volumes.ts';

export interface Facts {
  readonly site: Site;
  readonly path: string;
  /** How the path was found: typed, named by a volume, or made from the service's name. */
  readonly chosen: string;
  /** False where the volumes that would name the path could not be seen. */
  readonly isSure: boolean;
  readonly volumes: ClusterLook['volumes'];
  readonly nas: NasLook;
  /** The path and its parent. */
  readonly directories: Seen<readonly Directory[]>;
  /** Every path of the list as it is: one that is missing makes the whole update fail, or goes with the next reload. */
  readonly listed?: Seen<readonly Directory[]>;
  /** The node that mounts the path once it is exported; absent where none can be asked. */
  readonly tester?: Host;
}

export interface Params {
  readonly target: string;
}

/** Finds the path that is meant, and looks at it, at its parent and at all that is exported. */
export async function gather({ target }: Params, read: Reader, site: Site): Promise<Facts> {
  const [cluster, nas] = await Promise.all([lookAtCluster(read), lookAtNas(site.nas.host, read)]);
  const { path, chosen, isSure } = choosePath(target, site, { cluster, nas });
  requirePlainPath(path, site);
  const parent = path.slice(0, path.lastIndexOf('/'));
  const [first, ...more] = listedPaths(nas);
  const [found, listed, tester] = await Promise.all([
    read(directories(site.nas.host, [path, parent])),
    first === undefined ? undefined : read(directories(site.nas.host, [first, ...more])),
    nodeForTestMount(cluster, site, read),
  ]);
  return {
    site,
    path,
    chosen,
    isSure,
    nas,
    volumes: cluster.volumes,
    directories: found,
    ...(listed && { listed }),
    ...(tester && { tester }),
  };
}

/** Every path of the lists from which the server makes its exports. */
function listedPaths({ shares, file, dropIns }: NasLook): readonly string[] {
  const shared = shares?.known ? shares.value.flatMap(({ paths }) => paths) : [];
  const lines = [file, dropIns].flatMap((list) => (list?.known ? list.value : []));
  return [...new Set([...shared, ...lines.map(({ path }) => path)])].toSorted();
}

/** A path is taken as it is; for a service, the first path its volumes name that is not exported, else a new one under the first root. */
function choosePath(target: string, site: Site, { cluster, nas }: { readonly cluster: ClusterLook; readonly nas: NasLook }) {
  if (target.startsWith('/')) return { path: target, chosen: 'as typed', isSure: true };
  const wanted = volumePaths(target, site, cluster);
  const active = nas.active?.known ? nas.active.value : [];
  const path = wanted.find((each) => !covers(active, each)) ?? wanted[0];
  if (path !== undefined) return { path, chosen: `named by a volume of ${target}`, isSure: true };
  return {
    path: `${site.nas.roots[0]}/${target}`,
    chosen: `no volume of ${target} names a path on this NAS: its own directory under ${site.nas.roots[0]}`,
    isSure: cluster.volumes.known,
  };
}

/** Paths on this NAS of the volumes whose claim is in the namespace of that name, or has that name. */
function volumePaths(service: string, { nas }: Site, { volumes }: ClusterLook): string[] {
  if (!volumes.known) return [];
  return volumes.value
    .filter(({ claimRef, name }) => [claimRef?.namespace, claimRef?.name, name].includes(service))
    .map(backingOf)
    .flatMap((backing) => (backing.kind === 'nfs' && nas.nfsAddresses.includes(backing.server) ? [backing.path] : []))
    .toSorted();
}

const SAFE_PATH = /^(\/[a-z0-9][a-z0-9._-]*)+$/;

function requirePlainPath(path: string, { nas }: Site): void {
  const inside = nas.roots.some((root) => path.startsWith(`${root}/`));
  if (inside && SAFE_PATH.test(path) && !path.includes('..')) return;
  throw new Refusal(
    'bad-request',
    `The path must lie below ${nas.roots.join(' or ')} and use a-z, 0-9, ".", "_" and "-" only, as in ${nas.roots[0]}/immich.`,
  );
}
