import { describe, expect, test } from 'vitest';
import diagnoseNfs from '../../runbooks/diagnose-nfs/index.ts';
import { show } from '../../src/core/command.ts';
import { verdictOf } from '../../src/core/finding.ts';
import { stepsOf } from '../../src/core/plan.ts';
import { readerOver } from '../../src/core/reading.ts';
import {
  LIBRARY,
  mountOf,
  mountsOf,
  notReady,
  replaceDirectory,
  replacePod,
  runAs,
  SERVER_PODS,
  UPLOAD,
} from '../lab/scenarios/changes.ts';
import { exportLine, loadExports } from '../lab/site/exports.ts';
import { labSite, labTargets } from '../lab/site/index.ts';
import { addWorkload } from '../lab/site/populate.ts';
import { nodeOf } from '../lab/site/world.ts';
import { changesOf, codesOf, endedPod, lookAt, patchPod, SERVER, setVolume, VOLUMES, worldIn } from './world.ts';

describe('a pod is not deleted', () => {
  test('when its mount by another address of the NAS hangs, and a fresh mount by the first address works', async () => {
    const world = worldIn();
    const site = labSite(world);
    setVolume(world, 'immich-upload', { server: '10.0.30.15', share: UPLOAD });
    const mount = mountOf(world, SERVER_PODS, 'immich-upload');
    const { mounts } = mountsOf(world, SERVER_PODS).node;
    if (mount.nfs === undefined) throw new Error('not NFS');
    mounts[mounts.indexOf(mount)] = { ...mount, nfs: { ...mount.nfs, server: '10.0.30.15' } };
    const look = await lookAt(world, { site: { ...site, nas: { ...site.nas, nfsAddresses: [SERVER, '10.0.30.15'] } } });
    expect(changesOf(look)).toEqual([]);
  });

  test('for a stale mount while another directory that it needs does not exist', async () => {
    const world = worldIn();
    replaceDirectory(world, UPLOAD);
    world.nas.disk.remove(LIBRARY);
    const look = await lookAt(world);
    expect(codesOf(look)).toContain(`path-missing ${LIBRARY}`);
    expect(changesOf(look)).toEqual([]);
  });

  test('for a stale mount on a node where its driver is not registered', async () => {
    const world = worldIn();
    replaceDirectory(world, UPLOAD);
    world.cluster.setDrivers('k8s-node2', ['csi.proxmox.sinextra.dev']);
    const look = await lookAt(world);
    expect(codesOf(look)).toContain('driver-not-registered k8s-node2');
    expect(changesOf(look)).toEqual([]);
  });

  test('before a fresh mount by the version of NFS that its volume asks for was tried', async () => {
    const world = worldIn();
    const mountOptions = ['soft', 'timeo=30', 'retrans=3', 'nfsvers=3'];
    world.store.patch({ resource: VOLUMES, name: 'immich-upload' }, { spec: { mountOptions } });
    mountOf(world, SERVER_PODS, 'immich-upload').hangs = 'killable';
    const asked: string[] = [];
    const { read } = labTargets(world);
    const reader = readerOver((command) => {
      asked.push(show(command));
      return read(command);
    });
    await diagnoseNfs.look(diagnoseNfs.fromWords(['immich']), reader, labSite(world));
    expect(asked.find((line) => line.includes('unshare') && line.includes(UPLOAD))).toMatch(/[,']?(nfs)?vers=3\b/);
  });
});

test('a restarted pod is not called replaced because another replica was ready all the time', async () => {
  const world = worldIn();
  addWorkload(world, {
    namespace: 'twins',
    name: 'twin',
    kind: 'Deployment',
    nodes: ['k8s-node2', 'k8s-node3'],
    inlineNfs: { name: 'media', server: SERVER, path: UPLOAD },
  });
  const mount = nodeOf(world, 'k8s-node2').mounts.find(({ mountPoint }) => mountPoint.endsWith('~nfs/media'));
  if (mount === undefined) throw new Error('not mounted');
  mount.hangs = 'killable';
  const [step] = stepsOf((await lookAt(world, { words: ['twins'] })).plan);
  if (step === undefined) throw new Error('no step');
  world.nas.services.nfsd = false;
  const { change, read } = labTargets(world);
  await change(step.change.command);
  expect((await step.after.holds(readerOver(read))).answer).not.toBe('yes');
});

test('a mount of a pod that is being ended is not detached while the server only waits for its disks', async () => {
  const world = worldIn('server-overloaded');
  mountOf(world, SERVER_PODS, 'immich-library').umountHangs = true;
  replacePod(world, SERVER_PODS, { withinMs: 600_000 });
  const look = await lookAt(world);
  expect(codesOf(look)).toContain('server-overloaded truenas');
  expect(changesOf(look)).toEqual([]);
});

describe('a pod that has ended', () => {
  test('needs no driver on its node', async () => {
    const world = worldIn();
    world.cluster.setDrivers('k8s-node4', []);
    endedPod(world, { node: 'k8s-node4', claim: 'immich-library' });
    expect(codesOf(await lookAt(world))).toEqual([]);
  });

  test('does not wait for what its old events say', async () => {
    const world = worldIn();
    const pod = endedPod(world, { node: 'k8s-node4', claim: 'immich-library' });
    world.cluster.events.warn(
      pod,
      'FailedAttachVolume',
      'Multi-Attach error for volume "pvc-1" Volume is already used by pod(s) a',
    );
    expect(codesOf(await lookAt(world))).toEqual([]);
  });
});

describe('the service is not called well', () => {
  test('when a running pod lacks the mount that it should have', async () => {
    const world = worldIn();
    const { node } = mountsOf(world, SERVER_PODS);
    node.mounts.splice(node.mounts.indexOf(mountOf(world, SERVER_PODS, 'immich-library')), 1);
    expect(verdictOf((await lookAt(world)).diagnosis)).not.toBe('well');
  });

  test('when the mount of a subPath hangs', async () => {
    const world = worldIn();
    const { node } = mountsOf(world, SERVER_PODS);
    const whole = mountOf(world, SERVER_PODS, 'immich-library');
    const mountPoint = `/var/lib/kubelet/pods/${whole.podUid}/volume-subpaths/immich-library/immich-server/0`;
    node.mounts.push({ ...whole, mountPoint, hangs: 'killable' });
    expect(verdictOf((await lookAt(world)).diagnosis)).not.toBe('well');
  });

  test('when the second of two inline volumes of one name is not exported', async () => {
    const world = worldIn();
    for (const [name, node] of [
      ['first', 'k8s-node1'],
      ['second', 'k8s-node2'],
    ] as const) {
      const path = `/mnt/main/${name}`;
      world.nas.disk.make(path, { mode: 0o777 });
      if (name === 'first')
        world.nas.files.set('/etc/exports', `${world.nas.files.get('/etc/exports')}${exportLine('core', path)}\n`);
      loadExports(world.nas, world.time.nowMs);
      addWorkload(world, {
        namespace: 'twins',
        name,
        kind: 'Deployment',
        nodes: [node],
        inlineNfs: { name: 'data', server: SERVER, path },
      });
    }
    expect(codesOf(await lookAt(world, { words: ['twins'] }))).toContain('export-missing /mnt/main/second');
  });
});

describe('a directory is not given to another user', () => {
  const ML = { namespace: 'immich', name: 'immich-machine-learning' };
  const ML_CACHE = '/mnt/ssd/immich/ml-cache';

  test('when the pod mounts the claim read-only', async () => {
    const world = worldIn();
    Object.assign(world.nas.disk.at(ML_CACHE) ?? {}, { uid: 999, gid: 999, mode: 0o755 });
    runAs(world, ML, 101);
    const claim = { claimName: 'immich-ml-cache', readOnly: true };
    patchPod(world, ML, { spec: { volumes: [{ name: 'immich-ml-cache', persistentVolumeClaim: claim }] } });
    notReady(world, ML);
    expect(changesOf(await lookAt(world))).toEqual([]);
  });

  test('when its group may write and the image decides the groups of the user', async () => {
    const world = worldIn();
    Object.assign(world.nas.disk.at(ML_CACHE) ?? {}, { uid: 0, gid: 1000, mode: 0o775 });
    runAs(world, ML, 1000);
    patchPod(world, ML, { spec: { securityContext: { runAsUser: 1000, runAsGroup: null } } });
    notReady(world, ML);
    expect(changesOf(await lookAt(world))).toEqual([]);
  });

  test('when a ready pod runs as its present owner', async () => {
    const world = worldIn();
    Object.assign(world.nas.disk.at('/mnt/main/immich/postgresql') ?? {}, { mode: 0o755 });
    addWorkload(world, {
      namespace: 'immich',
      name: 'exporter',
      kind: 'Deployment',
      nodes: ['k8s-node1'],
      claims: ['immich-postgresql-data'],
      user: 101,
    });
    expect(changesOf(await lookAt(world))).toEqual([]);
  });
});
