import type { PostgresCluster } from '../../../src/commands/cnpg.ts';
import type { Diagnosis } from '../../../src/core/finding.ts';
import { ok, together } from '../../../src/core/finding.ts';
import type { Known } from '../../../src/core/reading.ts';
import { isVolumeOf } from '../../../src/topology/postgres-volumes.ts';
import { found, NOTHING, told } from '../../../src/topology/zfs-findings.ts';
import type { Code } from '../codes.ts';
import type { Facts } from '../facts.ts';
import { nameOf } from '../facts.ts';
import { HEALTHY, NO_SPACE, NOT_LOST, UNRECOVERABLE } from './words.ts';

type Clusters = Known<readonly PostgresCluster[]>;

/** What the operator says, and whether it is there. */
export function aboutCluster(facts: Facts): Diagnosis<Code> {
  const { clusters, cluster } = facts.look;
  if (!clusters.known) return NOTHING;
  const state = cluster === undefined ? gone(facts, clusters) : stateOf(facts, { cluster, clusters });
  return together([state, operator(facts)]);
}

interface Said {
  readonly cluster: PostgresCluster;
  readonly clusters: Clusters;
}

function stateOf(facts: Facts, said: Said): Diagnosis<Code> {
  const { cluster, clusters } = said;
  const subject = nameOf(facts);
  if (cluster.isGoing)
    return found<Code>({
      code: 'cluster-going',
      subject,
      says: `Somebody deleted ${subject}: its pods, its claims and the superuser's secret go with it`,
      remedy:
        'Find out who deleted it. The volumes stay where their class says Retain: note their names now, before the claims are gone.',
      doNot:
        'Do not delete volumes that are released, and do not take the finalizer off by hand: what is left may be the only copy.',
      seen: [clusters],
    });
  if (cluster.phase === UNRECOVERABLE) return unrecoverable(facts, said);
  if (cluster.hibernated)
    return found<Code>({
      code: 'hibernated',
      subject,
      says: `${subject} was put to sleep on purpose (cnpg.io/hibernation): it has no pods, and its claims are kept`,
      remedy: 'Whoever put it to sleep wakes it: take the annotation away in Terraform, or set it to "off".',
      doNot: NOT_LOST,
      seen: [clusters],
    });
  return together([...fences(subject, said), switching(subject, said) ?? healthy(subject, said)]);
}

function healthy(subject: string, { cluster, clusters }: Said): Diagnosis<Code> {
  if (cluster.phase !== HEALTHY) return NOTHING;
  const { readyInstances, instances } = cluster;
  return told(ok(`The operator calls ${subject} healthy: ${readyInstances} of ${instances} instances are ready`, clusters));
}

/** Volumes that have lost their claim and keep its data. */
function keptOf({ look: { site }, volumes }: Facts): readonly string[] {
  if (!volumes.known) return [];
  return volumes.value.flatMap(({ name, phase, claimRef }) => {
    return claimRef !== undefined && isVolumeOf(site, { claimRef }) && phase === 'Released'
      ? [`${name} (of ${claimRef.name})`]
      : [];
  });
}

function gone(facts: Facts, clusters: Clusters): Diagnosis<Code> {
  if (!facts.volumes.known) return NOTHING;
  const subject = nameOf(facts);
  return found<Code>({
    code: 'no-cluster',
    subject,
    says: `The operator knows no cluster ${subject}. ${volumesLeft(facts)}`,
    remedy: `${LOOK_FIRST} If the cluster has another name now, set databases.postgres in the configuration.`,
    doNot: KEEP,
    seen: [clusters, facts.volumes],
  });
}

function unrecoverable(facts: Facts, { cluster, clusters }: Said): Diagnosis<Code> {
  if (!facts.volumes.known) return NOTHING;
  const subject = nameOf(facts);
  return found<Code>({
    code: 'unrecoverable',
    subject,
    says: `The operator has given ${subject} up${cluster.phaseReason === undefined ? '' : ` ("${cluster.phaseReason}")`}. ${volumesLeft(facts)}`,
    remedy: `${LOOK_FIRST} Only where none can be used it is to be built anew: /storage restore postgres rebuild from <dump>; which dumps are good, /storage diagnose backups says.`,
    doNot: KEEP,
    seen: [clusters, facts.volumes],
  });
}

