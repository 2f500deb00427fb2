import type { PersistentVolume } from '../../../src/commands/cluster-objects.ts';
import type { ThinPool } from '../../../src/commands/thin-pool.ts';
import { ok, together } from '../../../src/core/finding.ts';
import type { Known } from '../../../src/core/reading.ts';
import { handleOf } from '../../../src/topology/block-names.ts';
import type { Facts } from '../facts.ts';
import type { Part } from '../finding.ts';
import { found, NOTHING } from '../finding.ts';

const FULL_PERCENT = 99.5;

/** One cause for everything that stands on it. */
export function diagnosePool(facts: Facts): Part {
  const { pools } = facts;
  if (pools?.known !== true) return NOTHING;
  return together(pools.value.map((pool) => ofPool(facts, pool, pools)));
}

type Ill = 'pool-metadata-full' | 'pool-out-of-space';

function illnessOf({ dataPercent, metadataPercent, attributes }: ThinPool): Ill | undefined {
  const health = attributes[8];
  if (health === 'M' || metadataPercent >= FULL_PERCENT) return 'pool-metadata-full';
  return health === 'D' || health === 'F' || dataPercent >= FULL_PERCENT ? 'pool-out-of-space' : undefined;
}

/** Whether the pool under this volume is ill; where the storage is not known, any pool may be the one. */
export function standsOnIllPool({ look: { storages }, pools }: Facts, volume: PersistentVolume): boolean {
  const ill = pools?.known === true ? pools.value.filter((pool) => illnessOf(pool) !== undefined) : [];
  const id = handleOf(volume)?.storage;
  const storage = storages.known ? storages.value.find((each) => each.id === id) : undefined;
  return storage === undefined ? ill.length > 0 : ill.some(({ name }) => name === `${storage.vgName}/${storage.thinPool}`);
}

function ofPool({ look: { storages } }: Facts, pool: ThinPool, pools: Known<unknown>): Part {
  const { name, dataPercent, metadataPercent, attributes } = pool;
  const figures = `data ${dataPercent} %, metadata ${metadataPercent} %, ${attributes}`;
  const own = storages.known ? storages.value.filter((each) => `${each.vgName}/${each.thinPool}` === name) : [];
  const under = own.length === 0 ? 'what stands on it' : `all disks of ${own.map(({ id }) => id).join(' and ')}`;
  const illness = illnessOf(pool);
  if (illness === 'pool-metadata-full')
    return found(
      {
        code: 'pool-metadata-full',
        subject: name,
        says: `The metadata of thin pool ${name} are full (${figures}), and with it ${under} can write no more`,
        remedy:
          '/storage diagnose capacity says what may be done. Stop the writers first; a repair of the metadata is for a person.',
        doNot: 'Do not extend its data, and take no more snapshots: neither makes room for metadata. Restore no service for it.',
      },
      [pools],
    );
  if (illness !== undefined)
    return found(
      {
        code: 'pool-out-of-space',
        subject: name,
        says: `Thin pool ${name} ${attributes[8] === 'F' ? 'has failed' : 'has no room left'} (${figures}): every write of ${under} waits or fails`,
        remedy: '/storage diagnose capacity says what may be freed. Then look at each file system that turned read-only.',
        doNot: 'Do not restart or restore the services one by one: they have one cause.',
      },
      [pools],
    );
  return { evidence: [ok(`Thin pool ${name}: ${figures}`, pools)], findings: [] };
}
