import * as hostUnits from '../../src/commands/host-units.ts';
import * as logicalVolumes from '../../src/commands/logical-volumes.ts';
import * as pvcCopies from '../../src/commands/pvc-copies.ts';
import type { Host } from '../../src/core/command.ts';
import { hostilePaths, type Samples, work } from './sample-arguments.ts';

const volume = { vg: 'pve', name: 'vm-9999-pvc-5f0a6f0e-3d0c-4a1f-9a5e-0a2c1f7b1111' } as const;
const snapshot = { ...volume, name: `${volume.name}_snap_20260403_0300` };
const claim = { namespace: 'vaultwarden', claim: 'vaultwarden-data-proxmox' } as const;
const filling = { ...work, vg: volume.vg, volume: volume.name, tag: 'storagebot-files-2026-14' };

/** What is on the hypervisor's volumes, and what can be restored from. */
export function ofVolumes(host: Host): Samples {
  return {
    'logical-volumes.ts': {
      logicalVolumes: [logicalVolumes.logicalVolumes(host, 'pve'), logicalVolumes.logicalVolumes(host, 'vg_0.a+b')],
      volumeGroups: [logicalVolumes.volumeGroups(host)],
      renameVolume: [logicalVolumes.renameVolume(host, volume, `${volume.name}_before_${work.name}`)],
      copyVolume: [
        logicalVolumes.copyVolume(host, snapshot, { name: volume.name }),
        logicalVolumes.copyVolume(host, snapshot, { name: volume.name, tag: 'storagebot-from-20260403_0300' }),
      ],
    },
    'host-units.ts': {
      unitActivity: ['lvm-pvc-snapshot.service', 'daily-backup.service'].map((unit) => hostUnits.unitActivity(host, unit)),
    },
    'pvc-copies.ts': {
      copiedWeeks: hostilePaths.map((root) => pvcCopies.copiedWeeks(host, { ...claim, root })),
      contentOf: [pvcCopies.contentOf(host, volume)],
      fillVolume: hostilePaths.flatMap((from) => {
        const { change, work: own } = pvcCopies.fillVolume(host, { ...filling, from });
        return [change, own.state, own.stop];
      }),
    },
  };
}
