import type { Pod } from '../commands/cluster-objects.ts';
import { processesOf, stuckMounters } from '../commands/node-system.ts';
import type { Host } from '../core/command.ts';
import type { Check } from '../core/plan.ts';
import { check } from '../core/plan.ts';

/** That this very pod still runs and something will make another. */
export function isAlive({ uid, owner, terminatingAt }: Pod, wanted: string): boolean {
  return uid === wanted && owner !== undefined && terminatingAt === undefined;
}

/** Ready pods of the same owner that were not there before; none while the pod itself is there. */
export function successorsOf(pods: readonly Pod[], { uid, owner }: Pod, known: readonly string[]): readonly Pod[] {
  if (pods.some((each) => each.uid === uid)) return [];
  return pods.filter(
    (each) => each.ready && !known.includes(each.uid) && each.owner?.kind === owner?.kind && each.owner?.name === owner?.name,
  );
}

/** A node with such a process cannot make another mount. */
export function noStuckMounter(node: Host): Check {
  return check(
    `No mount waits in the kernel of ${node.name}`,
    processesOf(node),
    (processes) => stuckMounters(processes).length === 0,
  );
}
