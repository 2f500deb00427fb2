import type { Claim } from '../../src/commands/claims.ts';
import { claims, expandClaim, expansions } from '../../src/commands/claims.ts';
import { thinPools } from '../../src/commands/thin-pool.ts';
import type { Host } from '../../src/core/command.ts';
import type { Diagnosis, Finding } from '../../src/core/finding.ts';
import { changes, uses } from '../../src/core/hold.ts';
import type { Check, Plan, Step } from '../../src/core/plan.ts';
import { check, noUndo, steps, stop, verify, within } from '../../src/core/plan.ts';
import type { Code } from './codes.ts';
import type { Facts } from './facts.ts';
import { ownerOf } from './owner.ts';
import type { Room } from './room.ts';
import { isEnough, MOST_PERCENT, roomOf } from './room.ts';

export function plan({ findings }: Diagnosis<Code>, facts: Facts): Plan {
  const because = findings.find(({ code }) => code === 'not-expanded');
  const step = because === undefined ? undefined : expansion(because, facts);
  if (step !== undefined) return steps(step);
  const { claims: all, volumes, classes, sets, pods, below, claim, size, id } = facts;
  const looks = [all, volumes, classes, sets, pods, below?.pools, ...(below?.volumes.map(({ seen }) => seen) ?? [])];
  if (findings.length > 0) return stop('The bot does not change the size of this claim: the finding says who can, and how.');
  if (claim !== undefined && claim.requestedBytes === facts.wantedBytes) return stop(`${id} has ${size} already.`);
  return stop(
    looks.some((each) => each?.known === false)
      ? 'Not everything that the expansion depends on could be seen: no plan is made from what is not known.'
      : 'The disk under this claim was not found in a thin pool of the hypervisor: no plan is made from what is not known.',
  );
}

const MINUTE_MS = 60_000;

function expansion(because: Finding<Code>, facts: Facts): Step | undefined {
  const { site, id, size, claim, volume, wantedBytes, node } = facts;
  const room = roomOf(facts);
  if (site.hypervisor === undefined || claim === undefined || volume === undefined || room === undefined) return undefined;
  const { pool, logical } = room;
  const { namespace, name } = claim;
  return {
    title: `Let ${id} grow to ${size}`,
    because,
    before: [stillTheSame(facts, claim), classAllows(claim), stillEnough(site.hypervisor.host, room)],
    change: expandClaim({ namespace, name }, size),
    after: within(
      5 * MINUTE_MS,
      verify(`${id} has ${size}${node === undefined ? ', or waits for a pod that mounts it' : ''}`, claims(), (all) =>
        all.some((each) => {
          if (each.namespace !== namespace || each.name !== name) return false;
          const waits = node === undefined && each.conditions.some(({ type }) => type === 'FileSystemResizePending');
          return waits || (each.capacityBytes ?? 0) >= wantedBytes;
        }),
      ),
    ),
    undo: noUndo('A claim cannot shrink.'),
    holds: [
      changes('pvc', id),
      changes('pv', volume.name),
      changes('lv', `${logical.vg}/${logical.name}`),
      uses('lv', pool.name),
    ],
    warnings: warningsOf(node?.name, room),
  };
}

function stillTheSame({ id, size, claims: seen, sets }: Facts, { namespace, name, volume, requestedBytes }: Claim): Check {
  return check(
    `${id} is the claim that it was, asks for what it asked for, belongs to nobody else, and is not being deleted`,
    claims(),
    (all) => {
      const now = all.find((each) => each.namespace === namespace && each.name === name);
      if (now === undefined || !seen.known || !sets.known) return false;
      const isOwned = ownerOf({ claim: now, id, size, claims: seen, sets }) !== undefined;
      return now.volume === volume && now.requestedBytes === requestedBytes && !now.isGoing && !isOwned;
    },
  );
}

function classAllows({ storageClass }: Claim): Check {
  return check(`The class ${storageClass} allows it`, expansions(), (all) =>
    all.some((each) => each.name === storageClass && each.allowsExpansion),
  );
}

/** By then others may have written. */
function stillEnough(hypervisor: Host, { pool, fullPercent }: Room): Check {
  return check(
    `Thin pool ${pool.name} is less than 80 % full of data and 75 % of metadata, and would be less than ${MOST_PERCENT} % full with the claim full`,
    thinPools(hypervisor),
    (all) =>
      all.some(
        (now) => now.name === pool.name && isEnough({ pool: now, fullPercent: now.dataPercent + fullPercent - pool.dataPercent }),
      ),
  );
}

function warningsOf(node: string | undefined, { pool, promisedPercent }: Room): string[] {
  const where =
    node === undefined
      ? 'No pod has it mounted: its file system grows when one does.'
      : `Its file system grows on ${node} while it is in use; its programs go on.`;
  if (promisedPercent <= 100) return ['This cannot be taken back.', where];
  const promised = `All volumes together are then promised ${Math.round(promisedPercent)} % of ${pool.name}: they cannot all be written full. Watch how fast it fills.`;
  return ['This cannot be taken back.', where, promised];
}
