import type { World } from '../site/world.ts';
import { abortJournal, CLOUD, diskOf, NOVEL_APP, PLOTTING, silenceNode, VAULT } from './block-changes.ts';
import { exhaust, hypervisorSays } from './capacity-changes.ts';
import { podOf } from './changes.ts';
import type { Scenario } from './scenario.ts';

const METADATA_FULL = [
  "device-mapper: thin: 253:4: metadata operation 'dm_thin_insert_block' failed: error = -28",
  'device-mapper: thin: 253:4: aborting current metadata transaction',
  'device-mapper: thin: 253:4: switching pool to read-only mode',
];

/** One cause under many file systems on several machines. */
function abortMany(world: World): void {
  for (const workload of [CLOUD, VAULT, NOVEL_APP, PLOTTING]) abortJournal(world, workload);
}

/** File systems that are ill, by themselves or for what is below all of them. */
export const blockFiles: readonly Scenario[] = [
  {
    name: 'block-read-only',
    says: 'The kernel of k8s-node3 stopped writing to the disk of nextcloud after an error; the disk itself is well now.',
    prepare: (world) => abortJournal(world, CLOUD),
  },
  {
    name: 'block-inodes',
    says: 'The file system of nextcloud has no inode left, and more than half of its bytes.',
    prepare: (world) => {
      Object.assign(diskOf(world, CLOUD).fileSystem, { inodesUsedPercent: 100 });
      world.cluster.report(podOf(world, CLOUD), 'crashing');
    },
  },
  {
    name: 'block-pool-queues',
    says: 'The thin pool is out of data space and lets every write wait.',
    prepare: (world) => {
      Object.assign(world.hypervisor.thinPool, { dataPercent: 100, attributes: 'twi-aotzD-' });
      hypervisorSays(
        world,
        'device-mapper: thin: 253:4: reached low water mark for data device: sending event.',
        'device-mapper: thin: 253:4: switching pool to out-of-data-space (queue IO) mode',
      );
    },
  },
  {
    name: 'block-pool-errors',
    says: 'The thin pool is out of data space and refuses every write: file systems of three nodes are read-only, and a machine stands still.',
    prepare: (world) => {
      exhaust(world, [201]);
      silenceNode(world, 'k8s-node1');
      abortMany(world);
      world.time.advance(60_000);
    },
  },
  {
    name: 'block-pool-metadata',
    says: 'The metadata of the thin pool is full at 62 % of its data: it takes no write, and file systems on several nodes are read-only.',
    prepare: (world) => {
      Object.assign(world.hypervisor.thinPool, { dataPercent: 62, metadataPercent: 100, attributes: 'twi-cotzM-' });
      hypervisorSays(world, ...METADATA_FULL);
      abortMany(world);
    },
  },
];
