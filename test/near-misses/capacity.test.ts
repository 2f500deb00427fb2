import { describe, expect, test } from 'vitest';
import diagnoseCapacity from '../../runbooks/diagnose-capacity/index.ts';
import { verdictOf } from '../../src/core/finding.ts';
import { stepsOf } from '../../src/core/plan.ts';
import { readerOver } from '../../src/core/reading.ts';
import { fillNode } from '../lab/scenarios/block-changes.ts';
import {
  DAY_MS,
  fill,
  hypervisorSays,
  OUT_OF_DATA,
  PROMETHEUS,
  snapshots,
  stopMachines,
} from '../lab/scenarios/capacity-changes.ts';
import { attachmentsOf } from '../lab/site/attachments.ts';
import { newVolume } from '../lab/site/block.ts';
import { labSite, labTargets, type World } from '../lab/site/index.ts';
import { fail } from '../lab/site/shell.ts';
import { kind } from '../lab/site/volumes.ts';
import { answersOf, changed, look } from './capacity-world.ts';
import { changesOf, codesOf, worldIn } from './world.ts';

const GIB = 2 ** 30;
const ATTACHMENTS = kind('storage.k8s.io/v1', 'volumeattachments');

function pool(about: Partial<World['hypervisor']['thinPool']>): World {
  return changed(({ hypervisor }) => void Object.assign(hypervisor.thinPool, about));
}

describe('a thin pool', () => {
  test.each([
    [79.99, 3, []],
    [80, 3, ['thin-data-high pve/data']],
    [89.99, 3, ['thin-data-high pve/data']],
    [90, 3, ['thin-data-critical pve/data']],
    [50, 74.99, []],
    [50, 75, ['thin-metadata-high pve/data']],
    [50, 90, ['thin-metadata-critical pve/data']],
    [91, 91, ['thin-metadata-critical pve/data', 'thin-data-critical pve/data']],
  ])('with %d % of its data and %d % of its metadata', async (dataPercent, metadataPercent, expected) => {
    const world = pool({ dataPercent, metadataPercent });
    world.monitoring.pool = { percentPerDay: 0 };
    expect(codesOf(await look(world))).toEqual(expected);
  });

  test('that LVM says is out of space is so whatever its figure is', async () => {
    expect(codesOf(await look(pool({ dataPercent: 99.4, attributes: 'twi-aotzD-' })))).toEqual(['thin-data-full pve/data']);
    expect(codesOf(await look(pool({ metadataPercent: 97, attributes: 'twi-cotzM-' })))).toEqual(['thin-metadata-full pve/data']);
  });

  test('that was out of space a week ago, and is not any more, is well', async () => {
    const { diagnosis } = await look(changed((world) => hypervisorSays(world, ...OUT_OF_DATA)));
    expect(verdictOf(diagnosis)).toBe('well');
    expect(diagnosis.evidence.map(({ says }) => says).join('\n')).toContain('was in trouble, and is not any more');
  });

  test('that empties is not going to be full', async () => {
    const world = pool({ dataPercent: 78 });
    world.monitoring.pool = { percentPerDay: -2 };
    expect(codesOf(await look(world))).toEqual([]);
  });

  test.each<[string, number, (agoDays: number) => number]>([
    ['whose figures stand still while it fills', 78, () => 60],
    ['that was emptied two days ago', 78, (ago) => (ago < 2 ? 22 : 5 + ago * 2)],
    ['whose figures are those of another one', 40, (ago) => 10 + ago],
  ])('%s has no forecast', async (_how, dataPercent, freeAt) => {
    const world = pool({ dataPercent });
    world.monitoring.pool = undefined;
    const labels = { __name__: 'lvm_snapshot_thinpool_free_pct', job: 'lvm-pvc-snapshot', instance: 'pushgateway' };
    world.monitoring.more.push({ labels, at: (timeMs) => freeAt((world.time.nowMs - timeMs) / DAY_MS) });
    const found = await look(world);
    expect(codesOf(found)).toEqual([]);
    expect(found.diagnosis.evidence.map(({ says }) => says).join('\n')).toContain('no forecast');
  });

  test('whose metadata is full gives up no snapshot, and its data space is not extended', async () => {
    const world = pool({ dataPercent: 100, metadataPercent: 100, attributes: 'twi-cotzM-', metadataSizeBytes: 2 * GIB });
    snapshots(world, PROMETHEUS, [1, 20, 30]);
    expect(changesOf(await look(world))).toEqual(['pve$ lvextend --poolmetadatasize +1G pve/data']);
  });

  test.each<[string, number, Partial<World['hypervisor']['thinPool']>, number]>([
    ['with the extents for it', 160, {}, 1],
    ['with exactly them and what metadata may need', 135, {}, 1],
    ['with an extent less', 135 - 2 ** -8, {}, 0],
    ['whose metadata fills up too', 160, { metadataPercent: 75, metadataSizeBytes: 16 * GIB }, 0],
    ['that has failed', 160, { attributes: 'twi-aotzF-' }, 0],
    ['that is nearly full, and no more', 160, { dataPercent: 89.9, attributes: 'twi-aotz--' }, 0],
  ])('out of space %s (of %d GiB free)', async (_how, freeGib, about, count) => {
    const world = worldIn('thin-data-extendable');
    const [group] = world.hypervisor.groups;
    if (group !== undefined) group.freeBytes = freeGib * GIB;
    Object.assign(world.hypervisor.thinPool, about);
    expect(changesOf(await look(world)).filter((line) => line.includes('--size'))).toHaveLength(count);
  });

  test.each<[string, number, string, number]>([
    ['nearly full', 92, 'twi-aotz--', 1],
    ['high, and no more', 89, 'twi-aotz--', 0],
    ['full', 100, 'twi-cotzM-', 0],
  ])(
    'whose metadata is %s and cannot grow gives up what has expired where that helps',
    async (_how, metadataPercent, attributes, count) => {
      const world = pool({ metadataPercent, attributes });
      snapshots(world, PROMETHEUS, [1, 20]);
      expect(changesOf(await look(world)).filter((line) => line.includes('lvremove'))).toHaveLength(count);
    },
  );

  test('in which restores left volumes says which', async () => {
    const says = async (world: World) => (await look(world)).diagnosis.evidence.map((each) => each.says).join('\n');
    const world = changed(({ hypervisor }) => {
      const kept = { sizeBytes: 8 * GIB, usedPercent: 50, createdMs: 0 };
      hypervisor.volumes.push(newVolume({ name: 'vm-9999-pvc-1_storagebot-3f2a9c81d0-2-before', ...kept }));
    });
    expect(await says(world)).toMatch(/put aside .*until a person removes it: vm-9999-pvc-1_storagebot-3f2a9c81d0-2-before/);
    expect(await says(worldIn())).not.toContain('put aside');
  });

  test('whose group has less than 2 GiB free has its metadata left alone', async () => {
    const world = pool({ metadataPercent: 92, metadataSizeBytes: 2 * GIB });
    const [group] = world.hypervisor.groups;
    if (group !== undefined) group.freeBytes = 2 * GIB - 1;
    expect(changesOf(await look(world))).toEqual([]);
  });
});

