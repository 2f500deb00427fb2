import { expect, it } from 'vitest';
import { roundOf, viewOf, withStep } from './fixtures/run-view.ts';
import { renderRound } from './round-message.ts';
import { renderRun } from './run-message.ts';

/** A step was refused, the last look of the run still finds what it was for, and nobody is asked any more. */
const lastLook = roundOf({ number: 2, steps: [] });
const [first = roundOf()] = withStep({ status: 'refused' }).rounds;
const view = viewOf({ status: 'finished', rounds: [first, lastLook] });

it('says of what the last look would do that it is left over and not on offer, and of no step that its state is unknown', () => {
  const run = JSON.stringify(renderRun(view).blocks);
  expect(run).toContain('left over, and not on offer: ask again');
  expect(run).not.toContain('unknown');
  const [offered, left] = [first, lastLook].map((round) => JSON.stringify(renderRound(view, round).blocks));
  expect(offered).toContain('Proposed, one approval each:');
  expect(left).toContain('Left over, and not on offer');
  expect(left).not.toContain('one approval each');
});
