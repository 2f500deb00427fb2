import * as alerts from '../../src/commands/alerts.ts';
import * as claims from '../../src/commands/claims.ts';
import * as prometheus from '../../src/commands/prometheus.ts';
import * as repairs from '../../src/commands/thin-pool-repairs.ts';
import type { Host } from '../../src/core/command.ts';
import { hostilePaths, type Samples } from './sample-arguments.ts';

const volume = 'vm-9999-pvc-5f0a6f0e-3d0c-4a1f-9a5e-0a2c1f7b1111';
const windows = ['6h', '1d', '7d'] as const;

/** What is full, and what makes room. */
export function ofCapacity(host: Host): Samples {
  return {
    'claims.ts': {
      claims: [claims.claims()],
      sizedVolumes: [claims.sizedVolumes()],
      expansions: [claims.expansions()],
      expandClaim: [claims.expandClaim({ namespace: 'novelapp', name: 'novelapp-data-proxmox' }, '2Gi')],
    },
    'alerts.ts': { firingAlerts: [alerts.firingAlerts()], prometheusUptime: [alerts.prometheusUptime()] },
    'prometheus.ts': {
      claimUsage: [prometheus.claimUsage()],
      claimGrowth: windows.map(prometheus.claimGrowth),
      claimsBefore: windows.map(prometheus.claimsBefore),
      poolGrowth: windows.map(prometheus.poolGrowth),
      poolFreeBefore: windows.map(prometheus.poolFreeBefore),
    },
    'thin-pool-repairs.ts': {
      removeSnapshot: [repairs.removeSnapshot(host, { vg: 'pve', name: `${volume}_snap_20260324_0300` })],
      extendData: [repairs.extendData(host, 'pve/data', 44)],
      growVolume: [repairs.growVolume(host, { vg: 'pve', name: 'nfs-data' }, 64)],
      extendMetadata: [repairs.extendMetadata(host, 'pve/data')],
      trimFileSystem: hostilePaths.map((path) => repairs.trimFileSystem(host, path)),
      thinPoolLines: [repairs.thinPoolLines(host)],
    },
  };
}
