import { describe, expect, it } from 'vitest';
import cloneRunbook from '../../runbooks/clone-snapshot/index.ts';
import restoreFiles from '../../runbooks/restore-files/index.ts';
import rollbackDataset from '../../runbooks/rollback-dataset/index.ts';
import snapshotDataset from '../../runbooks/snapshot-dataset/index.ts';
import { stepsOf } from '../../src/core/plan.ts';
import { readerOver } from '../../src/core/reading.ts';
import type { Runbook } from '../../src/core/runbook.ts';
import { undoSteps } from '../../src/core/undo.ts';
import { scenarioNamed } from '../lab/scenarios/index.ts';
import { labSite, labTargets, type World, worldOf } from '../lab/site/index.ts';
import { execute, machineNamed } from '../lab/site/run.ts';
import { kind } from '../lab/site/volumes.ts';
import { carryOut } from '../system/by-hand.ts';

const TODAY = 'auto-2026-04-03_00-00';

function newWorld(): World {
  return worldOf({ scenario: scenarioNamed('files-lost'), hangScale: 0.001 });
}

function look(world: World, runbook: Runbook, ...words: string[]) {
  return runbook.look(runbook.fromWords(words), readerOver(labTargets(world).read), labSite(world));
}

async function carriedOut(world: World, runbook: Runbook, ...words: string[]) {
  const { done, stopped } = await carryOut(labTargets(world), stepsOf((await look(world, runbook, ...words)).plan));
  expect(stopped).toBeUndefined();
  return { done, back: undoSteps(done) };
}

function zfs(world: World, line: string) {
  const machine = machineNamed(world, 'truenas');
  if (machine === undefined) throw new Error('the lab has a NAS');
  return execute(world, machine, { argv: line.split(' ') });
}

describe('a rollback', () => {
  it.each([`main@${TODAY}`, `ssd@${TODAY}`])('of a pool, as %s, is refused before anything is looked at', async (word) => {
    const world = newWorld();
    await expect(look(world, rollbackDataset, word)).rejects.toThrow('takes every service on it back');
    expect(world.received).toEqual([]);
  });

  it('brings back the files of then, and none that was made since', async () => {
    const world = newWorld();
    await carriedOut(world, rollbackDataset, `main/archive@${TODAY}`);
    expect(world.nas.disk.at('/mnt/main/archive/photos')?.entries).toEqual(['IMG_1.HEIC', 'IMG_2.HEIC', 'IMG_3.HEIC']);
    expect(world.nas.disk.at(`/mnt/main/archive/letters.restored-${TODAY}`)).toBeUndefined();
  });

  it('is not carried out once a file was written that was not shown, or a snapshot was made', async () => {
    const world = newWorld();
    const { plan } = await look(world, rollbackDataset, `main/archive@${TODAY}`);
    world.nas.disk.at('/mnt/main/archive')?.entries.push('new.txt');
    const written = await carryOut(labTargets(world), stepsOf(plan));
    expect(written).toEqual({ done: [], stopped: 'no: What is lost is what was shown' });
    zfs(world, 'zfs snapshot main/archive@auto-later');
    const newer = await carryOut(labTargets(world), stepsOf(plan));
    expect(newer.stopped).toMatch(/^no: .* is the newest snapshot$/);
    expect(zfs(world, `zfs rollback main/archive@${TODAY}`)).toMatchObject({
      exitCode: 1,
      stderr: expect.stringContaining('more recent snapshots or bookmarks exist'),
    });
  });
});

describe('what is lost by a rollback', () => {
  it('is asked by its bytes too, since no more than 200 files can be shown', async () => {
    const world = newWorld();
    const { plan } = await look(world, rollbackDataset, `main/archive@${TODAY}`);
    const dataset = world.nas.disk.datasets.find(({ name }) => name === 'main/archive');
    Object.assign(dataset ?? {}, { writtenBytes: (dataset?.writtenBytes ?? 0) + 4_096 });
    const { done, stopped } = await carryOut(labTargets(world), stepsOf(plan));
    expect({ done, stopped }).toEqual({ done: [], stopped: 'no: Nothing more was written to main/archive than was shown' });
  });
});

describe('a rollback is not planned', () => {
  it('of a dataset with a legacy mount point: ZFS does not tell the path by which pods use it', async () => {
    const world = newWorld();
    const archive = world.nas.disk.datasets.find(({ name }) => name === 'main/archive');
    Object.assign(archive ?? {}, { mountPoint: 'legacy' });
    const { diagnosis, plan } = await look(world, rollbackDataset, `main/archive@${TODAY}`);
    expect(diagnosis.findings.map(({ code }) => code)).toContain('not-mounted');
    expect(stepsOf(plan)).toEqual([]);
  });

  it.each([
    ['the same path of a server whose name we do not know', { nfs: { server: 'nas.lan', path: '/mnt/main/archive' } }],
    [
      'it through a volume that the driver makes for the pod alone',
      { csi: { driver: 'nfs.csi.k8s.io', volumeAttributes: { server: '10.0.10.15', share: '/mnt/main/archive' } } },
    ],
  ])('while a pod mounts %s', async (_name, source) => {
    const world = newWorld();
    const volumes = [{ name: 'data', ...source }];
    const spec = { volumes, containers: [{ name: 'a', image: 'registry.lab.lan/a:1' }] };
    const metadata = { name: 'reader', namespace: 'immich', uid: 'u-reader' };
    world.store.create({ apiVersion: 'v1', kind: 'Pod', metadata, spec, status: { phase: 'Running' } });
    const { diagnosis } = await look(world, rollbackDataset, `main/archive@${TODAY}`);
    expect(diagnosis.findings.map(({ code, says }) => `${code}: ${says}`).join()).toContain('in-use: immich/reader');
  });
});

