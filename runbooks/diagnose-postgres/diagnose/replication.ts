import type { Replication } from '../../../src/commands/postgres.ts';
import type { Diagnosis } from '../../../src/core/finding.ts';
import { ok, together } from '../../../src/core/finding.ts';
import type { Known } from '../../../src/core/reading.ts';
import { sizeOf } from '../../../src/core/size.ts';
import { found, NOTHING, told } from '../../../src/topology/zfs-findings.ts';
import type { Code } from '../codes.ts';
import type { Facts, InstanceFacts } from '../facts.ts';
import { followsIn, nameOf } from '../facts.ts';
import { cannotJoin } from './instance.ts';
import { NOT_LOST, UNRECOVERABLE } from './words.ts';

const KEEPS_MUCH_BYTES = 1_073_741_824;
const LAGS_BYTES = 268_435_456;

/** What the primary says of its replicas and slots, and whether an instance is missing. */
export function aboutReplication(facts: Facts): Diagnosis<Code> {
  const replication = facts.data?.replication;
  const seen = replication?.known === true ? [slots(facts, replication), replicas(facts, replication)] : [];
  return together([...seen, missing(facts)]);
}

function slots(facts: Facts, replication: Known<Replication>): Diagnosis<Code> {
  const idle = replication.value.slots.filter(({ active, keptBytes }) => !active && keptBytes >= KEEPS_MUCH_BYTES);
  return together(
    idle.map(({ name, keptBytes }) =>
      found<Code>({
        code: 'slot-holds-log',
        subject: `${nameOf(facts)}/${name}`,
        says: `Nobody reads the replication slot ${name}, for which ${facts.data?.pod.name} keeps ${sizeOf(keptBytes)} of write-ahead log`,
        remedy:
          'Find whom it is for: a slot _cnpg_… is of the instance of that name, which has to come back or be made anew. Any other one is its owner’s to use or to drop.',
        doNot:
          'Do not delete files in pg_wal. Do not drop the slot of a replica that may come back: it would have to be copied anew.',
        seen: [replication],
      }),
    ),
  );
}

/** Of the replicas that run: one that does not run has a finding of its own. */
function replicas(facts: Facts, replication: Known<Replication>): Diagnosis<Code> {
  const { pods } = facts.look;
  if (!pods.known) return NOTHING;
  const running = facts.instances.filter(({ pod, role }) => pod.ready && role === 'replica');
  return together(
    running.map((instance) =>
      cannotJoin({ facts, instance, pods }) === undefined ? following(instance, replication, pods) : NOTHING,
    ),
  );
}

function following({ pod }: InstanceFacts, replication: Known<Replication>, pods: Known<unknown>): Diagnosis<Code> {
  const own = replication.value.replicas.find(({ name }) => name === pod.name);
  const lagBytes = own?.lagBytes ?? 0;
  if (followsIn(replication.value, pod) && lagBytes < LAGS_BYTES)
    return told(ok(`${pod.name} follows the primary, ${sizeOf(lagBytes)} behind`, replication));
  const how =
    own === undefined
      ? 'the primary feeds no replica of that name'
      : `its state is ${own.state}, and it is ${sizeOf(lagBytes)} behind`;
  return found<Code>({
    code: 'replica-behind',
    subject: `${pod.namespace}/${pod.name}`,
    says: `${pod.name} runs, and does not follow the primary as it should: ${how}`,
    remedy: 'Look at the load of its node and disk, and read its log. A failover now would lose what it lacks.',
    doNot: `${NOT_LOST} Do not make it the primary.`,
    seen: [pods, replication],
  });
}

/** The operator is making one, or has said already that it never will. */
const EXPLAINED = ['Creating a new replica', UNRECOVERABLE];

function missing(facts: Facts): Diagnosis<Code> {
  const { pods, clusters, cluster } = facts.look;
  if (!pods.known || !clusters.known || cluster === undefined || cluster.hibernated || cluster.isGoing) return NOTHING;
  if (facts.instances.length >= cluster.instances || EXPLAINED.includes(cluster.phase)) return NOTHING;
  return found<Code>({
    code: 'instance-missing',
    subject: nameOf(facts),
    says: `${nameOf(facts)} has ${facts.instances.length} pods and is to have ${cluster.instances} instances: "${cluster.phase}"`,
    remedy:
      'See that the operator runs, and read the events of the namespace: quota, claims and volumes keep it from making one.',
    doNot: `${NOT_LOST} Do not delete claims of the cluster: the operator makes its pods from them.`,
    seen: [pods, clusters],
  });
}
