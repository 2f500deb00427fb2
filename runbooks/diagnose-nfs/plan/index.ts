import type { Diagnosis, Finding } from '../../../src/core/finding.ts';
import { verdictOf } from '../../../src/core/finding.ts';
import type { Plan } from '../../../src/core/plan.ts';
import { steps, stop } from '../../../src/core/plan.ts';
import type { Code } from '../codes.ts';
import type { Facts } from '../facts.ts';
import { dropFsidZero } from './fsid.ts';
import { restartNode } from './node.ts';
import type { Planner } from './planner.ts';
import { releasePod, restartPod } from './pods.ts';
import { addExport, giveToWriter, mountDataset, reload, startNas, startService } from './server.ts';

/** What the bot may do about a cause, from the bottom up. A cause that is not here is for people: its remedy says what. */
const REPAIRS: readonly (readonly [Code, Planner])[] = [
  ['nas-vm-down', startNas],
  ['nfsd-stopped', startService('nfsd')],
  ['mountd-down', startService('mountd')],
  ['fsid-zero', dropFsidZero],
  ['dataset-not-mounted', mountDataset],
  ['export-not-loaded', reload],
  ['export-missing', addExport],
  ['client-wedged', restartNode],
  ['pod-stuck-terminating', releasePod],
  ['stale-handle', restartPod],
  ['frozen-mount', restartPod],
  ['write-denied', giveToWriter],
];

/** The lowest cause only: what stands on it is looked at again in the next round. */
export function plan(diagnosis: Diagnosis<Code>, facts: Facts): Plan {
  const blocked = diagnosis.findings.some(({ code }) => BLOCKS_PODS.includes(code));
  for (const [code, repair] of REPAIRS) {
    if (blocked && ENDS_PODS.includes(code)) continue;
    const [first, ...more] = once(diagnosis.findings.filter((finding) => finding.code === code)).flatMap((finding) =>
      repair(finding, facts),
    );
    if (first !== undefined) return steps(first, ...more);
  }
  return stop(WHY[verdictOf(diagnosis)]);
}

/** A successor could not start, or would start on the wrong data. */
const BLOCKS_PODS: readonly Code[] = [
  'path-missing',
  'dataset-not-mounted',
  'dataset-hidden',
  'export-missing',
  'export-not-loaded',
  'export-line-refused',
  'export-wrong-network',
  'mountd-down',
];
const ENDS_PODS: readonly Code[] = ['stale-handle', 'frozen-mount', 'pod-stuck-terminating'];

/** Two mounts of one pod are two findings and one restart; two machines are never restarted in one round. */
function once(findings: readonly Finding<Code>[]): readonly Finding<Code>[] {
  const bySubject = [...new Map(findings.toReversed().map((each) => [each.subject, each])).values()].toReversed();
  return bySubject[0]?.code === 'client-wedged' || bySubject[0]?.code === 'export-missing' ? bySubject.slice(0, 1) : bySubject;
}

const WHY = {
  well: 'Everything that was looked at is well: nothing to do.',
  ill: 'There is no change that this bot may make for this: see the remedy of each finding.',
  blind:
    'Nothing that explains a fault was found, and not everything is known to be well: no plan is made from what is not known.',
} as const;
