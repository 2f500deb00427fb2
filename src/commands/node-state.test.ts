import { describe, expect, test } from 'vitest';
import { commandLine } from '../core/command.ts';
import { isOutOfService, nodeStates, OUT_OF_SERVICE, setTaints } from './node-state.ts';

const condition = (status: string) => ({
  type: 'Ready',
  status,
  reason: 'NodeStatusUnknown',
  message: 'Kubelet stopped posting node status.',
});
const GPU = { key: 'nvidia.com/gpu', value: 'true', effect: 'NoSchedule' };
const UNREACHABLE = { key: 'node.kubernetes.io/unreachable', effect: 'NoExecute', timeAdded: '2026-04-03T09:00:00Z' };

function parsed(...items: readonly object[]) {
  return nodeStates().parse({ exitCode: 0, stdout: JSON.stringify({ items }), stderr: '' });
}

describe('nodes', () => {
  test('are ready, say that they are not, or say nothing; in the order of their names', () => {
    const states = parsed(
      { metadata: { name: 'b' }, spec: { taints: [GPU, UNREACHABLE] }, status: { conditions: [condition('Unknown')] } },
      { metadata: { name: 'a' }, spec: {}, status: {} },
    );
    expect(states.map(({ name, ready, says }) => [name, ready, says])).toEqual([
      ['a', 'Unknown', ''],
      ['b', 'Unknown', 'NodeStatusUnknown: Kubelet stopped posting node status.'],
    ]);
    expect(states[1]?.taints).toEqual([GPU, UNREACHABLE]);
  });

  test('tell that somebody set them aside, that they carry the control plane, and on which machine they run', () => {
    const labels = { 'node-role.kubernetes.io/control-plane': '' };
    const nodeInfo = { systemUUID: 'ABCDEF00-0000-4000-8000-000000000000' };
    const [one, other] = parsed(
      { metadata: { name: 'a', labels }, spec: { unschedulable: true }, status: { nodeInfo } },
      { metadata: { name: 'b' }, spec: {}, status: {} },
    );
    const machineUuid = 'abcdef00-0000-4000-8000-000000000000';
    expect(one).toMatchObject({ isSetAside: true, isControlPlane: true, machineUuid });
    expect(other).toEqual({ name: 'b', ready: 'Unknown', says: '', taints: [], isSetAside: false, isControlPlane: false });
  });

  test('of no known form are not understood, and a cluster without any is none', () => {
    expect(() => parsed()).toThrow(/small/i);
    const odd = { metadata: { name: 'a' }, spec: {}, status: { conditions: [condition('Maybe')] } };
    expect(() => parsed(odd)).toThrow(/Invalid option/);
  });
});

describe('taints', () => {
  test('are replaced as a whole, with all that the others hold', () => {
    expect(commandLine(setTaints('a', [UNREACHABLE, OUT_OF_SERVICE]).command)).toBe(
      `kubectl patch nodes/a --type=merge '--patch=${JSON.stringify({ spec: { taints: [UNREACHABLE, OUT_OF_SERVICE] } })}' --output=json`,
    );
    expect(commandLine(setTaints('a', []).command)).toContain('{"spec":{"taints":null}}');
  });

  test('that somebody set say that the node is off', () => {
    expect(isOutOfService({ taints: [GPU, OUT_OF_SERVICE] })).toBe(true);
    expect(isOutOfService({ taints: [GPU, UNREACHABLE] })).toBe(false);
  });
});
