import { describe, expect, test } from 'vitest';
import migratePvc from '../../runbooks/migrate-pvc/index.ts';
import { completeFor } from '../../runbooks/migrate-pvc/state.ts';
import type { User } from '../../src/commands/workload-volumes.ts';
import { stepsOf } from '../../src/core/plan.ts';
import { readerOver } from '../../src/core/reading.ts';
import { podOf } from '../lab/scenarios/changes.ts';
import { addSqlite, sqliteOf } from '../lab/site/databases/sqlite.ts';
import { labTargets, type World } from '../lab/site/index.ts';
import { addVolume, addWorkload } from '../lab/site/populate.ts';
import { kind } from '../lab/site/volumes.ts';
import { carriedOut, changesOf, codesOf, lookAt, worldIn } from './world.ts';

const NAMESPACE = 'uptime-kuma';
const CLAIM = 'uptime-kuma-data';
const TARGET = `${CLAIM}-storagebot-lvm`;
const ID = `${NAMESPACE}/${CLAIM}`;
const APP = { resource: kind('apps/v1', 'deployments'), namespace: NAMESPACE, name: 'uptime-kuma' };
const CLAIMS = kind('v1', 'persistentvolumeclaims');
const JOBS = kind('batch/v1', 'jobs');

const look = (world: World, ...words: readonly string[]) =>
  lookAt(world, { runbook: migratePvc, words: words.length > 0 ? words : [ID, 'proxmox-lvm'] });

function changed(scenario: string, change: (world: World) => void): World {
  const world = worldIn(scenario);
  change(world);
  return world;
}

const offered = (change: (world: World) => void) => changed('migrate-offered', change);

function usedBy(claims: readonly string[], namespace = NAMESPACE): (world: World) => void {
  return (world) => addWorkload(world, { namespace, kind: 'Deployment', name: 'other', nodes: ['k8s-node2'], claims });
}

describe('the one user of a claim', () => {
  test('is alone also where others use claims that are named like it', async () => {
    const world = offered((each) => {
      addVolume(each, { namespace: NAMESPACE, name: `${CLAIM}-2`, path: '/mnt/main/uptime-kuma-2' });
      usedBy([`${CLAIM}-2`])(each);
    });
    expect(codesOf(await look(world))).toEqual([`not-migrated ${ID}`]);
  });

  test('is alone also where another namespace has a claim of that name; then the namespace must be said', async () => {
    const world = offered((each) => {
      const path = '/mnt/main/other';
      addVolume(each, { namespace: 'navidrome', name: `other-${CLAIM}`, path });
      const { spec } = each.store.get({ resource: CLAIMS, namespace: 'navidrome', name: `other-${CLAIM}` });
      const metadata = { name: CLAIM, namespace: 'navidrome' };
      each.store.create({ apiVersion: 'v1', kind: 'PersistentVolumeClaim', metadata, spec, status: { phase: 'Bound' } });
    });
    expect(codesOf(await look(world))).toEqual([`not-migrated ${ID}`]);
    await expect(look(world, CLAIM, 'proxmox-lvm')).rejects.toThrow('Several namespaces have a claim uptime-kuma-data');
  });

  test('is not alone where another workload only reads it', async () => {
    const world = offered((each) => {
      usedBy([CLAIM])(each);
      const volumes = [{ name: 'data', persistentVolumeClaim: { claimName: CLAIM, readOnly: true } }];
      each.store.patch({ ...APP, name: 'other' }, { spec: { template: { spec: { volumes } } } });
    });
    expect(codesOf(await look(world))).toEqual([`not-one-user ${ID}`]);
  });

  test('may be at 0 already: then only its CronJob is stopped', async () => {
    const world = offered(({ store, time }) => {
      store.patch(APP, { spec: { replicas: 0 } });
      time.advance(60_000);
    });
    expect(changesOf(await look(world)).map((line) => line.split(' ').slice(0, 4).join(' '))).toEqual([
      expect.stringContaining('kubectl create'),
      expect.stringContaining('cronjobs.batch/uptime-kuma-backup'),
    ]);
  });
});

