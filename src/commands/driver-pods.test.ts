import { describe, expect, it } from 'vitest';
import { containerLog, driverPods } from './driver-pods.ts';
import { driverVolumes, limitRanges } from './driver-templates.ts';

const output = (items: readonly unknown[]) => ({ exitCode: 0, stdout: JSON.stringify({ items }), stderr: '' });

// Of csi-driver-nfs in a cluster of version 1.34, shortened.
const NODE_POD = {
  metadata: {
    name: 'csi-nfs-node-9c7ml',
    namespace: 'nfs-csi',
    uid: '17d040ed-61c8-4d14-ace1-d2bdb8dba167',
    ownerReferences: [{ apiVersion: 'apps/v1', kind: 'DaemonSet', name: 'csi-nfs-node', uid: 'x', controller: true }],
  },
  spec: {
    nodeName: 'k8s-node3',
    hostNetwork: true,
    containers: [
      { name: 'liveness-probe', resources: { limits: { memory: '100Mi' }, requests: { cpu: '10m', memory: '20Mi' } } },
      { name: 'node-driver-registrar', resources: {} },
      { name: 'nfs', resources: { limits: { memory: '0.5Gi' } } },
    ],
  },
  status: {
    phase: 'Running',
    conditions: [{ type: 'Ready', status: 'False' }],
    containerStatuses: [
      {
        name: 'nfs',
        ready: false,
        restartCount: 14,
        state: { waiting: { reason: 'CrashLoopBackOff', message: 'back-off 5m0s restarting failed container=nfs' } },
        lastState: {
          terminated: {
            exitCode: 137,
            reason: 'OOMKilled',
            startedAt: '2026-04-03T08:40:00Z',
            finishedAt: '2026-04-03T08:41:00Z',
          },
        },
      },
      {
        name: 'liveness-probe',
        ready: true,
        restartCount: 0,
        state: { running: { startedAt: '2026-03-22T08:00:00Z' } },
        lastState: {},
      },
    ],
  },
};

describe('a pod of a driver', () => {
  it('has its containers in the order of its spec, each with what is in force and how it ended', () => {
    const [pod] = driverPods('nfs-csi').parse(output([NODE_POD]));
    expect(pod).toMatchObject({ node: 'k8s-node3', hostNetwork: true, ready: false, terminating: false });
    expect(pod?.owner).toEqual({ kind: 'DaemonSet', name: 'csi-nfs-node' });
    expect(pod?.containers).toEqual([
      { name: 'liveness-probe', requestBytes: 20 * 2 ** 20, limitBytes: 100 * 2 ** 20, ready: true, runs: true, restarts: 0 },
      { name: 'node-driver-registrar', ready: false, runs: false, restarts: 0 },
      {
        name: 'nfs',
        limitBytes: 2 ** 29,
        ready: false,
        runs: false,
        restarts: 14,
        waits: 'CrashLoopBackOff',
        ended: { reason: 'OOMKilled', exitCode: 137, atS: Date.UTC(2026, 3, 3, 8, 41) / 1000 },
      },
    ]);
  });

  it('with an amount that means nothing makes the whole list unknown', () => {
    const spec = { ...NODE_POD.spec, containers: [{ name: 'nfs', resources: { limits: { memory: 'lots' } } }] };
    expect(() => driverPods('nfs-csi').parse(output([{ ...NODE_POD, spec }]))).toThrow('not an amount');
  });

  it('that was not started yet has containers without a state', () => {
    const [pod] = driverPods('nfs-csi').parse(output([{ ...NODE_POD, status: { phase: 'Pending' } }]));
    expect(pod?.containers.map(({ ready, ended }) => [ready, ended])).toEqual(Array(3).fill([false, undefined]));
  });
});

describe('a LimitRange', () => {
  it('counts with what it says of containers, and not of pods or claims', () => {
    const limits = [
      { type: 'Pod', max: { memory: '8Gi' } },
      { type: 'PersistentVolumeClaim', min: { storage: '1Gi' } },
      { type: 'Container', default: { memory: '256Mi', cpu: '1' }, defaultRequest: { memory: '64Mi' }, min: { memory: '32Mi' } },
    ];
    expect(limitRanges('nfs-csi').parse(output([{ metadata: { name: 'tier-defaults' }, spec: { limits } }]))).toEqual([
      { name: 'tier-defaults', defaultLimitBytes: 2 ** 28, minimumBytes: 2 ** 25 },
    ]);
  });
});

it('a volume is encrypted where a node needs a secret to stage it', () => {
  const volume = (name: string, csi?: object) => ({ metadata: { name }, spec: csi === undefined ? {} : { csi } });
  const driver = 'csi.proxmox.sinextra.dev';
  const secret = { name: 'key', namespace: 'proxmox-csi' };
  const items = [volume('a', { driver, nodeStageSecretRef: secret }), volume('b', { driver }), volume('c')];
  expect(driverVolumes().parse(output(items))).toEqual([
    { name: 'a', driver, encrypted: true },
    { name: 'b', driver, encrypted: false },
    { name: 'c', encrypted: false },
  ]);
});

describe('the log of a container', () => {
  const where = { namespace: 'nfs-csi', pod: 'csi-nfs-node-9c7ml', container: 'nfs' };
  const none = 'Error from server (BadRequest): previous terminated container "nfs" in pod "csi-nfs-node-9c7ml" not found\n';
  const waiting =
    'Error from server (BadRequest): container "nfs" in pod "csi-nfs-node-9c7ml" is waiting to start: ContainerCreating\n';

  it('of a run before that there was none has no lines', () => {
    expect(containerLog(where, 'previous').parse({ exitCode: 1, stdout: '', stderr: none })).toEqual([]);
  });

  it('that cannot be had for another reason is unknown', () => {
    expect(() => containerLog(where, 'previous').parse({ exitCode: 1, stdout: '', stderr: waiting })).toThrow('waiting to start');
    expect(containerLog(where, 'present').answers).toEqual([0]);
  });
});
