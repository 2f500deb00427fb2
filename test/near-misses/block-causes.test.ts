import { describe, expect, test } from 'vitest';
import diagnoseBlock from '../../runbooks/diagnose-block/index.ts';
import { verdictOf } from '../../src/core/finding.ts';
import { at } from '../lab/kubernetes/store.ts';
import {
  abortJournal,
  addOwnDisks,
  CLOUD,
  diskOf,
  NOVEL_APP,
  PLOTTING,
  slotsTaken,
  stagedOf,
  VAULT,
  vmOf,
} from '../lab/scenarios/block-changes.ts';
import { exhaust } from '../lab/scenarios/capacity-changes.ts';
import { podOf } from '../lab/scenarios/changes.ts';
import { attachmentsOf, release } from '../lab/site/attachments.ts';
import { slotValue } from '../lab/site/block.ts';
import { uidOf } from '../lab/site/ids.ts';
import { type World } from '../lab/site/index.ts';
import { power } from '../lab/site/power.ts';
import { dropSlot, setSlot } from '../lab/site/vm-disks.ts';
import { kind } from '../lab/site/volumes.ts';
import { nodeOf } from '../lab/site/world.ts';
import { changesOf, codesOf, lookAt, VOLUMES, worldIn } from './world.ts';

const NODE = 'k8s-node3';
const ask = (world: World) => lookAt(world, { runbook: diagnoseBlock, words: ['all'] });

describe('a machine without a free slot', () => {
  const full = (world: World, node: string) => addOwnDisks(world, node, 29 - slotsTaken(world, node));

  test('gives none of its pods away where no other machine has one either', async () => {
    const world = worldIn('block-slot-cap');
    for (const node of ['k8s-node2', 'k8s-node3']) full(world, node);
    expect(changesOf(await ask(world))).toHaveLength(2);
    full(world, 'k8s-node4');
    const look = await ask(world);
    expect(codesOf(look)).toEqual(['slot-cap k8s-node1']);
    expect(changesOf(look)).toEqual([]);
  });

  test('is none any more once a slot is free: the driver tries again by itself', async () => {
    const world = worldIn('block-slot-cap');
    const vm = vmOf(world, 'k8s-node1');
    dropSlot(world, vm, [...vm.config].find(([, value]) => value.includes('vm-201-disk-1'))?.[0] ?? '');
    const look = await ask(world);
    expect(codesOf(look)).toEqual([]);
    expect(verdictOf(look.diagnosis)).toBe('blind');
  });

  test('is not wedged for being off', async () => {
    const world = worldIn('block-machine-wedged');
    power(world, vmOf(world, NODE), { action: 'stop', user: 'root@pam' });
    world.time.advance(5_000);
    expect(codesOf(await ask(world))).not.toContain('machine-wedged k8s-node3');
  });
});

describe('the token of the driver', () => {
  const says = (world: World, about: { uid: string }, [reason, message]: readonly [string, string]) =>
    world.store.create({
      apiVersion: 'v1',
      kind: 'Event',
      metadata: { name: `said.${reason}`, namespace: 'default', uid: uidOf(`event/${reason}`) },
      involvedObject: { kind: 'Pod', name: 'one', namespace: 'default', ...about },
      type: 'Warning',
      reason,
      message,
    });
  const REFUSED = 'AttachVolume.Attach failed for volume "pvc-1" : 403 Permission check failed (/vms/203, VM.Config.Disk)';

  test.each([
    ['a registry refuses an image', ['Failed', 'Failed to pull image "r.io/x": 401 Unauthorized: invalid token']],
    ['it was refused for a pod that is gone or runs by now', ['FailedAttachVolume', REFUSED]],
  ] as const)('is not blamed where %s', async (_what, said) => {
    const world = worldIn();
    says(world, podOf(world, VAULT).metadata, said);
    expect(codesOf(await ask(world))).toEqual([]);
  });

  test('is, where a pod waits for it now', async () => {
    const world = worldIn('block-stale-attachment');
    says(world, podOf(world, VAULT).metadata, ['FailedAttachVolume', REFUSED]);
    const look = await ask(world);
    expect(codesOf(look)).toContain('token-refused csi.proxmox.sinextra.dev');
    expect(changesOf(look)).toEqual([]);
  });
});

