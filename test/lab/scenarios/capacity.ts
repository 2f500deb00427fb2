import { resourceOf } from '../kubernetes/resources.ts';
import { blockName } from '../site/populate-block.ts';
import { fillNode } from './block-changes.ts';
import {
  DAY_MS,
  diskOf,
  exhaust,
  exportItself,
  fill,
  hypervisorSays,
  NEXTCLOUD,
  NOVEL,
  OUT_OF_DATA,
  POSTGRES,
  PROMETHEUS,
  smallMetadata,
  snapshots,
  stopMachines,
} from './capacity-changes.ts';
import type { Scenario } from './scenario.ts';

const GIB = 2 ** 30;
const METADATA_FULL = [
  "device-mapper: thin: 253:4: metadata operation 'dm_thin_insert_block' failed: error = -28",
  'device-mapper: thin: 253:4: aborting current metadata transaction',
  'device-mapper: thin: 253:4: switching pool to read-only mode',
];

const pools: readonly Scenario[] = [
  {
    name: 'thin-data-exhausted',
    says: 'A small thin pool has no space for data, two machines are stopped, and four snapshots have expired.',
    prepare: (world) => {
      exhaust(world);
      world.hypervisor.thinPool.sizeBytes = 300 * GIB;
      snapshots(world, NEXTCLOUD, [1, 2, 9, 10, 11, 12]);
      world.monitoring.growth.set('monitoring/prometheus-data-proxmox', { bytesPerDay: 40 * GIB, sinceHours: 5 });
    },
  },
  {
    name: 'thin-data-exhausted-without-remedy',
    says: 'The thin pool has no space for data, and what lies in it is in use, too young, marked, or unknown.',
    prepare: (world) => {
      exhaust(world);
      const [, tagged, orphan] = snapshots(world, NEXTCLOUD, [1, 20, 30]);
      tagged?.tags.add('keep');
      // Its origin was removed: LVM forgets it, and the snapshot is the only copy.
      if (orphan !== undefined) Object.assign(orphan, { origin: undefined });
      snapshots(world, NOVEL, [40]);
    },
  },
  {
    name: 'thin-data-nearly-full',
    says: 'The thin pool is 92 % full, and a file system whose disk passes on discards holds much less than it takes.',
    prepare: (world) => {
      Object.assign(world.hypervisor.thinPool, { dataPercent: 92.4, sizeBytes: 500 * GIB });
      const { volume } = diskOf(world, PROMETHEUS);
      volume.usedPercent = 97;
      for (const vm of world.hypervisor.vms.values()) {
        for (const [slot, value] of vm.config)
          if (value.includes(volume.name)) vm.config.set(slot, value.replace(',size=', ',discard=on,size='));
      }
    },
  },
  {
    name: 'thin-data-extendable',
    says: 'A small thin pool has no space for data, two machines are stopped, nothing in it can go, and its group has free extents.',
    prepare: (world) => {
      exhaust(world);
      world.hypervisor.thinPool.sizeBytes = 500 * GIB;
      const [group] = world.hypervisor.groups;
      if (group !== undefined) group.freeBytes = 160 * GIB;
    },
  },
  {
    name: 'host-volume-full',
    says: 'What the hypervisor exports over NFS itself is 91 % full, and its thin pool has the room for more.',
    prepare: (world) => exportItself(world, 1_024),
  },
  {
    name: 'host-volume-full-without-room',
    says: 'The same, and its thin pool has not the room for what would be needed.',
    prepare: (world) => {
      Object.assign(world.hypervisor.thinPool, { dataPercent: 79 });
      exportItself(world, 8_192);
    },
  },
  {
    name: 'thin-data-high',
    says: 'The thin pool is 84 % full, and a snapshot has expired.',
    prepare: (world) => {
      Object.assign(world.hypervisor.thinPool, { dataPercent: 84.2 });
      snapshots(world, NEXTCLOUD, [1, 9]);
    },
  },
  {
    name: 'thin-metadata-read-only',
    says: 'The metadata of the thin pool is full at 62 % of its data: the pool is read-only.',
    prepare: (world) => {
      smallMetadata(world, 100);
      Object.assign(world.hypervisor.thinPool, { dataPercent: 62, attributes: 'twi-cotzM-' });
      hypervisorSays(world, ...METADATA_FULL);
      snapshots(world, NEXTCLOUD, [1, 9]);
    },
  },
  {
    name: 'thin-metadata-extended',
    says: 'The metadata of the read-only thin pool was extended, and has not been checked yet.',
    prepare: (world) => {
      smallMetadata(world, 66.7);
      Object.assign(world.hypervisor.thinPool, { dataPercent: 62, attributes: 'twi-cotzM-', metadataSizeBytes: 3 * GIB });
      hypervisorSays(world, ...METADATA_FULL);
    },
  },
  {
    name: 'thin-metadata-nearly-full',
    says: 'The metadata of the thin pool is 92 % full, its data space half.',
    prepare: (world) => smallMetadata(world, 92),
  },
  {
    name: 'thin-metadata-largest',
    says: 'The metadata of the thin pool is 79 % full, and already as large as LVM allows.',
    prepare: (world) => void Object.assign(world.hypervisor.thinPool, { metadataPercent: 79 }),
  },
  {
    name: 'thin-metadata-largest-nearly-full',
    says: 'The metadata of the thin pool is 92 % full, as large as LVM allows, and two snapshots have expired.',
    prepare: (world) => {
      Object.assign(world.hypervisor.thinPool, { metadataPercent: 92 });
      snapshots(world, NEXTCLOUD, [1, 9, 10]);
    },
  },
  {
    name: 'firewall-stopped',
    says: 'QEMU has stopped the firewall after an I/O error, and the thin pool has room.',
    prepare: (world) => stopMachines(world, [101]),
  },
  {
    name: 'thin-pool-failed',
    says: 'LVM says that the thin pool has failed.',
    prepare: (world) => void Object.assign(world.hypervisor.thinPool, { attributes: 'twi-aotzF-' }),
  },
  {
    name: 'thin-pool-fills-fast',
    says: 'The thin pool has room, and gets 2.3 % fuller each day.',
    prepare: (world) => {
      Object.assign(world.hypervisor.thinPool, { dataPercent: 78 });
      world.monitoring.pool = { percentPerDay: 2.3 };
    },
  },
  {
    name: 'thin-pool-unreported',
    says: 'No job reports how full the thin pool was.',
    prepare: (world) => {
      world.monitoring.pool = undefined;
    },
  },
  {
    name: 'machines-stopped',
    says: 'The thin pool has room again, and QEMU still keeps two machines stopped.',
    prepare: (world) => {
      hypervisorSays(world, ...OUT_OF_DATA);
      stopMachines(world, [201, 203]);
    },
  },
  {
    name: 'machine-stopped-locked',
    says: 'QEMU has stopped a machine, and a backup holds the lock on it.',
    prepare: (world) => {
      stopMachines(world, [203]);
      Object.assign(world.hypervisor.vms.get(203) ?? {}, { lock: 'backup' });
    },
  },
];

