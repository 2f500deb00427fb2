import { describe, expect, test } from 'vitest';
import { deleteAttachment, volumeAttachments } from '../../../src/commands/block-attachments.ts';
import { blockDevices, blockMounts, byId, fileSystemErrors } from '../../../src/commands/block-devices.ts';
import { dropLeftovers, monitorBlock, monitorObjects } from '../../../src/commands/block-monitor.ts';
import { eventsOf, NODES, podsOfNamespace } from '../../../src/commands/cluster.ts';
import { deletePod } from '../../../src/commands/cluster-changes.ts';
import { unlinkSlot, vmConfig } from '../../../src/commands/proxmox-vm.ts';
import type { Read } from '../../../src/core/command.ts';
import { kubernetes, on } from '../../../src/core/command.ts';
import { isFailure } from '../../../src/core/output.ts';
import { readerOver } from '../../../src/core/reading.ts';
import { fillNode, movePod, PLOTTING, takeDown } from '../scenarios/block-changes.ts';
import { scenarioNamed } from '../scenarios/index.ts';
import { attachmentName } from './attachments.ts';
import { volumeNamed, wwnOf } from './block.ts';
import { labTargets, worldOf } from './index.ts';
import { blockName, logicalName } from './populate-block.ts';
import { kind } from './volumes.ts';

const PVE = { name: 'pve', sudo: false };
const NODE = { name: 'k8s-node3', sudo: true };
const API = { node: 'pve' };
const CLAIM = { namespace: 'plotting-book', claim: 'plotting-book-data-proxmox' };
const [VOLUME, DISK] = [blockName(CLAIM), logicalName(CLAIM)];
const OFF = { key: 'node.kubernetes.io/out-of-service', value: 'nodeshutdown', effect: 'NoExecute' };

/** A world, and a way to ask it that never remembers. */
function setUp(name: string) {
  const world = worldOf({ scenario: scenarioNamed(name), hangScale: 0.000_1 });
  const targets = labTargets(world, { settleMs: 0 });
  const ask = async <T>(read: Read<T>): Promise<T> => {
    const seen = await readerOver(targets.read)(read);
    if (!seen.known) throw new Error(`${seen.line}: ${seen.why.says}`);
    return seen.value;
  };
  const said = async (command: Parameters<typeof targets.change>[0]) => {
    const outcome = await targets.change(command);
    if (isFailure(outcome)) throw new Error(outcome.says);
    return outcome;
  };
  const attachments = async () => (await ask(volumeAttachments())).filter((one) => one.persistentVolume === VOLUME);
  const pods = async () =>
    (await ask(podsOfNamespace('plotting-book'))).map(({ node, phase, ready }) => ({ node, phase, ready }));
  const slotsOf = async (vmid: number) =>
    (await ask(vmConfig(API, vmid))).slots.filter(({ volume }) => volume.endsWith(DISK)).map(({ slot }) => slot);
  const messages = async (namespace = 'plotting-book') => (await ask(eventsOf(namespace))).map(({ message }) => message);
  return { world, ask, said, attachments, pods, slotsOf, messages };
}

const RUNS_ON = (node: string) => [{ node, phase: 'Running', ready: true }];

test('a slot is named by its number, on every machine alike', () => {
  expect([wwnOf(2), wwnOf(12)]).toEqual(['0x5056432d49443032', '0x5056432d49443132']);
});

/** What a person would type into the monitor of the machine. */
function typed(input: string) {
  return { ...on(PVE, 5_000, 'qm', 'monitor', '203'), input };
}

