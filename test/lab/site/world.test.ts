import { describe, expect, test } from 'vitest';
import { eventsOf, nodeNamed, PODS, podsOfNamespace } from '../../../src/commands/cluster.ts';
import { deletePod, evictPod, setCordon } from '../../../src/commands/cluster-changes.ts';
import type { Pod } from '../../../src/commands/cluster-objects.ts';
import { mountsOf, podUidOf, probeMount, testMount } from '../../../src/commands/nfs-client.ts';
import { meaningOf } from '../../../src/commands/pod-events.ts';
import { resetVm, startVm, vmStatus } from '../../../src/commands/proxmox-host.ts';
import type { Read } from '../../../src/core/command.ts';
import { kubernetes } from '../../../src/core/command.ts';
import { readerOver } from '../../../src/core/reading.ts';
import { mountOf, SERVER_PODS } from '../scenarios/changes.ts';
import { scenarioNamed } from '../scenarios/index.ts';
import { labTargets, worldOf } from './index.ts';
import type { World } from './world.ts';

const NODE = { name: 'k8s-node2', sudo: true };
const PVE = { name: 'pve', sudo: false };
const UPLOAD = '/mnt/main/immich/upload';

/** A world, and a way to ask it that never remembers. */
function setUp(name: string) {
  const world = worldOf({ scenario: scenarioNamed(name), hangScale: 0.000_1 });
  const targets = labTargets(world, { settleMs: 0 });
  const ask = async <T>(read: Read<T>): Promise<T> => {
    const seen = await readerOver(targets.read)(read);
    if (!seen.known) throw new Error(`${seen.line}: ${seen.why.says}`);
    return seen.value;
  };
  const server = async (): Promise<Pod[]> =>
    (await ask(podsOfNamespace('immich'))).filter(({ name }) => name.startsWith('immich-server-'));
  return { world, targets, ask, server };
}

function pointOf(world: World): string {
  return mountOf(world, SERVER_PODS, 'immich-upload').mountPoint;
}

test('a deleted pod ends after a while, and its successor mounts what is there now', async () => {
  const { world, targets, ask, server } = setUp('stale-handle');
  const [pod] = await server();
  if (pod === undefined) throw new Error('no pod');
  const old = pointOf(world);
  expect(pod).toMatchObject({ phase: 'Running', ready: false, node: 'k8s-node2' });
  expect(await ask(probeMount(NODE, old))).toEqual({ state: 'stale' });
  expect(await ask(testMount(NODE, '10.0.10.15', { path: UPLOAD }))).toBe('mounts');
  await targets.change(deletePod(pod).command);
  expect((await server()).map(({ terminatingAt }) => terminatingAt !== undefined)).toEqual([true]);
  world.time.advance(1_000);
  expect(await server()).toHaveLength(2);
  world.time.advance(5_000);
  const [successor, ...more] = await server();
  expect(more).toEqual([]);
  expect(successor).toMatchObject({ phase: 'Running', ready: true, node: 'k8s-node2' });
  expect(successor?.uid).not.toBe(pod.uid);
  expect(await ask(probeMount(NODE, old))).toEqual({ state: 'gone' });
  expect(await ask(probeMount(NODE, pointOf(world)))).toEqual({ state: 'answers', uid: 0, gid: 0 });
});

test('only one mount of the site is stale when one directory was replaced', async () => {
  const { world, ask } = setUp('stale-handle');
  for (const name of world.nodes.keys()) {
    const host = { name, sudo: true };
    for (const mount of await ask(mountsOf(host))) {
      const { state } = await ask(probeMount(host, mount.mountPoint));
      expect([mount.remotePath, state]).toEqual([mount.remotePath, mount.remotePath === UPLOAD ? 'stale' : 'answers']);
    }
  }
});

test.each([
  ['export-missing', 'nfs-access-denied'],
  ['export-not-loaded', 'nfs-access-denied'],
  ['export-line-refused', 'nfs-access-denied'],
  ['path-missing', 'nfs-no-such-path'],
  ['fsid-zero', 'nfs-no-such-path'],
  ['mountd-down', 'nfs-timed-out'],
  ['client-wedged', 'nfs-timed-out'],
  ['driver-not-registered', 'nfs-driver-not-registered'],
  ['multi-attach', 'multi-attach'],
])('%s: the waiting pod has an event that means %s', async (name, meaning) => {
  const { ask } = setUp(name);
  const waiting = (await ask(podsOfNamespace('immich'))).filter(({ phase }) => phase === 'Pending');
  expect(waiting).toHaveLength(1);
  const events = (await ask(eventsOf('immich'))).filter(({ about }) => about.uid === waiting[0]?.uid);
  expect(events.map(meaningOf)).toEqual([meaning]);
});