describe('a complete copy', () => {
  const job = (world: World) => world.store.list({ resource: JOBS, namespace: NAMESPACE })[0]?.metadata.name ?? '';

  test('into another claim is none of this one', async () => {
    const world = worldIn('migrate-stopped');
    world.store.create({
      apiVersion: 'batch/v1',
      kind: 'Job',
      metadata: { name: 'storagebot-1-2-copy', namespace: NAMESPACE, labels: { 'app.kubernetes.io/managed-by': 'storagebot' } },
      spec: { template: { spec: { containers: [{ name: 'work', command: ['/bin/bash', '-c', 'x', 'migrate-copy'] }] } } },
      status: { conditions: [{ type: 'Complete', status: 'True' }] },
    });
    expect(codesOf(await look(world))).toEqual([`half-migrated ${ID}`]);
  });

  test('counts also once its pod was removed, without its counts', async () => {
    const world = worldIn('migrate-copied');
    const pods = kind('v1', 'pods');
    for (const { metadata } of world.store.list({ resource: pods, namespace: NAMESPACE }))
      if (metadata.labels?.['job-name'] === job(world))
        world.store.delete({ resource: pods, namespace: NAMESPACE, name: metadata.name }, { uid: metadata.uid });
    const { diagnosis, plan } = await look(world);
    expect(diagnosis.findings.map(({ code, says }) => `${code}: ${says}`)).toEqual([
      expect.stringContaining('its counts are not there any more'),
    ]);
    expect(stepsOf(plan)).toHaveLength(2);
  });

  test('of a workload without a generation proves nothing: it is not known whether that ran since', () => {
    const user = { kind: 'Deployment', namespace: 'a', name: 'b', owner: undefined, runs: 0, ranBefore: 1 } as const;
    const users = [{ ...user, stoppedFor: undefined, volumes: [], waitsFor: [] }];
    const isCopied = (stopped: string, by: readonly User[], into?: string) => {
      const jobs = [{ name: 'storagebot-1-2-copy', createdAt: '', stopped, state: 'complete' }] as const;
      return completeFor({ jobs, made: into === undefined ? undefined : { uid: into }, users: by }) !== undefined;
    };
    expect(isCopied('Deployment a/b ? u-1; into u-2', users, 'u-2')).toBe(false);
    const known = users.map((each) => ({ ...each, generation: 4, uid: 'u-1' }));
    expect(isCopied('Deployment a/b 4 u-1; into u-2', known, 'u-2')).toBe(true);
    expect(isCopied('Deployment a/b 2 u-1; into u-2', known, 'u-2')).toBe(false);
    expect(isCopied('Deployment a/b 4 u-1; into ?', known)).toBe(false);
  });

  test('of a workload that was made anew since is none of it: its generations begin at 1 again', () => {
    const user = {
      kind: 'Deployment',
      namespace: 'a',
      name: 'b',
      owner: undefined,
      runs: 0,
      ranBefore: 1,
      generation: 2,
    } as const;
    const users = [{ ...user, uid: 'u-anew', stoppedFor: undefined, volumes: [], waitsFor: [] }];
    const jobs = [{ name: 'j', createdAt: '', stopped: 'Deployment a/b 2 u-1; into u-2', state: 'complete' }] as const;
    expect(completeFor({ jobs, made: { uid: 'u-2' }, users })).toBeUndefined();
  });

  test('into a claim that was deleted, and made anew under its name, is not switched to', async () => {
    const world = worldIn('migrate-made-anew');
    const target = { resource: CLAIMS, namespace: NAMESPACE, name: TARGET };
    world.store.patch(target, { spec: { volumeName: 'pvc-empty' }, status: { phase: 'Bound' } });
    expect(codesOf(await look(world))).toEqual([`half-migrated ${ID}`]);
  });

  test('is not switched to where the claim was made anew between the approval and the change', async () => {
    const world = worldIn('migrate-copied');
    const target = { resource: CLAIMS, namespace: NAMESPACE, name: TARGET };
    const [first] = stepsOf((await look(world)).plan);
    const { metadata, ...rest } = world.store.get(target);
    world.store.delete(target, {});
    world.store.create({ ...rest, metadata: { name: TARGET, namespace: NAMESPACE, labels: metadata.labels, uid: 'u-anew' } });
    const reader = readerOver(labTargets(world).read);
    const answers = await Promise.all((first?.before ?? []).map(async ({ says, holds }) => ({ says, ...(await holds(reader)) })));
    expect(answers.filter(({ answer }) => answer !== 'yes').map(({ says }) => says)).toEqual([
      `${NAMESPACE}/${TARGET} is there and Bound, and is not being deleted`,
    ]);
  });

  test('does not forbid the next one once its claim was deleted: the Job that made it is still listed', async () => {
    const world = worldIn('migrate-restarted-and-stopped');
    expect(codesOf(await look(world))).toEqual([`copy-outdated ${NAMESPACE}/${TARGET}`]);
    world.store.delete({ resource: CLAIMS, namespace: NAMESPACE, name: TARGET }, {});
    expect(codesOf(await look(world))).toEqual([`not-migrated ${ID}`]);
  });
});