describe('a workload without a pod', () => {
  const worldWith = (replicas: number) => {
    const world = newWorld();
    const volumes = [{ name: 'data', nfs: { server: '10.0.10.15', path: '/mnt/main/archive' } }];
    const template = { spec: { volumes, containers: [{ name: 'a', image: 'registry.lab.lan/a:1' }] } };
    const metadata = { name: 'late', namespace: 'immich' };
    const spec = { schedule: '0 4 * * *', suspend: replicas === 0, jobTemplate: { spec: { template } } };
    world.store.create({ apiVersion: 'batch/v1', kind: 'CronJob', metadata, spec });
    return world;
  };

  it('is in the way of a rollback while it would start one', async () => {
    const { diagnosis, plan } = await look(worldWith(1), rollbackDataset, `main/archive@${TODAY}`);
    expect(diagnosis.findings.map(({ code, says }) => `${code}: ${says}`).join()).toContain('in-use: CronJob immich/late');
    expect(stepsOf(plan)).toEqual([]);
  });

  it('is in no way where it is suspended, until somebody lets it run', async () => {
    const world = worldWith(0);
    const { plan } = await look(world, rollbackDataset, `main/archive@${TODAY}`);
    const cron = { resource: kind('batch/v1', 'cronjobs'), namespace: 'immich', name: 'late' };
    world.store.patch(cron, { spec: { suspend: false } });
    const { done, stopped } = await carryOut(labTargets(world), stepsOf(plan));
    expect({ done, stopped }).toEqual({ done: [], stopped: 'no: No CronJob that is to run mounts /mnt/main/archive' });
  });
});

describe('a snapshot', () => {
  const newest = (world: World) => world.nas.disk.snapshots.filter(({ dataset }) => dataset === 'main/archive').at(-1);

  it('of tomorrow does not count as a fresh one', async () => {
    const world = newWorld();
    Object.assign(newest(world) ?? {}, { createdMs: world.time.nowMs + 86_400_000 });
    const { diagnosis } = await look(world, snapshotDataset, 'main/archive');
    expect(diagnosis.findings.map(({ code }) => code)).toEqual(['unprotected']);
  });

  it('of a dataset says which datasets below it it does not keep', async () => {
    const [step] = stepsOf((await look(newWorld(), snapshotDataset, 'main')).plan);
    expect(step?.warnings?.[0]).toMatch(/^Datasets below it are not in the snapshot: .*main\/archive/);
  });
});

describe('an undo is refused', () => {
  it('of a snapshot of which somebody made a clone, or that somebody holds', async () => {
    const world = newWorld();
    const { back } = await carriedOut(world, snapshotDataset, 'main/archive');
    const made = world.nas.disk.snapshots.at(-1);
    made?.holds.add('keep');
    expect((await carryOut(labTargets(world), back)).stopped).toMatch(/^no: .*no hold keeps it$/);
    made?.holds.clear();
    zfs(world, 'zfs clone -o readonly=on -o sharenfs=off -o sharesmb=off main/archive@storagebot-kept main/other');
    expect((await carryOut(labTargets(world), back)).stopped).toMatch(/^no: .*no clone is made of it/);
    expect(zfs(world, 'zfs destroy main/archive@storagebot-kept').stderr).toContain('snapshot has dependent clones');
  });

  it('of a clone that was written to, or has a snapshot', async () => {
    const world = newWorld();
    const { back } = await carriedOut(world, cloneRunbook, 'main/archive', 'latest');
    zfs(world, 'zfs snapshot main/archive-storagebot-clone@mine');
    expect((await carryOut(labTargets(world), back)).stopped).toBe('no: main/archive-storagebot-clone has no snapshot');
    const clone = world.nas.disk.datasets.find(({ name }) => name === 'main/archive-storagebot-clone');
    if (clone !== undefined) clone.writtenBytes = 512;
    expect((await carryOut(labTargets(world), back)).stopped).toMatch(/^no: .*nothing was written to it/);
  });
});

describe('files that are restored', () => {
  it('lie beside, and what is there now stays as it is', async () => {
    const world = newWorld();
    await carriedOut(world, restoreFiles, 'main/archive', 'latest', 'report.pdf');
    const root = world.nas.disk.at('/mnt/main/archive');
    expect(root?.sizes).toMatchObject({ 'report.pdf': 4_096, [`report.pdf.restored-${TODAY}`]: 40 * 2 ** 20 });
  });

  it('are not copied once a link was put on the way: it would lead out of the dataset', async () => {
    const world = newWorld();
    const { disk } = world.nas;
    const { plan } = await look(world, restoreFiles, 'main/immich', 'cloudsync-prev', 'library/data');
    disk.remove('/mnt/main/immich/library');
    const above = disk.at('/mnt/main/immich');
    Object.assign(above ?? {}, { entries: [...(above?.entries ?? []), 'library'], links: ['library'] });
    const { done, stopped } = await carryOut(labTargets(world), stepsOf(plan));
    expect({ done, stopped }).toEqual({
      done: [],
      stopped: 'no: No link is on the way to /mnt/main/immich/library/data.restored-cloudsync-prev',
    });
  });

  it.each(['../forgejo', 'a/../../b', '/etc/passwd', 'a//b', './a', '.zfs/snapshot/x', ''])(
    'cannot be outside: %j',
    async (below) => {
      await expect(look(newWorld(), restoreFiles, 'main/archive', 'latest', below)).rejects.toThrow(/below/);
    },
  );
});
