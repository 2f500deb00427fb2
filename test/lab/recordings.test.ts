import { readFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { runbooks } from '../../runbooks/index.ts';
import { leftOut, sampled } from '../depth.ts';
import { casesOf, record, recordingName, recordingText } from './record.ts';

describe.each(runbooks)('the recordings of $id', (runbook) => {
  it('are what the simulated site answers today (npm run record)', { timeout: 300_000 }, async () => {
    for (const each of sampled(await casesOf(runbook), 3)) {
      const file = new URL(`../../runbooks/${runbook.id}/recordings/${recordingName(each)}.json`, import.meta.url);
      const now = recordingText(await record(runbook, each));
      expect(now === (await readFile(file, 'utf8')), `${runbook.id}/recordings/${recordingName(each)}.json is out of date`).toBe(
        true,
      );
    }
  });
});

leftOut('the other recordings', 'three of each runbook were made anew, at even distances');