describe('between the approval and the change', () => {
  async function refusedAfter(scenario: string, change: (world: World) => void): Promise<readonly string[]> {
    const world = worldIn(scenario);
    const [first] = stepsOf((await look(world)).plan);
    change(world);
    const reader = readerOver(labTargets(world).read);
    const answers = await Promise.all((first?.before ?? []).map(async ({ says, holds }) => ({ says, ...(await holds(reader)) })));
    return answers.filter(({ answer }) => answer !== 'yes').map(({ says, answer }) => `${answer}: ${says}`);
  }

  const podOn = (claim: string) => (world: World) => {
    const spec = { volumes: [{ name: 'data', persistentVolumeClaim: { claimName: claim } }], containers: [{ name: 'looks' }] };
    world.store.create({
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name: 'again', namespace: NAMESPACE, uid: 'u-again' },
      spec,
      status: { phase: 'Pending' },
    });
  };

  test.each([
    ['migrate-stopped', CLAIM, ['no: No pod uses /mnt/main/uptime-kuma']],
    ['migrate-stopped', TARGET, []],
    ['migrate-copied', CLAIM, ['no: No pod uses /mnt/main/uptime-kuma']],
  ])('of %s a pod that comes to %s stops it', async (scenario, claim, alsoSaid) => {
    expect(await refusedAfter(scenario, podOn(claim))).toEqual([`no: No pod uses ${NAMESPACE}/${claim}`, ...alsoSaid]);
  });

  test('somebody who let the workload run for a moment stops the switch: the copy may lack what it wrote', async () => {
    const refused = await refusedAfter('migrate-copied', ({ store, time }) => {
      store.patch(APP, { spec: { replicas: 1 } });
      time.advance(60_000);
      store.patch(APP, { spec: { replicas: 0 } });
      time.advance(60_000);
    });
    expect(refused).toEqual([expect.stringMatching(/^no: Deployment .* unchanged since its generation 4$/)]);
  });
});

test('a service that runs on the new claim and may not write to it is no success', async () => {
  const world = worldIn('migrate-copied');
  const offered = await look(world);
  const [first] = stepsOf(offered.plan);
  expect(await carriedOut(world, offered)).toEqual({ done: 2, stopped: undefined });
  const isSo = async () => (await first?.after.holds(readerOver(labTargets(world).read)))?.answer;
  expect(await isSo()).toBe('yes');
  const { uid } = podOf(world, { namespace: NAMESPACE, name: 'uptime-kuma' }).metadata;
  for (const { mounts } of world.nodes.values()) for (const mount of mounts) if (mount.podUid === uid) mount.readOnly = true;
  expect(await isSo()).toBe('no');
});

