import { describe, expect, it } from 'vitest';
import restorePvc from '../../runbooks/restore-pvc/index.ts';
import { show } from '../../src/core/command.ts';
import { stepsOf } from '../../src/core/plan.ts';
import { readerOver } from '../../src/core/reading.ts';
import { openIn, volumeNamed } from '../lab/site/block.ts';
import { labSite, labTargets, type World } from '../lab/site/index.ts';
import { execute, machineNamed } from '../lab/site/run.ts';
import { kind } from '../lab/site/volumes.ts';
import { repairByHand } from '../system/by-hand.ts';
import { changesOf, codesOf, lookAt, worldIn } from './world.ts';

const CLAIM = 'vaultwarden/vaultwarden-data-proxmox';
const DISK = 'vm-9999-pvc-2bafd781-608b-4c6f-ab37-92f3643027cf';
const SNAPSHOT = `${DISK}_snap_20260403_0300`;
const FROM_SNAPSHOT = [CLAIM, 'snapshot', '20260403_0300'];
const FROM_FILES = [CLAIM, 'files', '2026-14'];

const DEPLOYMENTS = kind('apps/v1', 'deployments');
const APP = { resource: DEPLOYMENTS, namespace: 'vaultwarden', name: 'vaultwarden' };

const look = (world: World, words: readonly string[] = FROM_SNAPSHOT) => lookAt(world, { runbook: restorePvc, words });

function volume({ hypervisor }: World, name: string) {
  const found = volumeNamed(hypervisor, name);
  if (found === undefined) throw new Error(`The lab has no volume ${name}`);
  return found;
}

function onHost(world: World, ...argv: string[]) {
  const machine = machineNamed(world, 'pve');
  if (machine === undefined) throw new Error('The lab has no hypervisor');
  return execute(world, machine, { argv });
}

/** Plans in this situation, lets something happen, and says which conditions of the first step do not hold any more. */
async function refusedAfter(
  scenario: string,
  change: (world: World) => void,
  words: readonly string[] = FROM_SNAPSHOT,
): Promise<readonly string[]> {
  const world = worldIn(scenario);
  const [first] = stepsOf((await look(world, words)).plan);
  change(world);
  const reader = readerOver(labTargets(world).read);
  const answers = await Promise.all((first?.before ?? []).map(async ({ says, holds }) => ({ says, ...(await holds(reader)) })));
  return answers.filter(({ answer }) => answer !== 'yes').map(({ says, answer }) => `${answer}: ${says}`);
}

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

describe('near what is refused', () => {
  it('a snapshot needs no copies of files, nor the disk that they are on', async () => {
    const world = worldIn('restore-offered');
    const asked: string[] = [];
    const { read } = labTargets(world);
    await restorePvc.look(
      restorePvc.fromWords(FROM_SNAPSHOT),
      readerOver((command) => {
        asked.push(show(command));
        return read(command);
      }),
      labSite(world),
    );
    expect(asked.filter((line) => line.includes('/mnt/backup'))).toEqual([]);
  });

  it('a volume on the disks of another hypervisor is not looked for on this one', async () => {
    const world = worldIn('restore-offered');
    const csi = { volumeHandle: `pve/pve2/local-lvm/${DISK}` };
    const resource = kind('v1', 'persistentvolumes');
    world.store.patch({ resource, name: DISK.replace('vm-9999-', '') }, { spec: { csi } });
    expect(codesOf(await look(world))).toEqual([`chain-broken ${CLAIM}`]);
  });

  it('how much a copy holds is told before anybody is stopped for it', async () => {
    const { diagnosis } = await look(worldIn('restore-offered'), FROM_FILES);
    expect(diagnosis.findings[0]?.says).toMatch(/files of week 2026-14 \(161 files.*; the volume takes .* of its pool now\)/);
  });

  it.each<[string, (world: World) => void, readonly string[]]>([
    [
      'a disk of the same name in another storage is another disk',
      ({ hypervisor }) => void hypervisor.vms.get(202)?.config.set('scsi9', `ssd:${DISK},size=1G`),
      [`not-restored ${CLAIM}`],
    ],
    [
      'a snapshot of it in the configuration of another machine is not the volume',
      ({ hypervisor }) => void hypervisor.vms.get(202)?.config.set('scsi9', `local-lvm:${SNAPSHOT},size=1G`),
      [`not-restored ${CLAIM}`],
    ],
    [
      'a pool that is 89.9 % full has room for a copy',
      ({ hypervisor }) => void (hypervisor.thinPool.dataPercent = 89.9),
      [`not-restored ${CLAIM}`],
    ],
    [
      'a job that ended well a while ago holds nothing',
      ({ longWork, time }) => {
        const work = { beganMs: time.nowMs - 900_000, runsMs: 60_000, limitMs: 3_600_000, exitCode: 1, says: '' };
        longWork.units.set('pve/daily-backup.service', work);
      },
      [`not-restored ${CLAIM}`],
    ],
    [
      'a snapshot smaller than the volume cannot take its place',
      (world) => void (volume(world, SNAPSHOT).sizeBytes /= 2),
      [`snapshot-unfit ${SNAPSHOT}`],
    ],
    [
      'a plain volume with the name of a snapshot is no thin one',
      (world) => {
        const { hypervisor } = world;
        const { pool: _pool, ...plain } = volume(world, SNAPSHOT);
        hypervisor.volumes.splice(hypervisor.volumes.indexOf(volume(world, SNAPSHOT)), 1, plain);
      },
      [`snapshot-unfit ${SNAPSHOT}`],
    ],
  ])('%s', async (_what, change, findings) => {
    const world = worldIn('restore-offered');
    change(world);
    expect(codesOf(await look(world))).toEqual(findings);
  });

  it('the files of a week must fit into the pool as well', async () => {
    const world = worldIn('restore-offered');
    for (const each of world.hypervisor.copies) each.bytes = Math.round(0.4 * world.hypervisor.thinPool.sizeBytes);
    expect(codesOf(await look(world, FROM_FILES))).toEqual(['pool-unfit pve']);
    expect(codesOf(await look(world))).toEqual([`not-restored ${CLAIM}`]);
  });

  it('who was stopped by a person is not started by the bot', async () => {
    const world = worldIn('restore-offered');
    world.store.patch(APP, { spec: { replicas: 0 } });
    world.time.advance(60_000);
    const done = await repairByHand(world, restorePvc, {
      words: FROM_SNAPSHOT,
      scenario: '',
      verdict: 'ill',
      findings: [],
      changes: [],
    });
    expect(done.map(({ title }) => title)).toEqual([
      'Stop CronJob vaultwarden/vaultwarden-backup',
      expect.stringMatching(/^Put vm-9999/),
      expect.stringMatching(/^Make vm-9999/),
      'Let CronJob vaultwarden/vaultwarden-backup run 1 again',
    ]);
    expect(Object(world.store.get(APP)['spec'])).toMatchObject({ replicas: 0 });
  });
});

