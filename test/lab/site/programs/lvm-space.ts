import { GIB, openIn, volumeNamed } from '../block.ts';
import type { Hypervisor } from '../hypervisor.ts';
import { type Answer, always, type Call, fail, ok, type Program } from '../shell.ts';

// Words and exit codes are those of LVM 2.03.

/** What makes room in the thin pool of the hypervisor. */
export const lvmSpace: Readonly<Record<'lvremove' | 'lvextend', Program>> = {
  lvremove: { run: runLvremove, changes: always },
  lvextend: { run: runLvextend, changes: always },
};

const NOT_ROOT = "  /run/lock/lvm/P_global:aux: open failed: Permission denied\n  Can't get lock for (global).";

/** `lvremove --yes GROUP/VOLUME` */
function runLvremove({ world: { hypervisor }, isRoot }: Call, [yes = '', path = '', ...more]: readonly string[]): Answer {
  if (!isRoot) return fail(5, NOT_ROOT);
  const [vg = '', name = ''] = path.split('/');
  const volume = volumeNamed(hypervisor, name, vg);
  if (yes !== '--yes' || more.length > 0) return fail(3, "  Run `lvremove --help' for more information.");
  if (volume === undefined) return fail(5, `  Failed to find logical volume "${path}"`);
  if (openIn(hypervisor, volume).length > 0) return fail(5, `  Logical volume ${path} in use.`);
  const { thinPool, volumes } = hypervisor;
  if (thinPool.attributes[8] === 'M')
    return fail(
      5,
      `  Thin pool ${vg}-data-tpool (253:4) transaction_id is 1, while expected 2.\n  Failed to update pool ${vg}/data.`,
    );
  volumes.splice(volumes.indexOf(volume), 1);
  giveBack(hypervisor, volume.ownBytes ?? 0);
  thinPool.metadataPercent = Math.max(0, thinPool.metadataPercent - 0.4);
  return ok(`  Logical volume "${name}" successfully removed.\n`);
}

/** The pool has so much less to hold; one that was out of space goes on by itself. */
export function giveBack({ thinPool }: Hypervisor, bytes: number): void {
  thinPool.dataPercent = Math.max(0, thinPool.dataPercent - (bytes / thinPool.sizeBytes) * 100);
  if (thinPool.attributes[8] === 'D' && thinPool.dataPercent < 100) thinPool.attributes = thinPool.attributes.replace('D', '-');
}

/** `lvextend --poolmetadatasize +1G GROUP/POOL`, `lvextend --size +NG GROUP/POOL` */
function runLvextend({ world: { hypervisor }, isRoot }: Call, args: readonly string[]): Answer {
  if (!isRoot) return fail(5, NOT_ROOT);
  const line = args.join(' ');
  const [, gibibytes] = /^--size \+(\d+)G pve\/data$/.exec(line) ?? [];
  if (gibibytes !== undefined) return extendData(hypervisor, Number(gibibytes) * GIB);
  const [, grown, name] = /^--resizefs --size \+(\d+)G pve\/(\S+)$/.exec(line) ?? [];
  if (grown !== undefined && name !== undefined) return growVolume(hypervisor, name, Number(grown) * GIB);
  return line === '--poolmetadatasize +1G pve/data'
    ? extendMetadata(hypervisor)
    : fail(3, "  Run `lvextend --help' for more information.");
}

const sizeOf = (bytes: number) => `${(bytes / GIB).toFixed(2)} GiB (${Math.floor(bytes / 2 ** 22)} extents)`;

/** Takes extents of the group of the pool; what LVM says where it has too few. */
function take({ groups }: Hypervisor, { bytes, needed }: { bytes: number; needed: number }): Answer | undefined {
  const group = groups.find(({ name }) => name === 'pve');
  const free = Math.floor((group?.freeBytes ?? 0) / 2 ** 22);
  if (group === undefined || free < bytes / 2 ** 22)
    return fail(5, `  Insufficient free space: ${needed / 2 ** 22} extents needed, but only ${free} available`);
  group.freeBytes -= bytes;
  return undefined;
}

/** LVM keeps a spare as large as the metadata. A pool that is read-only stays so. */
function extendMetadata(hypervisor: Hypervisor): Answer {
  const { thinPool } = hypervisor;
  const wanted = thinPool.metadataSizeBytes + GIB;
  if (wanted > 15.82 * GIB) return fail(5, '  New size 15.81 GiB matches existing size of pool metadata volume.');
  const refused = take(hypervisor, { bytes: 2 * GIB, needed: GIB });
  if (refused !== undefined) return refused;
  thinPool.metadataPercent = (thinPool.metadataPercent * thinPool.metadataSizeBytes) / wanted;
  const said = `  Size of logical volume pve/data_tmeta changed from ${sizeOf(thinPool.metadataSizeBytes)} to ${sizeOf(wanted)}.\n`;
  thinPool.metadataSizeBytes = wanted;
  return ok(`${said}  Logical volume pve/data successfully resized.\n`);
}

/** A pool that was out of space goes on by itself. */
function extendData(hypervisor: Hypervisor, bytes: number): Answer {
  const { thinPool } = hypervisor;
  const refused = take(hypervisor, { bytes, needed: bytes });
  if (refused !== undefined) return refused;
  const wanted = thinPool.sizeBytes + bytes;
  const said = `  Size of logical volume pve/data_tdata changed from ${sizeOf(thinPool.sizeBytes)} to ${sizeOf(wanted)}.\n`;
  thinPool.dataPercent = (thinPool.dataPercent * thinPool.sizeBytes) / wanted;
  thinPool.sizeBytes = wanted;
  giveBack(hypervisor, 0);
  return ok(`${said}  Logical volume pve/data successfully resized.\n`);
}

/** A thin volume takes nothing of its pool until it is written to. */
function growVolume(hypervisor: Hypervisor, name: string, bytes: number): Answer {
  const volume = volumeNamed(hypervisor, name);
  if (volume?.fileSystem === undefined) return fail(5, `  Failed to find logical volume "pve/${name}"`);
  const [before, after] = [sizeOf(volume.sizeBytes), sizeOf(volume.sizeBytes + bytes)];
  volume.usedPercent = (volume.usedPercent * volume.sizeBytes) / (volume.sizeBytes + bytes);
  volume.sizeBytes += bytes;
  volume.fileSystem.sizeBytes += bytes;
  return ok(
    `  Size of logical volume pve/${name} changed from ${before} to ${after}.\n  Logical volume pve/${name} successfully resized.\n`,
  );
}