test('a file system whose disk does not pass on discards is not trimmed, and one that holds nearly what it takes neither', async () => {
  const world = worldIn('thin-data-nearly-full');
  for (const vm of world.hypervisor.vms.values())
    for (const [slot, value] of vm.config) vm.config.set(slot, value.replace(',discard=on', ''));
  expect(changesOf(await look(world))).toEqual([]);
  const used = worldIn('thin-data-nearly-full');
  fill(used, PROMETHEUS, 96.9);
  expect(changesOf(await look(used))).toEqual([]);
});

describe('a file system that could be trimmed', () => {
  const lockAll = (world: World) => {
    for (const vm of world.hypervisor.vms.values()) Object.assign(vm, { lock: 'migrate' });
  };

  test('is left alone while its machine is migrated, also where that begins after the plan', async () => {
    const world = worldIn('thin-data-nearly-full');
    const [step] = stepsOf((await look(world)).plan);
    lockAll(world);
    expect(await answersOf(step, world)).toContain('no');
    expect(changesOf(await look(world))).toEqual([]);
  });

  test('is left alone where the metadata of its pool is nearly full', async () => {
    const world = worldIn('thin-data-nearly-full');
    Object.assign(world.hypervisor.thinPool, { metadataPercent: 92 });
    expect(changesOf(await look(world))).toEqual([]);
  });

  test('with snapshots says that they keep what they share', async () => {
    const world = worldIn('thin-data-nearly-full');
    snapshots(world, PROMETHEUS, [1, 2]);
    const [step] = stepsOf((await look(world)).plan);
    expect((step?.warnings ?? []).join()).toContain('2 snapshots');
  });
});

