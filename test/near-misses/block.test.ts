import { describe, expect, test } from 'vitest';
import diagnoseBlock from '../../runbooks/diagnose-block/index.ts';
import { stepsOf } from '../../src/core/plan.ts';
import { readerOver } from '../../src/core/reading.ts';
import { slotOfWwn, stagingOf, wwnOf } from '../../src/topology/block-names.ts';
import { addGhosts, attachmentOf, diskOf, plugByHand, VAULT, vmOf } from '../lab/scenarios/block-changes.ts';
import { podOf } from '../lab/scenarios/changes.ts';
import { GIB, newVolume } from '../lab/site/block.ts';
import { labTargets, type World } from '../lab/site/index.ts';
import { stagingPath } from '../lab/site/stager.ts';
import { nodeOf } from '../lab/site/world.ts';
import { answersTo, changesOf, codesOf, lookAt, VOLUMES, worldIn } from './world.ts';

const [OLD, NEW] = ['k8s-node4', 'k8s-node2'] as const;

const ask = (world: World, ...words: string[]) =>
  lookAt(world, { runbook: diagnoseBlock, words: words.length === 0 ? ['all'] : words });

function slotOf(world: World): string {
  const { name } = diskOf(world, VAULT).volume;
  const [slot] = [...vmOf(world, OLD).config].find(([, value]) => value.includes(name)) ?? [];
  if (slot === undefined) throw new Error('vaultwarden has a disk on its old node');
  return slot;
}

function setDrive(world: World, change: Partial<{ volume: string; guest: string }>): void {
  const { drives } = vmOf(world, OLD).runtime;
  const drive = drives.get(slotOf(world));
  if (drive !== undefined) drives.set(slotOf(world), { ...drive, ...change });
}

/** A disk that no claim has. */
function spareDisk(world: World): string {
  const name = 'vm-9999-pvc-00000000-0000-4000-8000-000000000001';
  world.hypervisor.volumes.push(newVolume({ name, sizeBytes: GIB, usedPercent: 1, createdMs: world.startedMs }));
  return name;
}

