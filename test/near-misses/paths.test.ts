import { describe, expect, test } from 'vitest';
import addExport from '../../runbooks/add-export/index.ts';
import { activeExports } from '../../src/commands/exports.ts';
import { parseShowmount } from '../../src/commands/nfs-client.ts';
import { verdictOf } from '../../src/core/finding.ts';
import { stepsOf } from '../../src/core/plan.ts';
import { readerOver } from '../../src/core/reading.ts';
import { LIBRARY, mountOf, replacePod, SERVER_PODS, UPLOAD, unexport } from '../lab/scenarios/changes.ts';
import { exportLine, loadExports } from '../lab/site/exports.ts';
import { labTargets } from '../lab/site/index.ts';
import { changesOf, codesOf, lookAt, setVolume, worldIn } from './world.ts';

describe('the path of a dynamic volume', () => {
  test.each<[string, Record<string, string>]>([
    ['is read from subDir, however its letters are written', { share: '/mnt/main', subDir: 'immich/upload' }],
    ['has no second slash where its share ends with one', { share: '/mnt/main/', subdir: 'immich/upload' }],
  ])('%s', async (_, attributes) => {
    const world = worldIn();
    setVolume(world, 'immich-upload', attributes);
    mountOf(world, SERVER_PODS, 'immich-upload').hangs = 'killable';
    expect(codesOf(await lookAt(world))).toEqual([expect.stringMatching(/^frozen-mount /)]);
  });
});

describe('a dataset', () => {
  test('that is not mounted is the cause, not the directories that are missing because of it', async () => {
    const world = worldIn();
    const { disk } = world.nas;
    disk.addDataset('main/immich', '/mnt/main/immich').mounted = false;
    for (const path of [UPLOAD, LIBRARY, ...['encoded-video', 'profile', 'postgresql'].map((name) => `/mnt/main/immich/${name}`)])
      disk.remove(path);
    const look = await lookAt(world);
    expect(codesOf(look)).toContain('dataset-not-mounted main/immich');
    expect(changesOf(look)).toEqual(['truenas$ zfs mount main/immich']);
  });

  test('that holds another one is mounted first', async () => {
    const world = worldIn();
    const { disk } = world.nas;
    const inner = disk.addDataset('main/immich/library', LIBRARY);
    const outer = disk.addDataset('main/immich', '/mnt/main/immich');
    for (const each of [inner, outer]) each.mounted = false;
    expect(changesOf(await lookAt(world))[0]).toBe('truenas$ zfs mount main/immich');
  });

  test('is not taken for its unmounted replica of the same mount point', async () => {
    const world = worldIn();
    world.nas.disk.datasets.unshift({ name: 'backup/main', mountPoint: '/mnt/main', mounted: false, canMount: 'on' });
    expect(codesOf(await lookAt(world))).toEqual([]);
  });

  test('below an exported directory is not exported with it', async () => {
    const world = worldIn('all-well', 'debian');
    const { nas } = world;
    nas.disk.addDataset('main/paperless', '/mnt/main/paperless');
    nas.files.set('/etc/exports', `${nas.files.get('/etc/exports')}${exportLine('debian', '/mnt/main')}\n`);
    loadExports(nas, world.time.nowMs);
    const look = await lookAt(world, { runbook: addExport, words: ['paperless'] });
    expect(verdictOf(look.diagnosis)).not.toBe('well');
  });
});

describe('an export', () => {
  test('for another network is none for the clients', async () => {
    const world = worldIn('all-well', 'debian');
    const { nas } = world;
    unexport(world, LIBRARY);
    nas.files.set('/etc/exports', `${nas.files.get('/etc/exports')}${exportLine('debian', LIBRARY, '192.168.9.0/24')}\n`);
    loadExports(nas, world.time.nowMs);
    const look = await lookAt(world, { runbook: addExport, words: [LIBRARY] });
    expect(verdictOf(look.diagnosis)).not.toBe('well');
  });

  test('that no file names is not dropped by a reload for another one', async () => {
    const world = worldIn('export-not-loaded', 'debian');
    world.nas.disk.make('/mnt/main/by-hand', { mode: 0o777 });
    world.nas.active.push({ path: '/mnt/main/by-hand', network: '10.0.20.0/24', options: ['rw'] });
    const { plan } = await lookAt(world);
    const [step] = stepsOf(plan);
    const { read } = labTargets(world);
    const answers = await Promise.all((step?.before ?? []).map(({ holds }) => holds(readerOver(read))));
    expect(step === undefined || answers.some(({ answer }) => answer !== 'yes')).toBe(true);
  });

  test('that no file names is not dropped by the reload after fsid=0 was taken out', async () => {
    const world = worldIn('fsid-zero');
    world.nas.disk.make('/mnt/main/by-hand', { mode: 0o777 });
    world.nas.active.push({ path: '/mnt/main/by-hand', network: '10.0.20.0/24', options: ['rw'] });
    const look = await lookAt(world);
    expect(codesOf(look)).toEqual([expect.stringMatching(/^fsid-zero /)]);
    expect(changesOf(look)).toEqual([]);
  });

  test('is not planned for a service whose volumes could not be seen', async () => {
    const world = worldIn();
    world.api.forbidden.add('persistentvolumes');
    const look = await lookAt(world, { runbook: addExport, words: ['paperless'] });
    expect(changesOf(look)).toEqual([]);
  });

  test('that is the root of NFSv4 on purpose is left alone while its clients mount below it', async () => {
    const world = worldIn('all-well', 'debian');
    const { nas } = world;
    setVolume(world, 'forgejo-data', { share: '/forgejo' });
    nas.files.set('/etc/exports', `${exportLine('debian', '/mnt/main').replace(')', ',fsid=0)')}\n`);
    loadExports(nas, world.time.nowMs);
    replacePod(world, { namespace: 'forgejo', name: 'forgejo' });
    expect(changesOf(await lookAt(world, { words: ['forgejo'] }))).toEqual([]);
  });
});

describe('what showmount of FreeBSD accepts and prints', () => {
  test('-E is not combined with -e, which it refuses', () => {
    const { command } = activeExports({ name: 'truenas', sudo: false }, 'core');
    const flags = command.via === 'ssh' ? command.argv.filter((word) => word === '-E' || word === '-e') : [];
    expect(flags).toHaveLength(1);
  });

  test('several networks of one path do not become part of the path', () => {
    const stdout = `Exports list on 127.0.0.1:\n${LIBRARY.padEnd(34)} 10.0.30.0 10.0.20.0 \n`;
    const list = parseShowmount({ exitCode: 0, stdout, stderr: '' });
    expect(list.answer === 'listed' && list.exports.map(({ path }) => path)).toEqual([LIBRARY]);
  });
});
