import type { World } from '../world.ts';
import { giveContainers } from './containers.ts';
import { DATABASES } from './settings.ts';

/** The server in a pod. */
export interface LabRedisServer {
  /** The pod that it follows; a master without. */
  follows?: string;
  linkIsUp: boolean;
  isCopying: boolean;
  keys: number;
  offset: number;
  savedMs: number;
  changesSinceSave: number;
  savesFail: boolean;
  hasAof: boolean;
  usedBytes: number;
  maxBytes: number;
  /** How much it has read of its data, in percent, while it starts. */
  loading?: string;
  /** It does not answer: nothing listens, or the password of its container is another. */
  refuses?: 'connections' | 'password';
  readonly refused: Record<string, number>;
  /** Its data volume as its container has it mounted. */
  isReadOnly: boolean;
}

export interface LabSentinel {
  /** The pod that it takes for the master. */
  master: string;
  flags: string;
  others: number;
  isSilent: boolean;
}

/** Redis with a Sentinel beside each server, by the names of the pods. */
export interface LabRedis {
  readonly servers: Map<string, LabRedisServer>;
  readonly sentinels: Map<string, LabSentinel>;
  readonly quorum: number;
}

const PODS = ['redis-node-0', 'redis-node-1'] as const;

export const MEBIBYTE = 1_048_576;

/** What the container may have, as its control group says. */
export const REDIS_LIMIT_BYTES = 64 * MEBIBYTE;

/** A healthy pair: the first is the master, and both Sentinels say so. */
export function addRedis(world: World): LabRedis {
  const server = (follows?: string): LabRedisServer => ({
    ...(follows !== undefined && { follows }),
    linkIsUp: true,
    isCopying: false,
    keys: 30_320,
    offset: 48_211_904,
    savedMs: world.time.nowMs - 600_000,
    changesSinceSave: 42,
    savesFail: false,
    hasAof: false,
    usedBytes: 21 * MEBIBYTE,
    maxBytes: 0,
    refused: {},
    isReadOnly: false,
  });
  const sentinel = (): LabSentinel => ({ master: PODS[0], flags: 'master', others: 1, isSilent: false });
  const redis: LabRedis = {
    servers: new Map([
      [PODS[0], server()],
      [PODS[1], server(PODS[0])],
    ]),
    sentinels: new Map(PODS.map((name) => [name, sentinel()])),
    quorum: 2,
  };
  world.databases.redis = redis;
  const { namespace, statefulSet: name } = DATABASES.redis;
  giveContainers(world, { namespace, name }, (pod) => ({
    name: 'redis',
    image: 'docker.io/bitnami/redis:7.2.5',
    ip: `10.10.122.${90 + PODS.findIndex((each) => each === pod)}`,
    labels: { 'app.kubernetes.io/name': 'redis', 'app.kubernetes.io/component': 'node' },
  }));
  return redis;
}