/** Everything that makes the attachment of a disk look stale, and one thing more. */
const NOT_STALE: readonly (readonly [what: string, change: (world: World) => void])[] = [
  [
    'the driver still has it mounted there',
    (world) => {
      const { volume, persistent } = diskOf(world, VAULT);
      const device = `/dev/${vmOf(world, OLD).runtime.drives.get(slotOf(world))?.guest}`;
      const mountPoint = stagingPath(`pve/pve/local-lvm/${volume.name}`);
      nodeOf(world, OLD).staged.push({
        volume: persistent,
        mountPoint,
        device,
        block: { volume: volume.name, gone: false },
        staysMounted: true,
      });
    },
  ],
  [
    'its disk is mounted there for another volume',
    (world) => {
      const device = `/dev/${vmOf(world, OLD).runtime.drives.get(slotOf(world))?.guest}`;
      const block = { volume: diskOf(world, VAULT).volume.name, gone: false };
      nodeOf(world, OLD).staged.push({ volume: 'other', mountPoint: stagingPath('other'), device, block, staysMounted: true });
    },
  ],
  ['QEMU has another disk in its slot', (world) => setDrive(world, { volume: 'vm-204-disk-0' })],
  [
    'QEMU has it in another slot',
    (world) => {
      const { drives } = vmOf(world, OLD).runtime;
      const drive = drives.get(slotOf(world));
      drives.delete(slotOf(world));
      if (drive !== undefined) drives.set('scsi28', drive);
    },
  ],
  [
    'its slot carries the name of another slot',
    (world) => {
      const { config } = vmOf(world, OLD);
      config.set(slotOf(world), `${config.get(slotOf(world))}`.replace(/wwn=0x[0-9a-f]+/, `wwn=${wwnOf(29)}`));
    },
  ],
  [
    'its configuration has it twice',
    (world) => {
      const { config } = vmOf(world, OLD);
      config.set('scsi29', `${config.get(slotOf(world))}`.replace(/wwn=0x[0-9a-f]+/, `wwn=${wwnOf(29)}`));
    },
  ],
  ['another machine has it as well', (world) => void plugByHand(world, 'k8s-node1', diskOf(world, VAULT).volume.name)],
  [
    'another volume names the same disk',
    (world) => {
      const volumeHandle = `pve/pve/local-lvm/${diskOf(world, VAULT).volume.name}`;
      const name =
        world.store.list({ resource: VOLUMES }).find(({ metadata }) => metadata.name !== diskOf(world, VAULT).persistent)
          ?.metadata.name ?? '';
      world.store.patch({ resource: VOLUMES, name }, { spec: { csi: { driver: 'csi.proxmox.sinextra.dev', volumeHandle } } });
    },
  ],
  [
    'its logical volume is gone',
    (world) => {
      const { volumes } = world.hypervisor;
      volumes.splice(volumes.indexOf(diskOf(world, VAULT).volume), 1);
    },
  ],
  ['QEMU of its machine does not answer', (world) => Object.assign(vmOf(world, OLD).runtime, { monitorHangs: true })],
  [
    'QEMU of any other machine does not answer',
    (world) => Object.assign(vmOf(world, 'k8s-node1').runtime, { monitorHangs: true }),
  ],
  ['Proxmox holds a lock on its machine', (world) => Object.assign(vmOf(world, OLD), { lock: 'backup' })],
  ['Proxmox holds a lock on the machine that is to get it', (world) => Object.assign(vmOf(world, NEW), { lock: 'snapshot' })],
  [
    'the node that is to get it has it mounted from another disk since long ago',
    (world) => {
      const { volume, persistent } = diskOf(world, VAULT);
      const mountPoint = stagingPath(`pve/pve/local-lvm/${volume.name}`);
      const other = plugByHand(world, NEW, spareDisk(world));
      const { guest, volume: name = '' } = vmOf(world, NEW).runtime.drives.get(other) ?? {};
      const block = { volume: name, gone: false };
      nodeOf(world, NEW).staged.push({ volume: persistent, mountPoint, device: `/dev/${guest}`, block, staysMounted: true });
    },
  ],
  ['its node cannot be asked', (world) => Object.assign(nodeOf(world, OLD), { sshAnswers: false })],
  [
    'the node that is to get it has a mount without its disk',
    (world) => {
      const block = { volume: 'vm-9999-pvc-gone', gone: true };
      nodeOf(world, NEW).staged.push({
        volume: 'gone',
        mountPoint: stagingPath('gone'),
        device: '/dev/sdq',
        block,
        staysMounted: true,
      });
    },
  ],
];

describe('an attachment of a disk that nobody mounts is taken back', () => {
  test('where every view of the disk agrees', async () => {
    const look = await ask(worldIn('block-stale-attachment'));
    expect(codesOf(look)).toEqual(['stale-attachment vaultwarden/vaultwarden-data-proxmox']);
    expect(changesOf(look)).toEqual([expect.stringContaining('/volumeattachments/')]);
  });

  test.each(NOT_STALE)('but not where %s', async (_what, change) => {
    const world = worldIn('block-stale-attachment');
    change(world);
    expect(changesOf(await ask(world)).filter((line) => line.includes('volumeattachments'))).toEqual([]);
  });

  test.each(NOT_STALE)('nor where %s only after it was planned', async (_what, change) => {
    const world = worldIn('block-stale-attachment');
    const [step] = stepsOf((await ask(world)).plan);
    if (step === undefined) throw new Error('a step was planned');
    expect(new Set(await answersTo(world, step))).toEqual(new Set(['yes']));
    change(world);
    expect((await answersTo(world, step)).every((answer) => answer === 'yes')).toBe(false);
  });

  test('whatever region and zone its handle names', async () => {
    const world = worldIn('block-stale-attachment');
    const { volume, persistent } = diskOf(world, VAULT);
    world.store.patch(
      { resource: VOLUMES, name: persistent },
      { spec: { csi: { volumeHandle: `homelab/thinkcentre/local-lvm/${volume.name}` } } },
    );
    expect(changesOf(await ask(world))).toHaveLength(1);
  });
});

