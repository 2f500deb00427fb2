import { isShared } from '../core/foundation.ts';
import type { Conducting } from './conductor-parts.ts';
import { inCommon, placedOf } from './placed.ts';
import { standingOf } from './standing.ts';

/**
 * What was opened before the cluster was ever seen, or before what it is about was, has nothing beneath it that others share: no proof could be of it. As
 * soon as more is known it is judged again.
 */
export function relearn({ store, topology, site, toJudge, log }: Conducting): void {
  const index = topology.known();
  for (const { id, candidates } of store.openHeads()) {
    if (candidates.some(isShared)) continue;
    const told = store.incident(id)?.members.filter(({ muted }) => muted === undefined) ?? [];
    const now = inCommon(told.map((member) => placedOf(member, standingOf(member, index, site))));
    if (!now.some(isShared)) continue;
    store.joinIncident(id, { members: [], candidates: now });
    toJudge.add(id);
    log.info({ incident: id, candidates: now.length }, 'it is known by now what an incident stands on');
  }
}
