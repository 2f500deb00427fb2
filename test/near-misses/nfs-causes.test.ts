import { describe, expect, test } from 'vitest';
import { stepsOf } from '../../src/core/plan.ts';
import { readerOver } from '../../src/core/reading.ts';
import { LIBRARY, mountOf, podOf, replacePod, SERVER_PODS, UPLOAD } from '../lab/scenarios/changes.ts';
import { driverLost, driverPodOf, forgetContainers, withoutDriver } from '../lab/scenarios/driver-changes.ts';
import { OTHER_NAS } from '../lab/site/addresses.ts';
import { labTargets, type World } from '../lab/site/index.ts';
import { kernelSays } from '../lab/site/node.ts';
import { nodeOf } from '../lab/site/world.ts';
import { changesOf, codesOf, lookAt, patchPod, SERVER, VOLUMES, worldIn } from './world.ts';

const NODE = 'k8s-node2';

function notRegistered(prepare: (world: World) => void): World {
  const world = worldIn();
  prepare(world);
  driverLost(world, NODE);
  return world;
}

describe('kubelet is not restarted for a driver', () => {
  test('whose own pod holds its ports and did not register', async () => {
    const look = await lookAt(worldIn('driver-not-registered'));
    expect(codesOf(look)).toEqual([`driver-not-registered ${NODE}`]);
    expect(look.diagnosis.findings[0]?.says).toContain('is ready and has not registered it');
    expect(changesOf(look)).toEqual([]);
  });

  test('whose ports are held since a minute by containers of a pod that was deleted just now', async () => {
    const world = notRegistered((each) => {
      forgetContainers(each, NODE);
      const { processes } = nodeOf(each, NODE);
      const young = processes.map((one) => ({ ...one, beganMs: each.time.nowMs - 60_000 }));
      processes.splice(0, processes.length, ...young);
    });
    const look = await lookAt(world);
    expect(codesOf(look)).toEqual([`driver-not-registered ${NODE}`]);
    expect(changesOf(look)).toEqual([]);
  });

  test('whose port is held by a program of the host, or of a static pod, whose uid on its node the API does not know', async () => {
    const world = notRegistered((each) => nodeOf(each, NODE).listeners.push({ port: 19_809, pid: 777, program: 'exporter' }));
    const look = await lookAt(world);
    expect(codesOf(look)).toEqual([`driver-port-taken ${NODE}`]);
    expect(changesOf(look)).toEqual([]);
  });

  test('on more than one node at a time', async () => {
    const world = notRegistered((each) => {
      forgetContainers(each, NODE);
      forgetContainers(each, 'k8s-node1');
    });
    withoutDriver(world, 'k8s-node1');
    world.cluster.report(driverPodOf(world, 'k8s-node1'), 'crashing');
    const look = await lookAt(world);
    expect(codesOf(look).toSorted()).toEqual(['driver-port-forgotten k8s-node1', `driver-port-forgotten ${NODE}`]);
    expect(changesOf(look).filter((line) => line.includes('kubelet'))).toHaveLength(1);
  });

  test('once the API knows the pod of those processes again', async () => {
    const world = worldIn('driver-port-forgotten');
    const [step] = stepsOf((await lookAt(world)).plan);
    const check = step?.before.find(({ says }) => says.startsWith('The API knows no pod'));
    const { read } = labTargets(world);
    expect((await check?.holds(readerOver(read)))?.answer).toBe('yes');
    const podUid = nodeOf(world, NODE).listeners[0]?.podUid;
    const metadata = { name: 'back', namespace: 'nfs-csi', ...(podUid && { uid: podUid }) };
    world.store.create({ apiVersion: 'v1', kind: 'Pod', metadata, spec: { containers: [{ name: 'a' }] } });
    expect((await check?.holds(readerOver(read)))?.answer).toBe('no');
  });
});

test('a controller that holds its own port beside the pod of a node is not what keeps that from starting', async () => {
  const world = worldIn();
  withoutDriver(world, 'k8s-node3');
  const look = await lookAt(world);
  expect(codesOf(look)).toEqual(['driver-not-registered k8s-node3']);
});

describe('a version of NFS is not called broken', () => {
  test('for a directory that does not exist, of which a client says "Protocol not supported"', async () => {
    expect(codesOf(await lookAt(worldIn('path-missing')))).toEqual([`path-missing ${LIBRARY}`]);
  });

  test('for NFSv3 that fails because mountd does not run', async () => {
    const world = worldIn('v3-broken');
    world.nas.services.mountd = false;
    expect(codesOf(await lookAt(world)).filter((code) => code.startsWith('v3'))).toEqual([]);
  });

  test('where the server does not speak it at all', async () => {
    const world = worldIn('all-well', 'debian');
    replacePod(world, SERVER_PODS);
    nodeOf(world, NODE).brokenVersions.add('3');
    expect(codesOf(await lookAt(world))).toEqual([]);
  });
});

test('another NAS that a volume names and that is silent has an outage, and is no ghost', async () => {
  const world = worldIn();
  nodeOf(world, NODE).cutFrom.add(OTHER_NAS.address);
  const look = await lookAt(world);
  expect(codesOf(look)).toEqual([]);
  expect(look.diagnosis.evidence.some(({ status, says }) => status === 'bad' && says.includes(OTHER_NAS.address))).toBe(true);
});

test('another NAS that answers is no ghost, whoever mounted it', async () => {
  const world = worldIn();
  const { address, path } = OTHER_NAS;
  world.hypervisor.ownMounts.push(`${address}:${path} /mnt/music nfs4 rw,vers=4.1,hard,addr=${address} 0 0`);
  expect(codesOf(await lookAt(world))).toEqual([]);
});

