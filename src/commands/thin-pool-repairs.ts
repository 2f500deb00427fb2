import type { Host } from '../core/command.ts';
import { asRoot, defineChange, defineRead, operand } from '../core/command.ts';
import { Refusal } from '../core/errors.ts';
import { linesOf } from './bounded.ts';

/** `vm-9999-pvc-…_snap_20260407_0300`: what the snapshot job makes of a volume of the CSI driver, never of the disk of a machine. */
const SNAPSHOT = /^(vm-9999-[A-Za-z0-9-]+)_snap_(\d{4})(\d\d)(\d\d)_(\d\d)(\d\d)$/;

/** What such a name says: of which volume it is, and when it was made, read as if in UTC. Undefined for a name of anything else. */
export function snapshotInName(name: string): { readonly origin: string; readonly atS: number } | undefined {
  const [, origin, ...time] = SNAPSHOT.exec(name) ?? [];
  if (origin === undefined) return undefined;
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0] = time.map(Number);
  return { origin, atS: Date.UTC(year, month - 1, day, hour, minute) / 1_000 };
}

/** Removes one snapshot. A volume of any other name is refused here already: it may be the only copy of what it holds. */
export function removeSnapshot(hypervisor: Host, { vg, name }: { readonly vg: string; readonly name: string }) {
  if (snapshotInName(name) === undefined || !/^[A-Za-z0-9+_.][A-Za-z0-9+_.-]*$/.test(vg))
    throw new Refusal('bad-request', `${JSON.stringify(`${vg}/${name}`.slice(0, 300))} is no snapshot of a volume`);
  return defineChange({ command: asRoot(hypervisor, 60_000, 'lvremove', '--yes', `${vg}/${name}`), risk: 'destructive' });
}

/** A pool's metadata cannot be made smaller again. LVM makes the spare that it keeps for repairs as large. */
export function extendMetadata(hypervisor: Host, pool: string) {
  const argv = ['lvextend', '--poolmetadatasize', '+1G', poolName(pool)] as const;
  return defineChange({ command: asRoot(hypervisor, 60_000, ...argv), risk: 'high' });
}

/** A pool's data space cannot be made smaller again. */
export function extendData(hypervisor: Host, pool: string, gibibytes: number) {
  if (!Number.isInteger(gibibytes) || gibibytes < 1 || gibibytes > 1_048_576)
    throw new Refusal('bad-request', `A thin pool is extended by whole gibibytes, and ${gibibytes} is no number of them`);
  const argv = ['lvextend', '--size', `+${gibibytes}G`, poolName(pool)] as const;
  return defineChange({ command: asRoot(hypervisor, 60_000, ...argv), risk: 'high' });
}

/** Makes a volume and the ext4 or xfs on it larger while it is mounted. It cannot be made smaller again. */
export function growVolume(hypervisor: Host, { vg, name }: { readonly vg: string; readonly name: string }, gibibytes: number) {
  if (!Number.isInteger(gibibytes) || gibibytes < 1 || gibibytes > 1_048_576)
    throw new Refusal('bad-request', `A volume grows by whole gibibytes, and ${gibibytes} is no number of them`);
  const argv = ['lvextend', '--resizefs', '--size', `+${gibibytes}G`, poolName(`${vg}/${name}`)] as const;
  return defineChange({ command: asRoot(hypervisor, 120_000, ...argv), risk: 'high' });
}

function poolName(pool: string): string {
  if (/^[A-Za-z0-9+_.][A-Za-z0-9+_.-]*\/[A-Za-z0-9+_.][A-Za-z0-9+_.-]*$/.test(pool)) return pool;
  throw new Refusal('bad-request', `${JSON.stringify(pool.slice(0, 300))} is no name of a volume`);
}

/** Tells the disk below which blocks hold no file any more. */
export function trimFileSystem(node: Host, mountPoint: string) {
  return defineChange({ command: asRoot(node, 300_000, 'fstrim', '--verbose', operand(mountPoint)), risk: 'normal' });
}

/** What the kernel of the hypervisor said of its thin pools, oldest first. */
export function thinPoolLines(hypervisor: Host) {
  return defineRead<readonly string[]>({
    asks: `What did the kernel of ${hypervisor.name} say about its thin pools?`,
    command: asRoot(hypervisor, 7_000, 'journalctl', '--dmesg', '--lines=300', '--no-pager', '--output=short-iso'),
    answers: [0],
    parse: ({ stdout }) => {
      if (stdout.trim() === '') throw new Error('journalctl says "-- No entries --" where there are none, and it said nothing');
      return linesOf(stdout).filter((line) => /device-mapper: (thin|space map metadata)\b/.test(line));
    },
  });
}