const LOOK_FIRST = 'A person looks first at the volumes that kept their data: one of them can be given back to an instance.';
const KEEP =
  'Do not restore, do not build the cluster anew and do not delete a released volume before that: it may be the newest copy.';

function volumesLeft(facts: Facts): string {
  const kept = keptOf(facts);
  return kept.length === 0
    ? 'No released volume of an instance is left'
    : `These volumes of its instances are released and keep their data: ${kept.join(', ')}`;
}

function fences(subject: string, { cluster, clusters }: Said): Diagnosis<Code>[] {
  return cluster.fenced.map((pod) =>
    found<Code>({
      code: 'fenced',
      subject: pod === '*' ? subject : `${subject.split('/')[0]}/${pod}`,
      says: `PostgreSQL of ${pod === '*' ? `every instance of ${subject}` : pod} is kept stopped: somebody fenced it (cnpg.io/fencedInstances)`,
      remedy: `Ask who fenced it and why. Taking the fence away starts it again: kubectl cnpg fencing off ${cluster.name} '${pod}' --namespace=${cluster.namespace}.`,
      doNot: `${NOT_LOST} Do not delete the pod: it would come back fenced.`,
      seen: [clusters],
    }),
  );
}

const SWITCHING = ['Failing over', 'Switchover in progress'];

export function isSwitching({ phase, currentPrimary, targetPrimary }: PostgresCluster): boolean {
  return SWITCHING.includes(phase) || (targetPrimary !== undefined && targetPrimary !== currentPrimary);
}

function switching(subject: string, { cluster, clusters }: Said): Diagnosis<Code> | undefined {
  if (!isSwitching(cluster)) return undefined;
  const { currentPrimary = 'none', targetPrimary = 'none', phase } = cluster;
  return found<Code>({
    code: 'switching',
    subject,
    says: `The primary of ${subject} is changing: it was ${currentPrimary} and is to be ${targetPrimary} ("${phase}")`,
    remedy: 'Wait a minute and ask again. If it stays so, the findings about the instances say what it waits for.',
    doNot: `${NOT_LOST} Do not promote an instance by hand and do not delete pods meanwhile: two primaries, or none, would come of it.`,
    seen: [clusters],
  });
}

/** Only where nothing else explains it. */
export function atWork(facts: Facts): Diagnosis<Code> {
  const { clusters, cluster } = facts.look;
  if (!clusters.known || cluster === undefined || cluster.phase === HEALTHY) return NOTHING;
  const subject = nameOf(facts);
  const why = cluster.phaseReason === undefined ? '' : ` (${cluster.phaseReason})`;
  return found<Code>({
    code: 'operator-at-work',
    subject,
    says: `The operator says of ${subject}: "${cluster.phase}"${why}`,
    remedy: cluster.phase === NO_SPACE ? GROW : 'Wait a minute and ask again. If it stays so, read the log of the operator.',
    doNot: NOT_LOST,
    seen: [clusters],
  });
}

/** That a volume has room is seen where it could be looked at, and the operator may not have noticed yet. */
const GROW =
  'If a volume has just grown, wait a minute and ask again. Else let the volume of the instance grow: /storage expand pvc says where the operator takes the size from.';

const OPERATOR = 'cloudnative-pg';

function operator({ pods }: Facts): Diagnosis<Code> {
  if (!pods.known) return NOTHING;
  const own = pods.value.filter(({ labels }) => labels['app.kubernetes.io/name'] === OPERATOR);
  const ready = own.filter((pod) => pod.ready);
  if (ready.length > 0) return told(ok(`The operator runs: ${ready.map(({ name }) => name).join(', ')}`, pods));
  const which = own.length === 0 ? 'no pod of it is there' : `${own.map(({ name }) => name).join(', ')} is not ready`;
  return found<Code>({
    code: 'operator-down',
    subject: OPERATOR,
    says: `The operator of PostgreSQL does not run (${which}): servers that run go on, and nothing fails over or is made again`,
    remedy: 'Bring the operator back first: its pod and its events tell (/storage triage, with the name of its namespace).',
    doNot: `${NOT_LOST} Do not promote, delete or make an instance by hand while nobody looks after them.`,
    seen: [pods],
  });
}
