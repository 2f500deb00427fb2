import type { ThinPool } from '../../../src/commands/thin-pool.ts';
import { ok, together } from '../../../src/core/finding.ts';
import type { Known } from '../../../src/core/reading.ts';
import type { Facts } from '../facts.ts';
import type { Part } from '../finding.ts';
import { found, NOTHING } from '../finding.ts';

const FULL_PERCENT = 99.5;

/** One cause for everything that stands on it. */
export function diagnosePool({ pools }: Facts): Part {
  if (pools?.known !== true) return NOTHING;
  return together(pools.value.map((pool) => ofPool(pool, pools)));
}

function ofPool(pool: ThinPool, pools: Known<unknown>): Part {
  const { name, dataPercent, metadataPercent, attributes } = pool;
  const health = attributes[8];
  const figures = `data ${dataPercent} %, metadata ${metadataPercent} %, ${attributes}`;
  if (health === 'M' || metadataPercent >= FULL_PERCENT)
    return found(
      {
        code: 'pool-metadata-full',
        subject: name,
        says: `The metadata of thin pool ${name} are full (${figures}): all disks of the site stand on it`,
        remedy:
          '/storage diagnose capacity says what may be done. Stop the writers first; a repair of the metadata is for a person.',
        doNot: 'Do not extend its data, and take no more snapshots: neither makes room for metadata. Restore no service for it.',
      },
      [pools],
    );
  if (health === 'D' || health === 'F' || dataPercent >= FULL_PERCENT)
    return found(
      {
        code: 'pool-out-of-space',
        subject: name,
        says: `Thin pool ${name} has no room left (${figures}): all disks of the site stand on it`,
        remedy: '/storage diagnose capacity says what may be freed. Then look at each file system that turned read-only.',
        doNot: 'Do not restart or restore the services one by one: they have one cause.',
      },
      [pools],
    );
  return { evidence: [ok(`Thin pool ${name}: ${figures}`, pools)], findings: [] };
}
