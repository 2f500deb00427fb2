import { describe, expect, it } from 'vitest';
import { show } from '../../src/core/command.ts';
import { previewStep } from '../../src/core/plan.ts';
import { undoSteps } from '../../src/core/undo.ts';
import { leftOut, sampled } from '../depth.ts';
import { scenarioNamed } from '../lab/scenarios/index.ts';
import { labTargets, worldOf } from '../lab/site/index.ts';
import { carryOut, repairByHand } from './by-hand.ts';
import { planning, type RepairCase } from './repair-cases.ts';
import { scaleDown, stateOf } from './world-state.ts';

/** A world in which this was repaired, what it was before, and the steps that take the repair back. */
async function repaired(title: string) {
  const found = planning.find((one) => one.title === title);
  if (found === undefined) throw new Error(`There is no case ${title}`);
  const { scenario, nas } = found.each;
  const world = worldOf({ scenario: scenarioNamed(scenario), hangScale: 0.001, ...(nas && { flavour: nas }) });
  const before = stateOf(world);
  const done = await repairByHand(world, found.runbook, found.each);
  return { world, before, after: stateOf(world), done, back: undoSteps(done) };
}

/** What this case's world was before anybody repaired it, but for the copy that a move leaves. */
function beforeOf(title: string): unknown {
  const found = planning.find((one) => one.title === title);
  if (found === undefined) throw new Error(`There is no case ${title}`);
  const { scenario, nas } = found.each;
  return stateOf(worldOf({ scenario: scenarioNamed(scenario), hangScale: 0.001, ...(nas && { flavour: nas }) }), COPY);
}

const AT_ONCE = [
  'add export: new-service',
  'add export: new-service-on-debian',
  'add export: path-on-ssd',
  'add export: blind-node-ssh',
  'diagnose nfs: fsid-zero',
  'diagnose nfs: write-denied',
  'diagnose block: block-few-ghosts',
  'diagnose block: block-attach-in-progress',
  'diagnose block: block-slot-cap',
  'diagnose iscsi: iscsi-record-defaults',
  'diagnose iscsi: iscsi-live-defaults',
  'restart iscsi: iscsi-defaults',
  'restart iscsi: defaults-by-target',
  'restart iscsi: defaults-on-scale',
  'restart iscsi: defaults-on-debian',
  'restart iscsi: iscsi-restart-stopped',
  'restart iscsi: iscsi-checked',
  'restart iscsi: iscsi-driver-logged-out',
  'diagnose slow nfs: slow-backup-floods',
  'diagnose slow nfs: slow-backup-floods-alone',
  'diagnose slow nfs: slow-job-floods',
  'diagnose slow nfs: slow-job-floods-on-debian',
  'diagnose slow nfs: slow-scrub-running',
  'diagnose slow nfs: slow-scrub-running-on-scale',
  'diagnose slow nfs: slow-workload-floods-on-scale',
  'diagnose zfs: zfs-scrub-paused',
  'diagnose zfs: zfs-scrub-old',
  'diagnose zfs: zfs-scrub-never',
  'remove export: export-unused',
  'remove export: export-unused-on-scale',
  'remove export: export-unused-on-debian',
  'remove export: export-unused-prefix',
  'remove export: export-unused-prefix-on-debian',
  'remove export: export-unused-own-share',
  'remove export: export-unused-own-file',
  'remove export: export-unused-not-loaded',
  'tune nfs mounts: new-options',
  'tune nfs mounts: volume-without-a-pod',
  'tune nfs mounts: hard-mount',
  'tune nfs mounts: hard-mount-shared',
  'tune nfs mounts: hard-mount-stateful',
  'tune nfs mounts: hard-mount-database',
  'snapshot: written-since',
  'snapshot: written-since-on-scale',
  'snapshot: directory-named-as-a-dataset',
  'snapshot: service-in-two-pools',
  'snapshot: service-with-a-dataset-of-its-own',
  'snapshot: debian-with-zfs',
  'snapshot: files-lost',
  'clone: files-lost',
  'clone: of-a-pool',
  'clone: on-scale',
  'migrate pvc: migrate-offered',
  'migrate pvc: by-claim-alone',
  'migrate pvc: migrate-from-iscsi',
  'migrate pvc: migrate-stopped',
  'migrate pvc: migrate-copy-failed',
  'migrate pvc: migrate-made-anew',
  'migrate pvc: migrate-copied',
  'migrate pvc: migrate-half-switched',
  'restore pvc: restore-snapshot',
  'restore pvc: restore-by-whole-name',
  'restore pvc: restore-files-of-week',
  'restore pvc: restore-snapshot-of-encrypted',
  'restore pvc: restore-of-a-stateful-set',
  'restore pvc: restore-pool-nearly-full',
  'restore pvc: restore-stopped',
  'restore pvc: restore-files-stopped',
  'restore pvc: restore-put-aside',
  'restore pvc: restore-copied',
  'restore pvc: restore-expired',
  'restore pvc: restore-files-put-aside',
  'restore pvc: restore-filled',
  'restore pvc: restore-filled-aside',
  'restore pvc: restore-placed',
  'restore mysql: chosen',
  'restore mysql: older-anyway',
  'restore mysql: mysql-restore-loaded',
  'restore mysql: mysql-restore-stopped',
  'restore mysql: mysql-restore-swapped',
  'restore postgres: postgres-restore-offered',
  'restore postgres: postgres-restore-half-made',
  'restore postgres: postgres-restore-dropped',
  'restore postgres: postgres-restore-older-anyway',
  'restore postgres: postgres-restore-beside',
  'restore postgres: postgres-restore-beside-stopped',
  'restore postgres: postgres-restore-swapped',
  'restore sqlite: sqlite-restore-damaged',
  'restore sqlite: sqlite-restore-stopped',
  'restore sqlite: sqlite-restore-failed',
  'restore sqlite: sqlite-restore-placed',
  'restore sqlite: sqlite-restore-undone',
  'restore sqlite: sqlite-restore-damaged-again',
  'restore sqlite: sqlite-whole-anyway',
  'restore sqlite: sqlite-indexes-anyway',
  'restore sqlite: sqlite-empty-anyway',
  'restore sqlite: sqlite-gone-anyway',
  'restore sqlite: sqlite-no-table-anyway',
  'restore sqlite: sqlite-unmounted-anyway',
  'restore sqlite: sqlite-reindex',
  'restore sqlite: sqlite-reindex-on-nfs',
  'restore sqlite: sqlite-reindex-stopped',
  'restore sqlite: sqlite-reindex-placed',
];

