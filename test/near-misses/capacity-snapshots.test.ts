import { describe, expect, test } from 'vitest';
import { stepsOf } from '../../src/core/plan.ts';
import { DAY_MS, exhaust, PROMETHEUS, snapshots } from '../lab/scenarios/capacity-changes.ts';
import { newVolume } from '../lab/site/block.ts';
import type { World } from '../lab/site/index.ts';
import { answersOf, changed, look } from './capacity-world.ts';
import { changesOf } from './world.ts';

describe('a snapshot', () => {
  /** The first is the one that is looked at. */
  async function dropped(change: (snapshot: ReturnType<typeof snapshots>[number], world: World) => void): Promise<boolean> {
    const world = changed(exhaust);
    const [old] = snapshots(world, PROMETHEUS, [9, 1]);
    if (old === undefined) throw new Error('there is one');
    change(old, world);
    return changesOf(await look(world)).some((line) => line.includes(old.name));
  }

  test('that has expired is removed', async () => expect(await dropped(() => undefined)).toBe(true));

  test.each<[string, Parameters<typeof dropped>[0]]>([
    ['has a mark of somebody', (old) => old.tags.add('storagebot-kept')],
    ['has another name than its volume', (old) => (old.name = 'vm-9999-pvc-unknown_snap_20260325_0300')],
    ['was renamed by a person', (old) => (old.name = `${old.name}_before_upgrade`)],
    ['has no origin any more', (old) => (old.origin = undefined as never)],
    [
      'is the last one of its volume',
      (old, { hypervisor }) =>
        void hypervisor.volumes.splice(
          hypervisor.volumes.findLastIndex(({ origin }) => origin === old.origin),
          1,
        ),
    ],
    [
      'somebody made a volume from',
      ({ name, sizeBytes }, { hypervisor }) => {
        const copy = newVolume({ name: 'vm-9999-pvc-compared', sizeBytes, usedPercent: 1, createdMs: 0 });
        hypervisor.volumes.push(Object.assign(copy, { origin: name }));
      },
    ],
    ['was made long before the night of its name', (old) => Object.assign(old, { createdMs: old.createdMs - 40 * DAY_MS })],
    [
      'no snapshot that has not expired follows',
      ({ origin }, { hypervisor }) => {
        for (const each of hypervisor.volumes.filter((volume) => volume.origin === origin)) {
          const createdMs = each.createdMs - 8 * DAY_MS;
          const night = new Date(createdMs + 3 * 3_600_000).toISOString().slice(0, 10).replaceAll('-', '');
          Object.assign(each, { createdMs, name: each.name.replace(/\d{8}_0300$/, `${night}_0300`) });
        }
      },
    ],
    [
      'somebody may be about to restore, as its volume stands still,',
      ({ origin }, { hypervisor }) => {
        for (const { runtime } of hypervisor.vms.values())
          for (const [slot, drive] of runtime.drives) if (drive.volume === origin) runtime.drives.delete(slot);
      },
    ],
    [
      'is of the disk of a machine',
      (old, { hypervisor }) => {
        const [suffix] = /_snap_.*/.exec(old.name) ?? [''];
        for (const each of hypervisor.volumes) if (each.name === old.origin) each.name = 'vm-102-disk-0';
        for (const { runtime } of hypervisor.vms.values())
          for (const drive of runtime.drives.values())
            if (drive.volume === old.origin) Object.assign(drive, { volume: 'vm-102-disk-0' });
        for (const each of hypervisor.volumes.filter(({ origin }) => origin === old.origin))
          Object.assign(each, { origin: 'vm-102-disk-0', name: `vm-102-disk-0${/_snap_.*/.exec(each.name)?.[0]}` });
        old.name = `vm-102-disk-0${suffix}`;
      },
    ],
    [
      'is open in a machine',
      (old, { hypervisor }) =>
        void hypervisor.vms.get(203)?.runtime.drives.set('scsi9', { volume: old.name, vg: 'pve', guest: 'sdz' }),
    ],
  ])('that %s is left alone', async (_how, change) => expect(await dropped(change)).toBe(false));

  test('that is not yet older than it is kept is left alone', async () => {
    const world = changed(exhaust);
    snapshots(world, PROMETHEUS, [1, 5, 6]);
    expect(changesOf(await look(world))).toEqual([]);
  });

  test('is not removed any more when the pool has room again', async () => {
    const world = changed(exhaust);
    snapshots(world, PROMETHEUS, [1, 9]);
    const [step] = stepsOf((await look(world)).plan);
    expect(await answersOf(step, world)).toEqual(['yes', 'yes']);
    Object.assign(world.hypervisor.thinPool, { dataPercent: 60, attributes: 'twi-aotz--' });
    expect(await answersOf(step, world)).toEqual(['yes', 'no']);
  });
});
