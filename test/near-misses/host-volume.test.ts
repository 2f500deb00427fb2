import { describe, expect, test } from 'vitest';
import { show } from '../../src/core/command.ts';
import { stepsOf } from '../../src/core/plan.ts';
import { exportItself } from '../lab/scenarios/capacity-changes.ts';
import { fail } from '../lab/site/shell.ts';
import type { World } from '../lab/site/world.ts';
import { changed, look } from './capacity-world.ts';
import { codesOf } from './world.ts';

const FULL = ['host-volume-full /srv/nfs'];

async function linesIn(world: World): Promise<readonly string[]> {
  return stepsOf((await look(world)).plan).map(({ change }) => show(change.command));
}

function exporting(change: (world: World) => void = () => undefined): World {
  return changed((world) => {
    exportItself(world, 1_024);
    change(world);
  });
}

describe('a file system that the hypervisor exports itself', () => {
  test('is not full at 84 %', async () => {
    const world = exporting(({ hypervisor }) => {
      const fileSystem = hypervisor.volumes.at(-1)?.fileSystem;
      if (fileSystem !== undefined) fileSystem.usedBytes = Math.floor(fileSystem.sizeBytes * 0.84);
    });
    expect(codesOf(await look(world))).toEqual([]);
  });

  test('is made larger by what its pool can hold, and by nothing where the pool is short of metadata or has failed', async () => {
    expect(await linesIn(exporting())).toEqual(['pve$ lvextend --resizefs --size +156G pve/nfs-data']);
    for (const pool of [{ metadataPercent: 76 }, { attributes: 'twi-aotzF-' }]) {
      const world = exporting(({ hypervisor }) => Object.assign(hypervisor.thinPool, pool));
      expect(codesOf(await look(world))).toEqual(expect.arrayContaining(FULL));
      expect((await linesIn(world)).filter((line) => line.includes('nfs-data'))).toEqual([]);
    }
  });

  test('is not made larger where its pool could not hold what is promised to it already as well', async () => {
    // 156 GiB more, and the 82 GiB that it may take and has not taken yet.
    const at = (restGib: number) =>
      linesIn(
        exporting(
          ({ hypervisor: { thinPool } }) => void (thinPool.dataPercent = 90 - (restGib * 2 ** 30 * 100) / thinPool.sizeBytes),
        ),
      );
    expect((await at(250)).join()).toContain('nfs-data');
    expect((await at(200)).join()).not.toContain('nfs-data');
  });

  test('is only told where it is not the whole of a thin volume', async () => {
    const plain = exporting(({ hypervisor }) => Object.assign(hypervisor.volumes.at(-1) ?? {}, { pool: undefined }));
    expect(codesOf(await look(plain))).toEqual(FULL);
    expect(await linesIn(plain)).toEqual([]);
  });

  test('of which nobody knows what it is mounted from is not made larger', async () => {
    const world = exporting();
    world.amend = (answer, { machine }) => {
      const isTable = machine.kind === 'hypervisor' && answer.stdout.includes(' - ext4 ');
      return isTable ? fail(1, 'cat: /proc/self/mountinfo: Input/output error') : answer;
    };
    expect(codesOf(await look(world))).toEqual(FULL);
    expect(await linesIn(world)).toEqual([]);
  });
});

test('a hypervisor whose disks all have other file systems has none that is full', async () => {
  const world = changed((each) => {
    each.amend = (answer) => (answer.stdout.startsWith('  1B-blocks') ? fail(1, 'df: no file systems processed') : answer);
  });
  expect((await look(world)).diagnosis.findings).toEqual([]);
});
