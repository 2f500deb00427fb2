import { exportsText, ownExportText } from '../../src/commands/export-removal.ts';
import type { Directory } from '../../src/commands/nas.ts';
import { directories } from '../../src/commands/nas.ts';
import type { ClientMount } from '../../src/commands/nfs-client.ts';
import { mountList } from '../../src/commands/nfs-client.ts';
import { isAtOrBelow } from '../../src/core/path.ts';
import type { Known, Reader, Seen } from '../../src/core/reading.ts';
import type { Site } from '../../src/core/site.ts';
import type { ClusterLook } from '../../src/topology/cluster-look.ts';
import { lookAtCluster } from '../../src/topology/cluster-look.ts';
import { requireInsideRoots } from '../../src/topology/inside-roots.ts';
import type { NasLook } from '../../src/topology/nas-look.ts';
import { lookAtNas } from '../../src/topology/nas-look.ts';
import type { NasUser } from '../../src/topology/nas-users.ts';
import { plainPath, usersBelow, usersOf } from '../../src/topology/nas-users.ts';
import type { NodeMounts } from '../../src/topology/node-mounts.ts';
import { mountsOfNodes } from '../../src/topology/node-mounts.ts';

export interface Facts {
  readonly site: Site;
  readonly path: string;
  readonly nas: NasLook;
  readonly cluster: ClusterLook;
  /** Whoever names the path or one below it. */
  readonly users: readonly NasUser[];
  /** Whoever names a directory above it, where the path is a dataset of its own. */
  readonly above: readonly NasUser[];
  readonly nodes: readonly NodeMounts[];
  readonly clients: Seen<readonly ClientMount[]>;
  /** Debian only: the main file and the file of this path, to the byte. */
  readonly mainText?: Seen<string>;
  readonly ownText?: Seen<string | undefined>;
  /** The other paths in force, and of the shares that name the path; absent where there are none. */
  readonly others?: Seen<readonly Directory[]>;
}

export type Proofs = readonly [Known<unknown>, ...Known<unknown>[]];

export interface Params {
  readonly path: string;
}

/** Looks at the export, at all that keeps it, and at everybody who may use it. */
export async function gather({ path: typed }: Params, read: Reader, site: Site): Promise<Facts> {
  const { host } = site.nas;
  const path = plainPath(typed);
  requireInsideRoots(path, site);
  const [cluster, nas, clients] = await Promise.all([lookAtCluster(read), lookAtNas(host, read), read(mountList(host))]);
  const [nodes, others, texts] = await Promise.all([
    mountsOfNodes(cluster, site, read),
    lookAtOthers(path, { nas, site }, read),
    nas.flavour === 'debian' ? lookAtTexts(path, site, read) : {},
  ]);
  const all = usersOf(cluster, site);
  const users = usersBelow(all, path);
  const isDataset = nas.datasets?.known === true && nas.datasets.value.some((each) => each.mounted && each.mountPoint === path);
  const above = isDataset ? all.filter((user) => user.isOurs && user.path !== path && isAtOrBelow(path, user.path)) : [];
  return { site, path, nas, cluster, users, above, nodes, clients, ...texts, ...(others && { others }) };
}

async function lookAtTexts(path: string, { nas: { host } }: Site, read: Reader): Promise<Pick<Facts, 'mainText' | 'ownText'>> {
  const [mainText, ownText] = await Promise.all([read(exportsText(host)), read(ownExportText(host, path))]);
  return { mainText, ownText };
}

async function lookAtOthers(path: string, { nas, site }: Pick<Facts, 'nas' | 'site'>, read: Reader) {
  const naming = nas.shares?.known ? nas.shares.value.filter(({ paths }) => paths.includes(path)) : [];
  const inForce = nas.active?.known ? nas.active.value : [];
  const all = [...naming.flatMap(({ paths }) => paths), ...inForce.map((each) => each.path)];
  const [first, ...more] = [...new Set(all)].filter((each) => each !== path).toSorted();
  return first === undefined ? undefined : read(directories(site.nas.host, [first, ...more]));
}
