import { describe, expect, test } from 'vitest';
import addExport from '../../runbooks/add-export/index.ts';
import checkExports from '../../runbooks/check-exports/index.ts';
import diagnoseNfs from '../../runbooks/diagnose-nfs/index.ts';
import removeExport from '../../runbooks/remove-export/index.ts';
import { stepsOf } from '../../src/core/plan.ts';
import { readerOver } from '../../src/core/reading.ts';
import type { Look, Runbook } from '../../src/core/runbook.ts';
import { addReleased, exportByHand, exportUnused, OLD_WIKI } from '../lab/scenarios/unused.ts';
import { exportLine, loadExports } from '../lab/site/exports.ts';
import { labSite, labTargets, type World } from '../lab/site/index.ts';
import { addWorkload } from '../lab/site/populate.ts';
import { nodeOf } from '../lab/site/world.ts';
import { carryOut } from '../system/by-hand.ts';
import { changesOf, codesOf, lookAt, setVolume, worldIn } from './world.ts';

const RELOAD = 'truenas$ exportfs -ra';
const OWN_FILE = '/etc/exports.d/mnt+main+paperless.exports';

function removal(world: World, path = OLD_WIKI): Promise<Look> {
  return lookAt(world, { runbook: removeExport, words: [path] });
}

function addition(world: World, path = '/mnt/main/paperless'): Promise<Look> {
  return lookAt(world, { runbook: addExport, words: [path] });
}

async function carriedOut(world: World, { plan }: Look) {
  const { done, stopped } = await carryOut(labTargets(world), stepsOf(plan));
  return { done: done.length, stopped };
}

describe('an export is removed', () => {
  test('by the reload alone, where its line was taken out before and nobody reloaded', async () => {
    const world = worldIn('export-unused', 'debian');
    const [first, ...more] = stepsOf((await removal(world)).plan);
    expect(more).toHaveLength(1);
    expect((await carryOut(labTargets(world), first === undefined ? [] : [first])).stopped).toBeUndefined();
    const look = await removal(world);
    expect(changesOf(look)).toEqual([RELOAD]);
    expect(await carriedOut(world, look)).toEqual({ done: 1, stopped: undefined });
    expect(codesOf(await removal(world))).toEqual([]);
  });

  test('by no reload that would take another one made by hand as well', async () => {
    const world = worldIn('all-well', 'debian');
    for (const name of ['one', 'two']) exportByHand(world, `/mnt/main/${name}`);
    const look = await removal(world, '/mnt/main/one');
    expect(codesOf(look)).toEqual(['still-exported /mnt/main/one', 'reload-would-drop /mnt/main/two']);
    expect(changesOf(look)).toEqual([]);
  });

  test.each(['core', 'scale', 'debian'] as const)(
    'on %s although mountd remembers a node that mounts it no more',
    async (nas) => {
      const world = worldIn('export-unused', nas);
      world.nas.otherMounts.push({ client: nodeOf(world, 'k8s-node1').address, path: OLD_WIKI });
      const look = await removal(world);
      expect(codesOf(look)).toEqual([`still-exported ${OLD_WIKI}`]);
      expect((await carriedOut(world, look)).stopped).toBeUndefined();
    },
  );

  test('from the last line of a file that ends without a line feed', async () => {
    const world = worldIn('export-unused', 'debian');
    const { files } = world.nas;
    files.set('/etc/exports', (files.get('/etc/exports') ?? '').trimEnd());
    const look = await removal(world);
    expect(changesOf(look)).toHaveLength(2);
    expect((await carriedOut(world, look)).stopped).toBeUndefined();
  });

  test('beside a volume of the directory above it, of which it is a plain part', async () => {
    const world = worldIn('all-well', 'debian');
    exportUnused(world, OLD_WIKI);
    addReleased(world, 'wiki-data', OLD_WIKI);
    exportUnused(world, `${OLD_WIKI}/pages`);
    expect(codesOf(await removal(world, `${OLD_WIKI}/pages`))).toEqual([`still-exported ${OLD_WIKI}/pages`]);
  });

  test('not while a node mounts it from a server of another name', async () => {
    const world = worldIn('export-unused');
    const nfs = { server: 'nas.lab.lan', path: OLD_WIKI, directory: undefined, version: '4.2', options: 'rw' } as const;
    const mount = { podUid: '9', volume: 'wiki', mountPoint: '/srv/wiki', beganMs: 0, nfs };
    nodeOf(world, 'k8s-node3').mounts.push(mount);
    expect(codesOf(await removal(world))).toEqual([`still-exported ${OLD_WIKI}`, 'node-mounts-path k8s-node3']);
  });

  test('not while a volume lies somewhere below it that only its driver can name', async () => {
    const world = worldIn('export-released');
    setVolume(world, 'wiki-data', { share: OLD_WIKI, subDir: '${pvc.metadata.name}' });
    expect(codesOf(await removal(world))).toEqual([`still-exported ${OLD_WIKI}`, 'volume-names-path wiki-data']);
  });

  test('not for certain while its share still names it, though the server never exported it', async () => {
    const world = worldIn('export-unused-missing', 'scale');
    const [step] = stepsOf((await removal(world)).plan);
    const { answer } = (await step?.after.holds(readerOver(labTargets(world).read))) ?? {};
    expect(answer).toBe('no');
  });

  test('not through its share alone, where a file of ZFS exports it as well', async () => {
    const world = worldIn('export-unused', 'scale');
    world.nas.files.set('/etc/exports.d/zfs.exports', `${exportLine('debian', OLD_WIKI)}\n`);
    const look = await removal(world);
    expect(codesOf(look)).toEqual([`still-exported ${OLD_WIKI}`, `kept-elsewhere ${OLD_WIKI}`]);
    expect(changesOf(look)).toEqual([]);
  });
});