/** The copy of a moved dataset is left on purpose, with its export where only a person can tell its share. */
const BUT_FOR_THE_COPY = [
  'move dataset: dataset-to-move',
  'move dataset: to-move-on-scale',
  'move dataset: to-move-on-debian',
  'move dataset: move-two-users',
  'move dataset: move-stopped',
  'move dataset: move-mounted-restarted',
];
const COPY = 'ssd/immich-encoded-video';

/** The path that pods use after the repair. */
const IN_USE: readonly (readonly [title: string, path: string])[] = [
  ['add export: export-missing', '/mnt/main/immich/library'],
  ['add export: export-missing-on-debian', '/mnt/main/immich/library'],
  ['check exports: export-missing', '/mnt/main/immich/library'],
  ['check exports: export-missing-on-debian', '/mnt/main/immich/library'],
  ['diagnose nfs: export-missing', '/mnt/main/immich/library'],
  ['diagnose nfs: export-missing-on-debian', '/mnt/main/immich/library'],
  ['diagnose nfs: dataset-not-mounted', '/mnt/ssd/immich/thumbs'],
  ['diagnose nfs: dataset-not-mounted-on-scale', '/mnt/ssd/immich/thumbs'],
  ['diagnose nfs: dataset-not-mounted-on-debian', '/mnt/ssd/immich/thumbs'],
];

