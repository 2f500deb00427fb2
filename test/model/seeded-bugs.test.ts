import { expect, test } from 'vitest';
import { isFull, leftOut } from '../depth.ts';
import { bugs } from './bugs.ts';
import { campaign } from './campaign.ts';
import { Broken } from './oracle.ts';

/** Most are found within 300 cases. */
const MOST_CASES = 10_000;

/** By themselves the tests look for every fourth of them. */
const sought = bugs.filter((_bug, index) => isFull || index % 4 === 0);

test.each(sought)(
  'the model finds a bot that $does',
  async (bug) => {
    const { result } = await campaign({ numRuns: MOST_CASES, share: 0 }, bug);
    const error = result.errorInstance;
    const rule = error instanceof Broken ? error.rule : String(error);
    expect(
      bug.breaks.some((known) => rule.startsWith(known)),
      rule,
    ).toBe(true);
  },
  600_000,
);

leftOut('the model finds the other bots with a fault', `${bugs.length - sought.length} of ${bugs.length} were not tried`);
