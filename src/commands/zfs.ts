import type { Host } from '../core/command.ts';
import { asRoot, defineChange, defineRead, operand } from '../core/command.ts';
import { boundedAsRoot, linesOf } from './bounded.ts';
import type { Flavour } from './nas.ts';

export interface Dataset {
  readonly name: string;
  readonly mounted: boolean;
  /** A path, `none` or `legacy`. */
  readonly mountPoint: string;
  /** `off`: never mounted, it only holds others. `noauto`: mounted only when somebody asks for it. */
  readonly canMount: 'on' | 'off' | 'noauto';
}

/** The file systems of all pools. A plain Linux server may have no ZFS: then the list is empty. */
export function datasets(nas: Host, flavour: Flavour) {
  return defineRead<readonly Dataset[]>({
    asks: `Which ZFS datasets does ${nas.name} have, and are they mounted?`,
    command: boundedAsRoot(nas, 4, ['zfs', 'list', '-H', '-t', 'filesystem', '-o', 'name,mounted,mountpoint,canmount']),
    answers: flavour === 'debian' ? [0, 127] : [0],
    parse: ({ exitCode, stdout }) => (exitCode === 127 ? [] : parseDatasets(stdout)),
  });
}

export function parseDatasets(text: string): Dataset[] {
  return linesOf(text).map((line) => {
    const [name, mounted, mountPoint, canMount] = line.split('\t');
    const known = canMount === 'on' || canMount === 'off' || canMount === 'noauto';
    if (name === undefined || mountPoint === undefined || !known || (mounted !== 'yes' && mounted !== 'no')) {
      throw new Error(`not a dataset: ${line}`);
    }
    return { name, mounted: mounted === 'yes', mountPoint, canMount };
  });
}

/**
 * The topmost dataset above the path that should be mounted and is not (nothing below it can be right before it is), else the one
 * that holds the path.
 */
export function datasetOf(all: readonly Dataset[], path: string): Dataset | undefined {
  const above = all
    .filter(({ mountPoint }) => mountPoint === '/' || path === mountPoint || path.startsWith(`${mountPoint}/`))
    .filter(({ mounted, canMount }) => mounted || canMount === 'on')
    .toSorted((a, b) => a.mountPoint.length - b.mountPoint.length);
  const isCovered = (dataset: Dataset) => above.some(({ mounted, mountPoint }) => mounted && mountPoint === dataset.mountPoint);
  return above.find((dataset) => !isCovered(dataset)) ?? above.findLast(({ mounted }) => mounted);
}

export function mountDataset(nas: Host, name: string) {
  return defineChange({ command: asRoot(nas, 60_000, 'zfs', 'mount', operand(name)), risk: 'normal' });
}

export function unmountDataset(nas: Host, name: string) {
  return defineChange({ command: asRoot(nas, 60_000, 'zfs', 'unmount', operand(name)), risk: 'normal' });
}

export interface Pool {
  readonly name: string;
  readonly usedPercent: number;
  /** ONLINE, DEGRADED, FAULTED, SUSPENDED … */
  readonly health: string;
}

export function pools(nas: Host, flavour: Flavour) {
  return defineRead<readonly Pool[]>({
    asks: `How full and how healthy are the ZFS pools of ${nas.name}?`,
    command: boundedAsRoot(nas, 4, ['zpool', 'list', '-H', '-o', 'name,cap,health']),
    answers: flavour === 'debian' ? [0, 127] : [0],
    parse: ({ exitCode, stdout }) => (exitCode === 127 ? [] : parsePools(stdout)),
  });
}

const FULL_PERCENT = 90;

/** Whether something new may be put there: healthy, and not so full that writing slows down. */
export function isFit({ health, usedPercent }: Pick<Pool, 'health' | 'usedPercent'>): boolean {
  return health === 'ONLINE' && usedPercent < FULL_PERCENT;
}

export function parsePools(text: string): Pool[] {
  return linesOf(text)
    .filter((line) => line !== 'no pools available')
    .map((line) => {
      const [name, capacity, health] = line.split('\t');
      const used = /^(\d+)%$/.exec(capacity ?? '');
      if (name === undefined || health === undefined || used === null) throw new Error(`not a pool: ${line}`);
      return { name, usedPercent: Number(used[1]), health: health.trim() };
    });
}
