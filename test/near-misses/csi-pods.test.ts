import { describe, expect, test } from 'vitest';
import diagnoseCsi from '../../runbooks/diagnose-csi/index.ts';
import { verdictOf } from '../../src/core/finding.ts';
import { ended, fallIll, podsOf, useIscsi } from '../lab/scenarios/csi-changes.ts';
import type { World } from '../lab/site/index.ts';
import { kind } from '../lab/site/volumes.ts';
import { changesOf, codesOf, lookAt, worldIn } from './world.ts';

const diagnosis = (world: World, ...words: string[]) => lookAt(world, { runbook: diagnoseCsi, words });

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

describe('a pod whose successor nobody has refused yet', () => {
  const limit = (world: World, item: Record<string, unknown>) =>
    world.store.patch(
      { resource: kind('v1', 'limitranges'), namespace: 'proxmox-csi', name: 'tier-defaults' },
      { spec: { limits: [{ type: 'Container', ...item }] } },
    );

  test.each([
    ['less than the namespace allows by now', { default: { memory: '256Mi' }, min: { memory: '128Mi' } }],
    ['more than the namespace allows by now', { default: { memory: '32Mi' }, max: { memory: '32Mi' } }],
  ])('is not deleted where its template asks for %s', async (_says, item) => {
    const world = worldIn('csi-driver-stalled');
    limit(world, item);
    const look = await diagnosis(world, 'proxmox');
    expect(codesOf(look)).toContain('driver-stalled csi.proxmox.sinextra.dev on k8s-node1');
    expect(look.plan).toEqual({ stop: expect.stringContaining('LimitRange tier-defaults of proxmox-csi would refuse') });
  });

  test('is deleted where the template asks for just what is allowed, in another unit', async () => {
    const world = worldIn('csi-driver-stalled');
    limit(world, { default: { memory: '256Mi' }, min: { memory: '33554432' }, max: { memory: '0.0625Gi' } });
    expect(changesOf(await diagnosis(world, 'proxmox'))).toHaveLength(1);
  });

  test.each(['limitranges', 'events', 'daemonsets'])('is not deleted where the %s cannot be seen', async (plural) => {
    const world = worldIn('csi-driver-stalled');
    world.api.forbidden.add(plural);
    const look = await diagnosis(world, 'proxmox');
    expect(codesOf(look)).toContain('driver-stalled csi.proxmox.sinextra.dev on k8s-node1');
    expect(look.plan).toEqual({ stop: expect.stringContaining('it could not be seen whether proxmox-csi would refuse') });
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

  test.each(['volumeattachments', 'cronjobs', 'statefulsets'])('is not called so while the %s cannot be seen', async (plural) => {
    const world = worldIn('csi-unused-down');
    world.api.forbidden.add(plural);
    expect(codesOf(await diagnosis(world, 'iscsi'))).toEqual(['controller-down org.democratic-csi.iscsi']);
  });

  test.each([
    ['Deployment', 'apps/v1', (template: object) => ({ replicas: 0, template })],
    ['CronJob', 'batch/v1', (template: object) => ({ schedule: '0 3 * * 0', jobTemplate: { spec: { template } } })],
  ])('is used by a %s that runs no pod now and names one of its claims', async (its, apiVersion, specOf) => {
    const world = worldIn('csi-unused-down');
    const volumes = [{ name: 'data', persistentVolumeClaim: { claimName: 'novelapp-data' } }];
    const spec = specOf({ spec: { volumes, containers: [{ name: 'app' }] } });
    world.store.create({ apiVersion, kind: its, metadata: { name: 'novelapp-old', namespace: 'novelapp' }, spec });
    expect(codesOf(await diagnosis(world, 'iscsi'))).toEqual(['controller-down org.democratic-csi.iscsi']);
  });

  test('is used by a pod that has not even started', async () => {
    const world = worldIn('csi-unused-down');
    useIscsi(world);
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
    for (const pod of podsOf(world, 'csi-nfs-node', 'k8s-node2')) world.cluster.report(pod, 'crashing');
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

describe('a token that is refused at the start of a controller', () => {
  test.each([
    '401 authentication failure: invalid token value!',
    '401 invalid token value!',
    "401 no such token 'csi-token' for user 'csi@pve'",
    "401 no such user ('csi@pve')",
    "401 token 'csi@pve!csi-token' access expired",
    '403 Permission check failed (/storage/local-lvm, Datastore.AllocateSpace)',
    'unable to find node with name pve: not authorized to access endpoint',
  ])('is told beside the controller that ends for it: %s', async (words) => {
    const world = worldIn('all-well');
    const at = new Date(world.time.nowMs - 60_000).toISOString();
    fallIll(
      world,
      ended({
        workload: 'proxmox-csi-plugin-controller',
        container: 'proxmox-csi-plugin-controller',
        says: [
          `E${at.slice(5, 7)}${at.slice(8, 10)} ${at.slice(11, 19)}.482113 1 main.go:88] "Failed to check cluster" err="${words}"`,
        ],
      }),
    );
    const look = await diagnosis(world, 'proxmox');
    expect(codesOf(look)).toEqual(['controller-down csi.proxmox.sinextra.dev', 'token-refused csi.proxmox.sinextra.dev']);
    expect(changesOf(look)).toEqual([]);
  });
});

describe('a driver without pods', () => {
  const without = (...apps: readonly string[]) => {
    const world = worldIn('all-well');
    for (const app of apps) for (const pod of podsOf(world, app)) world.cluster.forget(pod);
    return world;
  };
  const missing = ['k8s-node1', 'k8s-node2', 'k8s-node3', 'k8s-node4'].map((node) => `driver-pod-missing ${node}`);

  test('is missing on each node whose pods need it, though its registration is still there', async () => {
    const look = await diagnosis(without('csi-nfs-node'), 'nfs');
    expect(codesOf(look)).toEqual(missing);
    expect(changesOf(look)).toEqual([]);
  });

  test('is not "not installed" while pods need it', async () => {
    const gone = without('csi-nfs-node', 'csi-nfs-controller');
    expect(codesOf(await diagnosis(gone, 'nfs'))).toEqual([...missing, 'controller-down nfs.csi.k8s.io']);
  });

  test('is not installed where nothing needs it, and that is not said while nobody can see that', async () => {
    const world = without('democratic-csi-iscsi-node', 'democratic-csi-iscsi-controller');
    const namespace = 'iscsi-csi';
    world.store.delete({ resource: kind('apps/v1', 'daemonsets'), namespace, name: 'democratic-csi-iscsi-node' }, {});
    world.store.delete({ resource: kind('apps/v1', 'deployments'), namespace, name: 'democratic-csi-iscsi-controller' }, {});
    expect(verdictOf((await diagnosis(world, 'iscsi')).diagnosis)).toBe('well');
    world.api.forbidden.add('persistentvolumeclaims');
    expect(verdictOf((await diagnosis(world, 'iscsi')).diagnosis)).toBe('blind');
  });

  test('has no controller either where somebody scaled that to none', async () => {
    const world = without('csi-nfs-controller');
    const resource = kind('apps/v1', 'deployments');
    world.store.patch({ resource, namespace: 'nfs-csi', name: 'csi-nfs-controller' }, { spec: { replicas: 0 } });
    expect(codesOf(await diagnosis(world, 'nfs'))).toEqual(['controller-down nfs.csi.k8s.io']);
  });
});
