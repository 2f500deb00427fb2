import { describe, expect, test } from 'vitest';
import diagnoseSlowNfs from '../../runbooks/diagnose-slow-nfs/index.ts';
import { show } from '../../src/core/command.ts';
import { verdictOf } from '../../src/core/finding.ts';
import { stepsOf } from '../../src/core/plan.ts';
import { readerOver } from '../../src/core/reading.ts';
import { poolOf } from '../lab/scenarios/zfs-changes.ts';
import { labSite, labTargets, type World } from '../lab/site/index.ts';
import { startJob } from '../lab/site/jobs.ts';
import { kind } from '../lab/site/volumes.ts';
import { changesOf, codesOf, lookAt, worldIn } from './world.ts';

const ask = (world: World) => lookAt(world, { runbook: diagnoseSlowNfs, words: [] });
const CRON_JOBS = kind('batch/v1', 'cronjobs');
const FLOW = { readKBPerS: 21_000, writeKBPerS: 74_000 };
const CRON = { apiVersion: 'batch/v1', kind: 'CronJob', name: 'postgresql-backup' };

function flooded(name: string, owner?: typeof CRON): World {
  const world = worldIn();
  const job = { namespace: 'dbaas', name, node: 'k8s-node3', claims: ['dbaas-postgresql-backup'], flow: FLOW };
  startJob(world, { ...job, ...(owner && { owner }) });
  return world;
}

describe('a Job that floods the disk', () => {
  test.each([
    ['immich-library-import', []],
    ['postgresql-restore', ['change data']],
    ['schema-migration-41', ['change data']],
    ['filesystem-repair', ['change data']],
    ['db-init', ['change data']],
    ['dump-before-upgrade', ['change data']],
    ['dump-by-hand', ['by hand']],
    ['storagebot-copy-1', ['this bot']],
  ])('and is called %s is suspended, unless that would tear data or leave none: %j', async (name, reasons) => {
    const look = await ask(flooded(name));
    expect(codesOf(look)).toEqual([`job-floods dbaas/${name}`]);
    expect(changesOf(look)).toHaveLength(reasons.length === 0 ? 1 : 0);
    for (const reason of reasons) expect(look.plan).toMatchObject({ stop: expect.stringContaining(reason) });
    expect(look.diagnosis.findings[0]?.remedy.startsWith('Suspend the Job')).toBe(reasons.length === 0);
  });

  test('and is the first backup of its CronJob, which never succeeded, is left alone', async () => {
    const world = flooded('postgresql-backup-29586240', CRON);
    expect(changesOf(await ask(world))).toHaveLength(2);
    const cron = { resource: CRON_JOBS, namespace: 'dbaas', name: CRON.name };
    world.store.patch(cron, { status: { lastSuccessfulTime: null } });
    expect((await ask(world)).plan).toMatchObject({ stop: expect.stringContaining('may become the only copy') });
  });

  test('and is a backup says that its file stays incomplete', async () => {
    const [step] = stepsOf((await ask(flooded('postgresql-backup-29586240', CRON))).plan);
    expect(step?.warnings?.join(' ')).toContain('is torn where it writes over its only copy');
  });

  test('is not blamed where the disk does far more than it', async () => {
    const world = worldIn();
    const flow = { readKBPerS: 12_000, writeKBPerS: 0 };
    startJob(world, { namespace: 'immich', name: 'library-import', node: 'k8s-node4', claims: ['immich-library'], flow });
    world.load.machines.set(102, { readKBPerS: 2_000, writeKBPerS: 93_000 });
    expect(codesOf(await ask(world))).toEqual(['machine-floods 102 devvm']);
  });
});

describe('a scrub that runs while NFS is slow', () => {
  const scrubbing = (name: string) => {
    const world = flooded('library-import');
    world.nas.pools.push({ name: 'boot-pool', usedPercent: 4, health: 'ONLINE' });
    poolOf(world, name).status.scan = { is: 'running', what: 'scrub', sinceMs: world.time.nowMs - 60_000, percent: 12 };
    return world;
  };

  test('is the cause in the pool that NFS waits for', async () => {
    expect(codesOf(await ask(scrubbing('main')))).toEqual(['scrub-running main']);
  });

  test('leaves open who it was while it is not known which pool NFS waits for', async () => {
    const world = scrubbing('main');
    const { read } = labTargets(world);
    const timedOut = { failed: 'timed-out', says: 'No answer within the deadline.', toDo: 'Look again.' } as const;
    const reader = readerOver(async (command) => (show(command).includes(' zfs list ') ? timedOut : read(command)));
    const { diagnosis, plan } = await diagnoseSlowNfs.look({}, reader, labSite(world));
    expect(verdictOf(diagnosis)).toBe('blind');
    expect(stepsOf(plan)).toEqual([]);
  });

  test('in another pool rules out that anything but a flood is proved', async () => {
    const world = worldIn('slow-pool-nearly-full');
    world.nas.pools.push({ name: 'boot-pool', usedPercent: 4, health: 'ONLINE' });
    expect(codesOf(await ask(world))).toEqual(['pool-nearly-full main']);
    poolOf(world, 'boot-pool').status.scan = { is: 'running', what: 'scrub', sinceMs: world.time.nowMs, percent: 12 };
    expect(codesOf(await ask(world))).toEqual([]);
  });

  test('is not the cause in a pool that no slow mount lies in', async () => {
    expect(codesOf(await ask(scrubbing('boot-pool')))).toEqual(['job-floods dbaas/library-import']);
  });
});

describe('calls that are slow', () => {
  const slowOn = (...names: string[]) => {
    const world = worldIn();
    for (const name of names) world.load.ways.set(name, { delayMs: 120 });
    return world;
  };

  test('of fewer nodes than are quick are the fault of the nodes', async () => {
    expect(codesOf(await ask(slowOn('k8s-node1')))).toEqual(['node-slow k8s-node1']);
  });

  test('of most nodes prove neither that the server is slow nor that the nodes are', async () => {
    const { diagnosis, plan } = await ask(slowOn('k8s-node1', 'k8s-node2', 'k8s-node3'));
    expect({ verdict: verdictOf(diagnosis), findings: diagnosis.findings, steps: stepsOf(plan) }).toEqual({
      verdict: 'blind',
      findings: [],
      steps: [],
    });
  });
});

test('a hot dataset is not sent to the pool of the system, whatever room that has', async () => {
  const world = worldIn('slow-dataset-hot-no-room');
  world.nas.disk.addDataset('boot-pool', '/boot-pool');
  world.nas.pools.push({ name: 'boot-pool', usedPercent: 1, health: 'ONLINE' });
  const { diagnosis } = await ask(world);
  expect(diagnosis.findings.map(({ code }) => code)).toEqual(['workload-floods']);
});
