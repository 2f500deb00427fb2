import type { TestMount } from '../../../src/commands/nfs-client.ts';
import { meaningOf, volumeIn } from '../../../src/commands/pod-events.ts';
import type { Diagnosis, Evidence, Finding } from '../../../src/core/finding.ts';
import { bad, isSome, knownOf, notSeen, ok, together } from '../../../src/core/finding.ts';
import type { Known } from '../../../src/core/reading.ts';
import type { Code } from '../codes.ts';
import type { Facts, MountFacts, NodeFacts } from '../facts.ts';
import { isActive, stuckMounters, volumesOfPod } from '../facts.ts';
import type { Proofs } from './many.ts';
import { inSentences } from './many.ts';
import { missingMounts, mountEvidence, nameOf, STATES } from './mount-evidence.ts';

type Part = Diagnosis<Code>;

const NO_RESTART = 'Do not restart the NFS server and do not unmount by force: every other mount works.';

/** The nodes' side: kernel clients, and each mount of the service. */
export function diagnoseClients(facts: Facts): Part {
  const probes = facts.nodes.flatMap((node) => node.probes.map((probe) => ({ node, probe })));
  return together([
    { evidence: facts.nodes.flatMap(({ name, mounts }) => notSeen(`Mounts of ${name}`, [mounts])), findings: [] },
    { evidence: missingMounts(facts), findings: [] },
    wedged(facts),
    { evidence: mountEvidence(probes.map(({ probe }) => probe)), findings: [] },
    { evidence: [], findings: onceAPod(probes.flatMap(({ node, probe }) => diagnoseMount(facts, node, probe))) },
    { evidence: facts.nodes.flatMap(kernelEvidence), findings: [] },
    { evidence: facts.nodes.flatMap(testEvidence), findings: [] },
  ]);
}

/** Each mount of a pod by itself is reason enough to restart it, and it is restarted once. */
function onceAPod(findings: readonly Finding<Code>[]): Finding<Code>[] {
  return [...Map.groupBy(findings, ({ code, subject }) => `${code} ${subject}`).values()].flatMap(([first, ...more]) => {
    if (first === undefined) return [];
    return [more.length === 0 ? first : { ...first, says: `${first.says}; so it is with ${more.length} more of its mounts` }];
  });
}

function testEvidence({ name, testMounts, untested, mounts }: NodeFacts): Evidence[] {
  const known = testMounts.flatMap(({ path, result }) => (result.known ? [{ path, result }] : []));
  const says = (what: string, result: Known<TestMount>) =>
    result.value === 'mounts'
      ? ok(`${what} works on ${name}`, result)
      : bad(`${what} on ${name} fails: ${MOUNT_FAILURES[result.value]}`, result);
  const tests = inSentences(known, {
    kind: ({ result }) => result.value,
    one: ({ path, result }) => says(`A fresh mount of ${path}`, result),
    several: (some, { count, part }) => {
      const [{ result }] = some;
      return says(`Each of ${count} fresh mounts${part} (${some.map(({ path }) => path).join(', ')})`, result);
    },
  });
  return [
    ...tests,
    ...testMounts.flatMap(({ path, result }) => notSeen(`Fresh mount of ${path} on ${name}`, [result])),
    ...(untested.length === 0 || !mounts.known ? [] : [bad(waiting(name, untested), mounts)]),
  ];
}

function waiting(node: string, paths: readonly string[]): string {
  return `${paths.length} more paths wait for a fresh mount on ${node} until the next look: ${paths.join(', ')}`;
}

const MOUNT_FAILURES: Readonly<Record<Exclude<TestMount, 'mounts'>, string>> = {
  denied: 'the server denies access',
  'no-such-path': 'the server knows no such path',
  unsupported: 'protocol not supported, which mostly means that the path does not exist on the server',
  stale: 'stale file handle',
  'io-error': 'input/output error',
  silent: 'the server does not answer',
  hangs: 'no answer within its deadline',
};

/** How long a mount may wait in the kernel before it is more than slow: mount.nfs itself gives up after two minutes. */
const WEDGED_S = 180;

/** A reset of a machine follows from this, so that it takes every node's view and a pod that has waited for its mount. */
function wedged(facts: Facts): Part {
  const { nodes } = facts;
  const known = knownOf(nodes.map(({ processes }) => processes));
  const stuck = nodes.filter(({ processes }) => processes.known && stuckMounters(processes.value).length > 0);
  const evidence = [
    ...nodes.flatMap(({ name, processes }) => notSeen(`Processes of ${name}`, [processes])),
    ...stuck.flatMap(({ name, processes }) =>
      processes.known ? [bad(`A mount on ${name} waits in the kernel and cannot be ended`, processes)] : [],
    ),
    ...(stuck.length === 0 && isSome(known) ? [ok('No node waits for a mount in its kernel', ...known)] : []),
  ];
  if (known.length !== nodes.length) return { evidence, findings: [] };
  return { evidence, findings: stuck.flatMap((node) => clientWedged(facts, node, known)) };
}

