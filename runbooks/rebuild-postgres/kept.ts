import type { PostgresCluster } from '../../src/commands/cnpg.ts';
import type { Diagnosis } from '../../src/core/finding.ts';
import { isSome, knownOf, ok } from '../../src/core/finding.ts';
import { found, NOTHING, told } from '../../src/topology/zfs-findings.ts';
import type { Code } from './codes.ts';
import type { Facts } from './facts.ts';
import { nameOf } from './facts.ts';
import { formerVolumes, listed } from './volumes.ts';

type Part = Diagnosis<Code>;

/** Of a cluster that is there and not given up: it is the one that was made anew, or there is nothing to build. */
export function kept(facts: Facts, cluster: PostgresCluster): Part {
  const { look, volumes, postgres } = facts;
  const { clusters, pods, primary, instances } = look;
  const name = nameOf(postgres);
  if (!clusters.known || !pods.known || !volumes.known) return NOTHING;
  if (!('state' in primary)) {
    const states = instances.flatMap(({ state }) => state ?? []);
    const known = knownOf(states);
    if (known.length < states.length) return NOTHING;
    return found({
      code: 'rebuild-needless',
      subject: name,
      says: `The operator says of ${name}: "${cluster.phase}". It has not given it up, although no primary takes writes: ${'why' in primary ? primary.why : ''}`,
      remedy:
        'If it is being made, wait. Otherwise find out what keeps its servers from running, which is no loss of data: /storage diagnose postgres.',
      doNot: 'Do not delete the cluster: its claims and the secret of its superuser go with it.',
      seen: [clusters, pods, ...known],
    });
  }
  const former = formerVolumes(facts, volumes.value);
  if (isSome(former) && isHealthy(cluster))
    return told(
      ok(
        `${name} was made anew at ${new Date((cluster.createdAt ?? 0) * 1000).toISOString().slice(0, 16).replace('T', ' ')} UTC, and its primary ${primary.pod.name} answers. Volumes of the one before are kept: ${listed(former)}`,
        clusters,
        pods,
        volumes,
        primary.state,
      ),
    );
  return found({
    code: 'rebuild-needless',
    subject: name,
    says: `The operator says of ${name}: "${cluster.phase}", and its primary ${primary.pod.name} answers as PostgreSQL ${primary.state.value.version}`,
    remedy: 'Restore what is damaged into it: /storage restore postgres <database>, or … all from <dump>.',
    doNot: 'Do not delete the cluster: its claims and the secret of its superuser go with it.',
    seen: [clusters, pods, volumes, primary.state],
  });
}

export function isHealthy({ phase }: Pick<PostgresCluster, 'phase'>): boolean {
  return phase === 'Cluster in healthy state';
}
