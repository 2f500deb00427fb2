import { describe, expect, test } from 'vitest';
import diagnoseCsi from '../../runbooks/diagnose-csi/index.ts';
import { stepsOf } from '../../src/core/plan.ts';
import { labTargets, type World } from '../lab/site/index.ts';
import { addWorkload } from '../lab/site/populate.ts';
import { kind } from '../lab/site/volumes.ts';
import { nodeOf } from '../lab/site/world.ts';
import { carryOut } from '../system/by-hand.ts';
import { carriedOut, changesOf, codesOf, lookAt, worldIn } from './world.ts';

const diagnosis = (world: World, ...words: string[]) => lookAt(world, { runbook: diagnoseCsi, words });

function driverPod({ cluster }: World, app: string, node: string) {
  const pod = cluster.pods().find((each) => each.metadata.labels?.['app'] === app && cluster.nodeOf(each)?.name === node);
  if (pod === undefined) throw new Error(`${node} has no pod of ${app}`);
  return pod;
}

describe('a driver that does not reach the API', () => {
  test('is not started anew while its network plug-in is not ready, and nobody asked for that one', async () => {
    const world = worldIn('csi-network-down');
    const look = await diagnosis(world);
    const [, ...driverFirst] = stepsOf(look.plan);
    const { done, stopped } = await carryOut(labTargets(world), driverFirst);
    expect({ done: done.length, stopped }).toEqual({ done: 0, stopped: 'no: The network plug-in of k8s-node1 is ready' });
  });

  test('is not started anew on a node that is not ready: the node comes first', async () => {
    const world = worldIn('csi-driver-stalled');
    world.cluster.setReady(nodeOf(world, 'k8s-node1'), 'Unknown');
    const look = await diagnosis(world);
    expect(codesOf(look)).toEqual([
      'driver-not-registered csi.proxmox.sinextra.dev on k8s-node1',
      'driver-stalled csi.proxmox.sinextra.dev on k8s-node2',
    ]);
    expect(changesOf(look)).toHaveLength(1);
  });

  test('is left alone when it has registered by itself before the approval', async () => {
    const world = worldIn('csi-driver-stalled');
    const look = await diagnosis(world);
    world.cluster.setDrivers('k8s-node1', [...world.cluster.driversOf('k8s-node1'), 'csi.proxmox.sinextra.dev']);
    expect(await carriedOut(world, look)).toEqual({
      done: 0,
      stopped: 'no: csi.proxmox.sinextra.dev is still not registered on k8s-node1',
    });
  });
});

describe('ports of a driver', () => {
  test('that a pod of its own holds are nobody else’s', async () => {
    const world = worldIn('driver-not-registered');
    expect(codesOf(await diagnosis(world, 'nfs'))).toEqual(['driver-stalled nfs.csi.k8s.io on k8s-node2']);
  });

  test('of which the owner could not be seen are no reason to start anything', async () => {
    const world = worldIn('csi-port-forgotten');
    const real = world.amend;
    world.amend = (answer, by) =>
      by.machine.name === 'k8s-master' && answer.stdout.includes('kubepods')
        ? { exitCode: 1, stdout: '', stderr: 'cat: /proc/1816/cgroup: Permission denied\n' }
        : (real?.(answer, by) ?? answer);
    const look = await diagnosis(world, 'nfs');
    expect(codesOf(look)).toEqual(['driver-not-registered nfs.csi.k8s.io on k8s-master']);
    expect(changesOf(look)).toEqual([]);
  });
});