const claims: readonly Scenario[] = [
  { name: 'claim-full', says: 'The disk of the novel app is 97 % full.', prepare: (world) => fill(world, NOVEL, 97) },
  {
    name: 'claim-without-inodes',
    says: 'The disk of nextcloud has no more inodes, and 41 % of its space is used.',
    prepare: (world) => {
      fill(world, NEXTCLOUD, 41);
      diskOf(world, NEXTCLOUD).fileSystem.inodesUsedPercent = 100;
    },
  },
  {
    name: 'claim-fills',
    says: 'The disk of PostgreSQL gets 2.4 GiB fuller each day.',
    prepare: (world) => {
      fill(world, POSTGRES, 74);
      world.monitoring.growth.set('dbaas/pg-cluster-1', { bytesPerDay: 2.4 * GIB, sinceHours: 48 });
    },
  },
  {
    name: 'slots-nearly-full',
    says: 'Twenty more services with a volume each run on k8s-node1, which has few slots left.',
    prepare: (world) => fillNode(world, 'k8s-node1', 20),
  },
  {
    name: 'claim-too-young',
    says: 'A claim was made an hour ago, and fills quickly.',
    prepare: (world) => {
      fill(world, NOVEL, 60);
      const creationTimestamp = new Date(world.time.nowMs - DAY_MS / 24).toISOString().replace(/\.\d+Z$/, 'Z');
      const resource = resourceOf('v1', 'persistentvolumes');
      if (resource === undefined) throw new Error('The lab has no volumes');
      world.store.patch({ resource, name: blockName(NOVEL) }, { metadata: { creationTimestamp } });
      world.monitoring.growth.set('novelapp/novelapp-data-proxmox', { bytesPerDay: 4 * GIB, sinceHours: 1 });
    },
  },
  {
    name: 'other-nas-full',
    says: 'The file system of the other NAS is 97 % full, which its clients show as their own.',
    prepare: (world) => {
      world.monitoring.otherNasUsedPercent = 97;
    },
  },
  {
    name: 'nas-file-system-full',
    says: 'The pool main of the NAS is 97 % full, which all its clients show as their own.',
    prepare: (world) => {
      const pool = world.nas.pools.find(({ name }) => name === 'main');
      if (pool !== undefined) pool.usedPercent = 97;
    },
  },
  {
    name: 'claim-known-full',
    says: 'The disk of the novel app is 97 % full, and the configuration says that it may be.',
    prepare: (world) => {
      fill(world, NOVEL, 97);
      world.monitoring.knownFull.push('novelapp/novelapp-data-proxmox');
    },
  },
  {
    name: 'prometheus-down',
    says: 'Nothing answers at the address of Prometheus, and the disk of the novel app is 97 % full.',
    prepare: (world) => {
      world.monitoring.up = false;
      fill(world, NOVEL, 97);
    },
  },
  {
    name: 'prometheus-down-without-harm',
    says: 'Nothing answers at the address of Prometheus, and everything else is well.',
    prepare: (world) => {
      world.monitoring.up = false;
    },
  },
  {
    name: 'prometheus-partial',
    says: 'Prometheus warns that its answers are not whole.',
    prepare: (world) =>
      void world.monitoring.warnings.push('fetching series from store 10.0.20.44:10901: context deadline exceeded'),
  },
  {
    name: 'claim-unmeasured',
    says: 'Prometheus has no figures of one claim, which is full.',
    prepare: (world) => {
      world.monitoring.unmeasured.add('novelapp/novelapp-data-proxmox');
      fill(world, NOVEL, 97);
    },
  },
];

export const scenarios: readonly Scenario[] = [...pools, ...claims];
