import { describe, expect, test } from 'vitest';
import diagnoseCsi from '../../runbooks/diagnose-csi/index.ts';
import { stepsOf } from '../../src/core/plan.ts';
import { at } from '../lab/kubernetes/store.ts';
import { labSite, labTargets, type World } from '../lab/site/index.ts';
import { kind } from '../lab/site/volumes.ts';
import { nodeOf } from '../lab/site/world.ts';
import { carryOut } from '../system/by-hand.ts';
import { carriedOut, changesOf, codesOf, lookAt, VOLUMES, worldIn } from './world.ts';

const diagnosis = (world: World, ...words: string[]) => lookAt(world, { runbook: diagnoseCsi, words });

function driverPod({ cluster }: World, app: string, node: string) {
  const pod = cluster.pods().find((each) => each.metadata.labels?.['app'] === app && cluster.nodeOf(each)?.name === node);
  if (pod === undefined) throw new Error(`${node} has no pod of ${app}`);
  return pod;
}

test('a driver that is killed for memory unlocks nothing where no volume is encrypted', async () => {
  const world = worldIn('csi-unlocking-killed');
  const encrypted = world.store.list({ resource: VOLUMES }).find((volume) => at(volume, 'spec', 'csi', 'nodeStageSecretRef'));
  const name = encrypted?.metadata.name ?? '';
  world.store.patch({ resource: VOLUMES, name }, { spec: { csi: { nodeStageSecretRef: null } } });
  const codes = codesOf(await diagnosis(world));
  expect(codes).toEqual([expect.stringMatching(/^memory-limit-\w+ proxmox-csi-plugin-node\/proxmox-csi-plugin-node$/)]);
});

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

  test('are not taken by a pod that is just being ended, as its predecessor is', async () => {
    const world = worldIn('driver-port-taken');
    const { namespace = '', name } = driverPod(world, 'csi-nfs-controller', 'k8s-node2').metadata;
    const deletionTimestamp = new Date(world.time.nowMs).toISOString();
    world.store.patch({ resource: kind('v1', 'pods'), namespace, name }, { metadata: { deletionTimestamp } });
    const look = await diagnosis(world, 'nfs');
    expect(codesOf(look)).toEqual(['driver-not-registered nfs.csi.k8s.io on k8s-node2']);
    expect(changesOf(look)).toEqual([]);
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

describe('a driver of which the cluster has no word on a node', () => {
  const CSI_NODES = kind('storage.k8s.io/v1', 'csinodes');

  test('is not registered there: a node without a CSINode has registered nothing', async () => {
    const world = worldIn('all-well');
    world.store.delete({ resource: CSI_NODES, name: 'k8s-node2' }, {});
    const look = await diagnosis(world, 'nfs');
    expect(codesOf(look)).toEqual(['driver-stalled nfs.csi.k8s.io on k8s-node2']);
  });
});

describe('a driver that does not reach something else than the API', () => {
  test('is no matter of the network plug-in, and not started anew again and again', async () => {
    const world = worldIn('csi-network-down');
    const says = ['F0525 08:41:22.713021 1 main.go:118] "x" err="dial tcp 192.168.1.127:8006: connect: connection refused"'];
    world.cluster.ailments.splice(
      0,
      world.cluster.ailments.length,
      ...world.cluster.ailments.map((each) => (each.workload === 'calico-node' ? each : { ...each, says })),
    );
    const look = await diagnosis(world, 'proxmox');
    expect(codesOf(look)).toEqual([expect.stringMatching(/^container-ending proxmox-csi-plugin-node-/)]);
    expect(changesOf(look)).toEqual([]);
  });
});

describe('ports that are held on all workers', () => {
  test('are freed on one node after the other, and then the controllers run again too', async () => {
    const world = worldIn('csi-cascade');
    const touched: string[] = [];
    for (let look = await diagnosis(world); stepsOf(look.plan).length > 0; look = await diagnosis(world)) {
      const [first] = changesOf(look);
      touched.push(first?.split('$')[0] ?? '');
      const { done, stopped } = await carriedOut(world, look);
      // A container that kubelet has started again in between needs no new pod.
      expect([undefined, 'no: This very pod is there and is not ready']).toContain(stopped);
      expect(done).toBeGreaterThan(0);
      world.time.advance(300_000);
    }
    expect(touched).toEqual(['k8s-node1', 'k8s-node2', 'k8s-node3', 'k8s-node4']);
    expect(codesOf(await diagnosis(world))).toEqual([]);
  });
});

describe('a node that was taken out of the site and came back', () => {
  const without = (world: World, ...names: readonly string[]) => {
    const { hypervisor, ...site } = labSite(world);
    if (hypervisor === undefined) throw new Error('The lab has a hypervisor');
    const nodeVmids = Object.fromEntries(Object.entries(hypervisor.nodeVmids).filter(([name]) => !names.includes(name)));
    return { ...site, hypervisor: { ...hypervisor, nodeVmids } };
  };

  test('gets no driver by which volumes could come to it', async () => {
    const world = worldIn('csi-driver-stalled');
    const one = await lookAt(world, { runbook: diagnoseCsi, words: ['proxmox'], site: without(world, 'k8s-node1') });
    expect(stepsOf(one.plan).map(({ title }) => title)).toEqual(["Start the driver's pod of k8s-node2 anew"]);
    const both = await lookAt(world, { runbook: diagnoseCsi, words: [], site: without(world, 'k8s-node1', 'k8s-node2') });
    expect(both.plan).toEqual({ stop: expect.stringContaining('diagnose node k8s-node1') });
  });

  test('is no node of the control plane that the configuration leaves out', async () => {
    const world = worldIn('csi-port-forgotten');
    const look = await lookAt(world, { runbook: diagnoseCsi, words: ['nfs'], site: without(world, 'k8s-master') });
    expect(changesOf(look)).toHaveLength(2);
  });
});
