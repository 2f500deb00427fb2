import type { TestMount } from '../../../src/commands/nfs-client.ts';
import type { Diagnosis, Evidence, Finding } from '../../../src/core/finding.ts';
import { bad, isSome, knownOf, notSeen, ok, together } from '../../../src/core/finding.ts';
import type { Known } from '../../../src/core/reading.ts';
import type { Code } from '../codes.ts';
import type { Facts, MountFacts, NodeFacts } from '../facts.ts';
import { stuckMounters } from '../facts.ts';

type Part = Diagnosis<Code>;

const NO_RESTART = 'Do not restart the NFS server and do not unmount by force: every other mount works.';

/** The nodes' side: kernel clients, and each mount of the service. */
export function diagnoseClients(facts: Facts): Part {
  const probes = facts.nodes.flatMap((node) => node.probes.map((probe) => ({ node, probe })));
  return together([
    { evidence: facts.nodes.flatMap(({ name, mounts }) => notSeen(`Mounts of ${name}`, [mounts])), findings: [] },
    { evidence: answering(probes.map(({ probe }) => probe)), findings: [] },
    wedged(facts),
    ...probes.map(({ node, probe }) => diagnoseMount(facts, node, probe)),
    { evidence: facts.nodes.flatMap(testEvidence), findings: [] },
  ]);
}

function answering(probes: readonly MountFacts[]): Evidence[] {
  const answers = knownOf(probes.map(({ answer }) => answer)).filter(({ value }) => value.state === 'answers');
  return isSome(answers) ? [ok(`${answers.length} of ${probes.length} mounts of the service answer`, ...answers)] : [];
}

function testEvidence({ name, testMounts }: NodeFacts): Evidence[] {
  return testMounts.flatMap(({ path, result }) => {
    if (!result.known) return notSeen(`Fresh mount of ${path} on ${name}`, [result]);
    if (result.value === 'mounts') return [ok(`A fresh mount of ${path} works on ${name}`, result)];
    return [bad(`A fresh mount of ${path} on ${name} fails: ${MOUNT_FAILURES[result.value]}`, result)];
  });
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

/** A reset of a machine follows from this: every node must have been seen, and some other one must be free of it. */
function wedged({ nodes }: Facts): Part {
  const looks = nodes.map(({ processes }) => processes);
  const known = knownOf(looks);
  const stuck = nodes.filter(({ processes }) => processes.known && stuckMounters(processes.value).length > 0);
  const evidence = [
    ...nodes.flatMap(({ name, processes }) => notSeen(`Processes of ${name}`, [processes])),
    ...stuck.flatMap(({ name, processes }) =>
      processes.known ? [bad(`A mount on ${name} waits in the kernel and cannot be ended`, processes)] : [],
    ),
    ...(stuck.length === 0 && isSome(known) ? [ok('No node waits for a mount in its kernel', ...known)] : []),
  ];
  if (known.length !== nodes.length || stuck.length === nodes.length || !isSome(known)) return { evidence, findings: [] };
  return { evidence, findings: stuck.flatMap((node) => clientWedged(node, known)) };
}

function clientWedged(
  { name, processes, port }: NodeFacts,
  all: readonly [Known<unknown>, ...Known<unknown>[]],
): Finding<Code>[] {
  if (!processes.known || !port.known || port.value !== 'open') return [];
  const pids = stuckMounters(processes.value).map(({ pid }) => pid);
  return [
    {
      code: 'client-wedged',
      subject: name,
      says: `On ${name} mount.nfs (pid ${pids.join(', ')}) waits in the kernel for ever; the server answers it, and the other nodes mount`,
      remedy: "Move what moves off the node, then restart its machine: nothing less clears the kernel's client.",
      doNot: 'Do not force-delete its pods first and do not touch the NAS: both made the same fault worse on 2026-04-22.',
      seen: [port, ...all],
    },
  ];
}

function diagnoseMount(facts: Facts, node: NodeFacts, probe: MountFacts): Part {
  const what = `${probe.mount.server}:${probe.mount.remotePath} in pod ${probe.pod.namespace}/${probe.pod.name} on ${probe.node}`;
  if (!probe.answer.known) return { evidence: notSeen(`Mount of ${what}`, [probe.answer]), findings: [] };
  const { state } = probe.answer.value;
  if (state === 'answers') return { evidence: [], findings: [] };
  const evidence = [bad(`The mount of ${what} ${STATES[state]}`, probe.answer)];
  const terminating = stuckTerminating(facts, node, { probe, answer: probe.answer });
  if (terminating !== undefined) return { evidence, findings: [terminating] };
  const fresh = node.testMounts.find(({ path }) => path === probe.volume.backing.path)?.result;
  if (!fresh?.known || fresh.value !== 'mounts' || !facts.cluster.pods.known || !node.processes.known)
    return { evidence, findings: [] };
  if (probe.pod.terminatingAt !== undefined) return { evidence, findings: [] };
  return { evidence, findings: [oldMount({ probe, what, state }, [probe.answer, fresh, facts.cluster.pods, node.processes])] };
}

const STATES = {
  hangs: 'does not answer',
  stale: 'is stale: its directory on the server is another one now',
  'io-error': 'gives input/output errors',
  gone: 'is gone, though the pod still holds it',
} as const;

function oldMount(
  { probe, what, state }: { readonly probe: MountFacts; readonly what: string; readonly state: keyof typeof STATES },
  seen: [Known<unknown>, ...Known<unknown>[]],
): Finding<Code> {
  const stale = state === 'stale';
  return {
    code: stale ? 'stale-handle' : 'frozen-mount',
    subject: `${probe.pod.namespace}/${probe.pod.name}`,
    says: `${what}: the old mount ${STATES[state]}, and a fresh mount of the same path works on the same node`,
    remedy: 'Delete this one pod gracefully; its owner starts another, which mounts afresh.',
    doNot: NO_RESTART,
    seen,
  };
}

const TERMINATING_TOO_LONG_S = 30;

/** Needs the node's clock: `terminatingAt` is when the grace period was to end. */
function stuckTerminating(
  facts: Facts,
  { clock, processes }: NodeFacts,
  { probe, answer }: { readonly probe: MountFacts; readonly answer: Known<unknown> },
): Finding<Code> | undefined {
  const { pod } = probe;
  if (pod.terminatingAt === undefined || !clock?.known || !processes.known || !facts.cluster.pods.known) return undefined;
  const lateS = Math.round(clock.value - pod.terminatingAt);
  if (lateS < TERMINATING_TOO_LONG_S || stuckMounters(processes.value).length > 0) return undefined;
  return {
    code: 'pod-stuck-terminating',
    subject: `${pod.namespace}/${pod.name}`,
    says: `Pod ${pod.namespace}/${pod.name} was to be gone ${lateS} s ago and still holds ${probe.mount.mountPoint}, which does not answer`,
    remedy:
      "Detach this pod's mount on its node; kubelet can then finish the pod. Only then, and only if it still does not end, force.",
    doNot: 'Do not force-delete the pod first: the mount stays in the kernel, and a StatefulSet would get two writers.',
    seen: [facts.cluster.pods, answer, clock, processes],
  };
}
