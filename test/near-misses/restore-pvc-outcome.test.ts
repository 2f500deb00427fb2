import { describe, expect, it } from 'vitest';
import restorePvc from '../../runbooks/restore-pvc/index.ts';
import { show } from '../../src/core/command.ts';
import { stepsOf } from '../../src/core/plan.ts';
import { repairByHand } from '../system/by-hand.ts';
import { CLAIM, DISK, FROM_FILES, FROM_SNAPSHOT, look, SNAPSHOT, volume } from './restore-pvc-world.ts';
import { changesOf, codesOf, worldIn } from './world.ts';

describe('what the service finds afterwards', () => {
  const restored = async (words: readonly string[]) => {
    const world = worldIn('restore-offered');
    await repairByHand(world, restorePvc, { words, scenario: '', verdict: 'ill', findings: [], changes: [] });
    const drive = [...(world.hypervisor.vms.get(204)?.runtime.drives.values() ?? [])].find((each) => each.volume === DISK);
    expect(drive).toMatchObject({ volume: DISK, vg: 'pve' });
    return { world, content: volume(world, DISK).fileSystem?.content };
  };

  it('is what the snapshot held, and what was there before is kept', async () => {
    const { world, content } = await restored(FROM_SNAPSHOT);
    expect(content?.get('db.sqlite3')).toBe('as of 20260403_0300');
    const kept = volume(world, `${DISK}_storagebot-before`);
    expect(kept.fileSystem?.content.get('db.sqlite3')).toBe('as it is now, and malformed');
    expect(kept.name).not.toContain('_pre_restore_');
    expect(volume(world, SNAPSHOT)).toMatchObject({ origin: kept.name });
    expect([volume(world, DISK), kept].map(({ fileSystem }) => fileSystem?.destroyed)).toEqual([false, false]);
  });

  it('is the files of the week and no other', async () => {
    const { world, content } = await restored(FROM_FILES);
    expect([...(content ?? [])]).toEqual([['db.sqlite3', 'of the week']]);
    expect(volume(world, DISK).fileSystem?.destroyed).toBe(false);
  });

  it('a copy that fails half-way is no success: nobody is started on it', async () => {
    const world = worldIn('restore-stopped');
    world.longWork.exitCode = 23;
    const done = repairByHand(world, restorePvc, { words: FROM_FILES, scenario: '', verdict: 'ill', findings: [], changes: [] });
    await expect(done).rejects.toThrow('has the tag storagebot-files-2026-14');
    expect(volume(world, DISK).fileSystem?.content.get('db.sqlite3')).toBe('as it is now, and malformed');
    const again = await look(world, FROM_FILES);
    expect(codesOf(again)).toEqual([`half-restored ${CLAIM}`]);
    expect(changesOf(again)[0]).toContain('storagebot-fill.service');
  });
});

it('every step says what must not be so, and none names a volume that it does not hold', async () => {
  for (const [scenario, words] of [
    ['restore-stopped', FROM_FILES],
    ['restore-copied', FROM_SNAPSHOT],
  ] as const)
    for (const step of stepsOf((await look(worldIn(scenario), words)).plan)) {
      const named = show(step.change.command).match(/pve\/vm-9999[\w-]+/g) ?? [];
      const held = step.holds.filter((hold) => hold.kind === 'lv').map((hold) => hold.name);
      expect(named.filter((name) => !held.includes(name))).toEqual([]);
    }
});
