import type { Diagnosis } from '../../../src/core/finding.ts';
import { isSome } from '../../../src/core/finding.ts';
import type { Known } from '../../../src/core/reading.ts';
import { found, NOTHING } from '../../../src/topology/zfs-findings.ts';
import type { Code } from '../codes.ts';
import type { Facts } from '../facts.ts';
import { nameOf } from '../facts.ts';
import { isSwitching } from './cluster.ts';
import { HEALTHY, NOT_LOST, UNRECOVERABLE } from './words.ts';

export function aboutPrimary(facts: Facts): Diagnosis<Code> {
  const { clusters, cluster, pods } = facts.look;
  const states = facts.instances.flatMap(({ pod, state }) =>
    state?.known === true && !state.value.inRecovery ? [{ pod, state }] : [],
  );
  if (states.length > 1) return several(facts, states);
  if (!clusters.known || cluster === undefined || !pods.known) return NOTHING;
  if (cluster.hibernated || cluster.isGoing || cluster.phase === UNRECOVERABLE || isSwitching(cluster)) return NOTHING;
  const said = disagreement(facts, cluster.currentPrimary);
  if (said === undefined) return NOTHING;
  return found<Code>({
    code: 'no-primary',
    subject: nameOf(facts),
    says: `No server is known to take writes: ${said.says}`,
    remedy: 'See that the operator runs, and what its log says of this cluster: it chooses the primary.',
    doNot: `${NOT_LOST} Do not promote an instance by hand and do not change labels: the operator would not know.`,
    seen: [clusters, pods, ...said.proofs],
  });
}

interface Serving {
  readonly pod: { readonly name: string };
  readonly state: Known<unknown>;
}

function several(facts: Facts, serving: readonly Serving[]): Diagnosis<Code> {
  const states = serving.map(({ state }) => state);
  if (!isSome(states)) return NOTHING;
  return found<Code>({
    code: 'two-primaries',
    subject: nameOf(facts),
    says: `${serving.map(({ pod }) => pod.name).join(' and ')} take writes, each for itself: from now on each has rows that the other lacks`,
    remedy:
      'Stop the applications first, so that the two do not drift further apart. A person then finds out which one they wrote to, and dumps the other one before it is made a replica again.',
    doNot: 'Do not delete either instance and do not restore: each may have rows that the other lacks.',
    seen: states,
  });
}

/** Only what is known: a primary that could not be asked may be well. */
function disagreement(
  { instances, look: { cluster } }: Facts,
  said: string | undefined,
): { readonly says: string; readonly proofs: readonly Known<unknown>[] } | undefined {
  if (said === undefined) return { says: 'the operator names no primary', proofs: [] };
  const instance = instances.find(({ pod }) => pod.name === said);
  if (instance === undefined)
    return cluster?.phase === HEALTHY || instances.length === 0
      ? { says: `${said} is the primary for the operator, and its pod is not there`, proofs: [] }
      : undefined;
  const { role, state, pod } = instance;
  if (!pod.ready) return undefined;
  if (role !== 'primary') return { says: `${said} is the primary for the operator, and its label says otherwise`, proofs: [] };
  if (state?.known === true && state.value.inRecovery)
    return { says: `${said} is the primary for the operator, and by its own word it follows another server`, proofs: [state] };
  return undefined;
}
