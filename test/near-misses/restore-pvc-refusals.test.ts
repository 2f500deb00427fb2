import { describe, expect, it } from 'vitest';
import restorePvc from '../../runbooks/restore-pvc/index.ts';
import { show } from '../../src/core/command.ts';
import { readerOver } from '../../src/core/reading.ts';
import { labSite, labTargets, type World } from '../lab/site/index.ts';
import { kind } from '../lab/site/volumes.ts';
import { repairByHand } from '../system/by-hand.ts';
import { APP, CLAIM, DISK, FROM_FILES, FROM_SNAPSHOT, look, SNAPSHOT, volume } from './restore-pvc-world.ts';
import { codesOf, lookAt, worldIn } from './world.ts';

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

  it('that a snapshot is what a power cut would leave is told before anybody is stopped for it, and of files it is not', async () => {
    const says = async (words: readonly string[]) => (await look(worldIn('restore-offered'), words)).diagnosis.findings[0]?.says;
    expect(await says(FROM_SNAPSHOT)).toContain('power cut');
    expect(await says(FROM_FILES)).not.toContain('power cut');
  });

  it('a node whose machine the configuration does not name is told as that, and nothing is planned', async () => {
    const world = worldIn('restore-offered');
    const { hypervisor, ...site } = labSite(world);
    if (hypervisor === undefined) throw new Error('The lab has a hypervisor');
    const nodeVmids = Object.fromEntries(Object.entries(hypervisor.nodeVmids).filter(([name]) => name !== 'k8s-node4'));
    const found = await lookAt(world, {
      runbook: restorePvc,
      words: FROM_SNAPSHOT,
      site: { ...site, hypervisor: { ...hypervisor, nodeVmids } },
    });
    expect(found.diagnosis.findings.map(({ code, says }) => [code, says])).toEqual([
      ['machine-unknown', expect.stringContaining('k8s-node4')],
    ]);
    expect(found.diagnosis.findings[0]?.remedy).toContain('site.hypervisor.nodeVmids');
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
    expect(codesOf(await look(world, FROM_FILES))).toEqual(['pool-unfit pve', 'copy-too-large 2026-14']);
    expect(codesOf(await look(world))).toEqual([`not-restored ${CLAIM}`]);
  });

  it('and into the volume, which nothing makes larger', async () => {
    const at = (bytes: number) => {
      const world = worldIn('restore-offered');
      for (const each of world.hypervisor.copies) each.bytes = bytes;
      return look(world, FROM_FILES);
    };
    const { sizeBytes } = volume(worldIn('restore-offered'), DISK);
    expect(codesOf(await at(sizeBytes))).toEqual(['copy-too-large 2026-14']);
    expect(codesOf(await at(sizeBytes - 1))).toEqual([`not-restored ${CLAIM}`]);
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
