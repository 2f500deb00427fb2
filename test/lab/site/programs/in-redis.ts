import { REDIS_INFO_SCRIPT, REDIS_VOLUME_SCRIPT, SENTINEL_SCRIPT } from '../../../../src/commands/redis.ts';
import { volumeNamed } from '../block.ts';
import { type LabRedisServer, REDIS_LIMIT_BYTES } from '../databases/redis.ts';
import { DATABASES } from '../databases/settings.ts';
import { logicalName } from '../populate-block.ts';
import { type Answer, fail, lines, ok } from '../shell.ts';
import type { World } from '../world.ts';
import type { ContainerPrograms, Inside } from './crictl.ts';

/** The programs of the container `redis`. */
export const inRedis: ContainerPrograms = { sh: { run: sh } };

function sh({ world, pod: { metadata } }: Inside, [flag, script, , ...words]: readonly string[]): Answer {
  const { namespace = '', name } = metadata;
  if (flag !== '-c') return fail(2, 'sh: the lab runs no scripts');
  if (script === REDIS_VOLUME_SCRIPT) return volumeOf(world, namespace, name);
  if (script === SENTINEL_SCRIPT) return sentinelOf(world, name, words[0] ?? '');
  return script === REDIS_INFO_SCRIPT ? infoOf(world, name) : fail(2, 'sh: the lab runs no scripts');
}

function infoOf(world: World, pod: string): Answer {
  const server = world.databases.redis?.servers.get(pod);
  if (server === undefined || server.refuses === 'connections') return notListening(6379);
  if (server.refuses === 'password')
    return {
      ...ok('NOAUTH Authentication required.\n\n'),
      stderr: 'AUTH failed: WRONGPASS invalid username-password pair or user is disabled.\n',
    };
  const sections = [
    ['Server', 'redis_version:7.2.5', 'redis_mode:standalone', 'tcp_port:6379'],
    ['Memory', ...memoryLines(server)],
    ['Persistence', ...persistenceLines(server)],
    ['Replication', ...replicationLines(world, pod, server)],
    ['Errorstats', ...Object.entries(server.refused).map(([name, count]) => `errorstat_${name}:count=${count}`)],
    ['Cluster', 'cluster_enabled:0'],
    ['Keyspace', ...(server.keys === 0 ? [] : [`db0:keys=${server.keys},expires=12,avg_ttl=1804411`])],
  ];
  const text = sections.map(([title, ...all]) => [`# ${title}`, ...all, ''].join('\r\n')).join('\r\n');
  return ok(`${text}\n`);
}

function notListening(port: number): Answer {
  return fail(1, `Could not connect to Redis at 127.0.0.1:${port}: Connection refused`);
}

function memoryLines({ usedBytes, maxBytes }: LabRedisServer): readonly string[] {
  return [
    `used_memory:${usedBytes}`,
    `used_memory_rss:${usedBytes + 2_097_152}`,
    `maxmemory:${maxBytes}`,
    'maxmemory_policy:noeviction',
  ];
}

function persistenceLines({ loading, savedMs, changesSinceSave, savesFail, hasAof }: LabRedisServer): readonly string[] {
  return [
    `loading:${loading === undefined ? 0 : 1}`,
    'async_loading:0',
    `rdb_changes_since_last_save:${changesSinceSave}`,
    'rdb_bgsave_in_progress:0',
    `rdb_last_save_time:${Math.floor(savedMs / 1000)}`,
    `rdb_last_bgsave_status:${savesFail ? 'err' : 'ok'}`,
    `aof_enabled:${hasAof ? 1 : 0}`,
    'aof_last_write_status:ok',
    ...(loading === undefined
      ? []
      : ['loading_start_time:1775200000', `loading_loaded_perc:${loading}`, 'loading_eta_seconds:12']),
  ];
}

function replicationLines({ databases }: World, pod: string, server: LabRedisServer): readonly string[] {
  const { follows, offset } = server;
  const replicas = [...(databases.redis?.servers ?? [])].filter(([, each]) => each.follows === pod && each.linkIsUp);
  const id = `master_replid:${(follows ?? pod).endsWith('0') ? 'd6f76d9987a43e4ddc81977f55bf5f98db7bbe95' : 'c52b34d59e00a72c779b43264cca1f6f2a2bd271'}`;
  const link = follows === undefined ? [] : linkLines(follows, server);
  return [
    `role:${follows === undefined ? 'master' : 'slave'}`,
    ...link,
    `connected_slaves:${replicas.length}`,
    ...replicas.map(([name], index) => `slave${index}:ip=${hostOf(name)},port=6379,state=online,offset=${offset},lag=0`),
    'master_failover_state:no-failover',
    id,
    `master_repl_offset:${offset}`,
  ];
}

function linkLines(master: string, { linkIsUp, isCopying }: LabRedisServer): readonly string[] {
  return [
    `master_host:${hostOf(master)}`,
    'master_port:6379',
    `master_link_status:${linkIsUp ? 'up' : 'down'}`,
    `master_last_io_seconds_ago:${linkIsUp ? 0 : -1}`,
    `master_sync_in_progress:${isCopying ? 1 : 0}`,
    ...(linkIsUp ? [] : ['master_link_down_since_seconds:1260']),
    'slave_read_only:1',
  ];
}

function hostOf(pod: string): string {
  return `${pod}.redis-headless.${DATABASES.redis.namespace}.svc.cluster.local`;
}

function sentinelOf({ databases }: World, pod: string, masterName: string): Answer {
  const sentinel = databases.redis?.sentinels.get(pod);
  if (sentinel === undefined || sentinel.isSilent) return notListening(26379);
  if (masterName !== DATABASES.redis.masterName) return ok('\nabout:\nERR No such master with that name\n\n');
  const { master, flags, others } = sentinel;
  const about = [
    ['name', masterName],
    ['ip', hostOf(master)],
    ['port', '6379'],
    ['flags', flags],
    ['role-reported', 'master'],
    ['num-slaves', '1'],
    ['num-other-sentinels', `${others}`],
    ['quorum', `${databases.redis?.quorum ?? 2}`],
  ];
  return ok(lines([hostOf(master), '6379', 'about:', ...about.flat()]));
}

function volumeOf({ databases, hypervisor }: World, namespace: string, pod: string): Answer {
  const fileSystem = volumeNamed(hypervisor, logicalName({ namespace, claim: `redis-data-${pod}` }))?.fileSystem;
  if (fileSystem === undefined || fileSystem === null) return fail(1, 'df: /data: Input/output error');
  const isReadOnly = databases.redis?.servers.get(pod)?.isReadOnly === true;
  const [size, used] = [fileSystem.sizeBytes, fileSystem.usedBytes].map((bytes) => Math.ceil(bytes / 1024));
  if (size === undefined || used === undefined) throw new Error('a file system has a size');
  const free = Math.max(0, size - used);
  return ok(
    lines([
      'Filesystem     1024-blocks   Used Available Capacity Mounted on',
      `/dev/sdc           ${size} ${used}   ${free}      ${Math.ceil((100 * used) / size)}% /data`,
      `/dev/sdc /data ext4 ${isReadOnly ? 'ro' : 'rw'},relatime 0 0`,
      `${REDIS_LIMIT_BYTES}`,
    ]),
  );
}