/** Only the directory could be taken back, or the users cannot be seen, or the node is open again: the first undo is refused. */
const REFUSED: readonly (readonly [title: string, stopped: string])[] = [
  ['add export: new-service-on-scale', 'no: The NAS does not export /mnt/main/paperless'],
  ['add export: new-service-by-script', 'no: The NAS does not export /mnt/main/paperless'],
  ['add export: blind-kubernetes', 'unknown: No pod uses /mnt/main/paperless'],
  ['check exports: volume-used-beside-an-export', 'no: No pod uses /mnt/main/im'],
  ...['remove export: export-unused-missing', 'remove export: export-unused-missing-on-scale'].map(
    (title) =>
      [title, 'no: Every path that is left to the share exists: one that does not makes the middleware refuse all'] as const,
  ),
  [
    'diagnose block: block-open-twice',
    'no: No machine has vm-9999-pvc-9abdf796-54e0-4bca-ac95-4481cfca6931, and Kubernetes has not attached it',
  ],
  [
    'diagnose nfs: client-wedged',
    "no: It is still cordoned, ready, and has not restarted since: a later cordon is somebody else's",
  ],
];

/** Repairs that nothing takes back. */
const final = planning.filter(({ title }) => !listed(title));

describe('what a repair did is taken back step by step, and the state from before is there again', () => {
  it.each(sampled(AT_ONCE, 16))('%s', async (title) => {
    const { world, before, after, back } = await repaired(title);
    expect(after).not.toEqual(before);
    const { done, stopped } = await carryOut(labTargets(world), back);
    expect({ done: done.length, stopped }).toEqual({ done: back.length, stopped: undefined });
    expect(stateOf(world)).toEqual(before);
  });

  it.each(BUT_FOR_THE_COPY)('%s, and its copy stays, mounted and as full as it was', async (title) => {
    const { world, back } = await repaired(title);
    const held = () => world.nas.disk.datasets.filter(({ name }) => name === COPY).map((each) => world.nas.disk.content(each));
    const copied = held();
    const { done, stopped } = await carryOut(labTargets(world), back);
    expect({ done: done.length, stopped }).toEqual({ done: back.length, stopped: undefined });
    expect(stateOf(world, COPY)).toEqual(beforeOf(title));
    expect(copied).toHaveLength(1);
    expect(held()).toEqual(copied);
  });

  it.each(IN_USE)('%s: only once no pod uses %s', async (title, path) => {
    const { world, before, after, back } = await repaired(title);
    expect(after).not.toEqual(before);
    expect(await carryOut(labTargets(world), back)).toEqual({ done: [], stopped: `no: No pod uses ${path}` });
    expect(stateOf(world)).toEqual(after);
    scaleDown(world, ['immich']);
    const { done, stopped } = await carryOut(labTargets(world), back);
    expect({ done: done.length, stopped }).toEqual({ done: back.length, stopped: undefined });
    expect(stateOf(world)).toEqual(before);
  });
});

it.each(REFUSED)('%s is not taken back, and nothing changes', async (title, stopped) => {
  const { world, after, back } = await repaired(title);
  expect(await carryOut(labTargets(world), back)).toEqual({ done: [], stopped });
  expect(stateOf(world)).toEqual(after);
});

describe.each(sampled(final, 16))('$title', ({ title }: RepairCase) => {
  it('has no step to take back, and says why of each', async () => {
    const { done, back } = await repaired(title);
    expect(back).toEqual([]);
    expect(done.filter(({ undo }) => !('none' in undo) || undo.none === '')).toEqual([]);
  });
});

function listed(title: string): boolean {
  return [...AT_ONCE, ...BUT_FOR_THE_COPY, ...IN_USE.map(([name]) => name), ...REFUSED.map(([name]) => name)].includes(title);
}

leftOut('the other repairs', `16 of ${AT_ONCE.length} were taken back, and 16 of ${final.length} without a way back looked at`);

