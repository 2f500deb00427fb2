import type { KubeEvent, Pod } from '../../../src/commands/cluster-objects.ts';
import { ELSEWHERE, HARMLESS, meaningOf } from '../../../src/commands/pod-events.ts';
import type { Diagnosis, Evidence, Finding } from '../../../src/core/finding.ts';
import { bad, notSeen, ok, together } from '../../../src/core/finding.ts';
import type { Known } from '../../../src/core/reading.ts';
import type { NfsVolume } from '../../../src/topology/volumes.ts';
import type { Code } from '../codes.ts';
import type { Facts } from '../facts.ts';
import { isActive } from '../facts.ts';
import { drivers } from './drivers.ts';
import type { Proofs } from './many.ts';
import { inSentences } from './many.ts';
import { owners, rights } from './owners.ts';

type Part = Diagnosis<Code>;

/** The service's side: its pods and their events, the CSI driver, owners and rights, mount options. */
export function diagnoseWorkload(facts: Facts): Part {
  const { cluster, service } = facts;
  return together([
    { evidence: notSeen('Objects of the cluster', [...cluster.lists, cluster.nodes, ...cluster.events]), findings: [] },
    { evidence: service === undefined ? [] : podEvidence(facts, service.pods), findings: [] },
    drivers(facts),
    events(facts),
    rights(facts),
    owners(facts),
    hardMounts(facts),
    { evidence: classEvidence(facts), findings: [] },
  ]);
}

function podEvidence({ cluster, volumes }: Facts, pods: readonly Pod[]): Evidence[] {
  const seen = cluster.pods;
  if (!seen.known) return [];
  const relevant = pods.filter((pod) => pod.phase !== 'Succeeded' && pod.phase !== 'Failed');
  const ready = relevant.filter((pod) => pod.ready);
  const idle = relevant.length === 0 ? [ok(`No pod runs that uses these ${volumes.length} volumes`, seen)] : [];
  return [
    ...idle,
    ...(ready.length > 0 ? [ok(`${ready.length} of ${relevant.length} pods are ready`, seen)] : []),
    ...inSentences(
      relevant.filter((pod) => !pod.ready),
      {
        kind: (pod) => `${pod.node} ${statusOf(pod)}`,
        one: (pod) => bad(`Pod ${pod.namespace}/${pod.name} on ${pod.node ?? 'no node'} is ${statusOf(pod)}`, seen),
        several: (some, { count, part }) => {
          const [pod] = some;
          const names = some.map(({ namespace, name }) => `${namespace}/${name}`).join(', ');
          return bad(`${count} pods on ${pod.node ?? 'no node'} are ${statusOf(pod)}${part}: ${names}`, seen);
        },
      },
    ),
  ];
}

function statusOf({ phase, terminatingAt }: Pod): string {
  return terminatingAt === undefined ? `${phase}, not ready` : 'being ended';
}

/** Events of pods that wait; what is about the NFS path itself is found below, from the path. */
function events({ cluster, service }: Facts): Part {
  const waiting = new Map((service?.pods ?? []).filter((pod) => isActive(pod) && !pod.ready).map((pod) => [pod.uid, pod]));
  const told = cluster.events.flatMap((seen) =>
    seen.known
      ? seen.value.flatMap((event) => {
          const pod = waiting.get(event.about.uid ?? '');
          return pod !== undefined && event.warning && concerns(event, pod) ? [{ event, pod, seen }] : [];
        })
      : [],
  );
  const findings = new Map(told.flatMap(elsewhere).map((each) => [`${each.subject} ${each.says}`, each]));
  return { evidence: [...eventEvidence(told), ...harmless(cluster.events)], findings: [...findings.values()] };
}

/** Said, so that nobody takes them for the cause. */
function harmless(all: Facts['cluster']['events']): Evidence[] {
  return all.flatMap((seen) =>
    seen.known
      ? seen.value.flatMap((event) => {
          const meaning = meaningOf(event);
          const says = meaning === undefined ? undefined : HARMLESS[meaning];
          return says === undefined ? [] : [ok(`${event.about.namespace}/${event.about.name}: ${says}`, seen)];
        })
      : [],
  );
}

interface Told {
  readonly event: KubeEvent;
  readonly pod: Pod;
  readonly seen: Known<unknown>;
}

