import type { Diagnosis, Finding } from '../../../src/core/finding.ts';
import { verdictOf } from '../../../src/core/finding.ts';
import type { Plan } from '../../../src/core/plan.ts';
import { steps, stop } from '../../../src/core/plan.ts';
import type { Code } from '../codes.ts';
import { concerns } from '../diagnose/one-cause.ts';
import type { Facts } from '../facts.ts';
import { pathsOf, thisRound, volumesOfPod } from '../facts.ts';
import { dropFsidZero } from './fsid.ts';
import { freeDriverPorts } from './kubelet.ts';
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
  ['driver-port-forgotten', freeDriverPorts],
  ['client-wedged', restartNode],
  ['pod-stuck-terminating', releasePod],
  ['stale-handle', restartPod],
  ['frozen-mount', restartPod],
  ['write-denied', giveToWriter],
];

/** The lowest cause only: what stands on it is looked at again in the next round. */
export function plan(diagnosis: Diagnosis<Code>, facts: Facts): Plan {
  for (const [code, repair] of REPAIRS) {
    const may = diagnosis.findings.filter((finding) => finding.code === code && !isBlocked(finding, diagnosis, facts));
    const [first, ...more] = thisRound(may).flatMap((finding) => repair(finding, facts));
    if (first !== undefined) return steps(first, ...more);
  }
  return stop(WHY[verdictOf(diagnosis)]);
}

/** A successor could not start, or would start on the wrong data: where one of its own paths is not what it should be. */
function isBlocked(finding: Finding<Code>, { findings }: Diagnosis<Code>, facts: Facts): boolean {
  if (!ENDS_PODS.includes(finding.code)) return false;
  const pod = facts.cluster.pods.known
    ? facts.cluster.pods.value.find(({ namespace, name }) => `${namespace}/${name}` === finding.subject)
    : undefined;
  const paths = pod === undefined ? pathsOf(facts) : volumesOfPod(facts, pod).map(({ backing }) => backing.path);
  return findings.some((other) => other.code === 'mountd-down' || paths.some((path) => concerns(other, path, facts)));
}

const ENDS_PODS: readonly Code[] = ['stale-handle', 'frozen-mount', 'pod-stuck-terminating'];

const WHY = {
  well: 'Everything that was looked at is well: nothing to do.',
  ill: 'There is no change that this bot may make for this: see the remedy of each finding.',
  blind:
    'Nothing that explains a fault was found, and not everything is known to be well: no plan is made from what is not known.',
} as const;
