import type { Diagnosis, Finding } from '../../src/core/finding.ts';
import type { Plan } from '../../src/core/plan.ts';
import { steps, stop } from '../../src/core/plan.ts';
import { removalSteps } from '../../src/repairs/export-removal.ts';
import type { RemovalSituation } from '../../src/repairs/removal-situation.ts';
import { nothingNeeds } from '../../src/topology/export-unused.ts';
import type { Code } from './codes.ts';
import type { Facts } from './facts.ts';

/** Only where the one thing that was found is the export itself, and everything that could speak against it was seen. */
export function plan({ evidence, findings }: Diagnosis<Code>, facts: Facts): Plan {
  const [because, ...obstacles] = findings;
  if (because === undefined) return stop(evidence.some(({ status }) => status === 'unknown') ? BLIND : GONE);
  if (because.code !== 'still-exported' || obstacles.length > 0) return stop(`First: ${(obstacles[0] ?? because).remedy}`);
  const situation = situationOf(facts, because);
  if (situation === undefined || evidence.some(({ status }) => status === 'unknown')) return stop(BLIND);
  const [first, ...more] = removalSteps(situation) ?? [];
  return first === undefined ? stop(BY_HAND) : steps(first, ...more);
}

const GONE = 'It is not exported: nothing to do.';
const BLIND = 'Not everybody who may use the export could be seen: nothing is taken away from what is not known to be unused.';
const BY_HAND = 'A person must do this one: the export is not kept in one place that this bot edits.';

function situationOf(facts: Facts, because: Finding): RemovalSituation | undefined {
  const { site, path, nas, mainText, ownText, cluster } = facts;
  const { flavour, active, file, dropIns, shares, datasets } = nas;
  if (flavour === undefined || !active?.known || !file?.known || !datasets?.known || !cluster.nodes.known) return undefined;
  if (dropIns?.known === false || shares?.known === false || mainText?.known === false || ownText?.known === false)
    return undefined;
  const known = { site, flavour, path, active, file, datasets, because };
  return {
    ...known,
    unused: nothingNeeds(path, site, cluster.nodes.value),
    ...(dropIns && { dropIns }),
    ...(shares && { shares }),
    ...(mainText && { mainText }),
    ...(ownText && { ownText }),
  };
}
