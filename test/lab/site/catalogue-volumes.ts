import { unitActivity } from '../../../src/commands/host-units.ts';
import { copyVolume, logicalVolumes, renameVolume, volumeGroups } from '../../../src/commands/logical-volumes.ts';
import { contentOf, copiedWeeks, fillVolume } from '../../../src/commands/pvc-copies.ts';
import { extendData, extendMetadata, growVolume, removeSnapshot } from '../../../src/commands/thin-pool-repairs.ts';
import type { Change, Host, Read } from '../../../src/core/command.ts';
import { PVC_COPIES } from './pvc-copies.ts';
import type { World } from './world.ts';

const PVE: Host = { name: 'pve', sudo: false };
const CLAIM = { root: PVC_COPIES, namespace: 'vaultwarden', claim: 'vaultwarden-data-proxmox' } as const;

/** What the bot can ask about logical volumes in this world. */
export function volumeReads({ hypervisor }: World): readonly Read<unknown>[] {
  const active = hypervisor.volumes.filter((each) => each.active && each.fileSystem !== undefined).slice(0, 1);
  return [
    ...hypervisor.groups.map(({ name }) => logicalVolumes(PVE, name)),
    volumeGroups(PVE),
    unitActivity(PVE, 'daily-backup.service'),
    copiedWeeks(PVE, CLAIM),
    ...active.map((each) => contentOf(PVE, each)),
  ];
}

export function volumeChanges({ hypervisor }: World): readonly Change[] {
  const { vg = 'pve', name = 'none' } = hypervisor.volumes.at(-1) ?? {};
  const fill = {
    name: 'storagebot-1-fill',
    deadlineS: 600,
    vg,
    volume: name,
    from: `${PVC_COPIES}/2026-14/a/b`,
    tag: 'storagebot-files-2026-14',
  };
  return [
    renameVolume(PVE, { vg, name }, `${name}-renamed`),
    copyVolume(PVE, { vg, name: `${name}-renamed` }, { name }),
    fillVolume(PVE, fill).change,
    removeSnapshot(PVE, { vg: 'pve', name: 'vm-9999-pvc-1_snap_20260403_0300' }),
    extendMetadata(PVE, 'pve/data'),
    extendData(PVE, 'pve/data', 44),
    growVolume(PVE, { vg: 'pve', name: 'nfs-data' }, 64),
  ];
}
