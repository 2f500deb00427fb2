import * as cluster from '../../src/commands/cluster.ts';
import type { Pod } from '../../src/commands/cluster-objects.ts';
import type { Container } from '../../src/commands/in-container.ts';
import type { RedisVolume, SentinelView } from '../../src/commands/redis.ts';
import { redisInfo, redisVolume, sentinelView } from '../../src/commands/redis.ts';
import type { RedisAnswer } from '../../src/commands/redis-info.ts';
import type { User } from '../../src/commands/workload-volumes.ts';
import { usersOfKind } from '../../src/commands/workload-volumes.ts';
import type { RedisSite } from '../../src/core/databases.ts';
import { Refusal } from '../../src/core/errors.ts';
import type { Reader, Seen } from '../../src/core/reading.ts';
import { nodeHost, type Site } from '../../src/core/site.ts';

export interface Facts {
  readonly redis: RedisSite;
  readonly sets: Seen<readonly User[]>;
  readonly pods: Seen<readonly Pod[]>;
  /** Absent while the lists of the cluster are not known. */
  readonly members?: readonly Member[];
}

/** What should run: a pod of the StatefulSet by its name, with what was seen of it. */
export interface Member {
  readonly name: string;
  readonly pod?: Pod;
  /** Absent while its container does not run. */
  readonly look?: MemberLook;
}

export interface MemberLook {
  readonly answer: Seen<RedisAnswer>;
  readonly sentinel: Seen<SentinelView>;
  readonly volume: Seen<RedisVolume>;
}

export async function gather(_asked: object, read: Reader, site: Site): Promise<Facts> {
  const redis = site.databases?.redis;
  if (redis === undefined)
    throw new Refusal('bad-request', 'The configuration does not say where Redis is: site.databases.redis is not configured.');
  const [sets, pods] = await Promise.all([read(usersOfKind('StatefulSet')), read(cluster.pods())]);
  if (!sets.known || !pods.known) return { redis, sets, pods };
  const set = sets.value.find(({ namespace, name }) => namespace === redis.namespace && name === redis.statefulSet);
  if (set === undefined)
    throw new Refusal(
      'not-found',
      `The cluster has no StatefulSet ${redis.namespace}/${redis.statefulSet}, which site.databases.redis names.`,
    );
  const names = Array.from({ length: set.runs }, (_, index) => `${redis.statefulSet}-${index}`);
  const members = await Promise.all(
    names.map((name) => {
      const pod = pods.value.find((each) => each.namespace === redis.namespace && each.name === name);
      return lookAt({ name, ...(pod && { pod }) }, redis, { read, site });
    }),
  );
  return { redis, sets, pods, members };
}

interface Looking {
  readonly read: Reader;
  readonly site: Site;
}

async function lookAt(member: Member, { masterName }: RedisSite, { read, site }: Looking): Promise<Member> {
  const id = member.pod?.containers.get('redis');
  const node = member.pod?.node;
  if (id === undefined || node === undefined) return member;
  const container: Container = { node: nodeHost(site, node), id };
  const [answer, sentinel, volume] = await Promise.all([
    read(redisInfo(container)),
    read(sentinelView(container, masterName)),
    read(redisVolume(container)),
  ]);
  return { ...member, look: { answer, sentinel, volume } };
}