describe('what the service finds afterwards', () => {
  const restored = async (words: readonly string[]) => {
    const world = worldIn('restore-offered');
    await repairByHand(world, restorePvc, { words, scenario: '', verdict: 'ill', findings: [], changes: [] });
    const drive = [...(world.hypervisor.vms.get(204)?.runtime.drives.values() ?? [])].find((each) => each.volume === DISK);
    expect(drive).toMatchObject({ volume: DISK, vg: 'pve' });
    return { world, content: volume(world, DISK).fileSystem?.content };
  };

  it('is what the snapshot held, and what was there before is kept', async () => {
    const { world, content } = await restored(FROM_SNAPSHOT);
    expect(content?.get('db.sqlite3')).toBe('as of 20260403_0300');
    const kept = volume(world, `${DISK}_storagebot-before`);
    expect(kept.fileSystem?.content.get('db.sqlite3')).toBe('as it is now, and malformed');
    expect(kept.name).not.toContain('_pre_restore_');
    expect(volume(world, SNAPSHOT)).toMatchObject({ origin: kept.name });
    expect([volume(world, DISK), kept].map(({ fileSystem }) => fileSystem?.destroyed)).toEqual([false, false]);
  });

  it('is the files of the week and no other', async () => {
    const { world, content } = await restored(FROM_FILES);
    expect([...(content ?? [])]).toEqual([['db.sqlite3', 'of the week']]);
    expect(volume(world, DISK).fileSystem?.destroyed).toBe(false);
  });

  it('a copy that fails half-way is no success: nobody is started on it', async () => {
    const world = worldIn('restore-stopped');
    world.longWork.exitCode = 23;
    const done = repairByHand(world, restorePvc, { words: FROM_FILES, scenario: '', verdict: 'ill', findings: [], changes: [] });
    await expect(done).rejects.toThrow('has the tag storagebot-files-2026-14');
    expect(volume(world, DISK).fileSystem?.content.get('db.sqlite3')).toBe('as it is now, and malformed');
    const again = await look(world, FROM_FILES);
    expect(codesOf(again)).toEqual([`half-restored ${CLAIM}`]);
    expect(changesOf(again)[0]).toContain('storagebot-fill.service');
  });
});

it('every step says what must not be so, and none names a volume that it does not hold', async () => {
  for (const [scenario, words] of [
    ['restore-stopped', FROM_FILES],
    ['restore-copied', FROM_SNAPSHOT],
  ] as const)
    for (const step of stepsOf((await look(worldIn(scenario), words)).plan)) {
      const named = show(step.change.command).match(/pve\/vm-9999[\w-]+/g) ?? [];
      const held = step.holds.filter((hold) => hold.kind === 'lv').map((hold) => hold.name);
      expect(named.filter((name) => !held.includes(name))).toEqual([]);
    }
});
