import type { DriverPod } from '../../../src/commands/driver-pods.ts';
import { knownOf } from '../../../src/core/finding.ts';
import type { Known } from '../../../src/core/reading.ts';
import type { Site } from '../../../src/core/site.ts';
import type { CsiDriver } from '../../../src/topology/csi-drivers.ts';
import type { DriverFacts, Facts, LogFacts } from '../facts.ts';

/** One driver whose pods could be seen. */
export interface Around {
  readonly facts: Facts;
  readonly driver: DriverFacts;
  readonly pods: Known<readonly DriverPod[]>;
}

/** What is known of one node that has not registered the driver, or whose pod of it does not run. */
export interface NodeCase extends Around {
  readonly node: string;
  readonly csiNodes: Known<unknown>;
  readonly isRegistered: boolean;
  readonly own: DriverPod;
  /** What its containers wrote that end for another reason than memory. */
  readonly endings: readonly LogFacts[];
}

/** Where a value is changed for good: what runs in the cluster is Terraform's, and comes back as it was. */
export function throughTerraform({ terraform }: Site, { name, alias }: CsiDriver, change: string): string {
  const stack = terraform?.stacks[name];
  if (stack === undefined) return `Through Terraform, in the stack of ${name}: ${change}.`;
  return `In ${stack}: ${change}. Then /storage terraform apply ${alias} shows what that changes, and applies it behind an approval of its own.`;
}

/** What proves that a container ends now; where it runs again, also when that was. */
export function proofsOf({ lines, pod, container }: LogFacts, { clocks }: DriverFacts): readonly Known<unknown>[] {
  const clock = clocks[pod.node ?? ''];
  return knownOf<unknown>([lines, ...(container.runs && clock !== undefined ? [clock] : [])]);
}

/** The last line that says something, for a person. */
export function lastWords({ lines }: LogFacts): string {
  const last = lines.known ? lines.value.findLast((line) => line.trim() !== '') : undefined;
  return last === undefined ? '' : `; its last words: ${last.trim().slice(0, 300)}`;
}

export const KEEP_THE_OTHERS =
  'Do not delete all pods of the driver at once: then nothing is mounted or unmounted anywhere. Do not scale or patch what Terraform owns.';