describe('an export is added', () => {
  test('not to a script whose last line has no end, to which the new one would be glued', async () => {
    const world = worldIn('export-missing-script');
    const script = labSite(world).nas.exportsScript ?? '';
    world.nas.files.set(script, (world.nas.files.get(script) ?? '').trimEnd());
    const [, add] = stepsOf((await addition(world)).plan);
    const { stopped } = await carryOut(labTargets(world), add === undefined ? [] : [add]);
    expect(stopped).toBe("no: The script's last line ends: another one is not glued to it");
  });

  test('not into a file of its name in which another one stands', async () => {
    const world = worldIn('all-well', 'debian');
    world.nas.disk.make('/mnt/main/paperless');
    world.nas.disk.make('/mnt/main/photos');
    const text = `${exportLine('debian', '/mnt/main/photos')}\n`;
    world.nas.files.set(OWN_FILE, text);
    loadExports(world.nas, world.time.nowMs);
    expect(await carriedOut(world, await addition(world))).toEqual({
      done: 0,
      stopped: 'no: There is no file of the name that is written',
    });
    expect(world.nas.files.get(OWN_FILE)).toBe(text);
  });

  test('not by a reload, once another file lost a line since', async () => {
    const world = worldIn('all-well', 'debian');
    for (const name of ['paperless', 'photos']) world.nas.disk.make(`/mnt/main/${name}`);
    world.nas.files.set('/etc/exports.d/people.exports', `${exportLine('debian', '/mnt/main/photos')}\n`);
    loadExports(world.nas, world.time.nowMs);
    const [write, reload] = stepsOf((await addition(world)).plan);
    world.nas.files.set('/etc/exports.d/people.exports', '# moved\n');
    const both = [write, reload].filter((step) => step !== undefined);
    const { done, stopped } = await carryOut(labTargets(world), both);
    expect({ done: done.length, stopped }).toEqual({ done: 1, stopped: expect.stringContaining('the others are as they were') });
  });

  test.each([
    ['add export', addExport, ['/mnt/main/immich/upload']],
    ['diagnose nfs', diagnoseNfs, ['immich']],
  ])('not by a reload that %s plans, where mountd would drop another line for its options', async (_, runbook, words) => {
    const look = await lookAt(worldIn('export-not-loaded-beside-conflict'), { runbook, words });
    expect(codesOf(look)).toContain('export-not-loaded /mnt/main/immich/upload');
    expect(changesOf(look)).toEqual([]);
  });

  test('to a share that others may mount as well, with a word about them', async () => {
    const world = worldIn('all-well', 'core');
    for (const share of world.nas.shares) share.networks = [...share.networks, '192.168.9.0/24'];
    world.nas.disk.make('/mnt/main/paperless');
    const warnings = stepsOf((await addition(world)).plan).flatMap((step) => step.warnings ?? []);
    expect(warnings).toContainEqual(expect.stringContaining('is for 192.168.9.0/24 as well'));
  });

  test.each(['/root', '/mnt/main/../../root', '/mnt/mainly'])('not for a volume that names %s', async (path) => {
    const world = worldIn('all-well', 'debian');
    world.nas.disk.make(path, { mode: 0o700 });
    const inlineNfs = { name: 'data', server: world.nas.address, path };
    addWorkload(world, { namespace: 'im', kind: 'Deployment', name: 'im', nodes: ['k8s-node1'], inlineNfs });
    const look = await lookAt(world, { runbook: checkExports, words: [] });
    expect(codesOf(look)).toContain(`export-missing ${path}`);
    expect(changesOf(look)).toEqual([]);
  });
});

describe('the exports are checked', () => {
  const words: readonly string[] = [];
  const runbook: Runbook = checkExports;

  test('and clients by name are not called the network of the site', async () => {
    const world = worldIn('all-well', 'debian');
    const { files } = world.nas;
    files.set('/etc/exports', (files.get('/etc/exports') ?? '').replace('10.0.20.0/24', '@trusted'));
    loadExports(world.nas, world.time.nowMs);
    const { diagnosis } = await lookAt(world, { runbook, words });
    expect(diagnosis.evidence.map(({ says }) => says)).toContainEqual(expect.stringContaining('clients by name (@trusted)'));
  });

  test.each(['0.0.0.0/0', '::/0'])('and %s is the whole world', async (everybody) => {
    const world = worldIn('all-well', 'debian');
    const { files } = world.nas;
    files.set('/etc/exports', (files.get('/etc/exports') ?? '').replace('10.0.20.0/24', everybody));
    loadExports(world.nas, world.time.nowMs);
    expect(codesOf(await lookAt(world, { runbook, words }))).toEqual([expect.stringMatching(/^export-open-to-world /)]);
  });
});
