import { describe, expect, test } from 'vitest';
import diagnoseBlock from '../../runbooks/diagnose-block/index.ts';
import { stepsOf } from '../../src/core/plan.ts';
import { at } from '../lab/kubernetes/store.ts';
import { claimOf, diskOf, movePod, PLOTTING, VAULT, vmOf } from '../lab/scenarios/block-changes.ts';
import { podOf } from '../lab/scenarios/changes.ts';
import type { World } from '../lab/site/index.ts';
import type { DiskUser } from '../lab/site/node.ts';
import { kind } from '../lab/site/volumes.ts';
import { nodeOf } from '../lab/site/world.ts';
import { answersTo, changesOf, codesOf, lookAt, PODS, worldIn } from './world.ts';

const GHOSTS_AT = 'k8s-node3';
const ask = (world: World) => lookAt(world, { runbook: diagnoseBlock, words: ['all'] });

function guestOf(world: World, node: string, slot: string): string {
  const guest = vmOf(world, node).runtime.drives.get(slot)?.guest;
  if (guest === undefined) throw new Error(`${slot} is no disk of ${node}`);
  return guest;
}

function useGhost(world: World, use: Omit<DiskUser, 'device'>, part = ''): void {
  nodeOf(world, GHOSTS_AT).diskUsers.push({ device: `${guestOf(world, GHOSTS_AT, 'scsi7')}${part}`, ...use });
}

/** What makes scsi7 of the machine no ghost, or not known to be one. */
const NO_GHOST: readonly (readonly [what: string, change: (world: World) => void])[] = [
  [
    'a pod has it as a device',
    (world) =>
      useGhost(world, { how: 'given', by: '/var/lib/kubelet/plugins/kubernetes.io/csi/volumeDevices/publish/pvc-1/uid' }),
  ],
  ['LVM or dm-crypt holds it', (world) => useGhost(world, { how: 'held', by: 'dm-0' })],
  ['a partition of it is held', (world) => useGhost(world, { how: 'held', by: 'dm-0' }, '1')],
  ['the node swaps to it', (world) => useGhost(world, { how: 'swap' })],
  ['a program has it open', (world) => useGhost(world, { how: 'open' })],
  ['a loop device stands on it', (world) => useGhost(world, { how: 'loop' })],
  ['it is mounted in a namespace of its own', (world) => useGhost(world, { how: 'mounted' })],
  ['a partition of it is mounted', (world) => useGhost(world, { how: 'mounted' }, '1')],
  [
    'QEMU has it and the guest does not show it',
    (world) => {
      const { drives } = vmOf(world, GHOSTS_AT).runtime;
      const drive = drives.get('scsi7');
      if (drive !== undefined) drives.set('scsi7', { volume: drive.volume, vg: drive.vg });
    },
  ],
  ['Proxmox holds a lock on the machine', (world) => Object.assign(vmOf(world, GHOSTS_AT), { lock: 'backup' })],
  [
    'the machine is that of another cluster',
    (world) => void vmOf(world, GHOSTS_AT).config.set('net0', 'virtio=BC:24:11:7A:90:1E,bridge=vmbr1'),
  ],
  ['the machine has no network address', (world) => void vmOf(world, GHOSTS_AT).config.delete('net0')],
  [
    'its slot is on another storage than its volume',
    (world) => {
      const { config } = vmOf(world, GHOSTS_AT);
      config.set('scsi7', `${config.get('scsi7')}`.replace('local-lvm:', 'ssd:'));
    },
  ],
  [
    'a pod of the node is about to get it',
    (world) => {
      const volume = vmOf(world, GHOSTS_AT).runtime.drives.get('scsi7')?.volume.slice('vm-9999-'.length) ?? '';
      const held = world.store.get({ resource: kind('v1', 'persistentvolumes'), name: volume });
      const ref = at(held, 'spec', 'claimRef');
      const { namespace = '', name } = podOf(world, PLOTTING).metadata;
      const claimName = claimOf(PLOTTING).claim;
      // The claim of a pod that runs there is given this volume.
      world.store.patch(
        { resource: kind('v1', 'persistentvolumes'), name: volume },
        { spec: { claimRef: { ...Object(ref), namespace, name: claimName } } },
      );
      world.store.patch({ resource: PODS, namespace, name }, { spec: { nodeName: GHOSTS_AT } });
    },
  ],
];

const empties = (lines: readonly string[]) => lines.filter((line) => line.includes('--delete scsi7'));

