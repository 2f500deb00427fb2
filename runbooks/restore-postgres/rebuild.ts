import type { Diagnosis } from '../../src/core/finding.ts';
import { isSome, knownOf, ok } from '../../src/core/finding.ts';
import { found, NOTHING, told } from '../../src/topology/zfs-findings.ts';
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
  const isAtWork = cluster !== undefined && AT_WORK.test(cluster.phase);
  if ('container' in primary && !isAtWork) return undefined;
  const known = knownOf(states);
  if (known.length < states.length) return NOTHING;
  const why = 'why' in primary ? primary.why : `the operator says "${cluster?.phase ?? ''}"`;
  return found({
    code: 'no-primary',
    subject: name,
    says: `${name}: ${why}`,
    remedy: 'Find out first what keeps the servers from running, which is no loss of data: /storage diagnose postgres.',
    doNot: 'Do not restore, and do not delete the cluster or its claims: the data are still on its volumes.',
    seen: [clusters, pods, ...known],
  });
}

const BY_PERSON = [
  'Two people decide it, after /storage diagnose postgres and with a whole dump at hand.',
  '1. kubectl get pvc -n NAMESPACE -l cnpg.io/cluster=CLUSTER -o custom-columns=C:.metadata.name,V:.spec.volumeName, and of each volume kubectl get pv V -o jsonpath={.spec.persistentVolumeReclaimPolicy}: it must be Retain.',
  '2. Note claims and volumes. kubectl delete cluster removes pods, claims and the secret of the superuser; the volumes are what leads back.',
  "3. scripts/tg apply -replace='module.dbaas.null_resource.pg_cluster', then kubectl wait --for=condition=Ready cluster/CLUSTER -n NAMESPACE --timeout=600s.",
  '4. Make the roles by Vault and Terraform, and not out of the dump, whose passwords are old.',
  '5. /storage restore postgres all from <dump>, once for each database.',
].join(' ');

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
  const newest = dumps.flatMap(({ file, dump }) =>
    dump.known && dump.value.hasTrailer && dump.value.readable ? [file.name] : [],
  );
  const seen = [look.clusters, look.pods, files, ...knownOf(look.instances.flatMap(({ state }) => state ?? []))];
  const [first, ...more] = seen;
  if (first === undefined || !isSome(seen)) return NOTHING;
  return {
    evidence: [
      ...told(ok(`The newest dump ${newest.length > 0 ? `is whole: ${newest[0]}` : 'is not known to be whole'}`, files)).evidence,
    ],
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
