import { describe, expect, it } from 'vitest';
import { writeRun } from './audit-site.ts';
import { site, storagebot } from './audit-terminal.ts';

/** A run that was shown, and whose outputs are dropped where `isDropped`. */
function write(run: string, isDropped: boolean): void {
  writeRun(site, run);
  site.store.markReported(run, site.store.run(run)?.revision ?? 0);
  if (isDropped) site.store.dropOldest(Number.MAX_SAFE_INTEGER, 1);
}

describe('the outputs of a run that were dropped because of its age', () => {
  it('are no damage, and the rest of the run is still compared', async () => {
    write('r1', true);
    write('r2', false);
    const { code, out } = await storagebot('verify');
    expect(out).toContain('Everything agrees.');
    expect(out).toContain('4 outputs compared');
    expect(out).toContain('2 runs, 2 steps and 2 decisions compared');
    expect(out).toContain('1 run whose outputs were dropped because of their age');
    expect(code).toBe(0);
    site.tamper(`UPDATE steps SET preview = 'harmless' WHERE run = 'r1'`);
    expect((await storagebot('verify')).out).toContain('Run r1: the plan of step 1.1 is not in the journal');
  });

  it.each([
    [
      'dropped without a line in the trail',
      `UPDATE runs SET droppedAt = 1; UPDATE rounds SET recording = '{}'`,
      'that what it saw was dropped stands in the journal and not in the trail',
    ],
    ['brought back', `UPDATE runs SET droppedAt = NULL WHERE id = 'r1'`, 'that what it saw was dropped stands in the trail'],
    [
      'made up',
      `UPDATE rounds SET recording = '{"nas$ x": 1}' WHERE run = 'r1'`,
      'the recording of round 1 is not in the journal what seq',
    ],
    [
      'lost with their round',
      `DELETE FROM rounds WHERE run = 'r1' AND number = 2`,
      'the recording of round 2 stands in the trail',
    ],
  ])('are damage where they were %s', async (_how, sql, says) => {
    write('r1', true);
    write('r2', false);
    site.tamper(sql);
    const { code, out } = await storagebot('verify');
    expect(code).toBe(1);
    expect(out).toContain(says);
  });

  it('are told of as dropped where the run is told of, and all the rest is told', async () => {
    write('r1', true);
    const { code, out } = await storagebot('show', 'r1');
    expect(code).toBe(0);
    for (const part of [
      'Audit trail: 15 lines (seq 1 to 14); the chain verifies',
      '=== nas$ exportfs -v\n    exit code 0\n    What it printed was dropped because of its age (state.keepRuns).',
      'wrong: EXPORT_NOT_ACTIVE',
      'done immich',
      'What the run saw, and where it was shown, was dropped because of its age',
    ])
      expect(out).toContain(part);
    expect((await storagebot('report', 'r1')).out).toContain('What it printed was dropped because of its age');
  });
});