test('a service that somebody had stopped before gets the new claim, and is not started', async () => {
  const world = worldIn('migrate-copied');
  world.store.patch(APP, { metadata: { annotations: { 'storagebot/ran-before': null } } });
  const { plan } = await look(world);
  expect(stepsOf(plan).map(({ title }) => title)).toContain(`Let Deployment ${NAMESPACE}/uptime-kuma use ${TARGET}, and run 0`);
  expect(await carriedOut(world, await look(world))).toEqual({ done: 2, stopped: undefined });
});

describe('what is told and does not refuse', () => {
  const warnings = async (world: World) => stepsOf((await look(world)).plan).flatMap((step) => step.warnings ?? []);

  test('a Deployment that recreates its pods, with an fsGroup, has no warning of either', async () => {
    const plain = (await warnings(worldIn('migrate-copied'))).join('\n');
    expect(plain).toContain('Set strategy Recreate');
    expect(plain).toContain('sets no fsGroup');
    const world = changed('migrate-half-switched', () => undefined);
    expect((await warnings(world)).join('\n')).not.toContain('Set strategy Recreate');
    const recreated = offered(({ store }) => {
      const template = { spec: { securityContext: { fsGroup: 1_000 } } };
      store.patch(APP, { spec: { strategy: { type: 'Recreate' }, template } });
    });
    expect(codesOf(await look(recreated))).toEqual([`not-migrated ${ID}`]);
  });

  test('a size of 1.3 times the files is enough, and one below is not', async () => {
    const world = worldIn('migrate-offered');
    expect(codesOf(await look(world, ID, 'proxmox-lvm', '7987Mi'))).toEqual([`too-small ${TARGET}`]);
    expect(codesOf(await look(world, ID, 'proxmox-lvm', '7990Mi'))).toEqual([`not-migrated ${ID}`]);
  });

  test('a disk that was measured while its workload ran, and is not any more, does not make the new claim too small', async () => {
    const world = changed('migrate-from-iscsi', ({ store, time }) => {
      const metadata = {
        name: 'ebooks-calibre-config-iscsi-storagebot-lvm',
        namespace: 'ebooks',
        labels: { 'app.kubernetes.io/managed-by': 'storagebot' },
      };
      const spec = { storageClassName: 'proxmox-lvm', resources: { requests: { storage: '2Gi' } } };
      store.create({ apiVersion: 'v1', kind: 'PersistentVolumeClaim', metadata, spec, status: { phase: 'Pending' } });
      store.patch({ ...APP, namespace: 'ebooks', name: 'calibre-old' }, { spec: { replicas: 0 } });
      time.advance(60_000);
    });
    const claim = 'ebooks/ebooks-calibre-config-iscsi';
    expect(codesOf(await look(world, claim, 'proxmox-lvm'))).toEqual([`half-migrated ${claim}`]);
  });

  test('a database that is locked at this moment is not damaged', async () => {
    const world = worldIn();
    addSqlite(world);
    Object.assign(sqliteOf(world, 'headscale').database, { fails: { code: 5, says: 'Error: stepping, database is locked (5)' } });
    expect(codesOf(await look(world, 'headscale/headscale-data', 'proxmox-lvm'))).toEqual([
      'not-migrated headscale/headscale-data',
    ]);
  });

  test('one node with room is enough', async () => {
    const nodes = kind('v1', 'nodes');
    const world = offered(({ store, nodes: all }) => {
      for (const name of [...all.keys()].filter((each) => each !== 'k8s-node2'))
        store.patch({ resource: nodes, name }, { spec: { unschedulable: true } });
    });
    expect(codesOf(await look(world))).toEqual([`not-migrated ${ID}`]);
  });
});
