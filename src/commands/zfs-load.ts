import type { Host } from '../core/command.ts';
import { defineRead } from '../core/command.ts';
import { bounded, boundedAsRoot, linesOf } from './bounded.ts';
import type { Flavour } from './nas.ts';

export interface PoolTraffic {
  readonly name: string;
  readonly readKBPerS: number;
  readonly writeKBPerS: number;
}

/** Three seconds of each pool; `-y` leaves out the first report, which is of the time since the boot. */
export function poolTraffic(nas: Host, flavour: Flavour) {
  return defineRead<readonly PoolTraffic[]>({
    asks: `How much do the ZFS pools of ${nas.name} read and write?`,
    command: boundedAsRoot(nas, 8, ['zpool', 'iostat', '-H', '-p', '-y', '3', '1']),
    answers: flavour === 'debian' ? [0, 127] : [0],
    parse: ({ exitCode, stdout }) => (exitCode === 127 ? [] : parsePoolTraffic(stdout)),
  });
}

export function parsePoolTraffic(text: string): PoolTraffic[] {
  const lines = linesOf(text).filter((line) => line !== 'no pools available');
  if (text.trim() === '') throw new Error('it printed nothing');
  return lines.map((line) => {
    const [name, ...figures] = line.split('\t');
    const [, , , , read, written] = figures.map((figure) => (/^\d+$/.test(figure) ? Number(figure) : Number.NaN));
    if (name === undefined || figures.length !== 6 || !(read !== undefined && written !== undefined && read + written >= 0))
      throw new Error(`not a pool: ${line}`);
    return { name, readKBPerS: read / 1024, writeKBPerS: written / 1024 };
  });
}

export interface PoolSpace {
  readonly name: string;
  readonly usedPercent: number;
  /** Of the free space; absent on pools that do not count it. */
  readonly fragmentedPercent?: number;
}

export function poolSpace(nas: Host, flavour: Flavour) {
  return defineRead<readonly PoolSpace[]>({
    asks: `How full and how fragmented are the ZFS pools of ${nas.name}?`,
    command: boundedAsRoot(nas, 4, ['zpool', 'list', '-H', '-o', 'name,cap,frag']),
    answers: flavour === 'debian' ? [0, 127] : [0],
    parse: ({ exitCode, stdout }) => (exitCode === 127 ? [] : parsePoolSpace(stdout)),
  });
}

/** Without a pool that is not open, which has no figures; its status says why. */
export function parsePoolSpace(text: string): PoolSpace[] {
  if (text.trim() === '') throw new Error('it printed nothing');
  return linesOf(text)
    .filter((line) => line !== 'no pools available')
    .flatMap((line) => {
      const [, name, used, fragmented] = /^([^\t]+)\t(?:(\d+)%|-)\t(?:(\d+)%|-)$/.exec(line) ?? [];
      if (name === undefined) throw new Error(`not a pool: ${line}`);
      if (used === undefined) return [];
      const space = { name, usedPercent: Number(used) };
      return fragmented === undefined ? space : { ...space, fragmentedPercent: Number(fragmented) };
    });
}

/** How often ZFS found in memory what was read: since the boot, and within three seconds. */
export interface CacheHits {
  readonly sinceBootPercent: number;
  /** Absent where nothing was read in between. */
  readonly nowPercent?: number;
  /** The cache has grown as far as it may. */
  readonly isFull: boolean;
}

const FIELDS = ['hits', 'misses', 'size', 'c_max'] as const;
const SYSCTL = `sysctl ${FIELDS.map((field) => `kstat.zfs.misc.arcstats.${field}`).join(' ')}`;
const KSTAT = 'cat /proc/spl/kstat/zfs/arcstats';

/** Two looks three seconds apart. A plain Linux server may have no ZFS: then there is no cache. */
export function cacheHits(nas: Host, flavour: Flavour) {
  const look = flavour === 'core' ? SYSCTL : KSTAT;
  return defineRead<CacheHits | undefined>({
    asks: `How often does ZFS of ${nas.name} find in memory what is read?`,
    command: bounded(nas, 8, ['sh', '-c', `${look} && sleep 3 && ${look}`, 'storagebot']),
    answers: flavour === 'debian' ? [0, 1] : [0],
    parse: ({ exitCode, stdout, stderr }) => {
      if (exitCode === 0) return parseCacheHits(stdout);
      if (/No such file or directory/.test(stderr)) return undefined;
      throw new Error(stderr);
    },
  });
}

export function parseCacheHits(text: string): CacheHits {
  const found = FIELDS.map((field) =>
    [...text.matchAll(new RegExp(`^(?:kstat\\.zfs\\.misc\\.arcstats\\.${field}: |${field} +4 +)(\\d+)$`, 'gm'))].map(
      ([, value]) => Number(value),
    ),
  );
  if (found.some(({ length }) => length !== 2)) throw new Error('not the counters of two looks');
  const [hits = [], misses = [], size = [], most = []] = found;
  const [hitsThen = 0, hitsNow = 0] = hits;
  const [missesThen = 0, missesNow = 0] = misses;
  const read = hitsNow - hitsThen + (missesNow - missesThen);
  const ever = hitsNow + missesNow;
  if (read < 0 || ever === 0) throw new Error('counters that went back, or never counted');
  return {
    sinceBootPercent: (100 * hitsNow) / ever,
    ...(read > 0 && { nowPercent: (100 * (hitsNow - hitsThen)) / read }),
    isFull: (size[1] ?? 0) >= 0.95 * (most[1] ?? 0),
  };
}
