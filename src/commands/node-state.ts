import { z } from 'zod';
import { defineChange, defineRead, kubernetes } from '../core/command.ts';
import { NODES } from './cluster.ts';

export interface Taint {
  readonly key: string;
  readonly value?: string;
  readonly effect: string;
}

/** What Kubernetes believes about a node. */
export interface NodeState {
  readonly name: string;
  /** `False`: its kubelet reports, and says that it is not ready. `Unknown`: its kubelet does not report. */
  readonly ready: 'True' | 'False' | 'Unknown';
  /** Why, in kubelet's or the controller's words. */
  readonly says: string;
  readonly taints: readonly Taint[];
  /** Cordoned: somebody works on it, or a program that restarts nodes. */
  readonly isSetAside: boolean;
  readonly isControlPlane: boolean;
  /** Of the machine that it runs on, as its firmware says. */
  readonly machineUuid?: string;
}

/** It is off, says a person, or a program that made sure: what it had is given to others at once. */
export const OUT_OF_SERVICE: Taint = {
  key: 'node.kubernetes.io/out-of-service',
  value: 'nodeshutdown',
  effect: 'NoExecute',
};

const Condition = z.object({
  type: z.string(),
  status: z.enum(['True', 'False', 'Unknown']),
  reason: z.string().default(''),
  message: z.string().default(''),
});

/** What is not named here is kept as it is: a change of taints replaces them all. */
const StoredTaint = z.looseObject({ key: z.string().min(1), value: z.string().exactOptional(), effect: z.string().min(1) });

const Node = z
  .object({
    metadata: z.object({ name: z.string(), labels: z.record(z.string(), z.string()).default({}) }),
    spec: z.object({ taints: z.array(StoredTaint).default([]), unschedulable: z.boolean().default(false) }),
    status: z.object({
      conditions: z.array(Condition).default([]),
      nodeInfo: z.object({ systemUUID: z.string().optional() }).default({}),
    }),
  })
  .transform(({ metadata, spec, status }): NodeState => {
    const ready = status.conditions.find(({ type }) => type === 'Ready');
    const says = [ready?.reason, ready?.message].filter((text) => text !== undefined && text !== '').join(': ');
    const { systemUUID: uuid = '' } = status.nodeInfo;
    return {
      name: metadata.name,
      ready: ready?.status ?? 'Unknown',
      says,
      taints: spec.taints,
      isSetAside: spec.unschedulable,
      isControlPlane: ['control-plane', 'master'].some((role) => `node-role.kubernetes.io/${role}` in metadata.labels),
      ...(uuid === '' ? {} : { machineUuid: uuid.toLowerCase() }),
    };
  });

/** All of them in one list, which also tells that there is none of a name. */
export function nodeStates() {
  return defineRead<readonly NodeState[]>({
    asks: 'What does Kubernetes believe about its nodes?',
    command: kubernetes({ verb: 'list', resource: NODES }),
    answers: [0],
    parse: ({ stdout }) =>
      z
        .object({ items: z.array(Node).min(1) })
        .parse(JSON.parse(stdout))
        .items.toSorted((a, b) => (a.name < b.name ? -1 : 1)),
  });
}

/** Replaces all taints of the node. */
export function setTaints(node: string, taints: readonly Taint[]) {
  const patch = { spec: { taints: taints.length === 0 ? null : taints } };
  return defineChange({ command: kubernetes({ verb: 'patch', resource: NODES, name: node, patch }, 15_000), risk: 'high' });
}

export function isOutOfService({ taints }: Pick<NodeState, 'taints'>): boolean {
  return taints.some(({ key }) => key === OUT_OF_SERVICE.key);
}
