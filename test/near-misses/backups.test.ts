import { describe, expect, it } from 'vitest';
import diagnoseBackups from '../../runbooks/diagnose-backups/index.ts';
import runBackup from '../../runbooks/run-backup/index.ts';
import { stepsOf } from '../../src/core/plan.ts';
import { type Ask, readerOver } from '../../src/core/reading.ts';
import {
  addBackups,
  addUsualBackups,
  postgresDumpOf,
  postgresNights,
  vaultwardenBackups,
} from '../lab/site/databases/backups.ts';
import { labSite, labTargets, type World } from '../lab/site/index.ts';
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

/** The API server lets nobody change when an object was made. */
function madeAt(world: World, name: string, hours: number): void {
  const job = { resource: kind('batch/v1', 'jobs'), namespace: 'dbaas', name };
  const { metadata, status, ...rest } = world.store.get(job);
  world.store.delete(job, {});
  world.longWork.runsMs = 24 * HOUR_MS;
  const { labels = {}, ownerReferences = [] } = metadata;
  const about = { name, namespace: 'dbaas', labels, ownerReferences };
  world.store.create({ ...rest, metadata: { ...about, creationTimestamp: hoursAgo(world, hours) }, status });
}

function usual(): World {
  const world = worldIn('all-well');
  addUsualBackups(world);
  return world;
}

describe('a look at all backups, for which people wait', () => {
  /** So many jobs, whose newest backups take longer than they are given, and how many seconds that is. */
  async function lookAtSlow(count: number) {
    const world = usual();
    const { read } = labTargets(world);
    const site = labSite(world);
    const [one] = Object.values(site.backups ?? {});
    if (one === undefined) throw new Error('The lab has no backup jobs');
    const given: number[] = [];
    const slow: Ask = async (command) => {
      if (command.via !== 'ssh' || !command.argv.includes('nice')) return read(command);
      given.push(Number(command.argv[command.argv.indexOf('nice') - 1]));
      return { exitCode: 124, stdout: '', stderr: '' };
    };
    const path = (index: number) => (index === 0 ? one.path : `${one.path}-${index}`);
    for (let index = 1; index < count; index++)
      addBackups(
        world,
        postgresNights(world).map((each) => ({ ...each, path: each.path.replace(one.path, path(index)) })),
      );
    const backups = Object.fromEntries(
      Array.from({ length: count }, (_, index) => [`job${index}`, { ...one, path: path(index) }]),
    );
    return { look: await diagnoseBackups.look({}, readerOver(slow), { ...site, backups }), given };
  }

  it.each([1, 8, 9, 16, 17, 32, 33, 64])('of %i jobs takes eight seconds, eight beside each other', async (count) => {
    const { given } = await lookAtSlow(count);
    expect(given).toHaveLength(count);
    expect(new Set(given).size).toBe(1);
    expect(Math.ceil(count / 8) * (given[0] ?? 0)).toBeLessThanOrEqual(8);
  });

  it('says of what it could not read to its end how it is read, and nothing good', async () => {
    const { look } = await lookAtSlow(10);
    const unread = look.diagnosis.evidence.filter(({ says }) => says.includes('was not read to its end'));
    expect(unread).toHaveLength(10);
    expect(new Set(unread.map(({ status }) => status))).toEqual(new Set(['unknown']));
    expect(unread[9]?.says).toContain('/storage diagnose backups job9 gives it ten minutes');
    expect(look.diagnosis.evidence.filter(({ status, says }) => status === 'ok' && says.includes(' rows'))).toEqual([]);
  });
});

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

describe('a pod that waits for a volume', () => {
  const NEXTCLOUD = { resource: kind('v1', 'pods'), namespace: 'nextcloud' };

  it('that no healthy pod has is not told to be in use: who has it may be what is to be repaired', async () => {
    const world = worldIn('backups-multi-attach');
    expect(await findings(world, ['nextcloud'])).toEqual(['multi-attach']);
    for (const { metadata } of world.store.list(NEXTCLOUD))
      if (!metadata.name.startsWith('nextcloud-backup'))
        world.store.patch(
          { ...NEXTCLOUD, name: metadata.name },
          { status: { conditions: [{ type: 'Ready', status: 'False' }] } },
        );
    expect(await findings(world, ['nextcloud'])).toEqual(['pod-waits']);
  });
});

