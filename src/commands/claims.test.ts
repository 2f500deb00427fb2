import { describe, expect, test } from 'vitest';
import { Refusal } from '../core/errors.ts';
import { claims, expandClaim } from './claims.ts';

function parsed(item: unknown) {
  const [claim] = claims().parse({ exitCode: 0, stdout: JSON.stringify({ items: [item] }), stderr: '' });
  return claim;
}

const bound = {
  metadata: { name: 'data', namespace: 'app', managedFields: [{ manager: 'Terraform' }, { manager: 'kube-controller-manager' }] },
  spec: { volumeName: 'pvc-1', storageClassName: 'proxmox-lvm', resources: { requests: { storage: '1536Mi' } } },
  status: {
    phase: 'Bound',
    capacity: { storage: '1Gi' },
    conditions: [
      { type: 'Resizing', status: 'False' },
      { type: 'FileSystemResizePending', status: 'True', message: 'Waiting for user to (re-)start a pod' },
    ],
  },
};

test('a claim tells its sizes, who sets its fields, and the conditions that are so now', () => {
  expect(parsed(bound)).toMatchObject({
    requestedBytes: 1_536 * 2 ** 20,
    capacityBytes: 2 ** 30,
    managers: ['Terraform', 'kube-controller-manager'],
    conditions: [{ type: 'FileSystemResizePending' }],
    isBlock: false,
    isGoing: false,
  });
});

test('one that waits for its first consumer has no capacity', () => {
  const claim = parsed({ ...bound, status: { phase: 'Pending' } });
  expect(claim).toMatchObject({ phase: 'Pending', capacityBytes: undefined, conditions: [] });
});

test('one without a size, or with one that is none, makes the whole list unreadable', () => {
  expect(() => parsed({ ...bound, spec: { resources: { requests: {} } } })).toThrow('storage');
  expect(() => parsed({ ...bound, spec: { resources: { requests: { storage: 'much' } } } })).toThrow('not an amount');
});

describe('the size that is sent', () => {
  test.each(['0Gi', '30', '30G', '1.5Gi', '-1Gi', '30Gi"}', '', '1000000Gi'])('is never %j', (size) => {
    expect(() => expandClaim({ namespace: 'app', name: 'data' }, size)).toThrow(Refusal);
  });
});