describe('a pod that does not end', () => {
  test('ends when its mount was detached', async () => {
    const { world, targets, server } = setUp('stuck-terminating');
    const [old] = (await server()).filter(({ terminatingAt }) => terminatingAt !== undefined);
    expect(old?.terminatingAt).toBeLessThan(world.time.nowMs / 1_000 - 500);
    const mount = world.nodes.get('k8s-node2')?.mounts.find(({ umountHangs }) => umountHangs);
    await targets.change({
      via: 'ssh',
      host: 'k8s-node2',
      argv: ['sudo', '--non-interactive', 'umount', '--lazy', mount?.mountPoint ?? ''],
      timeoutMs: 1_000,
    });
    world.time.advance(2_000);
    expect((await server()).map(({ ready, terminatingAt }) => [ready, terminatingAt])).toEqual([[true, undefined]]);
  });

  test('leaves its mount behind when it is forgotten', async () => {
    const { world, targets, ask, server } = setUp('stuck-terminating');
    const [old] = (await server()).filter(({ terminatingAt }) => terminatingAt !== undefined);
    if (old === undefined) throw new Error('no pod');
    const { namespace, name, uid } = old;
    await targets.change(kubernetes({ verb: 'delete', resource: PODS, namespace, name, uid, gracePeriodSeconds: 0 }));
    world.time.advance(60_000);
    const left = (await ask(mountsOf(NODE))).filter((mount) => podUidOf(mount) === old.uid);
    expect(left.map(({ remotePath }) => remotePath)).toEqual([UPLOAD]);
  });
});

describe('a reset of a wedged node', () => {
  async function cordonEvictReset(name: string) {
    const all = setUp(name);
    const before = await all.ask(nodeNamed('k8s-node2'));
    await all.targets.change(setCordon('k8s-node2', true).command);
    const [pod] = await all.server();
    if (pod === undefined) throw new Error('no pod');
    await all.targets.change(evictPod(pod).command);
    all.world.time.advance(30_000);
    await all.targets.change(resetVm(PVE, 202).command);
    return { ...all, before };
  }

  test('gives it a new kernel, while its pods run elsewhere', async () => {
    const { world, ask, server, before } = await cordonEvictReset('client-wedged');
    expect((await server()).map(({ node, ready }) => [node === 'k8s-node2', ready])).toEqual([[false, true]]);
    expect((await ask(nodeNamed('k8s-node2'))).ready).toBe(false);
    world.time.advance(25_000);
    const after = await ask(nodeNamed('k8s-node2'));
    expect(after).toMatchObject({ ready: true, cordoned: true });
    expect(after.bootId).not.toBe(before.bootId);
    expect(await ask(testMount(NODE, '10.0.10.15', { path: UPLOAD }))).toBe('mounts');
    const others = (await ask(mountsOf(NODE))).length;
    expect(others).toBeGreaterThan(0);
  });

  test('can return 0 and do nothing', async () => {
    const { world, ask, before } = await cordonEvictReset('reset-ignored');
    world.time.advance(120_000);
    expect(await ask(nodeNamed('k8s-node2'))).toEqual({ ...before, cordoned: true });
  });
});

test('soft mounts work again when the machine of the NAS has started, and not before', async () => {
  const { world, targets, ask } = setUp('nas-vm-down');
  const point = pointOf(world);
  expect(await ask(probeMount(NODE, point))).toEqual({ state: 'hangs' });
  await targets.change(startVm(PVE, 9000).command);
  expect(await ask(vmStatus(PVE, 9000))).toBe('running');
  expect(await ask(probeMount(NODE, point))).toEqual({ state: 'hangs' });
  world.time.advance(21_000);
  expect(await ask(probeMount(NODE, point))).toEqual({ state: 'answers', uid: 0, gid: 0 });
});

test('a pod whose directory is given to its user stops crashing', async () => {
  const { world, targets, ask } = setUp('write-denied');
  const states = async () =>
    (await ask(podsOfNamespace('immich')))
      .filter(({ name }) => name.startsWith('immich-machine-learning-'))
      .map(({ ready }) => ready);
  expect(await states()).toEqual([false]);
  await targets.change({ via: 'ssh', host: 'truenas', argv: ['chown', '101:101', '/mnt/ssd/immich/ml-cache'], timeoutMs: 1_000 });
  world.time.advance(2_000);
  expect(await states()).toEqual([true]);
});

test('a mount helper that goes on trying succeeds soon after mountd was started', async () => {
  const { world, targets, server } = setUp('mountd-down');
  expect((await server()).map(({ phase }) => phase)).toEqual(['Pending']);
  await targets.change({ via: 'ssh', host: 'truenas', argv: ['service', 'mountd', 'onestart'], timeoutMs: 1_000 });
  world.time.advance(15_000);
  expect((await server()).map(({ phase, ready }) => [phase, ready])).toEqual([['Running', true]]);
});

test('a disruption budget keeps a pod from being evicted', async () => {
  const { world, targets, server } = setUp('all-well');
  world.store.create({
    apiVersion: 'policy/v1',
    kind: 'PodDisruptionBudget',
    metadata: { name: 'immich-server', namespace: 'immich' },
    spec: { minAvailable: 1, selector: { matchLabels: { app: 'immich-server' } } },
    status: { disruptionsAllowed: 0, currentHealthy: 1, desiredHealthy: 1 },
  });
  const [pod] = await server();
  if (pod === undefined) throw new Error('no pod');
  expect(await targets.change(evictPod(pod).command)).toMatchObject({
    exitCode: 1,
    stderr: expect.stringContaining('disruption budget'),
  });
  expect(world.executed).toHaveLength(1);
  expect(await server()).toEqual([pod]);
});
