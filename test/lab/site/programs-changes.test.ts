import { describe, expect, test } from 'vitest';
import { show } from '../../../src/core/command.ts';
import { isFailure } from '../../../src/core/output.ts';
import { scenarioNamed } from '../scenarios/index.ts';
import { allChanges } from './catalogue.ts';
import { labTargets, newWorld, WriteWhileReading, worldOf } from './index.ts';
import { changes } from './programs/index.ts';
import { execute, machineNamed } from './run.ts';
import type { World } from './world.ts';

function run(world: World, host: string, line: string, input?: string) {
  const machine = machineNamed(world, host);
  if (machine === undefined) throw new Error(`no host ${host}`);
  return execute(world, machine, { argv: line.split(' '), input });
}

const LIBRARY = '/mnt/main/immich/library';

describe('directories', () => {
  test('rmdir takes only an empty one, and what a client held of it stays stale when another takes its name', () => {
    const world = newWorld({ flavour: 'scale' });
    expect(run(world, 'truenas', `rmdir ${LIBRARY}`).stderr).toBe(`rmdir: failed to remove '${LIBRARY}': Directory not empty\n`);
    expect(run(world, 'truenas', 'mkdir -m 0777 /mnt/main/new').exitCode).toBe(0);
    expect(run(world, 'truenas', 'mkdir -m 0777 /mnt/main/new').stderr).toBe(
      "mkdir: cannot create directory '/mnt/main/new': File exists\n",
    );
    expect(run(world, 'truenas', 'mkdir -m 0777 /mnt/main/no/such').exitCode).toBe(1);
    expect(run(world, 'truenas', 'ls -ldn /mnt/main/new').stdout).toMatch(
      /^drwxrwxrwx 2 0 0 2 Apr {2}3 09:00 \/mnt\/main\/new\n$/,
    );
    const first = world.nas.disk.at('/mnt/main/new')?.id;
    expect(run(world, 'truenas', 'rmdir /mnt/main/new').exitCode).toBe(0);
    run(world, 'truenas', 'mkdir -m 0777 /mnt/main/new');
    expect(world.nas.disk.at('/mnt/main/new')?.id).not.toBe(first);
  });

  test('an unmounted dataset shows the directory below it', () => {
    const world = worldOf({ scenario: scenarioNamed('dataset-not-mounted') });
    const [below, hidden] = [
      world.nas.disk.at('/mnt/ssd/immich/thumbs')?.id,
      run(world, 'truenas', 'zfs mount ssd/immich/thumbs'),
    ];
    expect(hidden.exitCode).toBe(0);
    expect(world.nas.disk.at('/mnt/ssd/immich/thumbs')?.id).not.toBe(below);
    expect(run(world, 'truenas', 'zfs mount ssd/immich/thumbs').stderr).toBe(
      "cannot mount 'ssd/immich/thumbs': filesystem already mounted\n",
    );
  });

  test('sed takes fsid=0 out, keeps the old file, and cp brings it back', () => {
    const world = worldOf({ scenario: scenarioNamed('fsid-zero') });
    const before = world.nas.files.get('/etc/exports');
    const machine = machineNamed(world, 'truenas');
    if (machine === undefined) throw new Error('no NAS');
    const argv = [
      'sed',
      '--in-place=.old',
      '--regexp-extended',
      's/,fsid=(0|root)\\b//g; s/\\bfsid=(0|root),//g; s/\\(fsid=(0|root)\\)/()/g',
      '/etc/exports',
    ];
    expect(execute(world, machine, { argv }).exitCode).toBe(0);
    expect(world.nas.files.get('/etc/exports')).toBe(before?.replace(',fsid=0', ''));
    expect(run(world, 'truenas', 'cp --preserve /etc/exports.old /etc/exports').exitCode).toBe(0);
    expect(world.nas.files.get('/etc/exports')).toBe(before);
  });
});

describe('reading cannot write', () => {
  test.each(['core', 'scale', 'debian'] as const)(
    'every change of the catalogue is refused by the reading half: %s',
    async (flavour) => {
      const world = newWorld({ flavour });
      const { read } = labTargets(world);
      const before = JSON.stringify([world.nas.active, [...world.nas.files], world.hypervisor.diskBusyPercent]);
      for (const { command } of allChanges(world)) {
        const machine = machineNamed(world, command.via === 'ssh' ? command.host : '');
        const changesIt = machine !== undefined && command.via === 'ssh' && changes(world, machine, command.argv);
        const isRefused = await read(command).then(
          () => false,
          (error: unknown) => error instanceof WriteWhileReading,
        );
        expect([show(command), isRefused]).toEqual([show(command), changesIt]);
      }
      expect(world.executed).toEqual([]);
      expect(JSON.stringify([world.nas.active, [...world.nas.files], world.hypervisor.diskBusyPercent])).toBe(before);
    },
  );

  test('a program that a machine lacks changes nothing there either', () => {
    const world = newWorld({ flavour: 'core' });
    const lacking = allChanges(world).filter(
      ({ command }) =>
        command.via === 'ssh' &&
        command.host === 'truenas' &&
        !changes(world, machineNamed(world, 'truenas') ?? failed(), command.argv),
    );
    expect(lacking).toEqual([]);
  });
});

function failed(): never {
  throw new Error('no NAS');
}

test('what reached a host is written down as its shown line, once, and what did not is not', async () => {
  const world = newWorld();
  const targets = labTargets(world);
  const command = { via: 'ssh', host: 'truenas', argv: ['service', 'mountd', 'reload'], timeoutMs: 1_000 } as const;
  await targets.change(command);
  world.nas.acceptsKeys = false;
  expect(isFailure(await targets.change(command))).toBe(true);
  expect(world.executed).toEqual(['truenas$ service mountd reload']);
});