describe('a WWN', () => {
  test('names a slot, the same on every machine', () => {
    expect(wwnOf(2)).toBe('0x5056432d49443032');
    expect(slotOfWwn('/dev/disk/by-id/wwn-0x5056432d49443239')).toBe(29);
    expect([slotOfWwn('0x5000c500a1b2c3d4'), slotOfWwn('0x5056432d49443')]).toEqual([undefined, undefined]);
  });

  test('says nothing of the volume; the directory of the mount does', () => {
    const handle = 'homelab/thinkcentre/local-lvm/vm-9999-pvc-8627cda8-9428-4b7a-9a77-c671d9fa82c1';
    expect(stagingOf(handle)).toContain('/cf45b62f3503875378ba798aefd94a77bb899f0e21ca8290de9d7663188a7049/globalmount');
  });
});

describe('a disk without an attachment', () => {
  test('is no ghost while its attachment is on its way', async () => {
    const look = await ask(worldIn('block-attach-in-progress'));
    expect(changesOf(look).filter((line) => line.includes('--delete'))).toHaveLength(1);
  });

  test('is looked at again a minute later, by the clock of the hypervisor', async () => {
    const world = worldIn('block-few-ghosts');
    const [cordon] = stepsOf((await ask(world)).plan);
    const targets = labTargets(world, { settleMs: 0 });
    if (cordon === undefined) throw new Error('a cordon was planned');
    await targets.change(cordon.change.command);
    const second = async () => (await cordon.after.holds(readerOver(targets.read))).answer;
    expect(await second()).toBe('no');
    world.time.advance(59_000);
    expect(await second()).toBe('no');
    world.time.advance(1_000);
    expect(await second()).toBe('yes');
  });

  test('is one of at most five in a run', async () => {
    const look = await ask(worldIn('block-ghost-disks'));
    expect(changesOf(look).filter((line) => line.includes('--delete'))).toHaveLength(5);
    expect(stepsOf(look.planAs('storagebot-3f2a9c81d0-1'))).toHaveLength(7);
    expect(stepsOf(look.planAs('storagebot-3f2a9c81d0-2'))).toEqual([]);
  });

  test('is left alone where it is mounted, and others of its machine are not', async () => {
    const look = await ask(worldIn('block-ghost-in-use'));
    expect(codesOf(look)).toContain('ghost-disk-in-use k8s-node3/scsi7');
    expect(changesOf(look).join()).not.toContain('scsi7');
  });
});

describe('an object that QEMU keeps', () => {
  test('poisons no slot that has its disk, or that the configuration has', async () => {
    const world = worldIn();
    expect(codesOf(await ask(world))).toEqual([]);
    const vm = vmOf(world, 'k8s-node3');
    vm.runtime.objects.add('throttle-drive-scsi0');
    vm.runtime.objects.add('throttle-drive-ide2');
    expect(codesOf(await ask(world))).toEqual([]);
    vm.runtime.objects.add('throttle-drive-scsi20');
    expect(codesOf(await ask(world))).toEqual(['poisoned-slot k8s-node3/scsi20']);
  });
});

describe('a pod that waits for a volume in use', () => {
  test('is not deleted where something else than a job made it', async () => {
    const look = await ask(worldIn('multi-attach'));
    expect(codesOf(look)).toEqual([expect.stringMatching(/^held-by-healthy-pod immich\/immich-redis-/)]);
    expect(changesOf(look)).toEqual([]);
  });

  test('is not judged by a holder that is not ready', async () => {
    const world = worldIn('block-job-elsewhere');
    world.cluster.report(podOf(world, { namespace: 'nextcloud', name: 'nextcloud' }), 'crashing');
    expect(changesOf(await ask(world))).toEqual([]);
  });
});

test('a machine of which only a little is known has no ghosts and is not well', async () => {
  const world = worldIn();
  addGhosts(world, 'k8s-node3', 2);
  Object.assign(vmOf(world, 'k8s-node3').runtime, { monitorHangs: true });
  const { diagnosis } = await ask(world);
  expect(diagnosis.findings).toEqual([]);
  expect(diagnosis.evidence.some(({ status }) => status === 'unknown')).toBe(true);
  expect(attachmentOf(world, VAULT).attached).toBe(true);
});