describe('no write is called lost', () => {
  const lost = async (change: (world: World) => void) => {
    const world = worldIn('write-maybe-lost');
    change(world);
    return codesOf(await lookAt(world));
  };

  test('where no file was written while the calls failed', async () => {
    expect(await lost(({ nas }) => void nas.written.splice(1, 2))).toEqual([]);
  });

  test('where another node had the outage', async () => {
    const moved = await lost((world) => {
      const [from, to] = [nodeOf(world, NODE).kernelLog, nodeOf(world, 'k8s-node1').kernelLog];
      to.push(...from.splice(1));
    });
    expect(moved).toEqual([]);
  });

  test('where the mount is hard: its calls wait and are not given up', async () => {
    const kept = await lost((world) => {
      world.store.patch({ resource: VOLUMES, name: 'immich-upload' }, { spec: { mountOptions: null } });
      replacePod(world, SERVER_PODS);
    });
    expect(kept).not.toContain(`write-maybe-lost ${UPLOAD}`);
  });

  test('where that was more than a week ago', async () => {
    const world = worldIn();
    const atMs = world.time.nowMs - 8 * 86_400_000;
    kernelSays(nodeOf(world, NODE), atMs, `nfs: server ${SERVER} not responding, timed out`);
    world.nas.written.push({ path: `${UPLOAD}/old`, atMs: atMs - 5_000 });
    expect(codesOf(await lookAt(world))).toEqual([]);
  });
});

describe('a pod is not said to wait for its files', () => {
  const waiting = async (change: (world: World) => void) => {
    const world = worldIn('slow-ownership-change');
    change(world);
    return codesOf(await lookAt(world));
  };

  test('that lets kubelet look at the root alone', async () => {
    const securityContext = { fsGroup: 1000, fsGroupChangePolicy: 'OnRootMismatch' };
    expect(await waiting((world) => patchPod(world, SERVER_PODS, { spec: { securityContext } }))).toEqual([]);
  });

  test('that began a minute ago', async () => {
    const at = (ms: number) => new Date(ms).toISOString();
    const young = await waiting((world) =>
      patchPod(world, SERVER_PODS, { status: { startTime: at(world.time.nowMs - 60_000) } }),
    );
    expect(young).toEqual([]);
  });

  test('whose mounts do not answer', async () => {
    const silent = await waiting((world) => {
      for (const volume of ['immich-upload', 'immich-library', 'immich-encoded-video', 'immich-profile', 'immich-thumbs'])
        mountOf(world, SERVER_PODS, volume).hangs = 'killable';
    });
    expect(silent.filter((code) => code.startsWith('slow-ownership'))).toEqual([]);
  });
});

/** The rows of the triage table that are of a waiting pod, and where each leads. */
const EVENTS: readonly (readonly [reason: string, message: string, finding: string | undefined])[] = [
  [
    'FailedAttachVolume',
    'AttachVolume.Attach failed for volume "x" : rpc error: code = Internal desc = no free lun found',
    'event-elsewhere',
  ],
  [
    'FailedMount',
    'MountVolume.MountDevice failed for volume "x" : device /dev/disk/by-id/wwn-0x5056432d49443032 is not found',
    'event-elsewhere',
  ],
  [
    'FailedAttachVolume',
    "Volume is already exclusively attached to one node and can't be attached to another",
    'event-elsewhere',
  ],
  ['FailedMount', 'driver name csi.proxmox.sinextra.dev not found in the list of registered CSI drivers', 'event-elsewhere'],
  ['FailedMount', 'mount: wrong fs type, bad option, bad superblock on /dev/sdc', 'event-elsewhere'],
  ['FailedCreate', 'pods "x" is forbidden: exceeded quota: tier', 'event-elsewhere'],
  ['VolumePermissionChangeInProgress', 'Setting volume ownership for a is taking longer than expected', 'slow-ownership-change'],
  ['FailedMount', 'An operation with the given Volume ID immich-upload already exists', undefined],
  ['FailedBinding', 'waiting for first consumer to be created before binding', undefined],
];

test.each(EVENTS)('%s: %s', async (reason, message, code) => {
  const world = worldIn();
  const pod = podOf(world, { namespace: 'immich', name: 'immich-redis' });
  world.cluster.report(pod, 'starting');
  const progress = world.cluster.progressOf(pod);
  if (progress !== undefined) progress.nextMs = world.time.nowMs + 3_600_000;
  world.cluster.events.warn(pod, reason, message);
  const look = await lookAt(world);
  expect(codesOf(look)).toEqual(code === undefined ? [] : [`${code} immich/${pod.metadata.name}`]);
  const told = look.diagnosis.evidence.filter(({ says }) => /earlier attempt|healthy/.test(says));
  expect(told.map(({ status }) => status)).toEqual(code === undefined ? ['ok'] : []);
  expect(changesOf(look)).toEqual([]);
});

test('a claim that waits for its first pod is healthy, and the service is well', async () => {
  const world = worldIn();
  world.cluster.events.warn(
    podOf(world, SERVER_PODS),
    'WaitForFirstConsumer',
    'waiting for first consumer to be created before binding',
  );
  expect(codesOf(await lookAt(world))).toEqual([]);
});

test('the words of the kernel about another server are no outage of this one', async () => {
  const world = worldIn();
  kernelSays(nodeOf(world, NODE), world.time.nowMs - 60_000, `nfs: server ${OTHER_NAS.address} not responding, timed out`);
  world.nas.written.push({ path: `${UPLOAD}/a`, atMs: world.time.nowMs - 61_000 });
  expect(codesOf(await lookAt(world))).toEqual([]);
  expect(SERVER).not.toBe(OTHER_NAS.address);
});
