import { type LabDevice, type LabPool, type LabPoolStatus, statusOf } from '../site/pools.ts';
import { timestamp } from '../site/time.ts';
import type { World } from '../site/world.ts';

/** What scenarios do to the pools of the NAS. */
export const VOLUME = 'main/iscsi/csi-pvc-7c1d0b52';

/** The 56 errors that the pool has had for long: photos, a block of a volume, and what was deleted since. */
export const KNOWN_ERRORS: readonly string[] = [
  `${VOLUME}:<0x1>`,
  'main/immich@auto-2026-03-23_00-00:/library/2019/IMG 0001.HEIC',
  '<0x1420>:<0x1>',
  ...Array.from({ length: 53 }, (_, index) => `/mnt/main/immich/library/2019/08/IMG_${2231 + index}.HEIC`),
];

export const DAY_MS = 86_400_000;

export function poolOf({ nas }: World, name = 'main'): LabPool & { readonly status: LabPoolStatus } {
  const pool = nas.pools.find((one) => one.name === name);
  if (pool === undefined) throw new Error(`The lab has no pool ${name}`);
  return Object.assign(pool, { status: statusOf(pool, nas.flavour) });
}

export function deviceOf(world: World, index: number): LabDevice {
  const device = poolOf(world).status.devices[index];
  if (device === undefined) throw new Error(`The pool has no device ${index}`);
  return device;
}

/** A Job that copies data runs in the cluster. */
export function runBackup({ store, time }: World): void {
  store.create({
    apiVersion: 'batch/v1',
    kind: 'Job',
    metadata: { name: 'postgresql-backup-29588160', namespace: 'dbaas' },
    spec: { template: { spec: { containers: [{ name: 'dump' }] } } },
    status: { active: 1, startTime: timestamp(time.nowMs) },
  });
}

/** Adds a block device to the pool. */
export function addVolume({ nas }: World, name = VOLUME): void {
  nas.disk.datasets.push({ name, mountPoint: '-', mounted: false, canMount: 'on', isVolume: true });
}

/** The pool has its 56 errors, and one device their checksum errors; the last scrub saw them as well. */
export function damage(world: World): LabPoolStatus {
  const { status } = poolOf(world);
  status.errors.push(...KNOWN_ERRORS);
  status.scan = { is: 'finished', atMs: Date.UTC(2026, 2, 22, 3, 12, 45), errors: 56 };
  deviceOf(world, 2).checksum = '112';
  addVolume(world);
  return status;
}

/** The same, and the configuration says that it is known. */
export function damageKnown(world: World): LabPoolStatus {
  const status = damage(world);
  world.nas.zfsBaseline = { main: { errors: KNOWN_ERRORS, checksums: { [deviceOf(world, 2).name]: 112 } } };
  return status;
}
