import { volumeAttachments } from '../../../src/commands/block-attachments.ts';
import { blockDevices, blockMounts, byId, fileSystemErrors, fileSystemUse } from '../../../src/commands/block-devices.ts';
import { dropLeftovers, monitorBlock, monitorObjects } from '../../../src/commands/block-monitor.ts';
import { diskUses } from '../../../src/commands/block-use.ts';
import type { Change, Host, Read } from '../../../src/core/command.ts';
import type { World } from './world.ts';

const PVE: Host = { name: 'pve', sudo: false };

/** What the bot can ask about the disks of nodes in this world. */
export function blockReads({ nodes }: World): readonly Read<unknown>[] {
  const hosts = [...nodes.keys()].map((name): Host => ({ name, sudo: true }));
  return [
    volumeAttachments(),
    ...[...nodes.values()].flatMap(({ vmid }) => [monitorBlock(PVE, vmid), monitorObjects(PVE, vmid)]),
    ...hosts.flatMap((host) => [
      blockDevices(host),
      byId(host),
      blockMounts(host),
      diskUses(host),
      fileSystemUse(host),
      fileSystemErrors(host),
    ]),
  ];
}

export function blockChanges(): readonly Change[] {
  return [dropLeftovers(PVE, 203, 28)];
}