describe('a node without the driver', () => {
  const unregister = (world: World) =>
    world.store.patch({ resource: kind('storage.k8s.io/v1', 'csinodes'), name: 'k8s-master' }, { spec: { drivers: [] } });
  const driverPod = (world: World) => {
    const pods = world.cluster.pods().filter(({ metadata }) => metadata.name.startsWith('proxmox-csi-plugin-node'));
    const pod = pods.find((each) => at(each, 'spec', 'nodeName') === 'k8s-master');
    if (pod === undefined) throw new Error('the driver has a pod there');
    return pod;
  };

  test('is no fault where it is not to be and nothing has a volume of it', async () => {
    const world = worldIn();
    unregister(world);
    world.cluster.forget(driverPod(world));
    expect(codesOf(await ask(world))).toEqual([]);
  });

  test('gets its pod anew, and not one that has not started yet', async () => {
    const world = worldIn();
    unregister(world);
    expect(changesOf(await ask(world))).toEqual([expect.stringContaining('/pods/proxmox-csi-plugin-node-')]);
    const { namespace = '', name } = driverPod(world).metadata;
    world.store.patch({ resource: kind('v1', 'pods'), namespace, name }, { status: { phase: 'Pending' } });
    const look = await ask(world);
    expect(codesOf(look)).toEqual(['driver-not-registered k8s-master']);
    expect(changesOf(look)).toEqual([]);
  });
});

describe('an ill pool', () => {
  test('is the one cause, however many pods wait for machines that stand still', async () => {
    const world = worldIn('block-pool-errors');
    world.time.advance(600_000);
    expect(codesOf(await ask(world))).toEqual(['pool-out-of-space pve/data']);
  });

  test('of other storages hides no file system that is ill by itself', async () => {
    const world = worldIn();
    exhaust(world, []);
    abortJournal(world, CLOUD);
    expect(codesOf(await ask(world))).toEqual(['pool-out-of-space pve/data']);
    const name = diskOf(world, CLOUD).persistent;
    const volumeHandle = `pve/pve/local/${diskOf(world, CLOUD).volume.name}`;
    world.store.patch({ resource: VOLUMES, name }, { spec: { csi: { volumeHandle } } });
    expect(codesOf(await ask(world))).toContain('file-system-read-only nextcloud/nextcloud-data-proxmox');
  });
});

describe('a file system', () => {
  test('that is mounted read-only on purpose is not ill', async () => {
    const world = worldIn();
    const { staged, node } = stagedOf(world, CLOUD);
    for (const mount of [staged, ...(world.nodes.get(node)?.mounts ?? [])])
      if (mount.volume === staged.volume) mount.readOnly = true;
    expect(codesOf(await ask(world))).toEqual(['file-system-read-only nextcloud/nextcloud-data-proxmox']);
    world.store.patch({ resource: VOLUMES, name: staged.volume }, { spec: { mountOptions: ['noatime', 'ro'] } });
    expect(codesOf(await ask(world))).toEqual([]);
  });

  test('that has no byte left is not well for its inodes', async () => {
    const world = worldIn();
    Object.assign(diskOf(world, CLOUD).fileSystem, { usedBytes: diskOf(world, CLOUD).volume.sizeBytes });
    expect(codesOf(await ask(world))).toEqual(['file-system-full nextcloud/nextcloud-data-proxmox']);
  });
});

