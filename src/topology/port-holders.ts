import type { Pod } from '../commands/cluster-objects.ts';
import type { Process } from '../commands/node-system.ts';
import type { Listener, ProcessOwner } from '../commands/port-holders.ts';
import type { Known, Seen } from '../core/reading.ts';

/** A program on a port, and whose it is. */
export interface Holder extends Listener {
  readonly owner: Seen<ProcessOwner>;
}

/** One of a pod that the API does not know. */
export interface ForgottenHolder extends Listener {
  readonly podUid: string;
  readonly owner: Known<ProcessOwner>;
  readonly processes: Known<readonly Process[]>;
}

/** A process this old is no container of a pod that was deleted just now. */
const FORGOTTEN_S = 300;

/** Processes on these ports that are of no pod that the API knows; none where an owner could not be seen. */
export function forgottenHolders(
  { holders, processes }: { readonly holders: readonly Holder[]; readonly processes: Seen<readonly Process[]> | undefined },
  pods: readonly Pod[],
): readonly ForgottenHolder[] {
  if (!processes?.known || !holders.every(({ owner }) => owner.known)) return [];
  return holders.flatMap(({ port, pid, program, owner }) => {
    if (!owner.known || owner.value.of !== 'pod') return [];
    const { podUid } = owner.value;
    const age = processes.value.find((each) => each.pid === pid)?.ageS ?? 0;
    const isKnown = pods.some(({ uid }) => uid === podUid);
    return isKnown || age < FORGOTTEN_S ? [] : [{ port, pid, program, podUid, owner, processes }];
  });
}
