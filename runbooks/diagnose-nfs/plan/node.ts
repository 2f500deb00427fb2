import { nodeNamed, podsOfNamespace } from '../../../src/commands/cluster.ts';
import { evictPod, setCordon } from '../../../src/commands/cluster-changes.ts';
import type { KubeNode, Pod } from '../../../src/commands/cluster-objects.ts';
import { processesOf, stuckMounters } from '../../../src/commands/node-system.ts';
import { bootDisk, resetVm, vmStatus } from '../../../src/commands/proxmox-host.ts';
import type { Host } from '../../../src/core/command.ts';
import type { Finding } from '../../../src/core/finding.ts';
import { changes, uses } from '../../../src/core/hold.ts';
import type { Check, Step } from '../../../src/core/plan.ts';
import { check, noUndo, verify, within } from '../../../src/core/plan.ts';
import type { Site } from '../../../src/core/site.ts';
import { nodeHost } from '../../../src/core/site.ts';
import { changesWorkload, usesNas } from '../../../src/repairs/holds.ts';
import { noBackupRuns } from '../../../src/repairs/preflight.ts';
import { mountedPaths } from '../../../src/topology/users.ts';
import type { Facts } from '../facts.ts';

interface Machine {
  readonly node: KubeNode;
  readonly bootId: string;
  readonly hypervisor: Host;
  readonly vmid: number;
}

/** Cordon, move what moves, switch the machine off and on, prove that it restarted, open it again. */
export function restartNode(because: Finding, facts: Facts): readonly Step[] {
  const machine = machineOf(because.subject, facts);
  if (machine === undefined || !facts.cluster.pods.known) return [];
  const movable = facts.cluster.pods.value.filter((pod) => pod.node === machine.node.name && moves(pod));
  return [
    ...(machine.node.cordoned ? [] : [cordon(because, machine, facts.site)]),
    ...movable.map((pod) => evict(because, pod, { node: machine.node, mayHang: usesThisNas(pod, facts) })),
    reset(because, machine, facts.site),
    ...(machine.node.cordoned ? [] : [uncordon(because, machine)]),
  ];
}

/** Needs the machine's configuration seen: its name is the node's, and it has the disk it boots from. Never the control plane. */
function machineOf(name: string, { cluster, site, bootDisks }: Facts): Machine | undefined {
  const node = cluster.nodes.known ? cluster.nodes.value.find((each) => each.name === name) : undefined;
  const vmid = site.hypervisor?.nodeVmids[name];
  const disk = bootDisks[name];
  if (node?.bootId === undefined || vmid === undefined || site.hypervisor === undefined) return undefined;
  if (node.controlPlane || !disk?.known || !disk.value.present || disk.value.vmName !== name) return undefined;
  return { node, bootId: node.bootId, hypervisor: site.hypervisor.host, vmid };
}

/** A DaemonSet's pod or a static pod is made again on the same node; a pod without owner would be lost. */
function moves({ owner, phase, terminatingAt }: Pod): boolean {
  const active = phase === 'Running' || phase === 'Pending';
  return active && terminatingAt === undefined && owner !== undefined && owner.kind !== 'DaemonSet' && owner.kind !== 'Node';
}

/** Approvals and evictions take their time, in which the client may have come back. */
function stillStuck(node: string, site: Site): Check {
  return check(
    `A mount still waits in the kernel of ${node}`,
    processesOf(nodeHost(site, node)),
    (processes) => stuckMounters(processes).length > 0,
  );
}

function cordon(because: Finding, { node, bootId }: Machine, site: Site): Step {
  return {
    title: `Cordon ${node.name}`,
    because,
    before: [check('It takes new pods', nodeNamed(node.name), ({ cordoned }) => !cordoned), stillStuck(node.name, site)],
    change: setCordon(node.name, true),
    after: verify('It takes no new pods', nodeNamed(node.name), ({ cordoned }) => cordoned),
    undo: {
      change: setCordon(node.name, false),
      before: [
        check(
          "It is still cordoned, ready, and has not restarted since: a later cordon is somebody else's",
          nodeNamed(node.name),
          (now) => now.cordoned && now.ready && now.bootId === bootId,
        ),
      ],
      after: verify('It takes new pods', nodeNamed(node.name), ({ cordoned }) => !cordoned),
    },
    holds: [changes('node', node.name)],
  };
}

/** Whether the pod may hang on its way out, because it holds mounts of the client that is stuck. */
function usesThisNas(pod: Pod, { cluster, site }: Facts): boolean {
  return mountedPaths(pod, cluster.volumes.known ? cluster.volumes.value : [], site).length > 0;
}

/** A pod that can end must have ended before the machine is switched off: a database is not cut while it shuts down. */
function evict(because: Finding, pod: Pod, { node, mayHang }: { readonly node: KubeNode; readonly mayHang: boolean }): Step {
  const look = podsOfNamespace(pod.namespace);
  const gone = verify('It is gone', look, (pods) => pods.every(({ uid }) => uid !== pod.uid));
  const going = verify('It is being ended or gone', look, (pods) =>
    pods.every(({ uid, terminatingAt }) => uid !== pod.uid || terminatingAt !== undefined),
  );
  return {
    title: `Move pod ${pod.namespace}/${pod.name} to another node`,
    because,
    before: [
      check('This very pod is there', look, (pods) =>
        pods.some(({ uid, terminatingAt }) => uid === pod.uid && terminatingAt === undefined),
      ),
    ],
    change: evictPod(pod),
    after: mayHang ? going : within((pod.gracePeriodS + 60) * 1000, gone),
    undo: noUndo('Not needed: its owner starts it on another node.'),
    holds: [changesWorkload(pod), uses('node', node.name)],
  };
}

function reset(because: Finding, { node, bootId, hypervisor, vmid }: Machine, site: Site): Step {
  return {
    title: `Switch ${node.name} (virtual machine ${vmid}) off and on`,
    because,
    before: [
      check(
        `${node.name} is cordoned and has not restarted since`,
        nodeNamed(node.name),
        (now) => now.cordoned && now.bootId === bootId,
      ),
      stillStuck(node.name, site),
      check(`Virtual machine ${vmid} runs`, vmStatus(hypervisor, vmid), (status) => status === 'running'),
      check('It has the disk that it boots from', bootDisk(hypervisor, vmid), ({ present }) => present),
      ...noBackupRuns(hypervisor),
    ],
    change: resetVm(hypervisor, vmid),
    after: within(
      300_000,
      verify(
        `${node.name} is ready with another boot id than ${bootId}`,
        nodeNamed(node.name),
        (now) => now.ready && now.bootId !== undefined && now.bootId !== bootId,
      ),
    ),
    undo: noUndo('A restart cannot be taken back.'),
    holds: [changes('node', node.name), changes('vm', `${vmid}`), usesNas(site)],
    warnings: [
      'All pods still on the node end at once, DaemonSets included.',
      'qm reset has returned 0 and done nothing before: if the boot id stays, stop and start the machine by hand.',
    ],
  };
}

function uncordon(because: Finding, { node, bootId }: Machine): Step {
  return {
    title: `Let ${node.name} take pods again`,
    because,
    before: [
      check(
        `It is cordoned, ready and restarted`,
        nodeNamed(node.name),
        (now) => now.cordoned && now.ready && now.bootId !== bootId,
      ),
    ],
    change: setCordon(node.name, false),
    after: verify('It takes new pods', nodeNamed(node.name), ({ cordoned }) => !cordoned),
    undo: noUndo('Not needed: it takes pods as it did before.'),
    holds: [changes('node', node.name)],
  };
}
