import type { LogicalVolume } from '../../../src/commands/logical-volumes.ts';
import type { ThinPool } from '../../../src/commands/thin-pool.ts';
import { snapshotInName } from '../../../src/commands/thin-pool-repairs.ts';
import type { Evidence } from '../../../src/core/finding.ts';
import { isSome, ok } from '../../../src/core/finding.ts';
import type { Known } from '../../../src/core/reading.ts';
import { sizeOf } from '../../../src/core/size.ts';
import { groupOf, isIn, promisedBytes } from '../../../src/repairs/thin-pool-state.ts';
import type { Below } from '../facts.ts';
import { some } from './part.ts';

/** What is promised, what is free, and what snapshots there are: facts for whoever decides. */
export function stock({ pools, groups, volumes }: Below): Evidence[] {
  if (!pools.known) return [];
  return pools.value.flatMap((pool) => {
    const vg = groupOf(pool);
    const seen = volumes.find((each) => each.vg === vg)?.seen;
    const group = groups.known ? groups.value.find(({ name }) => name === vg) : undefined;
    const free =
      groups.known && group !== undefined ? [ok(`${vg} has ${sizeOf(group.freeBytes)} free for extending`, groups)] : [];
    return seen?.known === true ? [...free, ...promised(pool, seen), ...putAside(pool, seen)] : free;
  });
}

function promised(pool: ThinPool, seen: Known<readonly LogicalVolume[]>): Evidence[] {
  const own = seen.value.filter((volume) => isIn(pool, volume));
  const size = seen.value.find(({ vg, name }) => `${vg}/${name}` === pool.name)?.sizeBytes;
  const disks = own.filter(({ name }) => snapshotInName(name) === undefined);
  const bytes = promisedBytes(pool, { volumes: seen.value });
  const ratio = size === undefined ? '' : ` of ${sizeOf(size)}, that is ${Math.round((bytes / size) * 100)} %`;
  const says = `The ${disks.length} volumes in ${pool.name} may grow to ${sizeOf(bytes)}${ratio}; ${own.length - disks.length} snapshots lie beside them`;
  return [ok(says, seen)];
}

/** As `restore pvc` names what it puts aside, makes beside it, or takes back. */
const OF_A_RESTORE = /_storagebot-.*-(before|new|undone)$/;

/** Each may alone hold what was written before a restore: who knows whether that is still wanted is a person. */
function putAside(pool: ThinPool, seen: Known<readonly LogicalVolume[]>): Evidence[] {
  const names = seen.value.filter((volume) => isIn(pool, volume) && OF_A_RESTORE.test(volume.name)).map(({ name }) => name);
  return isSome(names) ? [ok(`What restores put aside takes room until a person removes it: ${some(names)}`, seen)] : [];
}