/** What is ill, and the one fact without which it is not. */
const WITHOUT: readonly (readonly [scenario: string, code: string, what: string, change: (world: World) => void])[] = [
  [
    'block-node-silent',
    'held-by-lost-node',
    'the node reports',
    (world) => {
      const node = nodeOf(world, 'k8s-node4');
      Object.assign(node, { isUp: true, sshAnswers: true });
      world.cluster.setReady(node, 'True');
    },
  ],
  [
    'block-wrong-controller',
    'wrong-controller',
    'its controller is the right one',
    (world) => void vmOf(world, NODE).config.set('scsihw', 'virtio-scsi-pci'),
  ],
  [
    'block-shared-device',
    'shared-device',
    'one of the two is not mounted',
    (world) => {
      const { staged, node } = stagedOf(world, PLOTTING);
      const all = nodeOf(world, node).staged;
      all.splice(all.indexOf(staged), 1);
    },
  ],
  [
    'block-main-disk',
    'foreign-disk',
    "the slot has the claim's disk",
    (world) => {
      const vm = vmOf(world, NODE);
      const slot = [...vm.config].findLast(([, value]) => value.includes('vm-203-disk-0'))?.[0] ?? '';
      dropSlot(world, vm, slot);
      setSlot(world, vm, { slot, value: slotValue(diskOf(world, PLOTTING).volume, Number(slot.replace('scsi', ''))) });
    },
  ],
  [
    'block-stale-staging',
    'stale-mount',
    'the mount has gone',
    (world) => {
      const all = nodeOf(world, NODE).staged;
      all.splice(0, all.length, ...all.filter(({ block }) => !block.gone));
    },
  ],
  [
    'block-open-elsewhere',
    'open-elsewhere',
    'the workstation gave it back',
    (world) => {
      const vm = world.hypervisor.vms.get(102);
      if (vm !== undefined) dropSlot(world, vm, 'scsi1');
    },
  ],
  ['block-open-twice', 'open-twice', 'one machine has it', (world) => void dropSlot(world, vmOf(world, NODE), 'scsi6')],
  [
    'block-inodes',
    'inodes-exhausted',
    'there is an inode in fifty left',
    (world) => void Object.assign(diskOf(world, CLOUD).fileSystem, { inodesUsedPercent: 98 }),
  ],
  [
    'claim-full',
    'file-system-full',
    'a tenth is left',
    (world) => {
      const { fileSystem, volume } = diskOf(world, NOVEL_APP);
      Object.assign(fileSystem, { usedBytes: volume.sizeBytes * 0.9 });
    },
  ],
  [
    'block-pool-queues',
    'pool-out-of-space',
    'a hundredth of the pool is left',
    (world) => void Object.assign(world.hypervisor.thinPool, { dataPercent: 99, attributes: 'twi-aotz--' }),
  ],
  [
    'block-pool-metadata',
    'pool-metadata-full',
    'a hundredth of its metadata is left',
    (world) => void Object.assign(world.hypervisor.thinPool, { metadataPercent: 99, attributes: 'twi-aotz--' }),
  ],
  [
    'block-machine-wedged',
    'machine-wedged',
    'its QEMU answers',
    (world) => void Object.assign(vmOf(world, NODE).runtime, { monitorHangs: false }),
  ],
  [
    'block-zombie-node',
    'node-without-machine',
    'the node has gone',
    (world) => void world.store.delete({ resource: kind('v1', 'nodes'), name: 'k8s-node6' }),
  ],
  [
    'block-node-gone',
    'node-gone',
    'the last attachment has gone',
    (world) => {
      for (const { name } of attachmentsOf(world.store).filter(({ node }) => node === 'k8s-node4')) release(world.store, name);
    },
  ],
  [
    'csi-network-down',
    'network-down-first',
    'the network is ready',
    (world) => {
      for (const pod of world.cluster.pods().filter(({ metadata }) => metadata.name.startsWith('calico-node')))
        world.cluster.report(pod, 'ready');
    },
  ],
];

describe('a cause', () => {
  test.each(WITHOUT)('of %s is %s, and not where %s', async (scenario, code, _what, change) => {
    const world = worldIn(scenario);
    const codes = async () => (await ask(world)).diagnosis.findings.map((finding): string => finding.code);
    expect(await codes()).toContain(code);
    change(world);
    expect(await codes()).not.toContain(code);
  });
});
