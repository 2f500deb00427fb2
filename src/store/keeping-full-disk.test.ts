import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { isFull } from '../../test/depth.ts';
import { runOn, whyNoMounts } from './fixtures/mounts.ts';

const Step = z.object({ status: z.string(), detail: z.string().optional(), run: z.string() });
const Report = z.object({
  problem: z.string(),
  refused: z.object({ answer: z.object({ accepted: z.boolean(), says: z.string() }), step: Step, sent: z.array(z.string()) }),
  repeated: z.object({ problem: z.string().nullable(), step: Step }),
  began: z.object({ problem: z.string(), step: Step }),
  ended: Step,
  cleared: z.boolean(),
  sent: z.array(z.string()),
});

const SIZE_MIB = 48;
const reason = isFull ? whyNoMounts() : 'A minute of waiting; STORAGEBOT_TEST_DEPTH=full does it';
let directory: string;
let report: z.output<typeof Report>;

describe('a bot whose state is on a disk of 48 MiB that is full', () => {
  beforeAll(() => {
    directory = mkdtempSync(join(tmpdir(), 'storagebot-full-'));
    if (reason !== undefined) return;
    const printed = runOn({ sizeMiB: SIZE_MIB }, directory, 'src/store/fixtures/full-disk-child.ts');
    report = Report.parse(JSON.parse(printed));
  }, 60_000);
  afterAll(() => rmSync(directory, { recursive: true, force: true }));

  test('begins no change, and says that the disk is full', ({ skip }) => {
    if (reason !== undefined) return skip(reason);
    const full = /The disk under .* is full: \d MiB are free, and 32 MiB must be.*then the bot goes on by itself/;
    expect(report.problem).toMatch(full);
    expect(report.refused.sent).toEqual([]);
    expect(`${report.refused.answer.says} ${report.refused.step.detail}`).toMatch(full);
    expect(report.refused.step.status).not.toBe('done');
  });

  test('goes on when there is room again', ({ skip }) => {
    if (reason !== undefined) return skip(reason);
    expect(report.repeated).toMatchObject({ problem: null, step: { status: 'done', run: 'finished' } });
  });

  test('keeps the truth of a change that had begun when it became full: its outcome is written when there is room', ({
    skip,
  }) => {
    if (reason !== undefined) return skip(reason);
    expect(report.began).toMatchObject({ problem: expect.stringContaining('is full'), step: { status: 'started' } });
    expect(report.ended).toMatchObject({ status: 'done', run: 'finished' });
    expect(report.cleared).toBe(true);
  });

  test('sends each change once', ({ skip }) => {
    if (reason !== undefined) return skip(reason);
    expect(report.sent).toEqual(['turn-on a', 'turn-on b']);
  });
});