/** Where many pods are told the same, the words of one stand for all of them, and each pod is named. */
function eventEvidence(told: readonly Told[]): Evidence[] {
  return inSentences(told, {
    kind: ({ event }) => `${event.reason} ${meaningOf(event) ?? event.message}`,
    one: ({ event, pod, seen }) => bad(`${nameOf(pod)}: ${event.reason}: ${event.message.slice(0, 400)}`, seen),
    several: (some, { count, part }) => {
      const [{ event, seen }] = some;
      const names = [...new Set(some.map(({ pod }) => nameOf(pod)))].join(', ');
      return bad(`${count} events ${event.reason}, as ${event.message.slice(0, 400)}${part}: ${names}`, seen);
    },
  });
}

function nameOf({ namespace, name }: Pod): string {
  return `${namespace}/${name}`;
}

/** What kubelet said of mounting is over once the pod runs. */
function concerns(event: KubeEvent, pod: Pod): boolean {
  const ofMounting = event.reason === 'FailedMount' || event.reason === 'FailedAttachVolume';
  const meaning = meaningOf(event);
  if (meaning !== undefined && meaning in HARMLESS) return false;
  return pod.phase === 'Pending' || !ofMounting;
}

function elsewhere({ event, pod, seen }: Told): Finding<Code>[] {
  const meaning = meaningOf(event);
  const remedy = meaning === undefined ? undefined : ELSEWHERE[meaning];
  if (remedy === undefined) return [];
  return [
    {
      code: 'event-elsewhere',
      subject: nameOf(pod),
      says: `The pod waits for something that is not NFS: ${event.message.slice(0, 300)}`,
      remedy,
      doNot: 'Do not touch the NAS for this.',
      seen: [seen],
    },
  ];
}

/** The options of a class are for volumes that it makes: said where a volume of the class is mounted without them. */
function classEvidence({ causes: { classes }, cluster: { volumes }, nodes }: Facts): Evidence[] {
  if (classes === undefined || !volumes.known) return [];
  if (!classes.known) return notSeen('Storage classes', [classes]);
  const hard = nodes.flatMap(({ probes }) => probes.filter(({ mount }) => mount.options.includes('hard')));
  const names = hard.map(({ volume }) => volumes.value.find(({ name }) => name === volume.persistentVolume)?.storageClassName);
  return classes.value
    .filter(({ name, mountOptions }) => names.includes(name) && mountOptions.includes('soft'))
    .map(({ name, mountOptions }) =>
      bad(
        `StorageClass ${name} says ${mountOptions.join(',')}, which does not reach volumes that it did not make`,
        classes,
        volumes,
      ),
    );
}

function hardMounts({ nodes, target, cluster }: Facts): Part {
  const hard = new Map<string, Finding<Code>>();
  for (const { mounts, probes } of nodes) {
    for (const { mount, volume } of probes.filter((probe) => probe.mount.options.includes('hard'))) {
      const subject = target === 'service' ? volume.name : `${volume.namespace}/${volume.name}`;
      if (mounts.known && cluster.volumes.known)
        hard.set(
          `${volume.namespace}/${volume.name}`,
          hardMount(volume, { subject, seen: [mounts, cluster.volumes], options: mount.options }),
        );
    }
  }
  const findings = [...hard.values()];
  return { evidence: findings.map((each) => bad(each.says, each.seen[0])), findings };
}

function hardMount(
  volume: NfsVolume,
  { subject, seen, options }: { readonly subject: string; readonly seen: Proofs; readonly options: readonly string[] },
): Finding<Code> {
  const why = volume.backing.inline
    ? 'an inline nfs volume cannot carry mount options'
    : `PersistentVolume ${volume.persistentVolume} carries ${volume.mountOptions.length === 0 ? 'no mount options' : volume.mountOptions.join(',')}`;
  return {
    code: 'hard-mount',
    subject,
    says: `${volume.backing.path} is mounted hard (${options.filter((each) => /^(timeo|retrans)=/.test(each)).join(', ')}): ${why}`,
    remedy:
      'Set mountOptions soft,timeo=30,retrans=3 on the PersistentVolume (/storage tune nfs mounts, and its Terraform module), then recreate its pods one by one. Not for a database: a soft mount can lose its writes; move it to a block volume.',
    doNot: 'Do not edit the StorageClass: its options do not reach static volumes. Do not remount: NFS ignores it.',
    seen,
  };
}