describe('an export that was written into a file', () => {
  const TITLE = 'add export: new-service-on-debian';
  const FILE = '/etc/exports.d/mnt+main+paperless.exports';

  it('is taken back in three steps: the file, a reload, the directory', async () => {
    const { back } = await repaired(TITLE);
    expect(back.map(({ change }) => show(change.command))).toEqual([
      `truenas$ rm ${FILE}`,
      'truenas$ exportfs -ra',
      'truenas$ rmdir /mnt/main/paperless',
    ]);
  });

  it('shows the reload to whoever approves the file in the first place', async () => {
    const { done } = await repaired(TITLE);
    const lines = done.map((step) => previewStep(step)).join('\n');
    expect(lines).toContain(`  undo     truenas$ rm ${FILE}\n           truenas$ exportfs -ra`);
  });

  it('is not taken back once somebody changed its line', async () => {
    const { world, back } = await repaired(TITLE);
    world.nas.files.set(FILE, '/mnt/main/paperless 10.0.20.0/24(ro)\n');
    expect(await carryOut(labTargets(world), back)).toMatchObject({
      done: [],
      stopped: expect.stringMatching(/^no: The line of/),
    });
  });

  it('is not taken back while an export is in force that no file names: the reload would drop it', async () => {
    const { world, back } = await repaired(TITLE);
    const [first] = world.nas.active;
    if (first === undefined) throw new Error('the lab exports something');
    world.nas.active = [...world.nas.active, { ...first, path: '/mnt/main/by-hand' }];
    expect(await carryOut(labTargets(world), back)).toMatchObject({
      done: [],
      stopped: expect.stringMatching(/^no: Every export/),
    });
  });

  it('leaves its directory alone once something lies in it', async () => {
    const { world, back } = await repaired(TITLE);
    world.nas.disk.make('/mnt/main/paperless/inbox');
    const { done, stopped } = await carryOut(labTargets(world), back);
    expect({ done: done.length, stopped }).toEqual({ done: 2, stopped: 'no: /mnt/main/paperless is empty' });
  });
});

it('the old file of exports is not brought back over one that somebody edited since, nor from another copy', async () => {
  const edited = await repaired('diagnose nfs: fsid-zero');
  edited.world.nas.files.set('/etc/exports', `${edited.world.nas.files.get('/etc/exports')}/mnt/main/new *(ro)\n`);
  expect((await carryOut(labTargets(edited.world), edited.back)).stopped).toBe('no: /etc/exports is still as the change left it');
  const copied = await repaired('diagnose nfs: fsid-zero');
  copied.world.nas.files.set('/etc/exports.before-fsid-fix', '/mnt/main/other *(rw)\n');
  expect((await carryOut(labTargets(copied.world), copied.back)).stopped).toBe('no: The file beside it is the one from before');
});

it('a dataset is not unmounted again once another one is mounted below it, which zfs would unmount as well', async () => {
  const { world, back } = await repaired('diagnose nfs: dataset-not-mounted');
  scaleDown(world, ['immich']);
  world.nas.disk.addDataset('ssd/immich/thumbs/cache', '/mnt/ssd/immich/thumbs/cache');
  expect(await carryOut(labTargets(world), back)).toMatchObject({
    done: [],
    stopped: expect.stringContaining('no other below it'),
  });
});

it('a directory is not given back once it belongs to another group than the repair left it', async () => {
  const { world, back } = await repaired('diagnose nfs: write-denied');
  const found = world.nas.disk.at('/mnt/ssd/immich/ml-cache');
  if (found === undefined) throw new Error('the lab has that directory');
  found.gid = 3000;
  expect(await carryOut(labTargets(world), back)).toEqual({ done: [], stopped: 'no: It still belongs to 101:0' });
});

describe.each(['remove export: export-unused-on-debian', 'remove export: export-unused-own-file'])('%s', (title) => {
  it('is taken back also where only the file was changed, and nobody reloaded the exports', async () => {
    const whole = await repaired(title);
    const { scenario, nas } = planning.find((one) => one.title === title)?.each ?? { scenario: '' };
    const world = worldOf({ scenario: scenarioNamed(scenario), hangScale: 0.001, ...(nas && { flavour: nas }) });
    const before = stateOf(world);
    const first = whole.done.slice(0, 1);
    expect((await carryOut(labTargets(world), first)).done).toHaveLength(1);
    expect(stateOf(world)).not.toEqual(before);
    expect((await carryOut(labTargets(world), undoSteps(first))).stopped).toBeUndefined();
    expect(stateOf(world)).toEqual(before);
  });

  it('is not taken back once somebody exported it again otherwise', async () => {
    const { world, back } = await repaired(title);
    world.nas.files.set('/etc/exports.d/mnt+main+old-wiki.exports', '/mnt/main/old-wiki 10.0.20.0/24(rw)\n');
    world.nas.files.set('/etc/exports', `${world.nas.files.get('/etc/exports')}# by hand\n/mnt/main/other *(ro)\n`);
    const { done, stopped } = await carryOut(labTargets(world), back);
    expect({ done, stopped }).toEqual({ done: [], stopped: expect.stringMatching(/^no: /) });
  });
});
