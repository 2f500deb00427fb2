import { copyFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { REDIS_INFO_SCRIPT, redisInfo, SENTINEL_SCRIPT, sentinelView } from '../../src/commands/redis.ts';
import type { RedisAnswer, RedisInfo } from '../../src/commands/redis-info.ts';
import { understand } from '../../src/core/reading.ts';
import { peer } from '../peers.ts';
import { type RedisServer, RedisServers, until } from './redis-servers.ts';

const container = { node: { name: 'k8s-node1', sudo: false }, id: '0123456789abcdef' };

const redisServer = peer('redis-server');

describe.skipIf(!redisServer.found)('a real Redis', () => {
  let servers: RedisServers;
  beforeEach(() => {
    servers = new RedisServers(redisServer.found ? redisServer.path : '');
  });
  afterEach(() => servers[Symbol.asyncDispose]());

  const look = async (server: RedisServer) => understand(redisInfo(container), await server.script(REDIS_INFO_SCRIPT));
  const answerOf = async (server: RedisServer): Promise<RedisAnswer> => {
    const seen = await look(server);
    if (!seen.known) throw new Error(seen.why.says);
    return seen.value;
  };
  const infoOf = async (server: RedisServer): Promise<RedisInfo> => {
    const answer = await answerOf(server);
    if (answer.is === 'down') throw new Error(answer.says);
    return answer.info;
  };
  const replicaOf = ({ port }: RedisServer) => ({ settings: [`replicaof 127.0.0.1 ${port}`] });
  const untilLinked = (server: RedisServer) => until(async () => (await infoOf(server)).link?.isUp === true);

  it('says its role, its keys of all databases, when it saved and what it may use', async () => {
    const server = await servers.start({ settings: ['maxmemory 40mb'] });
    await server.cli('MSET', 'a', '1', 'b', '2');
    await server.cli('-n', '3', 'SET', 'c', '3');
    expect(await infoOf(server)).toMatchObject({
      role: 'master',
      keys: 3,
      changesSinceSave: 3,
      maxBytes: 41_943_040,
      evicts: false,
      savesFail: false,
      hasAof: false,
      refused: {},
    });
  });

  it.each([['in its environment'], ['in a file']])('answers with the password that its container has %s', async (where) => {
    const { directory } = await servers.start();
    const file = join(directory, 'password');
    await writeFile(file, 'of the pod\n');
    const env = where === 'in a file' ? { REDIS_PASSWORD_FILE: file } : { REDIS_PASSWORD: 'of the pod' };
    const server = await servers.start({ settings: ['requirepass "of the pod"'], env });
    expect((await infoOf(server)).role).toBe('master');
  });

  it.each([['no'], ['another']])('is not understood with %s password: its refusal is no answer', async (which) => {
    const env = which === 'no' ? {} : { REDIS_PASSWORD: 'another' };
    const server = await servers.start({ settings: ['requirepass secret'], env });
    const seen = await look(server);
    expect(seen.known ? seen.value : seen.why).toMatchObject({
      failed: 'unreadable',
      says: expect.stringContaining('NOAUTH Authentication required.'),
    });
  });

  it('that has ended is down, which is an answer', async () => {
    const server = await servers.start();
    await server.stop();
    expect(await answerOf(server)).toMatchObject({ is: 'down', says: expect.stringContaining('Connection refused') });
  });

  it('that follows another says so, refuses to write, and knows for how long its link is down', async () => {
    const master = await servers.start({ settings: ['repl-diskless-sync-delay 0'] });
    await master.cli('SET', 'a', '1');
    const replica = await servers.start(replicaOf(master));
    await untilLinked(replica);
    expect(await infoOf(master)).toMatchObject({ role: 'master', replicas: 1 });
    expect(await infoOf(replica)).toMatchObject({ role: 'replica', keys: 1, link: { host: '127.0.0.1', isUp: true } });
    expect(await replica.cli('SET', 'b', '2')).toContain('READONLY');
    await master.stop();
    await until(async () => (await infoOf(replica)).link?.isUp === false);
    expect(await infoOf(replica)).toMatchObject({
      role: 'replica',
      keys: 1,
      link: { isUp: false, downForS: expect.any(Number) },
    });
    expect((await infoOf(replica)).refused).toMatchObject({ READONLY: 1 });
  });

  it('that reads its data says how far it is', async () => {
    const first = await servers.start();
    await first.cli('EVAL', "for i=1,20000 do redis.call('SET','k'..i,'v') end", '0');
    await first.cli('SAVE');
    await first.stop();
    const server = await servers.start({
      settings: ['key-load-delay 2000', 'loading-process-events-interval-bytes 1024'],
      directory: first.directory,
      waits: false,
    });
    await until(async () => (await answerOf(server)).is === 'up');
    expect((await infoOf(server)).loading).toMatch(/^\d+\.\d+$/);
  });

  it('that cannot save stops writes, and says both', async () => {
    const server = await servers.start({ settings: ['save 3600 1'] });
    await server.cli('SET', 'a', '1');
    await rm(join(server.directory, 'data'), { recursive: true });
    await server.cli('BGSAVE');
    await until(async () => (await infoOf(server)).savesFail);
    expect(await server.cli('SET', 'b', '2')).toMatch(/^MISCONF Redis is configured to save RDB snapshots/);
    expect(await infoOf(server)).toMatchObject({ savesFail: true, refused: { MISCONF: 1 }, keys: 1 });
  });

  it('that is full refuses to write, and counts it', async () => {
    const server = await servers.start({ settings: ['maxmemory 500kb', 'maxmemory-policy noeviction'] });
    expect(await server.cli('SET', 'a', '1')).toContain('OOM command not allowed');
    const { usedBytes, maxBytes = 0, refused } = await infoOf(server);
    expect(usedBytes).toBeGreaterThan(maxBytes);
    expect(refused).toEqual({ OOM: 1 });
  });

  it('with an AOF starts from that, whatever RDB was put into its folder', async () => {
    const other = await servers.start();
    await other.cli('MSET', 'a', '1', 'b', '2', 'c', '3');
    await other.cli('SAVE');
    const server = await servers.start({ settings: ['appendonly yes'] });
    await server.cli('SET', 'own', '1');
    expect(await infoOf(server)).toMatchObject({ hasAof: true, keys: 1 });
    await server.cli('SHUTDOWN', 'NOSAVE');
    await copyFile(join(other.directory, 'data', 'dump.rdb'), join(server.directory, 'data', 'dump.rdb'));
    const again = await servers.start({ settings: ['appendonly yes'], directory: server.directory });
    expect((await infoOf(again)).keys).toBe(1);
  });

  it('of two masters becomes a replica by REPLICAOF, and then has what the other one has and nothing of its own', async () => {
    const right = await servers.start({ settings: ['repl-diskless-sync-delay 0'] });
    const wrong = await servers.start();
    await right.cli('MSET', 'a', '1', 'b', '2');
    await wrong.cli('SET', 'only-here', '1');
    expect([(await infoOf(right)).role, (await infoOf(wrong)).role]).toEqual(['master', 'master']);
    await wrong.cli('REPLICAOF', '127.0.0.1', `${right.port}`);
    await untilLinked(wrong);
    expect(await infoOf(wrong)).toMatchObject({ role: 'replica', keys: 2 });
    expect(await wrong.cli('GET', 'only-here')).toBe('');
  });

  describe('and its Sentinel', () => {
    const SENTINEL = ['sentinel down-after-milliseconds mymaster 300'];
    async function watched(settings: readonly string[] = []) {
      const master = await servers.start();
      const sentinel = await servers.start({
        settings: [`sentinel monitor mymaster 127.0.0.1 ${master.port} 2`, ...SENTINEL, ...settings],
      });
      const pod = await servers.start({ sentinelPort: sentinel.port });
      return { master, sentinel, pod };
    }
    const viewOf = async (pod: RedisServer, name = 'mymaster') =>
      understand(sentinelView(container, name), await pod.script(SENTINEL_SCRIPT, 'sentinel', name));

    it('name the master, the others that watch it, and how many must agree', async () => {
      const { master, pod } = await watched();
      const seen = await viewOf(pod);
      expect(seen.known ? seen.value : seen.why).toEqual({
        is: 'watching',
        host: '127.0.0.1',
        port: master.port,
        flags: ['master'],
        otherSentinels: 0,
        quorum: 2,
      });
    });

    it('say that the master does not answer', async () => {
      const { master, pod } = await watched();
      await master.stop();
      const flags = async () => {
        const seen = await viewOf(pod);
        return seen.known && seen.value.is === 'watching' ? seen.value.flags : [];
      };
      await until(async () => (await flags()).includes('s_down'));
      expect(await flags()).toContain('master');
    });

    it('do not know another name, and may be silent', async () => {
      const { sentinel, pod } = await watched();
      expect(await viewOf(pod, 'cache')).toMatchObject({ known: true, value: { is: 'without-master' } });
      await sentinel.stop();
      expect(await viewOf(pod)).toMatchObject({ known: true, value: { is: 'silent' } });
    });

    it('without a password answers a pod that has one', async () => {
      const { master, sentinel } = await watched();
      const pod = await servers.start({
        sentinelPort: sentinel.port,
        env: { REDIS_PASSWORD: 'of the server alone' },
        settings: ['requirepass "of the server alone"'],
      });
      expect(await viewOf(pod)).toMatchObject({ known: true, value: { port: master.port } });
    });

    it('with another password is not understood', async () => {
      const { pod } = await watched(['requirepass secret']);
      expect(await viewOf(pod)).toMatchObject({ known: false });
    });
  });
});
