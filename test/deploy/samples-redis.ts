import * as redis from '../../src/commands/redis.ts';
import type { Host } from '../../src/core/command.ts';
import type { Samples } from './sample-arguments.ts';

export function ofRedis(node: Host): Samples {
  const container = { node, id: '5f0a6f0e3d0c4a1f9a5e0a2c1f7b2222'.repeat(2) };
  return {
    'redis.ts': {
      redisInfo: [redis.redisInfo(container)],
      sentinelView: ['mymaster', 'my.master_2-a'].map((name) => redis.sentinelView(container, name)),
      redisVolume: [redis.redisVolume(container)],
    },
  };
}