describe('what would mislead whoever is told', () => {
  it('a run of an hour is no run that hangs', async () => {
    const world = worldIn('backups-hanging');
    madeAt(world, 'postgresql-backup-29582880', 1);
    expect(await findings(world)).not.toContain('hangs');
    madeAt(world, 'postgresql-backup-29582880', 3);
    expect(await findings(world)).toEqual(['hangs']);
  });

  it('an event of another CronJob is no reason', async () => {
    const world = worldIn('backups-job-denied');
    const events = { resource: kind('v1', 'events'), namespace: 'dbaas' };
    for (const { metadata } of world.store.list(events))
      world.store.patch({ ...events, name: metadata.name }, { involvedObject: { name: 'mysql-backup' } });
    expect(await findings(world)).toEqual(['missed']);
  });

  it('a run by hand before the last success of the CronJob explains nothing', async () => {
    const world = worldIn('backups-only-by-hand');
    world.store.patch(CRON, { status: { lastSuccessfulTime: hoursAgo(world, 2.5) } });
    expect(await findings(world)).toEqual([]);
    world.store.patch(CRON, { status: { lastSuccessfulTime: hoursAgo(world, 57) } });
    madeAt(world, 'storagebot-9c1d2e3f40-1-backup', 60);
    expect(await findings(world)).toEqual(['hidden-failure']);
  });

  it('a time some minutes ahead of the clock of the NAS is a fresh one', async () => {
    const world = usual();
    const [newest] = postgresNights(world);
    if (newest === undefined) throw new Error('no dump');
    addBackups(world, [{ ...newest, writtenMs: world.time.nowMs + 120_000 }]);
    expect(await findings(world)).toEqual([]);
  });

  it('the bytes that a job says it read and wrote are always 0 here, and mean nothing', async () => {
    const world = usual();
    for (const name of ['backup_read_bytes', 'backup_written_bytes'])
      world.monitoring.more.push({ labels: { __name__: name, job: 'postgresql-backup', instance: 'pushgateway' }, at: () => 0 });
    expect(await findings(world, [])).toEqual([]);
  });

  it('a claim that is elsewhere is the reason also where a dataset lies at the path', async () => {
    const world = worldIn('backups-claim-elsewhere');
    world.nas.disk.addDataset('main/postgresql-backup', '/mnt/main/postgresql-backup');
    expect(await findings(world)).toEqual(['claim-elsewhere']);
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

it('a run has the labels that the CronJob gives its Jobs, and cannot take away those by which it is found', async () => {
  const world = worldIn('backups-well');
  const labels = { team: 'dbaas', 'storagebot/run-of': 'another', 'storagebot/work': 'another' };
  world.store.patch(CRON, { spec: { jobTemplate: { metadata: { labels } } } });
  const [step] = stepsOf((await lookAt(world, { runbook: runBackup, words: ['postgresql'] })).plan);
  const request = step?.change.command.via === 'kubernetes' ? step.change.command.request : undefined;
  if (request?.verb !== 'create') throw new Error('nothing is made');
  expect(request.labels).toEqual({
    team: 'dbaas',
    'storagebot/run-of': 'postgresql-backup',
    'app.kubernetes.io/managed-by': 'storagebot',
    'storagebot/work': request.name,
  });
});

it('says that the alert goes on, since the CronJob counts its own runs alone', async () => {
  const [step] = stepsOf((await lookAt(worldIn('backups-well'), { runbook: runBackup, words: ['postgresql'] })).plan);
  expect(step?.warnings?.join('\n')).toContain(
    'an alert that counts from it goes on until a run of its own succeeds (0 0 * * *)',
  );
});

it('room is needed for the largest of the backups: the newest may have been cut', async () => {
  const world = worldIn('backups-truncated');
  for (const pool of world.nas.pools) if (pool.name === 'main') pool.usedPercent = 99.9995;
  const { diagnosis } = await lookAt(world, { runbook: runBackup, words: ['postgresql'] });
  expect(diagnosis.findings.map(({ code }) => code)).toEqual(['due', 'no-room']);
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
