import type { LogicalVolume } from '../commands/logical-volumes.ts';
import type { ThinPool } from '../commands/thin-pool.ts';
import { snapshotInName } from '../commands/thin-pool-repairs.ts';

export type Level = 'ok' | 'high' | 'critical' | 'full';

/** What LVM and the figures say of a thin pool. Space for data and for metadata end independently of each other. */
export interface PoolState {
  readonly data: Level;
  readonly metadata: Level;
  /** Its health is none that more room would heal. */
  readonly failed: boolean;
}

const DATA = { high: 80, critical: 90, full: 99.9 } as const;
const METADATA = { high: 75, critical: 90, full: 99.9 } as const;

/**
 * The ninth letter: D out of data space, M metadata read only; any other is a fault, or unknown. The fifth: a active; c its metadata needs a
 * check, as it does after either of those.
 */
export function stateOf({ attributes, dataPercent, metadataPercent }: ThinPool): PoolState {
  const [state = '', health] = [attributes[4], attributes[8]];
  const isKnown = health === '-' ? state === 'a' : (health === 'D' || health === 'M') && 'ac'.includes(state);
  return {
    data: health === 'D' ? 'full' : levelOf(dataPercent, DATA),
    metadata: health === 'M' ? 'full' : levelOf(metadataPercent, METADATA),
    failed: !isKnown,
  };
}

function levelOf(percent: number, limits: typeof DATA | typeof METADATA): Level {
  if (percent >= limits.full) return 'full';
  if (percent >= limits.critical) return 'critical';
  return percent >= limits.high ? 'high' : 'ok';
}

/** Machines that write to it are not stopped by it, and go on when they are resumed. */
export function hasRoom(pool: ThinPool): boolean {
  const { data, metadata, failed } = stateOf(pool);
  return !failed && [data, metadata].every((level) => level === 'ok' || level === 'high');
}

/** `pve` of `pve/data` */
export function groupOf({ name }: Pick<ThinPool, 'name'>): string {
  return name.slice(0, name.indexOf('/'));
}

export function isIn(pool: Pick<ThinPool, 'name'>, volume: Pick<LogicalVolume, 'vg' | 'pool'>): boolean {
  return volume.pool !== undefined && pool.name === `${volume.vg}/${volume.pool}`;
}

interface Promised {
  readonly volumes: readonly LogicalVolume[];
  /** What some are to have, by their names: they may not be as large yet. */
  readonly asked?: ReadonlyMap<string, number>;
}

/** What the volumes of a pool may grow to, which LVM lets be more than the pool has; nightly snapshots are not written to. */
export function promisedBytes(pool: Pick<ThinPool, 'name'>, { volumes, asked }: Promised): number {
  const own = volumes.filter((volume) => isIn(pool, volume) && snapshotInName(volume.name) === undefined);
  return own.reduce((sum, { name, sizeBytes }) => sum + Math.max(sizeBytes, asked?.get(name) ?? 0), 0);
}

/** The volume of LVM under a CSI handle of the Proxmox driver, `pve/pve/local-lvm/vm-9999-pvc-…`. */
export function logicalNameOf(handle: string): string {
  return handle.slice(handle.lastIndexOf('/') + 1);
}
