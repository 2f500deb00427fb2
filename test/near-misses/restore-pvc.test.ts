import { describe, expect, it } from 'vitest';
import { stepsOf } from '../../src/core/plan.ts';
import { readerOver } from '../../src/core/reading.ts';
import { openIn } from '../lab/site/block.ts';
import { labTargets, type World } from '../lab/site/index.ts';
import { APP, DISK, FROM_FILES, look, onHost, refusedAfter, SNAPSHOT, THE_CLAIM, volume } from './restore-pvc-world.ts';
import { changesOf, codesOf, worldIn } from './world.ts';

describe('LVM renames a volume that a machine has open, so that the bot must not', () => {
  it('in the lab as in LVM: the machine goes on under the new name', () => {
    const world = worldIn('restore-offered');
    expect(onHost(world, 'lvrename', `pve/${DISK}`, `pve/${DISK}-other`)).toMatchObject({ exitCode: 0 });
    expect(openIn(world.hypervisor, volume(world, `${DISK}-other`)).map(({ vmid }) => vmid)).toEqual([204]);
    expect(volume(world, SNAPSHOT).origin).toBe(`${DISK}-other`);
  });

  it('nothing is refused while nothing happens', async () => {
    expect(await refusedAfter('restore-stopped', () => undefined)).toEqual([]);
  });

  it.each<[string, (world: World) => void, string]>([
    [
      'a machine opened it',
      ({ hypervisor }) => {
        for (const each of hypervisor.volumes) if (each.name === DISK) each.active = true;
        hypervisor.vms.get(203)?.runtime.drives.set('scsi7', { volume: DISK, vg: 'pve' });
      },
      'is the same volume as before',
    ],
    [
      'a machine got it into its configuration',
      ({ hypervisor }) => void hypervisor.vms.get(102)?.config.set('scsi7', `local-lvm:${DISK},size=1G`),
      'No machine has',
    ],
    [
      'Terraform started the service again',
      (world) => {
        world.store.patch(APP, { spec: { replicas: 1 } });
        world.time.advance(60_000);
      },
      'No node has',
    ],
    [
      'somebody took the note of the bot away',
      ({ store }) => void store.patch(APP, { metadata: { annotations: { 'storagebot/ran-before': null } } }),
      'with the note that it ran 1',
    ],
    [
      'another volume got its name',
      (world) => void Object.assign(volume(world, DISK), { uuid: 'aaaaaa-bbbb-cccc-dddd-eeee-ffff-gggggg' }),
      'is the same volume as before',
    ],
    [
      'the snapshot job began',
      ({ longWork, time }) => {
        const work = { beganMs: time.nowMs, runsMs: 600_000, limitMs: 3_600_000, exitCode: 0, says: '' };
        longWork.units.set('pve/lvm-pvc-snapshot.service', work);
      },
      'lvm-pvc-snapshot.service does not run',
    ],
    [
      'somebody deleted the claim',
      ({ store }) => {
        const metadata = { deletionTimestamp: '2026-04-03T09:00:00Z', finalizers: ['kubernetes.io/pvc-protection'] };
        store.patch(THE_CLAIM, { metadata });
      },
      'is not being deleted',
    ],
    ['the cluster no longer shows its pods', ({ api }) => void api.forbidden.add('pods'), 'unknown: No pod uses'],
  ])('and it is not put aside once %s', async (_what, change, says) => {
    expect((await refusedAfter('restore-stopped', change)).join('\n')).toContain(says);
  });

  it.each<[string, (world: World) => void, string]>([
    [
      'the snapshot is another one of the same name',
      (world) => void Object.assign(volume(world, SNAPSHOT), { uuid: 'aaaaaa-bbbb-cccc-dddd-eeee-ffff-gggggg' }),
      `${SNAPSHOT} is the same volume as before`,
    ],
    ['the pool filled up', ({ hypervisor }) => void (hypervisor.thinPool.dataPercent = 93), 'Thin pool data is healthy'],
    ['its metadata filled up', ({ hypervisor }) => void (hypervisor.thinPool.metadataPercent = 80), 'Thin pool data is healthy'],
    [
      'somebody made a volume of its name',
      (world) => void onHost(world, 'lvcreate', '-s', '-kn', '-n', DISK, `pve/${SNAPSHOT}`),
      'No volume is named',
    ],
  ])('and no copy is made once %s', async (_what, change, says) => {
    expect((await refusedAfter('restore-put-aside', change)).join('\n')).toContain(says);
  });

  it('nobody is stopped for a claim that was deleted meanwhile: it would go with its last pod', async () => {
    const says = await refusedAfter('restore-offered', ({ store }) => {
      store.delete(THE_CLAIM);
    });
    expect(says).toEqual([expect.stringMatching(/^no: .* is not being deleted$/)]);
  });

  it('nobody is stopped for a snapshot that has expired meanwhile', async () => {
    const says = await refusedAfter('restore-offered', ({ hypervisor }) => {
      hypervisor.volumes.splice(
        hypervisor.volumes.findIndex(({ name }) => name === SNAPSHOT),
        1,
      );
    });
    expect(says).toEqual([expect.stringContaining(`no: ${SNAPSHOT} is there`)]);
  });

  it('nobody is started on it once another machine has it', async () => {
    const says = await refusedAfter('restore-copied', ({ hypervisor }) => {
      hypervisor.vms.get(202)?.config.set('scsi9', `local-lvm:${DISK},size=1G`);
    });
    expect(says).toEqual([`no: No machine has ${DISK} in its configuration`]);
  });
});

