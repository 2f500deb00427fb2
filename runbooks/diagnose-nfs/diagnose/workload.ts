import type { KubeEvent, Pod } from '../../../src/commands/cluster-objects.ts';
import { ELSEWHERE, meaningOf } from '../../../src/commands/pod-events.ts';
import type { Diagnosis, Evidence, Finding } from '../../../src/core/finding.ts';
import { bad, notSeen, ok, together } from '../../../src/core/finding.ts';
import type { Known } from '../../../src/core/reading.ts';
import type { NfsVolume } from '../../../src/topology/volumes.ts';
import type { Code } from '../codes.ts';
import type { Facts } from '../facts.ts';
import { isActive } from '../facts.ts';
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
    ...relevant
      .filter((pod) => !pod.ready)
      .map((pod) => bad(`Pod ${pod.namespace}/${pod.name} on ${pod.node ?? 'no node'} is ${statusOf(pod)}`, seen)),
  ];
}

function statusOf({ phase, terminatingAt }: Pod): string {
  return terminatingAt === undefined ? `${phase}, not ready` : 'being ended';
}

function drivers({ cluster, volumes }: Facts): Part {
  const { csiNodes } = cluster;
  const needed = volumes.flatMap(({ backing, pods }) =>
    pods
      .filter(isActive)
      .flatMap(({ node }) => (backing.driver === undefined || node === undefined ? [] : [{ node, driver: backing.driver }])),
  );
  if (needed.length === 0) return { evidence: [], findings: [] };
  if (!csiNodes.known) return { evidence: notSeen('CSI drivers of the nodes', [csiNodes]), findings: [] };
  const missing = needed.filter(
    ({ node, driver }) => !csiNodes.value.some((each) => each.node === node && each.drivers.includes(driver)),
  );
  if (missing.length === 0)
    return { evidence: [ok('The NFS driver is registered where the service runs', csiNodes)], findings: [] };
  const unique = [...new Map(missing.map((each) => [each.node, each])).values()];
  return {
    evidence: unique.map(({ node, driver }) => bad(`${driver} is not registered on ${node}`, csiNodes)),
    findings: unique.map((each) => notRegistered(each, csiNodes)),
  };
}

function notRegistered(
  { node, driver }: { readonly node: string; readonly driver: string },
  csiNodes: Known<unknown>,
): Finding<Code> {
  return {
    code: 'driver-not-registered',
    subject: node,
    says: `${driver} is not registered on ${node}: kubelet can mount nothing new there, and existing mounts are not affected`,
    remedy: `Look at the csi-nfs-node pod of ${node}: a port conflict (29653, 19809) or a crash. One node at a time.`,
    doNot: 'Do not restart NFS on the NAS, re-run the exports or restore databases: the server is healthy, the data is whole.',
    seen: [csiNodes],
  };
}

/** Events of pods that wait; what is about the NFS path itself is found below, from the path. */
function events({ cluster, service }: Facts): Part {
  const waiting = new Map((service?.pods ?? []).filter((pod) => isActive(pod) && !pod.ready).map((pod) => [pod.uid, pod]));
  const parts = cluster.events.flatMap((seen) =>
    seen.known
      ? seen.value
          .filter((event) => event.warning && concerns(event, waiting.get(event.about.uid ?? '')))
          .map((event) => eventPart(event, waiting.get(event.about.uid ?? ''), seen))
      : [],
  );
  const findings = new Map(parts.flatMap((part) => part.findings).map((each) => [`${each.subject} ${each.says}`, each]));
  return { evidence: parts.flatMap(({ evidence }) => evidence), findings: [...findings.values()] };
}

/** What kubelet said of mounting is over once the pod runs. */
function concerns({ reason }: KubeEvent, pod: Pod | undefined): boolean {
  const ofMounting = reason === 'FailedMount' || reason === 'FailedAttachVolume';
  return pod !== undefined && (pod.phase === 'Pending' || !ofMounting);
}

function eventPart(event: KubeEvent, pod: Pod | undefined, seen: Known<unknown>): Part {
  const subject = `${pod?.namespace}/${pod?.name}`;
  const evidence = [bad(`${subject}: ${event.reason}: ${event.message.slice(0, 400)}`, seen)];
  const meaning = meaningOf(event);
  const elsewhere = meaning === undefined ? undefined : ELSEWHERE[meaning];
  if (elsewhere === undefined) return { evidence, findings: [] };
  const finding: Finding<Code> = {
    code: 'event-elsewhere',
    subject,
    says: `The pod waits for something that is not NFS: ${event.message.slice(0, 300)}`,
    remedy: elsewhere,
    doNot: 'Do not touch the NAS for this.',
    seen: [seen],
  };
  return { evidence, findings: [finding] };
}

function hardMounts({ nodes }: Facts): Part {
  const hard = new Map<string, Finding<Code>>();
  for (const { mounts, probes } of nodes) {
    for (const { mount, volume } of probes.filter((probe) => probe.mount.options.includes('hard'))) {
      if (mounts.known) hard.set(volume.name, hardMount(volume, { mounts, options: mount.options }));
    }
  }
  const findings = [...hard.values()];
  return { evidence: findings.map((each) => bad(each.says, each.seen[0])), findings };
}

function hardMount(
  volume: NfsVolume,
  { mounts, options }: { readonly mounts: Known<unknown>; readonly options: readonly string[] },
): Finding<Code> {
  const why = volume.backing.inline
    ? 'an inline nfs volume cannot carry mount options'
    : `PersistentVolume ${volume.persistentVolume} carries ${volume.mountOptions.length === 0 ? 'no mount options' : volume.mountOptions.join(',')}`;
  return {
    code: 'hard-mount',
    subject: volume.name,
    says: `${volume.backing.path} is mounted hard (${options.filter((each) => /^(timeo|retrans)=/.test(each)).join(', ')}): ${why}`,
    remedy:
      'Set mountOptions soft,timeo=30,retrans=3 on the PersistentVolume (through its Terraform module), then recreate its pods one by one. Not for a database: a soft mount can lose its writes; move it to a block volume.',
    doNot: 'Do not edit the StorageClass: its options do not reach static volumes. Do not remount: NFS ignores it.',
    seen: [mounts],
  };
}
