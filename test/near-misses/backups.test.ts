import { describe, expect, it } from 'vitest';
import diagnoseBackups from '../../runbooks/diagnose-backups/index.ts';
import runBackup from '../../runbooks/run-backup/index.ts';
import { stepsOf } from '../../src/core/plan.ts';
import { readerOver } from '../../src/core/reading.ts';
import {
  addBackups,
  addUsualBackups,
  postgresDumpOf,
  postgresNights,
  vaultwardenBackups,
} from '../lab/site/databases/backups.ts';
import { labTargets, type World } from '../lab/site/index.ts';
import { timestamp } from '../lab/site/time.ts';
import { kind } from '../lab/site/volumes.ts';
import { lookAt, worldIn } from './world.ts';

const CRON = { resource: kind('batch/v1', 'cronjobs'), namespace: 'dbaas', name: 'postgresql-backup' };
const HOUR_MS = 3_600_000;

async function findings(world: World, words: readonly string[] = ['postgresql']): Promise<readonly string[]> {
  const { diagnosis } = await lookAt(world, { runbook: diagnoseBackups, words });
  return diagnosis.findings.map(({ code }) => code);
}

function hoursAgo(world: World, hours: number): string {
  return timestamp(world.time.nowMs - hours * HOUR_MS);
}

function usual(): World {
  const world = worldIn('all-well');
  addUsualBackups(world);
  return world;
}

describe('what is no matter of backups', () => {
  it('a job of the same name in another namespace fails: that of this one is well', async () => {
    const world = usual();
    const { spec } = world.store.get(CRON);
    const status = { lastScheduleTime: hoursAgo(world, 9), lastSuccessfulTime: hoursAgo(world, 900) };
    const metadata = { name: CRON.name, namespace: 'immich', creationTimestamp: hoursAgo(world, 900) };
    world.store.create({ apiVersion: 'batch/v1', kind: 'CronJob', metadata, spec, status });
    expect(await findings(world)).toEqual([]);
  });

  it('copies of a SQLite database of one size are usual, and so are six dumps of one size', async () => {
    const world = usual();
    addBackups(
      world,
      vaultwardenBackups(world).map((each) => ({ ...each, bytes: 4_308_992 })),
    );
    addBackups(
      world,
      postgresNights(world)
        .slice(0, 6)
        .map((each) => ({ ...each, bytes: 11_540_112 })),
    );
    expect(await findings(world, [])).toEqual([]);
  });

  it('a dump of a little more than half of those before it is whole and no matter', async () => {
    const world = usual();
    const [newest] = postgresNights(world);
    if (newest === undefined) throw new Error('no dump');
    addBackups(world, [{ ...newest, bytes: 6_000_000 }]);
    expect(await findings(world)).toEqual([]);
  });

  it('a database without tables beside full ones is new, not emptied', async () => {
    const world = usual();
    const [newest] = postgresNights(world);
    if (newest === undefined) throw new Error('no dump');
    const content = postgresDumpOf(0);
    addBackups(world, [
      { ...newest, content: { ...content, databases: { ...content.databases, fresh: { owner: 'fresh', tables: {} } } } },
    ]);
    expect(await findings(world)).toEqual([]);
  });

  it('one table without rows in a database that has others with rows is usual', async () => {
    const world = usual();
    const [newest] = postgresNights(world);
    if (newest === undefined) throw new Error('no dump');
    const content = postgresDumpOf(0);
    const linkwarden = { owner: 'linkwarden', tables: { 'public."Link"': 0, 'public."User"': 2 } };
    addBackups(world, [{ ...newest, content: { ...content, databases: { ...content.databases, linkwarden } } }]);
    expect(await findings(world)).toEqual([]);
  });

  it('a job that never told Pushgateway anything has no metric to miss', async () => {
    const world = usual();
    const labels = { __name__: 'backup_last_success_timestamp', job: 'another-backup', instance: 'pushgateway' };
    world.monitoring.more.push({ labels, at: () => world.time.nowMs / 1_000 });
    expect(await findings(world)).toEqual([]);
  });

  it('a run that began a minute ago and has no pod yet is no failure', async () => {
    const world = usual();
    world.longWork.runsMs = 24 * HOUR_MS;
    const ownerReferences = [{ apiVersion: 'batch/v1', kind: 'CronJob', name: CRON.name, uid: 'u', controller: true }];
    world.store.create({
      apiVersion: 'batch/v1',
      kind: 'Job',
      metadata: { name: 'postgresql-backup-1', namespace: 'dbaas', creationTimestamp: hoursAgo(world, 1 / 60), ownerReferences },
      spec: { parallelism: 1 },
    });
    expect(await findings(world)).toEqual([]);
  });
});

