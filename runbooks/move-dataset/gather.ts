import * as cluster from '../../src/commands/cluster.ts';
import { directories } from '../../src/commands/nas.ts';
import { treeAt } from '../../src/commands/trees.ts';
import { usersOfKind, wholeVolumes } from '../../src/commands/workload-volumes.ts';
import type { Dataset } from '../../src/commands/zfs.ts';
import { childrenOf, propertiesOf, writtenSince } from '../../src/commands/zfs-send.ts';
import { snapshotsOf } from '../../src/commands/zfs-snapshots.ts';
import { Refusal } from '../../src/core/errors.ts';
import type { Reader } from '../../src/core/reading.ts';
import type { Site } from '../../src/core/site.ts';
import { lookAtNas } from '../../src/topology/nas-look.ts';
import type { ClusterFacts, DatasetLook, Facts, Params, Place } from './facts.ts';
import { commonSnapshot, stageOf } from './state.ts';
import { clusterOf, usersOn } from './users.ts';

export async function gather({ dataset, pool }: Params, read: Reader, site: Site): Promise<Facts> {
  if (!dataset.includes('/')) throw new Refusal('bad-request', `${dataset} is a whole pool: name a dataset, as in main/immich.`);
  if (dataset.startsWith(`${pool}/`)) throw new Refusal('bad-request', `${dataset} is on ${pool} already: name another pool.`);
  const [nas, seen] = await Promise.all([lookAtNas(site.nas.host, read), lookAtUsers(read)]);
  const facts = { site, dataset, pool, nas, cluster: seen };
  if (!nas.datasets?.known) return facts;
  const place = await lookAtPlace({ site, read }, { dataset, pool, datasets: nas.datasets.value });
  return { ...facts, place: await withContent(place, seen, { site, read }) };
}

async function lookAtUsers(read: Reader): Promise<ClusterFacts> {
  const kinds = ['Deployment', 'StatefulSet', 'DaemonSet', 'CronJob'] as const;
  const [users, pods, volumes, whole, claims] = await Promise.all([
    Promise.all(kinds.map((kind) => read(usersOfKind(kind)))),
    read(cluster.pods()),
    read(cluster.persistentVolumes()),
    read(wholeVolumes()),
    read(cluster.persistentVolumeClaims()),
  ]);
  return { users, pods, volumes, whole, claims };
}

type Asked = Params & { readonly datasets: readonly Dataset[] };

interface Eyes {
  readonly site: Site;
  readonly read: Reader;
}

async function lookAtPlace({ site, read }: Eyes, { dataset, pool, datasets }: Asked): Promise<Place> {
  const { host } = site.nas;
  const has = (name: string) => datasets.some((each) => each.name === name);
  const { target, newPath } = placeFor(dataset, pool, datasets);
  const [properties, ofTarget, ofPool, children, own, copied, directory] = await Promise.all([
    read(propertiesOf(host, dataset)),
    read(propertiesOf(host, target)),
    read(propertiesOf(host, pool)),
    read(childrenOf(host, dataset)),
    has(dataset) ? read(snapshotsOf(host, dataset)) : undefined,
    has(target) ? read(snapshotsOf(host, target)) : undefined,
    read(directories(host, [newPath])),
  ]);
  const path = datasets.find(({ name }) => name === dataset)?.mountPoint ?? '';
  const source = { name: dataset, properties, ...(own && { snapshots: own }) };
  const copy = { name: target, properties: ofTarget, ...(copied && { snapshots: copied }) };
  return { source, target: copy, pool: { name: pool, properties: ofPool }, children, path, newPath, directory };
}

/** Below the same names where the dataset above it is there on the other pool too, else in one name directly below the pool. */
function placeFor(dataset: string, pool: string, datasets: readonly Dataset[]): { target: string; newPath: string } {
  const rest = dataset.slice(dataset.indexOf('/') + 1);
  const above = `${pool}/${rest}`.slice(0, `${pool}/${rest}`.lastIndexOf('/'));
  const flat = `${pool}/${rest.replaceAll('/', '-')}`;
  const known = (name: string) => datasets.find((each) => each.name === name);
  const isNested = known(above) !== undefined && known(flat) === undefined;
  const target = isNested ? `${pool}/${rest}` : flat;
  const holder = isNested ? above : pool;
  const parent = known(holder)?.mountPoint ?? `/mnt/${pool}`;
  if (!parent.startsWith('/'))
    throw new Refusal(
      'bad-request',
      `${holder} is mounted at no path (${parent}): a copy below it could not be mounted or exported.`,
    );
  return { target, newPath: `${parent}/${target.slice(target.lastIndexOf('/') + 1)}` };
}

/** Reading every directory takes minutes where there are millions of files. */
const COUNT_WITHIN_S = 600;

/** What a copy that was begun needs to be judged by: what changed since it was last brought up to date, and its files. */
async function withContent(place: Place, seen: ClusterFacts, { site, read }: Eyes): Promise<Place> {
  const { host } = site.nas;
  const common = commonSnapshot(place);
  if (common === undefined) return place;
  const sinceCommon = async (look: DatasetLook) => ({
    ...look,
    written: await read(writtenSince(host, look.name, common.short)),
  });
  const [source, target] = await Promise.all([sinceCommon(place.source), sinceCommon(place.target)]);
  const found = { ...place, source, target };
  const cluster = clusterOf(seen);
  // Whoever works on the copy changes it.
  const isInUse = cluster === undefined || usersOn(place.newPath, cluster).length > 0;
  if (isInUse || stageOf(found) !== 'complete') return found;
  const [own, copied] = await Promise.all([
    read(treeAt(host, place.path, COUNT_WITHIN_S)),
    read(treeAt(host, place.newPath, COUNT_WITHIN_S)),
  ]);
  return { ...found, source: { ...source, content: own }, target: { ...target, content: copied } };
}
