import type { KubeObject } from '../kubernetes/store.ts';
import { volumeNamed } from '../site/block.ts';
import { addRedis, type LabRedis, type LabRedisServer, type LabSentinel, MEBIBYTE } from '../site/databases/redis.ts';
import { DATABASES } from '../site/databases/settings.ts';
import { logicalName } from '../site/populate-block.ts';
import { kind } from '../site/volumes.ts';
import { nodeOf, type World } from '../site/world.ts';
import { ended, fallIll } from './csi-changes.ts';
import type { Scenario } from './scenario.ts';

const [FIRST, SECOND] = ['redis-node-0', 'redis-node-1'] as const;
const { namespace, statefulSet } = DATABASES.redis;

function server({ servers }: LabRedis, pod: string): LabRedisServer {
  const found = servers.get(pod);
  if (found === undefined) throw new Error(`The lab has no Redis in ${pod}`);
  return found;
}

function sentinel({ sentinels }: LabRedis, pod: string): LabSentinel {
  const found = sentinels.get(pod);
  if (found === undefined) throw new Error(`The lab has no Sentinel in ${pod}`);
  return found;
}

function row(name: string, says: string, change: (redis: LabRedis, world: World) => void = () => undefined): Scenario {
  return { name: `redis-${name}`, says, prepare: (world) => change(addRedis(world), world) };
}

/** The second takes itself for the master since a failover that the first did not see. */
function split(redis: LabRedis): void {
  const second = server(redis, SECOND);
  delete second.follows;
  Object.assign(second, { keys: 442, offset: 48_219_115, changesSinceSave: 3 });
}

function withoutMaster(redis: LabRedis): void {
  Object.assign(server(redis, FIRST), { follows: SECOND, linkIsUp: false });
  Object.assign(server(redis, SECOND), { linkIsUp: false, offset: 48_100_000 });
}

function fill({ hypervisor }: World, pod: string): void {
  const fileSystem = volumeNamed(hypervisor, logicalName({ namespace, claim: `redis-data-${pod}` }))?.fileSystem;
  if (fileSystem === undefined || fileSystem === null) throw new Error(`The lab has no volume of ${pod}`);
  fileSystem.usedBytes = fileSystem.sizeBytes - MEBIBYTE;
}

function cannotSave(redis: LabRedis, pod: string): void {
  Object.assign(server(redis, pod), { savesFail: true, changesSinceSave: 1_911, refused: { MISCONF: 17 } });
}

/** Its pod was made anew, and kubelet waits for its volume. */
function unattached({ cluster }: World, name: string): void {
  const pod = cluster.pods().find(({ metadata }) => metadata.namespace === namespace && metadata.name === name);
  const progress = pod === undefined ? undefined : cluster.progressOf(pod);
  if (pod === undefined || progress === undefined) throw new Error(`The lab does not run ${name}`);
  cluster.report(pod, 'starting');
  progress.nextMs = Number.POSITIVE_INFINITY;
}

