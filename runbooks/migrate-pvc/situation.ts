import { volumeAttachments } from '../../src/commands/block-attachments.ts';
import { claims } from '../../src/commands/claims.ts';
import * as cluster from '../../src/commands/cluster.ts';
import type { Finding } from '../../src/core/finding.ts';
import type { Check } from '../../src/core/plan.ts';
import { check } from '../../src/core/plan.ts';
import { podsOfClaim } from '../../src/topology/claim-users.ts';
import { nobodyUses } from '../../src/topology/users.ts';
import type { Facts, Place } from './facts.ts';
import type { Users } from './state.ts';

/** What every step is planned from: all of it was seen. */
export interface Situation {
  readonly facts: Facts;
  readonly place: Place;
  readonly users: Users;
  readonly because: Finding;
  readonly workName: string;
}

/** A claim that somebody deleted goes with its last pod. */
export function sourceStays({ place: { source } }: Situation): Check {
  const { namespace, name, volume } = source;
  return check(`${namespace}/${name} has ${volume}, and is not being deleted`, claims(), (all) =>
    all.some((now) => now.namespace === namespace && now.name === name && now.volume === volume && !now.isGoing),
  );
}

/** And the very one that was seen, where it was there already. */
export function targetIsThere({ facts, place: { source, target, made } }: Situation, phase?: 'Bound'): Check {
  const says = `${source.namespace}/${target} is there${phase === undefined ? '' : ` and ${phase}`}, and is not being deleted`;
  return check(says, claims(), (all) =>
    all.some(
      (now) =>
        now.namespace === source.namespace &&
        now.name === target &&
        now.storageClass === facts.asked.storageClass &&
        (made === undefined || now.uid === made.uid) &&
        !now.isGoing &&
        (phase === undefined || now.phase === phase),
    ),
  );
}

export function noPodHas({ place: { source } }: Situation, claim: string): Check {
  const { namespace } = source;
  return check(
    `No pod uses ${namespace}/${claim}`,
    cluster.pods(),
    (all) => podsOfClaim({ namespace, name: claim }, all).length === 0,
  );
}

/** Of a disk: what is attached to a node may still have something to write. Of a directory: nobody has it through another volume. */
export function sourceIsFree({ facts: { site }, place: { backing, source } }: Situation): readonly Check[] {
  if (backing.kind === 'nfs') return [nobodyUses(backing.path, site)];
  return backing.kind === 'csi' ? [isAtNoNode(source.volume)] : [];
}

/** What an earlier copy had attached may still be on its way off, or be in the hands of somebody. */
export function targetIsFree({ place: { made } }: Situation): readonly Check[] {
  return made?.volume === undefined ? [] : [isAtNoNode(made.volume)];
}

function isAtNoNode(volume: string | undefined): Check {
  return check(`No node has ${volume} attached`, volumeAttachments(), (all) =>
    all.every((each) => each.persistentVolume !== volume),
  );
}