describe('what happens between a look and a change', () => {
  it('a machine that opened the volume in the last moment is seen after the rename, and the run ends there', async () => {
    const world = worldIn('restore-stopped');
    const [aside] = stepsOf((await look(world)).plan);
    Object.assign(volume(world, DISK), { active: true });
    world.hypervisor.vms.get(203)?.runtime.drives.set('scsi7', { volume: DISK, vg: 'pve' });
    expect(onHost(world, 'lvrename', `pve/${DISK}`, `pve/${DISK}_storagebot-before`)).toMatchObject({ exitCode: 0 });
    expect(await aside?.after.holds(readerOver(labTargets(world).read))).toMatchObject({ answer: 'no' });
    expect(codesOf(await look(world))).toEqual([`volume-open ${DISK}_storagebot-before`]);
  });

  it('files come into no volume that a pod could get, and that is what it gets which it had', async () => {
    const world = worldIn('restore-stopped');
    const [copy, fill] = stepsOf((await look(world, FROM_FILES)).plan);
    const targets = labTargets(world);
    for (const step of [copy, fill]) if (step !== undefined) await targets.change(step.change.command);
    world.store.patch(APP, { spec: { replicas: 1 } });
    world.time.advance(60_000);
    expect(openIn(world.hypervisor, volume(world, DISK)).map(({ vmid }) => vmid)).toEqual([204]);
    expect(openIn(world.hypervisor, volume(world, `${DISK}_storagebot-new`))).toEqual([]);
    expect(world.hypervisor.volumes.filter(({ fileSystem }) => fileSystem?.destroyed === true)).toEqual([]);
  });

  it('the pool must have room for the files as well, again before they come', async () => {
    const says = await refusedAfter(
      'restore-unfilled',
      ({ hypervisor }) => void (hypervisor.thinPool.dataPercent = 90 - (100 * 204_000_000) / hypervisor.thinPool.sizeBytes),
      FROM_FILES,
    );
    expect(says).toEqual([expect.stringContaining('no: Thin pool data is healthy')]);
  });

  it('how it runs now is noted, and not an older note', async () => {
    const world = worldIn('restore-stopped');
    world.store.patch(APP, { spec: { replicas: 2 } });
    world.time.advance(60_000);
    const changes = changesOf(await look(world));
    expect(changes.at(-1)).toContain('"storagebot/ran-before":"2"');
  });

  it('who was started by somebody else meanwhile is not scaled back', async () => {
    const world = worldIn('restore-copied');
    world.store.patch(APP, { spec: { replicas: 2 } });
    world.time.advance(60_000);
    expect(changesOf(await look(world))[0]).toContain('"storagebot/ran-before":null}},"spec":{"replicas":2}');
  });
});