export const redisScenarios: readonly Scenario[] = [
  row('well', 'Redis runs with one master and one replica, and both Sentinels say so.'),
  row('split-brain', 'After a failover both servers take themselves for the master; the larger one is the right one.', split),
  row('split-between-sentinels', 'Both servers take themselves for the master, and each Sentinel names its own.', (redis) => {
    split(redis);
    sentinel(redis, SECOND).master = SECOND;
  }),
  row('split-smaller-is-written', 'Of two masters only the smaller one has been written to since the last save.', (redis) => {
    split(redis);
    server(redis, FIRST).changesSinceSave = 0;
  }),
  row('split-alike', 'Two masters have the same number of keys.', (redis) => {
    split(redis);
    server(redis, SECOND).keys = server(redis, FIRST).keys;
  }),
  row(
    'split-loading',
    'Of two masters the larger was started again and reads its data, so that it seems the smaller one.',
    (redis) => {
      split(redis);
      Object.assign(server(redis, FIRST), { keys: 212, changesSinceSave: 0, loading: '0.70' });
      sentinel(redis, FIRST).master = SECOND;
      sentinel(redis, SECOND).master = SECOND;
    },
  ),
  row('split-third-gone', 'Two servers take themselves for the master, and a third does not run.', (redis, world) => {
    split(redis);
    world.store.patch({ resource: kind('apps/v1', 'statefulsets'), namespace, name: statefulSet }, { spec: { replicas: 3 } });
  }),
  row('no-master', 'Each server follows the other.', withoutMaster),
  row('master-gone', 'The pod of the master waits for its volume, and the only other Sentinel is too few.', (redis, world) => {
    unattached(world, FIRST);
    server(redis, SECOND).linkIsUp = false;
    sentinel(redis, SECOND).flags = 's_down,o_down,master,disconnected';
  }),
  row('replica-gone', 'The pod of the replica waits for its volume.', (_redis, world) => unattached(world, SECOND)),
  row('crashing', 'The server of the replica ends as soon as it is started.', (_redis, world) => {
    const says = ['# Bad file format reading the append only file'];
    const has = (pod: KubeObject) => pod.metadata.name === SECOND;
    fallIll(world, ended({ workload: statefulSet, container: 'redis', says, has }));
    world.time.advance(5_000);
  }),
  row('stopped', 'Somebody set the replicas to 0.', (_redis, world) => {
    world.store.patch({ resource: kind('apps/v1', 'statefulsets'), namespace, name: statefulSet }, { spec: { replicas: 0 } });
    world.time.advance(60_000);
  }),
  row('link-down', 'The replica has lost its master for twenty minutes.', (redis) => {
    server(redis, SECOND).linkIsUp = false;
  }),
  row('copying', 'The replica was away and copies the data of the master now.', (redis) => {
    Object.assign(server(redis, SECOND), { linkIsUp: false, isCopying: true, keys: 0 });
  }),
  row('sentinel-disagrees', 'One Sentinel names the replica.', (redis) => {
    sentinel(redis, SECOND).master = SECOND;
  }),
  row('sentinel-down', 'One Sentinel does not run.', (redis) => {
    sentinel(redis, SECOND).isSilent = true;
  }),
  row('no-quorum', 'The Sentinels have forgotten each other.', (redis) => {
    for (const each of redis.sentinels.values()) each.others = 0;
  }),
  row('volume-full', 'The volume of the master is full: nothing is saved, and writes are refused.', (redis, world) => {
    fill(world, FIRST);
    cannotSave(redis, FIRST);
  }),
  row('volume-read-only', 'The file system of the master turned read-only.', (redis) => {
    server(redis, FIRST).isReadOnly = true;
    cannotSave(redis, FIRST);
  }),
  row('save-failing', 'The master cannot save, and its volume is in order.', (redis) => cannotSave(redis, FIRST)),
  row('loading', 'The replica was started again and reads its data.', (redis) => {
    Object.assign(server(redis, SECOND), { loading: '41.20', linkIsUp: false, keys: 12_400 });
  }),
  row('server-down', 'The container of the replica runs, and its server has ended.', (redis) => {
    server(redis, SECOND).refuses = 'connections';
  }),
  row('memory-nearly-full', 'The master uses nearly all memory of its container.', (redis) => {
    server(redis, FIRST).usedBytes = 59 * MEBIBYTE;
  }),
  row('memory-full', 'The master has reached its maxmemory and refuses writes.', (redis) => {
    Object.assign(server(redis, FIRST), { usedBytes: 48 * MEBIBYTE, maxBytes: 48 * MEBIBYTE, refused: { OOM: 211 } });
  }),
  row('with-aof', 'The servers write an AOF.', (redis) => {
    for (const each of redis.servers.values()) each.hasAof = true;
  }),
  row('password-changed', 'The password of the servers is another than the one of their containers.', (redis) => {
    for (const each of redis.servers.values()) each.refuses = 'password';
  }),
  row('split-half-seen', 'Both servers are masters, and the node of one of them does not answer SSH.', (redis, world) => {
    split(redis);
    nodeOf(world, 'k8s-node1').sshAnswers = false;
  }),
];
