import type { Flavour } from '../../../src/commands/nas.ts';
import { uidOf } from './ids.ts';

export type LabScan =
  | { readonly is: 'none' }
  | { readonly is: 'running'; readonly what: 'scrub' | 'resilver'; readonly sinceMs: number; readonly percent: number }
  | { readonly is: 'paused'; readonly sinceMs: number; readonly startedMs: number; readonly percent: number }
  | { readonly is: 'finished'; readonly what?: 'scrub' | 'resilver'; readonly atMs: number; readonly errors: number }
  | { readonly is: 'canceled'; readonly atMs: number };

export interface LabDevice {
  readonly name: string;
  state: string;
  /** As zpool prints them. */
  read: string;
  write: string;
  checksum: string;
  note?: string;
}

/** What `zpool status` knows of a pool beyond its health. */
export interface LabPoolStatus {
  scan: LabScan;
  /** All side by side: a stripe. */
  readonly devices: LabDevice[];
  /** Permanent errors, as they are listed. */
  readonly errors: string[];
  /** True where the pool has errors and prints none of them. */
  isListEmpty: boolean;
  /** True where `zpool status` waits for the pool and never ends. */
  hangs: boolean;
}

export interface LabPool {
  readonly name: string;
  usedPercent: number;
  health: string;
  /** Of its free space; 24 unless given. */
  fragmentedPercent?: number;
  status?: LabPoolStatus;
}

const DEVICES: Readonly<Record<string, number>> = { main: 7, ssd: 1 };
const SIZES_GIB: Readonly<Record<string, number>> = { main: 1_680, ssd: 256 };

export function sizeGiB({ name }: LabPool): number {
  return SIZES_GIB[name] ?? 100;
}

/** Scrubbed on 22 March, without an error. */
export function statusOf(pool: LabPool, flavour: Flavour): LabPoolStatus {
  pool.status ??= {
    scan: { is: 'finished', atMs: Date.UTC(2026, 2, 22, 3, 12, 45), errors: 0 },
    devices: Array.from({ length: DEVICES[pool.name] ?? 1 }, (_, index) => ({
      name: deviceName(flavour, `${pool.name}/${index}`),
      state: 'ONLINE',
      read: '0',
      write: '0',
      checksum: '0',
    })),
    errors: [],
    isListEmpty: false,
    hangs: false,
  };
  return pool.status;
}

function deviceName(flavour: Flavour, key: string): string {
  const id = uidOf(`vdev/${key}`);
  if (flavour === 'core') return `gptid/${id}`;
  return flavour === 'scale' ? id : `scsi-0QEMU_QEMU_HARDDISK_${id.slice(0, 8)}`;
}
