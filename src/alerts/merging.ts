import { isSame } from '../core/foundation.ts';
import type { Conducting } from './conductor-parts.ts';

/** Makes one incident of those that are proved to have the same cause: people go on in the oldest that they were shown. */
export function merge({ store, toJudge, clock, boundary, log }: Conducting): void {
  const proved = store.openHeads().filter(({ cause }) => cause.because === 'proved');
  const isShown = ({ id }: { readonly id: string }) => store.threadOf(id) !== undefined;
  const inOrder = [...proved.filter(isShown), ...proved.filter((each) => !isShown(each))];
  for (const [index, { id: from, cause }] of inOrder.entries()) {
    const into = inOrder.slice(0, index).find((each) => isSame(each.cause, cause))?.id;
    const [one, other] = [from, into].map((id) => (id === undefined ? undefined : store.incident(id)));
    if (one === undefined || other === undefined || into === undefined) continue;
    const candidates = other.candidates.filter((each) => one.candidates.some((another) => isSame(each, another)));
    if (!store.mergeIncident({ from, into, candidates, at: clock() })) continue;
    toJudge.add(from).add(into);
    boundary('incident-merged');
    log.info({ incident: from, into, cause }, 'two incidents have the same cause and go on as one');
  }
}