describe('what is over', () => {
  const DAY_S = 86_400;

  function endedBefore(world: World, agoS: number, reason: 'OOMKilled' | 'Error', waiting?: string) {
    const { namespace = '', name } = driverPod(world, 'csi-nfs-node', 'k8s-node2').metadata;
    const finishedAt = new Date(world.time.nowMs - agoS * 1_000).toISOString();
    const one = {
      name: 'nfs',
      ready: false,
      restartCount: 1,
      state: waiting === undefined ? { running: { startedAt: finishedAt } } : { waiting: { reason: waiting } },
      lastState: { terminated: { reason, exitCode: reason === 'OOMKilled' ? 137 : 1, finishedAt } },
    };
    const conditions = [{ type: 'Ready', status: 'False' }];
    world.store.patch({ resource: kind('v1', 'pods'), namespace, name }, { status: { conditions, containerStatuses: [one] } });
    world.cluster.setDrivers('k8s-node2', ['csi.proxmox.sinextra.dev', 'org.democratic-csi.iscsi']);
  }

  test.each(['OOMKilled', 'Error'] as const)(
    'is no fault of today: a container that ended a year ago with %s',
    async (reason) => {
      const world = worldIn('all-well');
      endedBefore(world, 365 * DAY_S, reason);
      const look = await diagnosis(world, 'nfs');
      expect(codesOf(look)).toEqual(['driver-not-registered nfs.csi.k8s.io on k8s-node2']);
      expect(changesOf(look)).toEqual([]);
    },
  );

  test('is no reason to start a pod anew that waits for its image', async () => {
    const world = worldIn('all-well');
    endedBefore(world, 60, 'Error', 'ImagePullBackOff');
    const look = await diagnosis(world, 'nfs');
    expect(codesOf(look)).toEqual(['driver-not-registered nfs.csi.k8s.io on k8s-node2']);
    expect(changesOf(look)).toEqual([]);
  });

  test('is a fault where a container that ends again and again runs for this moment', async () => {
    const world = worldIn('all-well');
    endedBefore(world, 60, 'OOMKilled');
    expect(codesOf(await diagnosis(world, 'nfs'))).toEqual(['memory-limit-low csi-nfs-node/nfs']);
  });

  test.each([
    ['csi-nfs-node', 'DaemonSet', 'csi-nfs-node'],
    ['csi-nfs-controller', 'ReplicaSet', 'csi-nfs-controller-5d9f7c6b8d'],
  ])('is an evicted pod of %s, which stays in the list: none shares its node with another', async (app, ownerKind, owner) => {
    const world = worldIn('all-well');
    const [pod] = world.cluster.pods().filter(({ metadata }) => metadata.labels?.['app'] === app);
    const containers = [{ name: 'nfs' }];
    world.store.create({
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: {
        name: `${app}-evicted`,
        namespace: 'nfs-csi',
        ownerReferences: [{ apiVersion: 'apps/v1', kind: ownerKind, name: owner, uid: 'x', controller: true }],
      },
      spec: { nodeName: pod && world.cluster.nodeOf(pod)?.name, hostNetwork: true, containers },
      status: { phase: 'Failed', reason: 'Evicted' },
    });
    expect(codesOf(await diagnosis(world, 'nfs'))).toEqual([]);
  });

  test('is an event: pods that were refused and are there since are no finding', async () => {
    const world = worldIn('csi-pods-refused');
    const resource = kind('apps/v1', 'daemonsets');
    world.store.patch(
      { resource, namespace: 'proxmox-csi', name: 'proxmox-csi-plugin-node' },
      { status: { desiredNumberScheduled: 4 } },
    );
    expect(codesOf(await diagnosis(world, 'proxmox'))).toEqual(['driver-pod-missing k8s-node4']);
  });
});

