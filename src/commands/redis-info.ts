import { z } from 'zod';
import type { Output } from '../core/output.ts';

/** What is used of `INFO`: its lines `name:value`, as Redis 6 and 7 print them. */

const Figure = z
  .string()
  .regex(/^-?\d+$/)
  .transform(Number);
const Flag = z.enum(['0', '1']).transform((text) => text === '1');
const State = z.enum(['ok', 'err']);

const Lines = z.object({
  redis_version: z.string(),
  used_memory: Figure,
  used_memory_rss: Figure,
  maxmemory: Figure,
  maxmemory_policy: z.string(),
  loading: Flag,
  loading_loaded_perc: z.string().exactOptional(),
  rdb_changes_since_last_save: Figure,
  rdb_last_save_time: Figure,
  rdb_last_bgsave_status: State,
  aof_enabled: Flag,
  aof_last_write_status: State,
  role: z.enum(['master', 'slave']),
  connected_slaves: Figure,
  master_replid: z.string(),
  master_repl_offset: Figure,
  master_host: z.string().exactOptional(),
  master_link_status: z.enum(['up', 'down']).exactOptional(),
  master_sync_in_progress: Flag.exactOptional(),
  master_link_down_since_seconds: Figure.exactOptional(),
});

export interface RedisLink {
  /** An address, or a name that begins with the pod's. */
  readonly host: string;
  readonly isUp: boolean;
  readonly isCopying: boolean;
  /** Absent while it is up, and where it never was. */
  readonly downForS?: number;
}

export interface RedisInfo {
  readonly version: string;
  readonly role: 'master' | 'replica';
  /** Of all its databases. */
  readonly keys: number;
  readonly replicas: number;
  readonly replicationId: string;
  readonly offset: number;
  /** Of a replica: to its master. */
  readonly link?: RedisLink;
  readonly usedBytes: number;
  readonly residentBytes: number;
  /** Absent without a limit of its own. */
  readonly maxBytes?: number;
  readonly evicts: boolean;
  /** In percent, while it reads its data at a start. */
  readonly loading?: string;
  /** Seconds since 1970; after a start without data, when it started. */
  readonly savedAt: number;
  readonly changesSinceSave: number;
  readonly savesFail: boolean;
  readonly hasAof: boolean;
  readonly aofFails: boolean;
  /** What it refused since its start, by the first word of its answers: `MISCONF`, `OOM`, `READONLY` … */
  readonly refused: Readonly<Record<string, number>>;
}

export type RedisAnswer = { readonly is: 'up'; readonly info: RedisInfo } | { readonly is: 'down'; readonly says: string };

/** An answer in capitals (`NOAUTH …`, `BUSY …`) is one about us or the moment, and none to the question. */
export function parseRedisAnswer({ exitCode, stdout, stderr }: Output): RedisAnswer {
  const refused = /^Could not connect to Redis at [^\n]*Connection refused/m.exec(stderr);
  if (exitCode === 1 && stdout === '' && refused !== null) return { is: 'down', says: refused[0] };
  if (exitCode !== 0) throw new Error(stderr || stdout);
  return { is: 'up', info: infoOf(linesIn(stdout)) };
}

function linesIn(text: string): Readonly<Record<string, string>> {
  const lines = text.split(/\r?\n/).filter((line) => line !== '' && !line.startsWith('# '));
  return Object.fromEntries(
    lines.map((line) => {
      const [, name, value] = /^([\w.:-]*?[\w.-]):(.*)$/.exec(line) ?? [];
      if (name === undefined || value === undefined) throw new Error(line);
      return [name, value];
    }),
  );
}

function infoOf(lines: Readonly<Record<string, string>>): RedisInfo {
  const all = Lines.parse(lines);
  const link = linkOf(all);
  return {
    version: all.redis_version,
    role: all.role === 'slave' ? 'replica' : 'master',
    keys: countsIn(lines, /^db\d+$/, /^keys=(\d+),/).reduce((sum, [, count]) => sum + count, 0),
    replicas: all.connected_slaves,
    replicationId: all.master_replid,
    offset: all.master_repl_offset,
    ...(link && { link }),
    usedBytes: all.used_memory,
    residentBytes: all.used_memory_rss,
    ...(all.maxmemory > 0 && { maxBytes: all.maxmemory }),
    evicts: all.maxmemory_policy !== 'noeviction',
    ...(all.loading && { loading: all.loading_loaded_perc ?? '0' }),
    savedAt: all.rdb_last_save_time,
    changesSinceSave: all.rdb_changes_since_last_save,
    savesFail: all.rdb_last_bgsave_status === 'err',
    hasAof: all.aof_enabled,
    aofFails: all.aof_last_write_status === 'err',
    refused: Object.fromEntries(
      countsIn(lines, /^errorstat_\w+$/, /^count=(\d+)$/).map(([name, count]) => [name.slice('errorstat_'.length), count]),
    ),
  };
}

function linkOf({ role, ...all }: z.output<typeof Lines>): RedisLink | undefined {
  if (role === 'master') return undefined;
  if (all.master_host === undefined || all.master_link_status === undefined)
    throw new Error('a replica that does not say how its link is');
  const { master_link_down_since_seconds: downForS = -1 } = all;
  return {
    host: all.master_host,
    isUp: all.master_link_status === 'up',
    isCopying: all.master_sync_in_progress === true,
    ...(downForS >= 0 && { downForS }),
  };
}

function countsIn(lines: Readonly<Record<string, string>>, named: RegExp, form: RegExp): [name: string, count: number][] {
  return Object.entries(lines)
    .filter(([name]) => named.test(name))
    .map(([name, value]) => {
      const count = form.exec(value)?.[1];
      if (count === undefined) throw new Error(`${name}:${value}`);
      return [name, Number(count)];
    });
}
