import type { Diagnosis } from '../../../src/core/finding.ts';
import { notSeen, together } from '../../../src/core/finding.ts';
import { told } from '../../../src/topology/zfs-findings.ts';
import type { Code } from '../codes.ts';
import type { Facts, InstanceFacts } from '../facts.ts';
import { aboutCluster, atWork } from './cluster.ts';
import { aboutData } from './data.ts';
import { aboutInstance } from './instance.ts';
import { aboutPrimary } from './primary.ts';
import { aboutReplication } from './replication.ts';
import { aboutSpace } from './space.ts';

/** First what keeps the servers from answering, then what they hold. */
export function diagnose(facts: Facts): Diagnosis<Code> {
  const seen = together<Code>([
    aboutCluster(facts),
    aboutPrimary(facts),
    ...facts.instances.map((instance) => aboutInstance(facts, instance)),
    aboutSpace(facts),
    aboutReplication(facts),
    aboutData(facts),
  ]);
  const rest = seen.findings.length === 0 ? [atWork(facts)] : [];
  return together([seen, ...rest, unseen(facts)]);
}

function unseen({ look, instances, data, ...lists }: Facts): Diagnosis<never> {
  const { pods, nodes, volumes, claims, events, containers } = lists;
  const fills = [...(data?.fills ?? [])].flatMap(([name, fill]) => notSeen(`The tables of ${name}`, [fill]));
  return told(
    ...notSeen('What Kubernetes and the operator say', [
      look.clusters,
      look.pods,
      pods,
      nodes,
      volumes,
      claims,
      events,
      containers,
    ]),
    ...instances.flatMap(unseenOf),
    ...(data === undefined ? [] : notSeen('The databases', [data.databases, ...(data.replication ? [data.replication] : [])])),
    ...fills,
    ...notSeen('The dumps', data?.dumps === undefined ? [] : [data.dumps.files, ...data.dumps.looks.map(({ dump }) => dump)]),
  );
}

/** That a server which is not ready does not answer is no news. */
function unseenOf({ pod, state, space, log }: InstanceFacts) {
  const looks = [...(pod.ready && state !== undefined ? [state] : []), ...(space === undefined ? [] : [space])];
  return [...notSeen(pod.name, looks), ...notSeen(`The log of ${pod.name}`, log === undefined ? [] : [log])];
}