function clientWedged(facts: Facts, node: NodeFacts, all: readonly Known<unknown>[]): Finding<Code>[] {
  const { name, processes, port } = node;
  const waiting = waitsForMount(facts, name);
  const others = facts.nodes.filter((other) => other !== node).map(({ nullCall }) => nullCall);
  // A server that says it lacks the version has answered.
  const answered = knownOf(others).filter(({ value }) => value !== 'silent');
  if (!processes.known || !port.known || port.value !== 'open' || waiting === undefined) return [];
  const old = stuckMounters(processes.value).filter(({ ageS }) => ageS >= WEDGED_S);
  const [first] = old;
  if (first === undefined || others.length === 0 || answered.length !== others.length) return [];
  return [
    {
      code: 'client-wedged',
      subject: name,
      says: `On ${name} mount.nfs (pid ${old.map(({ pid }) => pid).join(', ')}) has waited in the kernel for ${Math.round(first.ageS / 60)} minutes and a pod waits for its mount, while the server answers every other node`,
      remedy: "Move what moves off the node, then restart its machine: nothing less clears the kernel's client.",
      doNot: 'Do not force-delete its pods first and do not touch the NAS: both made the same fault worse on 2026-04-22.',
      seen: [processes, port, waiting, ...all, ...answered],
    },
  ];
}

/** The events that tell of a pod on this node for which the mount of one of these volumes timed out: not of another server's. */
function waitsForMount({ cluster, volumes }: Facts, node: string): Known<unknown> | undefined {
  const waiting = volumes.flatMap(({ name, persistentVolume = name, pods }) =>
    pods
      .filter((pod) => pod.node === node && pod.phase === 'Pending' && isActive(pod))
      .map(({ uid }) => ({ uid, persistentVolume })),
  );
  return knownOf(cluster.events).find(({ value }) =>
    value.some(
      (event) =>
        meaningOf(event) === 'nfs-timed-out' &&
        waiting.some(({ uid, persistentVolume }) => uid === event.about.uid && volumeIn(event) === persistentVolume),
    ),
  );
}

function diagnoseMount(facts: Facts, node: NodeFacts, probe: MountFacts): Finding<Code>[] {
  if (!probe.answer.known || probe.answer.value.state === 'answers') return [];
  const { state } = probe.answer.value;
  const proofs = restartProofs(facts, node, { probe, answer: probe.answer });
  if (proofs === undefined) return [];
  const terminating = stuckTerminating(node, probe, proofs);
  if (probe.pod.terminatingAt !== undefined) return terminating === undefined ? [] : [terminating];
  return [oldMount({ probe, what: nameOf(probe), state }, proofs)];
}

/** Everything that must be known before a pod is ended for its mount: that a successor could mount all it needs on that node. */
function restartProofs(
  facts: Facts,
  { testMounts, processes }: NodeFacts,
  { probe, answer }: { readonly probe: MountFacts; readonly answer: Known<unknown> },
): Proofs | undefined {
  const needed = volumesOfPod(facts, probe.pod).map(({ backing }) => backing);
  const fresh = needed.map(({ server, path }) => testMounts.find((test) => test.server === server && test.path === path)?.result);
  const works = fresh.flatMap((result) => (result?.known && result.value === 'mounts' ? [result] : []));
  const { pods } = facts.cluster;
  if (works.length !== needed.length || !processes.known || !pods.known) return undefined;
  return [answer, ...works, pods, processes];
}

/** What the kernel said of a server, where one of its mounts does not answer. */
function kernelEvidence({ name, kernel, probes }: NodeFacts): Evidence[] {
  const silent = probes.filter(({ answer }) => answer.known && answer.value.state !== 'answers');
  return [...new Set(silent.map(({ mount }) => mount.server))].flatMap((server) => {
    const last = kernel.known ? kernel.value.findLast((line) => line.server === server) : undefined;
    if (!kernel.known || last === undefined || last.says === 'ok') return [];
    const kind = last.says === 'retries' ? 'still trying, so the mount is hard' : 'timed out, so the mount is soft';
    return [bad(`The kernel of ${name} said last of ${server}: not responding, ${kind}`, kernel)];
  });
}

function oldMount(
  { probe, what, state }: { readonly probe: MountFacts; readonly what: string; readonly state: keyof typeof STATES },
  seen: [Known<unknown>, ...Known<unknown>[]],
): Finding<Code> {
  const stale = state === 'stale';
  return {
    code: stale ? 'stale-handle' : 'frozen-mount',
    subject: `${probe.pod.namespace}/${probe.pod.name}`,
    says: `${what}: the old mount ${STATES[state]}, and fresh mounts of all that the pod needs of this NAS work on the same node`,
    remedy: 'Delete this one pod gracefully; its owner starts another, which mounts afresh.',
    doNot: NO_RESTART,
    seen,
  };
}

const TERMINATING_TOO_LONG_S = 30;

/** Needs the node's clock: `terminatingAt` is when the grace period was to end. */
function stuckTerminating(
  { clock, processes }: NodeFacts,
  { pod, mount }: MountFacts,
  proofs: Proofs,
): Finding<Code> | undefined {
  if (pod.terminatingAt === undefined || !clock?.known || !processes.known) return undefined;
  const lateS = Math.round(clock.value - pod.terminatingAt);
  if (lateS < TERMINATING_TOO_LONG_S || stuckMounters(processes.value).length > 0) return undefined;
  return {
    code: 'pod-stuck-terminating',
    subject: `${pod.namespace}/${pod.name}`,
    says: `Pod ${pod.namespace}/${pod.name} was to be gone ${lateS} s ago and still holds ${mount.mountPoint}, which does not answer, while fresh mounts work`,
    remedy:
      "Detach this pod's mount on its node; kubelet can then finish the pod. Only then, and only if it still does not end, force.",
    doNot: 'Do not force-delete the pod first: the mount stays in the kernel, and a StatefulSet would get two writers.',
    seen: [...proofs, clock],
  };
}