describe('a disk without an attachment is taken out of its slot', () => {
  test('where nobody uses it in any way', async () => {
    expect(empties(changesOf(await ask(worldIn('block-few-ghosts'))))).toHaveLength(1);
  });

  test.each(NO_GHOST)('but not where %s', async (_what, change) => {
    const world = worldIn('block-few-ghosts');
    change(world);
    expect(empties(changesOf(await ask(world)))).toEqual([]);
  });

  test.each(NO_GHOST)('nor where %s only after it was planned', async (_what, change) => {
    const world = worldIn('block-few-ghosts');
    const step = stepsOf((await ask(world)).plan).find(({ title }) => title.includes('scsi7'));
    if (step === undefined) throw new Error('a step was planned');
    world.time.advance(61_000);
    expect(new Set(await answersTo(world, step))).toEqual(new Set(['yes']));
    change(world);
    expect((await answersTo(world, step)).every((answer) => answer === 'yes')).toBe(false);
  });
});

describe('a volume that its pod has as a device', () => {
  test('is well, and its chain is whole', async () => {
    const world = worldIn();
    const { persistent } = diskOf(world, PLOTTING);
    const node = [...world.nodes.values()].find(({ staged }) => staged.some(({ volume }) => volume === persistent));
    const staged = node?.staged.find(({ volume }) => volume === persistent);
    if (node === undefined || staged === undefined) throw new Error('its disk is mounted');
    const rest = <T extends { readonly volume: string }>(list: T[]) =>
      list.splice(0, list.length, ...list.filter(({ volume }) => volume !== persistent));
    rest(node.staged);
    rest(node.mounts);
    const by = `/var/lib/kubelet/plugins/kubernetes.io/csi/volumeDevices/publish/${persistent}/4f1b7c52`;
    node.diskUsers.push({ device: staged.device.slice('/dev/'.length), how: 'given', by });
    const look = await ask(world);
    expect(codesOf(look)).toEqual([]);
    expect(look.diagnosis.evidence.filter(({ status }) => status === 'bad')).toEqual([]);
  });
});

describe('a machine that is said to be off', () => {
  const OLD = 'k8s-node4';

  test.each([
    ['its node answers all the same', () => undefined],
    [
      'it was put to sleep and goes on where it was',
      (world: World) => void Object.assign(vmOf(world, OLD), { lock: 'suspended' }),
    ],
    ['its node still reports', (world: World) => void Object.assign(nodeOf(world, OLD), { sshAnswers: false })],
  ])('is not off where %s', async (_what, change) => {
    const world = worldIn('block-stale-attachment');
    Object.assign(vmOf(world, OLD), { status: 'stopped' });
    change(world);
    const look = await ask(world);
    expect(changesOf(look).filter((line) => line.includes('volumeattachments'))).toEqual([]);
    expect(codesOf(look)).not.toContain('stale-attachment vaultwarden/vaultwarden-data-proxmox');
  });
});

describe('a disk that was never plugged in', () => {
  test('is let alone once it has come after all: kubelet may be mounting it', async () => {
    const world = worldIn('block-wedged-hotplug');
    const [step] = stepsOf((await ask(world)).plan);
    if (step === undefined) throw new Error('a step was planned');
    expect(new Set(await answersTo(world, step))).toEqual(new Set(['yes']));
    const vm = vmOf(world, 'k8s-node3');
    const { volume } = diskOf(world, PLOTTING);
    const slot = [...vm.config].find(([, value]) => value.includes(volume.name))?.[0] ?? '';
    const wwn = /wwn=(0x[0-9a-f]+)/.exec(vm.config.get(slot) ?? '')?.[1] ?? '';
    vm.runtime.drives.set(slot, { volume: volume.name, vg: 'pve', wwn, guest: 'sdz' });
    expect((await answersTo(world, step)).every((answer) => answer === 'yes')).toBe(false);
  });
});

test('an attachment is not taken back where a pod of its node has come to want it since', async () => {
  const world = worldIn('block-stale-attachment');
  const [step] = stepsOf((await ask(world)).plan);
  if (step === undefined) throw new Error('a step was planned');
  const { namespace = '', name, ...metadata } = podOf(world, VAULT).metadata;
  const pod = podOf(world, VAULT);
  world.store.create({
    ...pod,
    metadata: { ...metadata, namespace, name: `${name}-two`, uid: 'b0c7a9f4-0000-4000-8000-000000000001' },
    spec: { ...Object(at(pod, 'spec')), nodeName: 'k8s-node4' },
  });
  expect(await answersTo(world, step)).toContain('no');
});

test('a move to another node is none of these', async () => {
  const world = worldIn();
  movePod(world, PLOTTING, GHOSTS_AT, { withinMs: 300_000 });
  expect(codesOf(await ask(world))).toEqual([]);
});
