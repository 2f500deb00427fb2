import { describe, expect, test } from 'vitest';
import migratePvc from '../../runbooks/migrate-pvc/index.ts';
import { failedInto } from '../../runbooks/migrate-pvc/state.ts';
import { COPY_MARK } from '../../src/commands/copy-scripts.ts';
import { stepsOf } from '../../src/core/plan.ts';
import { undoSteps } from '../../src/core/undo.ts';
import { APP, makeTarget, NAMESPACE, NEW_CLAIM, TARGET, WRITTEN_SINCE, withoutNote } from '../lab/scenarios/migrate-changes.ts';
import { volumeNamed } from '../lab/site/block.ts';
import { labTargets, type World } from '../lab/site/index.ts';
import { logicalName } from '../lab/site/populate-block.ts';
import { kind, text } from '../lab/site/volumes.ts';
import { carryOut } from '../system/by-hand.ts';
import { answersTo, carriedOut, changesOf, codesOf, lookAt, worldIn } from './world.ts';

const ID = 'uptime-kuma/uptime-kuma-data';

const look = (world: World) => lookAt(world, { runbook: migratePvc, words: [ID, 'proxmox-lvm'] });
const contentOf = (world: World) =>
  volumeNamed(world.hypervisor, logicalName({ namespace: NAMESPACE, claim: TARGET }))?.fileSystem?.content;

describe('a new claim that was used before the migration was taken back', () => {
  test('is not copied over: the service has a note of it', async () => {
    const world = worldIn('migrate-taken-back');
    expect(codesOf(await look(world))).toEqual([`copy-outdated ${NAMESPACE}/${TARGET}`]);
    expect(changesOf(await look(world))).toEqual([]);
  });

  test('is not copied over once the bot itself took the switch back, though nothing of the copy is listed any more', async () => {
    const world = worldIn('migrate-copied');
    const switched = await look(world);
    expect(await carriedOut(world, switched)).toEqual({ done: 2, stopped: undefined });
    const back = undoSteps(stepsOf(switched.plan));
    expect((await carryOut(labTargets(world), back)).done).toHaveLength(2);
    const jobs = kind('batch/v1', 'jobs');
    for (const { metadata } of world.store.list({ resource: jobs, namespace: NAMESPACE }))
      world.store.delete({ resource: jobs, namespace: NAMESPACE, name: metadata.name }, { uid: metadata.uid });
    world.time.advance(60_000);
    expect(codesOf(await look(world))).toEqual([`copy-outdated ${NAMESPACE}/${TARGET}`]);
  });

  test('is not copied over either where that note is gone: the Job finds no half copy, and changes nothing', async () => {
    const world = worldIn('migrate-taken-back');
    withoutNote(world);
    const offered = await look(world);
    expect(codesOf(offered)).toEqual([`half-migrated ${ID}`]);
    expect(await carriedOut(world, offered)).toMatchObject({ done: 0 });
    expect(contentOf(world)?.get('kuma.db')).toBe(WRITTEN_SINCE);
    const { diagnosis } = await look(world);
    expect(diagnosis.findings.map(({ code, says }) => `${code}: ${says}`)).toEqual([
      expect.stringMatching(/^copy-outdated: Job storagebot-copy copied nothing: .* is no half copy/),
    ]);
  });

  test.each(['migrate-taken-back', 'migrate-not-copied-over'])(
    'is no matter any more once a person deleted it (%s)',
    async (scenario) => {
      const world = worldIn(scenario);
      world.store.delete(NEW_CLAIM, {});
      expect(codesOf(await look(world))).toEqual([`not-migrated ${ID}`]);
    },
  );
});

test('what a Job found in another claim of that name is no matter: the claim was made anew', async () => {
  const world = worldIn('migrate-not-copied-over');
  world.store.delete(NEW_CLAIM, {});
  makeTarget(world, 'u-anew');
  expect(codesOf(await look(world))).toEqual([`half-migrated ${ID}`]);
});

describe('a copy that failed', () => {
  test('is taken up by the next one, which leaves no mark', async () => {
    const world = worldIn('migrate-copy-failed');
    expect([...(contentOf(world)?.keys() ?? [])]).toContain(COPY_MARK);
    expect(await carriedOut(world, await look(world))).toEqual({ done: 1, stopped: undefined });
    expect([...(contentOf(world)?.keys() ?? [])]).not.toContain(COPY_MARK);
  });

  test('is taken up also where the service ran on the old claim in between', async () => {
    const world = worldIn('migrate-copy-failed');
    for (const replicas of [1, 0]) {
      world.store.patch(APP, { spec: { replicas } });
      world.time.advance(60_000);
    }
    expect(await carriedOut(world, await look(world))).toMatchObject({ done: 1 });
  });

  test('is not taken up while a node has the new volume attached: somebody may use it', async () => {
    const world = worldIn('migrate-copy-failed');
    const [step] = stepsOf((await look(world)).plan);
    if (step === undefined) throw new Error('a copy is offered');
    expect(new Set(await answersTo(world, step))).toEqual(new Set(['yes']));
    const spec = {
      attacher: 'csi.proxmox.sinextra.dev',
      nodeName: 'k8s-node2',
      source: { persistentVolumeName: text(world.store.get(NEW_CLAIM), 'spec', 'volumeName') },
    };
    const metadata = { name: 'csi-of-new-claim', uid: 'u-va' };
    world.store.create({ apiVersion: 'storage.k8s.io/v1', kind: 'VolumeAttachment', metadata, spec, status: { attached: true } });
    expect(await answersTo(world, step)).toContain('no');
  });

  test('whose Job was deleted leaves a half copy that no other takes up', async () => {
    const world = worldIn('migrate-copy-failed');
    const jobs = kind('batch/v1', 'jobs');
    for (const { metadata } of world.store.list({ resource: jobs, namespace: NAMESPACE }))
      world.store.delete({ resource: jobs, namespace: NAMESPACE, name: metadata.name }, { uid: metadata.uid });
    world.time.advance(60_000);
    expect(await carriedOut(world, await look(world))).toMatchObject({ done: 0 });
    expect((await look(world)).diagnosis.findings.map(({ says }) => says)).toEqual([
      expect.stringContaining('none of the failed Jobs that are known'),
    ]);
  });
});

describe('the Jobs whose half copy may be in a claim', () => {
  const job = { name: 'one', createdAt: '', stopped: 'Deployment a/b 2 u-1; into u-2', state: 'failed' } as const;
  const failed = { ...job, failedAt: '2026-04-03T08:40:30Z' };
  const named = (jobs: Parameters<typeof failedInto>[0], uid = 'u-2') => failedInto(jobs, { uid }).map(({ name }) => name);

  test('are those that failed, into this very claim, at a known time', () => {
    expect(named([failed, { ...failed, name: 'two' }])).toEqual(['one', 'two']);
    expect(named([failed, { ...job, name: 'two' }])).toEqual(['one']);
    expect(named([failed], 'u-3')).toEqual([]);
    expect(failedInto([failed], undefined)).toEqual([]);
  });

  test.each(['complete', 'running'] as const)('are none where another is %s', (state) => {
    expect(named([failed, { ...job, name: 'two', state }])).toEqual([]);
  });
});