describe('a machine that QEMU has stopped', () => {
  test.each([102, 9000])('is found and resumed whether it is a node or not (%d)', async (vmid) => {
    const world = changed((each) => stopMachines(each, [vmid]));
    const found = await look(world);
    expect([codesOf(found), changesOf(found)]).toEqual([
      [`machine-stopped ${vmid}`],
      [`proxmox$ pvesh create /nodes/pve/qemu/${vmid}/status/resume`],
    ]);
  });

  test('is found among the nodes where the list of all machines cannot be seen, and that is said', async () => {
    const world = worldIn('machines-stopped');
    world.amend = (answer) =>
      /^\[\{.*"vmid"/.test(answer.stdout) ? fail(255, 'ipcc_send_rec failed: Connection refused') : answer;
    const found = await look(world);
    expect(codesOf(found)).toEqual(['machine-stopped 201', 'machine-stopped 203']);
    expect(found.diagnosis.evidence.some(({ status, says }) => status === 'unknown' && says.includes('QEMU'))).toBe(true);
  });

  const withoutPools = async (world: World) => {
    const { read } = labTargets(world);
    const site = labSite(world);
    const empty = JSON.stringify({ report: [{ lv: [] }] });
    return diagnoseCapacity.look(
      {},
      readerOver(async (command) =>
        command.via === 'ssh' && command.argv.includes('segtype=thin-pool')
          ? { exitCode: 0, stdout: empty, stderr: '' }
          : read(command),
      ),
      site,
    );
  };

  test('or none, on a host that shows no thin pool though the cluster has volumes on it, is not called well', async () => {
    const { diagnosis } = await withoutPools(worldIn());
    expect(verdictOf(diagnosis)).toBe('blind');
    expect(diagnosis.evidence.filter(({ status }) => status === 'unknown').map(({ says }) => says)).toEqual([
      expect.stringContaining('shows no thin pool'),
    ]);
  });

  test('where there is no thin pool is not said to have one, or a lock, and is not resumed', async () => {
    const { diagnosis, plan } = await withoutPools(worldIn('machines-stopped'));
    expect(diagnosis.findings.map(({ code }) => code)).toEqual(['machine-stopped', 'machine-stopped']);
    expect(JSON.stringify([diagnosis.findings.map(({ says }) => says), plan])).not.toMatch(/has room|lock/);
    expect(stepsOf(plan)).toEqual([]);
  });

  test.each(['twi-cotz--', 'twi-sotz--', 'twi-XotzX-'])('on a pool with %s is not resumed', async (attributes) => {
    const world = worldIn('machines-stopped');
    Object.assign(world.hypervisor.thinPool, { attributes });
    const found = await look(world);
    expect([codesOf(found), changesOf(found)]).toEqual([['thin-pool-failed pve/data'], []]);
  });

  test.each(['twi-cotzD-', 'twi-cotzM-'])('on a pool with %s waits', async (attributes) => {
    const world = worldIn('machines-stopped');
    Object.assign(world.hypervisor.thinPool, { attributes });
    expect(changesOf(await look(world)).join()).not.toContain('resume');
  });
});

/** The services of the site, and as many more as make so many volumes at this node. */
function volumesAt(node: string, count: number): World {
  return changed((world) => fillNode(world, node, count - attachedTo(world, node).length));
}

function attachedTo({ store }: World, node: string) {
  return attachmentsOf(store).filter((one) => one.node === node);
}

test.each([
  [23, []],
  [24, ['slots-nearly-full k8s-node1']],
])('a node with %d volumes', async (count, expected) => {
  const world = volumesAt('k8s-node1', count);
  expect(attachedTo(world, 'k8s-node1')).toHaveLength(count);
  expect(codesOf(await look(world))).toEqual(expected);
});

test('volumes of another driver need no slot of the machine', async () => {
  const world = volumesAt('k8s-node1', 24);
  const name = attachedTo(world, 'k8s-node1')[0]?.name ?? '';
  world.store.patch({ resource: ATTACHMENTS, name }, { spec: { attacher: 'org.democratic-csi.iscsi' } });
  expect(codesOf(await look(world))).toEqual([]);
});
