import { expect, test } from 'vitest';
import { isFull } from '../depth.ts';
import { fc } from '../seed.ts';
import { campaign, RUNS } from './campaign.ts';

const SHARES = 2;

/** What must have happened at least so often in 1,000 cases, or the campaign has proved nothing about it. */
const PER_THOUSAND: Readonly<Record<string, number>> = {
  'executed: normal': 100,
  'executed: high': 20,
  'executed: destructive': 60,
  'executed: undo': 10,
  'executed: approved by who asked': 1,
  'decide: killed': 40,
  'double click': 250,
  'handled again after a restart': 40,
  'redelivered 0 min later': 60,
  'redelivered 1 min later': 60,
  'redelivered 5 min later': 60,
  expired: 250,
  'expired: the offer ended before': 4,
  'refused: Frozen by': 15,
  'refused: no longer holds': 8,
  'refused: could not look': 4,
  'refused: The plan changed': 40,
  'withdrawn: took over': 2,
  'withdrawn: no longer holds': 10,
  'withdrawn: The alert has resolved': 50,
  cancelled: 12,
  denied: 12,
  'unknown: gave no answer': 12,
  'unknown: The bot stopped while': 3,
  'done: Found done after a restart': 2,
  'done: gave no answer': 15,
  'failed: did not reach': 15,
  killed: 200,
  'freeze: killed': 2,
};

/** A short campaign sees the rare ones too seldom to count on them. */
function leastIn(runs: number, perThousand: number): number {
  if (isFull) return (perThousand * runs) / 1_000;
  return perThousand < 20 ? 0 : (perThousand * runs) / 2_500;
}

/** One file's share of the interleavings: files are run at the same time. */
export function testInterleavings(share: number): void {
  test('no interleaving of clicks, redeliveries, time, people and restarts makes the bot break a rule', async () => {
    const numRuns = Math.ceil(RUNS / SHARES);
    const { tally, result } = await campaign({ numRuns, share });
    expect(result.failed ? fc.defaultReportMessage(result) : 'nothing').toBe('nothing');
    for (const [what, least] of Object.entries(PER_THOUSAND))
      expect(tally.of(what), `${what}, in ${numRuns} cases: ${JSON.stringify(tally.all())}`).toBeGreaterThanOrEqual(
        leastIn(numRuns, least),
      );
  }, 600_000);
}
