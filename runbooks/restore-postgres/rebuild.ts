import type { PostgresCluster } from '../../src/commands/cnpg.ts';
import type { Diagnosis } from '../../src/core/finding.ts';
import { isSome, knownOf, ok } from '../../src/core/finding.ts';
import { found, NOTHING } from '../../src/topology/zfs-findings.ts';
import type { Code } from './codes.ts';
import type { Facts } from './facts.ts';
import { brokenness } from './flags.ts';

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

const BY_PERSON = [
  'Two people decide it, after /storage diagnose postgres and with a whole dump at hand.',
  '1. kubectl get pvc -n NAMESPACE -l cnpg.io/cluster=CLUSTER -o custom-columns=C:.metadata.name,V:.spec.volumeName, and of each volume kubectl get pv V -o jsonpath={.spec.persistentVolumeReclaimPolicy}: it must be Retain.',
  '2. Note claims and volumes. kubectl delete cluster removes pods, claims and the secret of the superuser; the volumes are what leads back.',
  "3. scripts/tg apply -replace='module.dbaas.null_resource.pg_cluster', then kubectl wait --for=condition=Ready cluster/CLUSTER -n NAMESPACE --timeout=600s.",
  '4. Make the roles by Vault and Terraform, and not out of the dump, whose passwords are old.',
  '5. The secret of the superuser is a new one: set it in Vault too, where it keeps its own copy of it (secret/vault, dbaas_postgresql_root_password) and in its connection to the server, or no password is rotated any more.',
  '6. /storage restore postgres all from <dump>, once for each database; then restart pgbouncer, and let the backup run once: /storage run backup.',
].join(' ');

/** Where the operator still has servers, or makes them, there is nothing to build anew: no recipe for that is shown. */
function isGone({ look: { cluster } }: Facts): boolean {
  return cluster === undefined || /unrecoverable/i.test(cluster.phase);
}

/** Nothing is planned for it. */
export function rebuild(facts: Facts): Part {
  const { look, postgres, files, dumps } = facts;
  const name = `${postgres.namespace}/${postgres.cluster}`;
  const without = noPrimary(facts);
  if (!look.clusters.known || !look.pods.known || !files.known) return NOTHING;
  if (without === undefined && 'state' in look.primary)
    return found({
      code: 'rebuild-needless',
      subject: name,
      says: `The operator has ${name}, and its primary ${look.primary.pod.name} answers as PostgreSQL ${look.primary.state.value.version}`,
      remedy: 'Restore what is damaged into it: /storage restore postgres <database>, or … all from <dump>.',
      doNot: 'Do not delete the cluster: its claims and the secret of its superuser go with it.',
      seen: [look.clusters, look.pods, look.primary.state],
    });
  if (without === undefined || without.findings.length === 0) return NOTHING;
  if (!isGone(facts)) return without;
  const whole = dumps.flatMap(({ file, dump }) =>
    dump.known && brokenness(dump.value) === undefined ? [ok(`The newest dump is whole: ${file.name}`, files, dump)] : [],
  );
  const seen = [look.clusters, look.pods, files, ...knownOf(look.instances.flatMap(({ state }) => state ?? []))];
  const [first, ...more] = seen;
  if (first === undefined || !isSome(seen)) return NOTHING;
  return {
    evidence: whole.length > 0 ? whole : [ok('The newest dump is not known to be whole', files)],
    findings: found<Code>({
      code: 'rebuild-by-person',
      subject: name,
      says: `${without.findings[0]?.says ?? name}. That alone does not prove that its data are lost`,
      remedy: BY_PERSON.replaceAll('NAMESPACE', postgres.namespace).replaceAll('CLUSTER', postgres.cluster),
      doNot: 'Do not delete the cluster while one of its volumes may still hold the data, or has the reclaim policy Delete.',
      seen: [first, ...more],
    }).findings,
  };
}
