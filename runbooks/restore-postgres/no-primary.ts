import type { PostgresCluster } from '../../src/commands/cnpg.ts';
import type { Diagnosis } from '../../src/core/finding.ts';
import { knownOf } from '../../src/core/finding.ts';
import { found, NOTHING } from '../../src/topology/zfs-findings.ts';
import type { Code } from './codes.ts';
import type { Facts } from './facts.ts';

type Part = Diagnosis<Code>;

/** While the operator changes the cluster, or has given it up. */
const AT_WORK = /fail|switch|unrecoverable|disk space|upgrad|restart/i;

/** Unavailability is not data loss; undefined where there is a server to restore into. */
export function noPrimary({ look, postgres }: Facts): Part | undefined {
  const { clusters, pods, cluster, instances, primary } = look;
  if (!clusters.known || !pods.known) return NOTHING;
  const states = instances.flatMap(({ state }) => state ?? []);
  const name = `${postgres.namespace}/${postgres.cluster}`;
  const isAtWork = cluster !== undefined && (cluster.isGoing || AT_WORK.test(cluster.phase));
  if ('container' in primary && !isAtWork) return undefined;
  const known = knownOf(states);
  if (known.length < states.length) return NOTHING;
  const why = 'why' in primary ? primary.why : whyAtWork(cluster);
  return found({
    code: 'no-primary',
    subject: name,
    says: `${name}: ${why}`,
    remedy: 'Find out first what keeps the servers from running, which is no loss of data: /storage diagnose postgres.',
    doNot: 'Do not restore, and do not delete the cluster or its claims: the data are still on its volumes.',
    seen: [clusters, pods, ...known],
  });
}

function whyAtWork(cluster: PostgresCluster | undefined): string {
  return cluster?.isGoing === true
    ? 'somebody deleted the cluster, and its pods and claims go with it'
    : `the operator says "${cluster?.phase ?? ''}"`;
}
