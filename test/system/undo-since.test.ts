import { describe, expect, it } from 'vitest';
import { show } from '../../src/core/command.ts';
import { previewStep } from '../../src/core/plan.ts';
import { undoSteps } from '../../src/core/undo.ts';
import { labTargets } from '../lab/site/index.ts';
import { carryOut } from './by-hand.ts';
import { caseOf, repaired, worldBefore } from './repaired.ts';
import { scaleDown, stateOf } from './world-state.ts';

// What somebody changed since a repair, so that taking it back would do harm.

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
    const world = worldBefore(caseOf(title));
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
