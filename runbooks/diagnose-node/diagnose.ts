import type { NodeState } from '../../src/commands/node-state.ts';
import { isOutOfService } from '../../src/commands/node-state.ts';
import type { Diagnosis, Finding } from '../../src/core/finding.ts';
import type { Known } from '../../src/core/reading.ts';
import type { Code } from './codes.ts';
import { evidenceOf } from './evidence.ts';
import type { Facts } from './facts.ts';
import { ofMachine } from './machine.ts';

export function diagnose(facts: Facts): Diagnosis<Code> {
  const { nodes, name } = facts;
  const node = nodes.known ? nodes.value.find((one) => one.name === name) : undefined;
  const finding = nodes.known && node !== undefined ? conclude(facts, node, nodes) : undefined;
  return { evidence: evidenceOf(facts, node), findings: finding === undefined ? [] : [finding] };
}

/** The first that holds, from the safest conclusion on: whoever answers is not taken for dead. */
function conclude(facts: Facts, node: NodeState, nodes: Known<unknown>): Finding<Code> | undefined {
  const { site, name, kubelet } = facts;
  const { nodeVmids = {} } = site.hypervisor ?? {};
  if (Object.keys(nodeVmids).length > 0 && !(name in nodeVmids) && !node.isControlPlane) return staleIdentity(name, nodes);
  if (node.ready === 'True') return isOutOfService(node) ? taintedThoughUp(name, nodes, kubelet) : undefined;
  if (node.ready === 'False') return notReady(node, nodes);
  if (kubelet.known) return kubeletSilent(name, nodes, kubelet);
  return ofMachine(facts, node, nodes);
}

function staleIdentity(name: string, nodes: Known<unknown>): Finding<Code> {
  return {
    code: 'stale-identity',
    subject: name,
    says: `The cluster has a node ${name}, and the site's configuration has no virtual machine for it: it was taken out and came back`,
    remedy: `If it is not wanted: drain it, delete the node, and let a person destroy its machine at Proxmox. If it is, add it to site.hypervisor.nodeVmids.`,
    doNot: 'Do not label it so that volumes come to it: nobody knows whose disks its machine has.',
    seen: [nodes],
  };
}

/** For the cluster a node is ready for some seconds after it went off: it must answer itself. */
function taintedThoughUp(name: string, nodes: Known<unknown>, kubelet: Facts['kubelet']): Finding<Code> | undefined {
  if (!kubelet.known || kubelet.value !== 'runs') return undefined;
  return {
    code: 'tainted-though-up',
    subject: name,
    says: `${name} is ready and its kubelet runs, and it is still marked as out of service: no pod stays on it`,
    remedy: 'Take the mark away.',
    seen: [nodes, kubelet],
  };
}

function notReady({ name, says }: NodeState, nodes: Known<unknown>): Finding<Code> {
  const isNetwork = /cni|network/i.test(says);
  return {
    code: 'kubelet-not-ready',
    subject: name,
    says: `The kubelet of ${name} reports that it is not ready: ${says || 'it gives no reason'}`,
    remedy: isNetwork
      ? 'The network comes first: look at the pod of Calico on this node, then diagnose csi.'
      : 'Look at what it names, with journalctl -u kubelet on the node.',
    doNot: 'Do not stop the machine or mark it as out of service: it lives, and writes to its volumes.',
    seen: [nodes],
  };
}

function kubeletSilent(name: string, nodes: Known<unknown>, kubelet: Facts['kubelet'] & Known<unknown>): Finding<Code> {
  const runs = kubelet.value === 'runs' ? 'runs and does not report' : 'does not run';
  return {
    code: 'kubelet-silent',
    subject: name,
    says: `${name} answers, and its kubelet ${runs}: only Kubernetes has lost it, its programs go on`,
    remedy: 'Start kubelet again. If it does not report then either, look at its log and at the way to the API server.',
    doNot: 'Do not stop the machine or mark it as out of service: its programs go on writing to its volumes.',
    seen: [nodes, kubelet],
  };
}
