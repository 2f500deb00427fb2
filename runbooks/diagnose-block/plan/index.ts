import type { Diagnosis, Finding } from '../../../src/core/finding.ts';
import { verdictOf } from '../../../src/core/finding.ts';
import type { Plan, Step } from '../../../src/core/plan.ts';
import { steps, stop } from '../../../src/core/plan.ts';
import type { Code } from '../codes.ts';
import type { Facts } from '../facts.ts';
import { deleteJobPod, freeSlot, relieve, restartDriver, takeFromOther, tryAgain } from './disks.ts';
import { emptySlots } from './ghosts.ts';

interface Repair {
  readonly code: Code;
  readonly plan: (because: Finding<Code>, facts: Facts) => readonly Step[];
  /** Causes that must be gone first: with one of them this repair fails or does harm. */
  readonly after: readonly Code[];
  /** Findings of this cause that one round repairs; one unless given. */
  readonly most?: number;
}

const POOL: readonly Code[] = ['pool-out-of-space', 'pool-metadata-full'];
/** Where a disk may be another than it seems, none is moved. */
const DOUBTS: readonly Code[] = [
  'shared-device',
  'foreign-disk',
  'stale-mount',
  'chain-broken',
  'open-elsewhere',
  'wrong-machine',
];
const NO_ATTACH: readonly Code[] = [...POOL, ...DOUBTS, 'token-refused', 'machine-wedged', 'machine-locked', 'open-twice'];

/** From the bottom up: a driver before what it attaches, a free slot before what is to go there. */
const REPAIRS: readonly Repair[] = [
  { code: 'driver-not-registered', plan: restartDriver, after: POOL },
  { code: 'ghost-disks', plan: emptySlots, after: [...POOL, ...DOUBTS, 'machine-wedged', 'machine-locked'] },
  { code: 'poisoned-slot', plan: freeSlot, after: NO_ATTACH },
  { code: 'wedged-hotplug', plan: tryAgain, after: NO_ATTACH },
  {
    code: 'stale-attachment',
    plan: takeFromOther,
    after: [...NO_ATTACH, 'driver-not-registered', 'network-down-first'],
    most: 5,
  },
  { code: 'slot-cap', plan: relieve, after: [...POOL, 'token-refused'] },
  { code: 'held-by-healthy-pod', plan: deleteJobPod, after: [], most: 5 },
];

/** The lowest cause only: what stands on it is looked at again in the next round. */
export function plan(diagnosis: Diagnosis<Code>, facts: Facts, workName: string): Plan {
  for (const { code, plan: repair, after, most = 1 } of REPAIRS) {
    if (diagnosis.findings.some((finding) => after.includes(finding.code))) continue;
    if (code === 'ghost-disks' && !isFirstRound(workName)) continue;
    const each = diagnosis.findings.filter((finding) => finding.code === code).map((because) => repair(because, facts));
    const [first, ...more] = each
      .filter((own) => own.length > 0)
      .slice(0, most)
      .flat();
    if (first !== undefined) return steps(first, ...more);
  }
  return stop(WHY[verdictOf(diagnosis)]);
}

/** At most five ghosts a run: later rounds, whose names end in their number, take none. */
function isFirstRound(workName: string): boolean {
  return !/^storagebot-.+-([2-9]|[1-9]\d+)$/.test(workName);
}

const WHY = {
  well: 'Everything that was looked at is well: nothing to do.',
  ill: 'There is no change that this bot may make for this now: see the remedy of each finding.',
  blind:
    'Nothing that explains a fault was found, and not everything is known to be well: no plan is made from what is not known.',
} as const;
