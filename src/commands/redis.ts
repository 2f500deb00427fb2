import { z } from 'zod';
import type { Read } from '../core/command.ts';
import { defineRead } from '../core/command.ts';
import { Refusal } from '../core/errors.ts';
import { linesOf } from './bounded.ts';
import type { Container } from './in-container.ts';
import { inContainer } from './in-container.ts';
import { parseRedisAnswer } from './redis-info.ts';

// The password stays in the container that has it. A service named `redis` puts its own address into REDIS_PORT, so that the ports
// are the usual ones.
const WITH_PASSWORD =
  'export REDISCLI_AUTH="${REDIS_PASSWORD-}"; [ -z "${REDIS_PASSWORD_FILE-}" ] || REDISCLI_AUTH=$(cat "$REDIS_PASSWORD_FILE"); [ -n "$REDISCLI_AUTH" ] || unset REDISCLI_AUTH; ';

export const REDIS_INFO_SCRIPT = `${WITH_PASSWORD}exec timeout 4 redis-cli -p 6379 INFO`;

export const SENTINEL_SCRIPT = `${WITH_PASSWORD}timeout 4 redis-cli -p 26379 SENTINEL get-master-addr-by-name "$1" && echo about: && timeout 4 redis-cli -p 26379 SENTINEL master "$1"`;

/** Of the volume with the data, and how much memory the container may have. */
export const REDIS_VOLUME_SCRIPT =
  'df -P -k /data && grep -e " /data " /proc/mounts && { cat /sys/fs/cgroup/memory.max 2>/dev/null || cat /sys/fs/cgroup/memory/memory.limit_in_bytes 2>/dev/null || echo unknown; }';

const REFUSED = /^Could not connect to Redis at [^\n]*Connection refused/m;

/** What the server of a pod says of itself. That nothing listens there is an answer; that it wants another password is none. */
export function redisInfo(container: Container) {
  return defineRead({
    asks: 'What does Redis say of itself?',
    command: inContainer(container, 6, ['sh', '-c', REDIS_INFO_SCRIPT]),
    answers: [0, 1],
    parse: parseRedisAnswer,
  });
}

export type SentinelView =
  | { readonly is: 'silent' }
  | { readonly is: 'without-master'; readonly says: string }
  | {
      readonly is: 'watching';
      /** An address, or a name that begins with the pod's. */
      readonly host: string;
      readonly port: number;
      /** `master`, and what is the matter: `s_down`, `o_down`, `failover_in_progress` … */
      readonly flags: readonly string[];
      readonly otherSentinels: number;
      readonly quorum: number;
    };

const Figure = z.string().regex(/^\d+$/).transform(Number);
const Master = z.object({ flags: z.string(), 'num-other-sentinels': Figure, quorum: Figure });

/** Which server the Sentinel of a pod takes for the master. */
export function sentinelView(container: Container, masterName: string): Read<SentinelView> {
  if (!/^\w[\w.-]*$/.test(masterName))
    throw new Refusal('bad-request', `${JSON.stringify(masterName.slice(0, 100))} is no name of a master`);
  return defineRead<SentinelView>({
    asks: `Which server does Sentinel take for ${masterName}?`,
    command: inContainer(container, 10, ['sh', '-c', SENTINEL_SCRIPT, 'sentinel', masterName]),
    answers: [0, 1],
    parse: ({ exitCode, stdout, stderr }) => {
      if (exitCode === 1 && stdout === '' && REFUSED.test(stderr)) return { is: 'silent' };
      const [, address, about] = /^([^]*?)about:\n([^]*)$/.exec(stdout) ?? [];
      if (exitCode !== 0 || address === undefined || about === undefined) throw new Error(stderr || stdout);
      if (about.startsWith('ERR No such master with that name')) return { is: 'without-master', says: about.trim() };
      const [host = '', port = '', ...more] = linesOf(address);
      if (!/^[\w.:-]+$/.test(host) || !/^\d+$/.test(port) || more.length > 0) throw new Error(address);
      const { flags, quorum, 'num-other-sentinels': otherSentinels } = Master.parse(pairsOf(about));
      return { is: 'watching', host, port: Number(port), flags: flags.split(','), otherSentinels, quorum };
    },
  });
}

/** Names and values in turn, one a line; a value may be empty. */
function pairsOf(text: string): Readonly<Record<string, string>> {
  const lines = text.split('\n');
  return Object.fromEntries(lines.flatMap((line, index) => (index % 2 === 0 ? [[line, lines[index + 1] ?? '']] : [])));
}

export interface RedisVolume {
  readonly sizeBytes: number;
  readonly freeBytes: number;
  readonly isReadOnly: boolean;
  /** What the container's memory may grow to; absent without a limit, and where the container does not see it. */
  readonly memoryBytes?: number;
}

export function redisVolume(container: Container): Read<RedisVolume> {
  return defineRead<RedisVolume>({
    asks: 'How much room do its data and its memory have?',
    command: inContainer(container, 8, ['sh', '-c', REDIS_VOLUME_SCRIPT]),
    answers: [0],
    parse: ({ stdout }) => {
      const form =
        /^Filesystem[^\n]*\n\S+\s+(\d+)\s+\d+\s+(\d+)\s+\d+%\s+\/data\n\S+ \/data \S+ (\S+) [^\n]*\n(\d+|max|unknown)\n$/;
      const [, size, free, options, limit] = form.exec(stdout) ?? [];
      if (size === undefined || free === undefined || options === undefined || limit === undefined) throw new Error(stdout);
      return {
        sizeBytes: Number(size) * 1024,
        freeBytes: Number(free) * 1024,
        isReadOnly: options.split(',').some((option) => option === 'ro' || option === 'emergency_ro'),
        ...(Number(limit) < UNLIMITED_BYTES && { memoryBytes: Number(limit) }),
      };
    },
  });
}

/** What the first version of cgroups says where there is no limit is more than any machine has. */
const UNLIMITED_BYTES = 2 ** 60;