describe('a healthy disk', () => {
  test('is the same one in every view', async () => {
    const { ask, attachments } = setUp('all-well');
    const node = { name: 'k8s-node4', sudo: true };
    expect(await attachments()).toMatchObject([{ node: 'k8s-node4', attached: true, deleting: false }]);
    const [{ devicePath = '' } = {}] = await attachments();
    const wwn = devicePath.replace('/dev/disk/by-id/wwn-', '');
    const { slots } = await ask(vmConfig(API, 204));
    expect(slots.find(({ volume }) => volume === `local-lvm:${DISK}`)?.options).toMatchObject({ size: '1G', wwn });
    const drives = await ask(monitorBlock(PVE, 204));
    const slot = slots.find(({ volume }) => volume.endsWith(DISK))?.slot;
    expect(drives.answers && drives.has.find(({ volume }) => volume === DISK)).toMatchObject({ slot, attached: true });
    const device = (await ask(blockDevices(node))).find((one) => one.wwn === wwn);
    expect((await ask(byId(node))).find(({ name }) => name === `wwn-${wwn}`)?.device).toBe(device?.name);
    const own = (await ask(blockMounts(node))).filter(({ number }) => number === device?.number);
    expect(own.map(({ mountPoint }) => mountPoint.replace(/.*\//, ''))).toEqual(['globalmount', 'mount']);
  });

  test('goes with its pod to another node, into the lowest free slot there', async () => {
    const { world, attachments, pods, slotsOf } = setUp('all-well');
    movePod(world, PLOTTING, 'k8s-node3');
    expect(await pods()).toEqual(RUNS_ON('k8s-node3'));
    expect([await slotsOf(204), await slotsOf(203)]).toEqual([[], ['scsi6']]);
    const handle = `pve/pve/local-lvm/${DISK}`;
    expect((await attachments()).map(({ name }) => name)).toEqual([attachmentName({ handle, node: 'k8s-node3' })]);
    expect(volumeNamed(world.hypervisor, DISK)?.fileSystem?.destroyed).toBe(false);
  });
});

describe('a second pod', () => {
  test('waits for a disk that a pod on another node has, and is told so once', async () => {
    const { world, messages } = setUp('multi-attach');
    world.time.advance(600_000);
    const found = await messages('immich');
    expect(found.filter((message) => message?.startsWith('Multi-Attach'))).toEqual([
      expect.stringMatching(/^Multi-Attach error for volume "pvc-\S+" Volume is already used by pod\(s\) immich-redis-\S+$/),
    ]);
  });

  test('of a job ends when it is deleted, and the pod that has the disk goes on', async () => {
    const { world, ask, said } = setUp('block-job-elsewhere');
    const waiting = (await ask(podsOfNamespace('nextcloud'))).find(({ name }) => name.includes('backup'));
    if (waiting === undefined) throw new Error('no pod');
    await said(deletePod(waiting).command);
    world.time.advance(60_000);
    expect((await ask(podsOfNamespace('nextcloud'))).map(({ node, ready }) => [node, ready])).toEqual([['k8s-node3', true]]);
  });
});

describe('a node that does not report', () => {
  test('keeps its disks until its pods are gone, and for six minutes more', async () => {
    const { world, attachments } = setUp('block-node-off');
    world.time.advance(3_600_000);
    expect(await attachments()).toMatchObject([{ node: 'k8s-node4', attached: true }]);
    for (const pod of world.cluster.pods().filter((one) => one.metadata.name.startsWith('plotting-book')))
      if (pod.metadata.deletionTimestamp !== undefined) world.cluster.forget(pod);
    world.time.advance(350_000);
    expect(await attachments()).toMatchObject([{ node: 'k8s-node4' }]);
    world.time.advance(20_000);
    expect(await attachments()).toMatchObject([{ node: 'k8s-node1', attached: true }]);
  });

  test('loses its pods and its disks at once when somebody says that it is off', async () => {
    const { world, said, attachments, pods } = setUp('block-node-off');
    await said(kubernetes({ verb: 'patch', resource: NODES, name: 'k8s-node4', patch: { spec: { taints: [OFF] } } }));
    world.time.advance(30_000);
    expect(await attachments()).toMatchObject([{ node: 'k8s-node1', attached: true }]);
    expect(await pods()).toEqual(RUNS_ON('k8s-node1'));
  });

  test('destroys a file system that it still writes to when another node mounts it', async () => {
    const { world, said } = setUp('block-node-silent');
    const vm = world.hypervisor.vms.get(204);
    if (vm === undefined) throw new Error('no machine');
    // The slot cannot be taken out of a QEMU that does not answer, and the driver takes no notice.
    const slot = [...vm.config].find(([, value]) => value.includes(DISK))?.[0] ?? '';
    vm.config.delete(slot);
    await said(kubernetes({ verb: 'patch', resource: NODES, name: 'k8s-node4', patch: { spec: { taints: [OFF] } } }));
    world.time.advance(60_000);
    expect(volumeNamed(world.hypervisor, DISK)?.fileSystem?.destroyed).toBe(true);
  });
});

describe('a full machine', () => {
  test('takes 29 disks beside its own, and no further one', async () => {
    const { world, attachments, messages, pods } = setUp('all-well');
    fillNode(world, 'k8s-node3', 24);
    movePod(world, PLOTTING, 'k8s-node3');
    expect(await attachments()).toMatchObject([
      { attached: false, attachError: 'rpc error: code = Internal desc = no free lun found' },
    ]);
    expect(await messages()).toContain(
      `AttachVolume.Attach failed for volume "${VOLUME}" : rpc error: code = Internal desc = no free lun found`,
    );
    takeDown(world, { namespace: 'tenants', name: 'tenant-302' });
    world.time.advance(180_000);
    expect(await pods()).toEqual(RUNS_ON('k8s-node3'));
  });
});

describe('a disk that was not plugged in', () => {
  test('is in the configuration and nowhere else; deleting the attachment tries again', async () => {
    const { world, ask, said, attachments, pods, slotsOf, messages } = setUp('block-wedged-hotplug');
    expect(await slotsOf(203)).toEqual(['scsi6']);
    const drives = await ask(monitorBlock(PVE, 203));
    expect(drives.answers && drives.has.some(({ volume }) => volume === DISK)).toBe(false);
    expect(await messages()).toContain(
      `MountVolume.MountDevice failed for volume "${VOLUME}" : rpc error: code = InvalidArgument desc = device /dev/disk/by-id/wwn-${wwnOf(6)} is not found`,
    );
    const [attachment] = await attachments();
    if (attachment === undefined) throw new Error('no attachment');
    expect(attachment.attached).toBe(true);
    await said(deleteAttachment(attachment).command);
    world.time.advance(30_000);
    expect(await pods()).toEqual(RUNS_ON('k8s-node3'));
  });

  test('stays so on a machine that plugs nothing in any more', async () => {
    const { world, said, attachments, pods } = setUp('block-wedged-for-good');
    const [attachment] = await attachments();
    if (attachment === undefined) throw new Error('no attachment');
    await said(deleteAttachment(attachment).command);
    world.time.advance(60_000);
    expect((await attachments()).map(({ attached, uid }) => [attached, uid === attachment.uid])).toEqual([[true, false]]);
    expect(await pods()).toMatchObject([{ node: 'k8s-node3', ready: false }]);
  });
});

describe('a slot that QEMU keeps an object of', () => {
  test('takes no disk, which the driver does not notice, until drive and object are gone, in this order', async () => {
    const { world, ask, said, attachments, pods, slotsOf } = setUp('block-poisoned-slot');
    const objects = async () => {
      const answer = await ask(monitorObjects(PVE, 203));
      return answer.answers && answer.has.includes('throttle-drive-scsi6');
    };
    expect([await slotsOf(203), await objects()]).toEqual([[], true]);
    expect(world.hypervisor.tasks.find(({ id }) => id === '203')?.status).toBe(
      "400 Parameter verification failed. scsi6: hotplug problem - VM 203 qmp command 'object-add' failed - attempt to add duplicate property 'throttle-drive-scsi6' to object (type 'container')",
    );
    expect((await said(typed('object_del throttle-drive-scsi6'))).stdout).toContain(
      "Error: object 'throttle-drive-scsi6' is in use, can not be deleted",
    );
    await said(dropLeftovers(PVE, 203, 6).command);
    expect(await objects()).toBe(false);
    expect((await said(typed('object_del throttle-drive-scsi6'))).stdout).toContain(
      "Error: object 'throttle-drive-scsi6' not found",
    );
    const [attachment] = await attachments();
    if (attachment === undefined) throw new Error('no attachment');
    await said(deleteAttachment(attachment).command);
    world.time.advance(30_000);
    expect([await slotsOf(203), await pods()]).toEqual([['scsi6'], RUNS_ON('k8s-node3')]);
  });

  test('belongs to a disk that is in use: neither its drive nor its object can be taken', async () => {
    const { said } = setUp('all-well');
    expect((await said(typed('drive_del drive-scsi1'))).stdout).toContain('Error: Node drive-scsi1 is in use');
    expect((await said(typed('object_del throttle-drive-scsi1'))).stdout).toContain('is in use, can not be deleted');
    expect((await said(typed('drive_del drive-scsi9'))).stdout).toContain("Error: Device 'drive-scsi9' not found");
  });
});

test('a disk that is pulled out of a machine that has it mounted leaves a file system that is given up', async () => {
  const { world, ask, said, slotsOf } = setUp('all-well');
  movePod(world, PLOTTING, 'k8s-node3');
  const [slot = ''] = await slotsOf(203);
  await said(unlinkSlot(API, 203, slot).command);
  expect((await ask(fileSystemErrors(NODE))).map(({ device }) => device)).toEqual(['sdg', 'sdg']);
  const devices = await ask(blockDevices(NODE));
  expect(devices.map(({ name }) => name)).not.toContain('sdg');
  const mounts = await ask(blockMounts(NODE));
  expect(mounts.filter(({ source }) => source === '/dev/sdg')).toHaveLength(2);
});

test('a token that is refused keeps every disk from being attached, and nothing from running', async () => {
  const { world, attachments } = setUp('block-token-forbidden');
  const error = 'rpc error: code = Internal desc = 403 Permission check failed (/vms/202, VM.Config.Disk)';
  expect(await attachments()).toMatchObject([{ node: 'k8s-node2', attached: false, attachError: error }]);
  world.hypervisor.driverToken = 'accepted';
  world.time.advance(120_000);
  expect(await attachments()).toMatchObject([{ attached: true }]);
});

test('an attachment that nobody looks after any more goes when it is deleted, and its pod runs elsewhere', async () => {
  const { world, ask, said } = setUp('block-stale-attachment');
  const volume = blockName({ namespace: 'vaultwarden', claim: 'vaultwarden-data-proxmox' });
  const own = async () => (await ask(volumeAttachments())).filter(({ persistentVolume }) => persistentVolume === volume);
  const [stale] = await own();
  if (stale === undefined) throw new Error('no attachment');
  world.time.advance(3_600_000);
  expect(await own()).toMatchObject([{ node: 'k8s-node4', uid: stale.uid }]);
  await said(deleteAttachment(stale).command);
  world.time.advance(30_000);
  expect(await own()).toMatchObject([{ node: 'k8s-node2', attached: true }]);
});

test('a mount of the driver that stayed is used again, whatever disk is there now', async () => {
  const { world } = setUp('block-stale-staging');
  movePod(world, PLOTTING, 'k8s-node3');
  const node = world.nodes.get('k8s-node3');
  const own = node?.mounts.filter(({ volume }) => volume === VOLUME);
  expect(own?.map(({ block }) => block?.gone)).toEqual([true]);
});

test('a pod whose claim is not there is sent to no node, and runs once it is', async () => {
  const { world, pods, messages } = setUp('all-well');
  const claims = kind('v1', 'persistentvolumeclaims');
  const name = { resource: claims, namespace: CLAIM.namespace, name: CLAIM.claim };
  const { resourceVersion: _version, ...metadata } = world.store.get(name).metadata;
  const claim = { ...world.store.get(name), metadata };
  world.store.delete(name);
  world.cluster.end(world.cluster.podsOf(world.cluster.workload(PLOTTING.namespace, PLOTTING.name))[0] ?? none());
  world.time.advance(30_000);
  expect(await pods()).toEqual([{ node: undefined, phase: 'Pending', ready: false }]);
  expect(await messages()).toContain(`0/5 nodes are available: persistentvolumeclaim "${CLAIM.claim}" not found.`);
  world.store.create(claim);
  world.time.advance(30_000);
  expect(await pods()).toMatchObject([{ phase: 'Running', ready: true }]);
});

function none(): never {
  throw new Error('no pod');
}