describe('a pod whose successor would be refused', () => {
  test('is not deleted', async () => {
    const world = worldIn('csi-driver-stalled');
    const resource = kind('apps/v1', 'daemonsets');
    world.store.patch(
      { resource, namespace: 'proxmox-csi', name: 'proxmox-csi-plugin-node' },
      { status: { desiredNumberScheduled: 6 } },
    );
    world.store.create({
      apiVersion: 'v1',
      kind: 'Event',
      metadata: { name: 'proxmox-csi-plugin-node.1', namespace: 'proxmox-csi' },
      type: 'Warning',
      reason: 'FailedCreate',
      involvedObject: { kind: 'DaemonSet', namespace: 'proxmox-csi', name: 'proxmox-csi-plugin-node', uid: 'x' },
      message: 'Error creating: pods is forbidden: [minimum memory usage per Container is 64Mi, but request is 32Mi]',
      lastTimestamp: new Date(world.time.nowMs).toISOString(),
    });
    const look = await diagnosis(world, 'proxmox');
    expect(codesOf(look)).toContain('pods-refused proxmox-csi/proxmox-csi-plugin-node');
    expect(codesOf(look)).toContain('driver-stalled csi.proxmox.sinextra.dev on k8s-node1');
    expect(changesOf(look)).toEqual([]);
  });
});

describe('one port that is forgotten and one that is not', () => {
  test('are no reason to restart kubelet: the pod could not start all the same', async () => {
    const world = worldIn('csi-port-forgotten');
    const { listeners } = nodeOf(world, 'k8s-master');
    const index = listeners.findIndex(({ port }) => port === 19_809);
    listeners.splice(index, 1, { port: 19_809, pid: 901, program: 'exporter' });
    const look = await diagnosis(world, 'nfs');
    expect(codesOf(look)).toEqual(['port-taken k8s-master']);
    expect(changesOf(look)).toEqual([]);
  });
});

describe('an unused driver', () => {
  test('is used as soon as one claim waits, whoever is to make its volume', async () => {
    const world = worldIn('csi-unused-down');
    world.store.create({
      apiVersion: 'v1',
      kind: 'PersistentVolumeClaim',
      metadata: { name: 'waits', namespace: 'novelapp' },
      spec: { storageClassName: 'iscsi-truenas' },
      status: { phase: 'Pending' },
    });
    expect(codesOf(await diagnosis(world, 'iscsi'))).toEqual(['controller-down org.democratic-csi.iscsi']);
  });

  test('is not called so while nobody can see what is attached', async () => {
    const world = worldIn('csi-unused-down');
    world.api.forbidden.add('volumeattachments');
    expect(codesOf(await diagnosis(world, 'iscsi'))).toEqual(['controller-down org.democratic-csi.iscsi']);
  });

  test('is used by a pod that has not even started', async () => {
    const world = worldIn('csi-unused-down');
    addWorkload(world, {
      namespace: 'novelapp',
      kind: 'Deployment',
      name: 'novelapp-old',
      nodes: ['k8s-node2'],
      claims: ['novelapp-data'],
    });
    expect(codesOf(await diagnosis(world, 'iscsi'))).toEqual(['controller-down org.democratic-csi.iscsi']);
  });
});

describe('memory', () => {
  test('is no matter of a container that ended with 137 for another reason than the kernel’s', async () => {
    const world = worldIn('all-well');
    world.cluster.ailments.push({
      workload: 'csi-nfs-node',
      container: 'nfs',
      reason: 'Error',
      exitCode: 137,
      says: ['received signal'],
      has: (pod) => world.cluster.nodeOf(pod)?.name === 'k8s-node2',
    });
    world.cluster.report(driverPod(world, 'csi-nfs-node', 'k8s-node2'), 'crashing');
    const codes = codesOf(await diagnosis(world, 'nfs'));
    expect(codes).toHaveLength(1);
    expect(codes[0]).toMatch(/^container-ending csi-nfs-node-\w+\/nfs$/);
  });

  test('is no event: nothing that events say is needed, and nothing of it is in them', async () => {
    const world = worldIn('csi-limit-low');
    const events = world.store.list({ resource: kind('v1', 'events'), namespace: 'nfs-csi' });
    expect(JSON.stringify(events)).not.toContain('OOM');
    world.api.forbidden.add('events');
    expect(codesOf(await diagnosis(world, 'nfs'))).toEqual(['memory-limit-low csi-nfs-node/nfs']);
  });
});