describe('what could not be seen supports nothing', () => {
  it('without Prometheus a fresh backup is as well as with it, and a failing job as ill', async () => {
    const well = usual();
    well.monitoring.up = false;
    expect(await findings(well)).toEqual([]);
    const ill = worldIn('backups-hidden-failure');
    ill.monitoring.up = false;
    expect(await findings(ill)).toEqual(['hidden-failure']);
  });

  it('where the API server says nothing an old file is old, and nothing is said of the reason', async () => {
    const world = worldIn('backups-hidden-failure');
    world.api.hangs = true;
    expect(await findings(world)).toEqual(['stale']);
  });
});

/** Plans in this situation, lets something happen, and says which conditions do not hold any more. */
async function refusedAfter(change: (world: World) => void): Promise<readonly string[]> {
  const world = worldIn('backups-well');
  const [step] = stepsOf((await lookAt(world, { runbook: runBackup, words: ['postgresql'] })).plan);
  if (step === undefined) throw new Error('nothing is planned');
  change(world);
  const read = readerOver(labTargets(world).read);
  const answers = await Promise.all(step.before.map(async ({ says, holds }) => ({ says, ...(await holds(read)) })));
  return answers.filter(({ answer }) => answer !== 'yes').map(({ says, answer }) => `${answer}: ${says}`);
}

describe('a run that was approved is not made', () => {
  it('when the CronJob was changed meanwhile', async () => {
    const spec = { jobTemplate: { spec: { backoffLimit: 1 } } };
    expect(await refusedAfter((world) => world.store.patch(CRON, { spec }))).toEqual([
      'no: CronJob dbaas/postgresql-backup runs what is shown here',
    ]);
  });

  it('when there is a newer backup already', async () => {
    const newer = (world: World) => {
      const [newest] = postgresNights(world);
      if (newest !== undefined)
        addBackups(world, [
          { ...newest, path: '/mnt/main/postgresql-backup/dump_2026_04_03_09_01.sql.gz', writtenMs: world.time.nowMs },
        ]);
    };
    expect(await refusedAfter(newer)).toEqual([
      'no: dump_2026_04_03_00_00.sql.gz is still the newest backup in /mnt/main/postgresql-backup',
    ]);
  });

  it('when the disk has become busy', async () => {
    expect(await refusedAfter((world) => (world.hypervisor.diskBusyPercent = 98))).toEqual([
      'no: The disk under the NAS is not busy',
    ]);
  });
});

it('a run leaves out how long its Job would be kept, and changes nothing else of the template', async () => {
  const world = worldIn('backups-well');
  const spec = { activeDeadlineSeconds: 900, backoffLimit: 2, ttlSecondsAfterFinished: 10 };
  const metadata = { labels: { team: 'dbaas' }, annotations: { note: 'kept' } };
  world.store.patch(CRON, { spec: { jobTemplate: { spec: { ...spec, template: { metadata } } } } });
  const [step] = stepsOf((await lookAt(world, { runbook: runBackup, words: ['postgresql'] })).plan);
  const request = step?.change.command.via === 'kubernetes' ? step.change.command.request : undefined;
  if (request?.verb !== 'create') throw new Error('nothing is made');
  expect(request.spec).toMatchObject({
    activeDeadlineSeconds: 900,
    backoffLimit: 2,
    template: { metadata: { labels: { team: 'dbaas', 'storagebot/work': request.name }, annotations: { note: 'kept' } } },
  });
  expect(request.spec).not.toHaveProperty('ttlSecondsAfterFinished');
  expect(step?.after.withinMs).toBe(960_000);
});

it('a Job that succeeds without a new whole backup is no backup', async () => {
  const world = worldIn('backups-well');
  const [step] = stepsOf((await lookAt(world, { runbook: runBackup, words: ['postgresql'] })).plan);
  const answer = async () => (await step?.after.holds(readerOver(labTargets(world).read)))?.answer;
  expect(await answer()).toBe('no');
  const path = '/mnt/main/postgresql-backup/dump_2026_04_03_09_00.sql.gz';
  addBackups(world, [{ path, bytes: 9, writtenMs: world.time.nowMs, content: { ...postgresDumpOf(0), isTruncated: true } }]);
  expect(await answer()).toBe('no');
  addBackups(world, [{ path, bytes: 11_560_001, writtenMs: world.time.nowMs, content: postgresDumpOf(0) }]);
  expect(await answer()).toBe('yes');
});
