import { describe, expect, it } from 'vitest';
import { leftOut, sampled } from '../depth.ts';
import { labTargets } from '../lab/site/index.ts';
import { carryOut } from './by-hand.ts';
import { planning, type RepairCase } from './repair-cases.ts';
import { caseOf, repaired, worldBefore } from './repaired.ts';
import { AT_ONCE, BUT_FOR_THE_COPY, COPY, IN_USE, isListed, REFUSED } from './undo-cases.ts';
import { scaleDown, stateOf } from './world-state.ts';

/** Repairs that nothing takes back. */
const final = planning.filter(({ title }) => !isListed(title));

describe('what a repair did is taken back step by step, and the state from before is there again', () => {
  it.each(sampled(AT_ONCE, 8))('%s', async (title) => {
    const { world, before, after, back } = await repaired(title);
    expect(after).not.toEqual(before);
    const { done, stopped } = await carryOut(labTargets(world), back);
    expect({ done: done.length, stopped }).toEqual({ done: back.length, stopped: undefined });
    expect(stateOf(world)).toEqual(before);
  });

  it.each(BUT_FOR_THE_COPY)('%s, and its copy stays, mounted and as full as it was', async (title) => {
    const { world, back } = await repaired(title);
    const held = () => world.nas.disk.datasets.filter(({ name }) => name === COPY).map((each) => world.nas.disk.content(each));
    const copied = held();
    const { done, stopped } = await carryOut(labTargets(world), back);
    expect({ done: done.length, stopped }).toEqual({ done: back.length, stopped: undefined });
    expect(stateOf(world, COPY)).toEqual(stateOf(worldBefore(caseOf(title)), COPY));
    expect(copied).toHaveLength(1);
    expect(held()).toEqual(copied);
  });

  it.each(IN_USE)('%s: only once no pod uses %s', async (title, path) => {
    const { world, before, after, back } = await repaired(title);
    expect(after).not.toEqual(before);
    expect(await carryOut(labTargets(world), back)).toEqual({ done: [], stopped: `no: No pod uses ${path}` });
    expect(stateOf(world)).toEqual(after);
    scaleDown(world, ['immich']);
    const { done, stopped } = await carryOut(labTargets(world), back);
    expect({ done: done.length, stopped }).toEqual({ done: back.length, stopped: undefined });
    expect(stateOf(world)).toEqual(before);
  });
});

it.each(REFUSED)('%s is not taken back, and nothing changes', async (title, stopped) => {
  const { world, after, back } = await repaired(title);
  expect(await carryOut(labTargets(world), back)).toEqual({ done: [], stopped });
  expect(stateOf(world)).toEqual(after);
});

describe.each(sampled(final, 6))('$title', ({ title }: RepairCase) => {
  it('has no step to take back, and says why of each', async () => {
    const { done, back } = await repaired(title);
    expect(back).toEqual([]);
    expect(done.filter(({ undo }) => !('none' in undo) || undo.none === '')).toEqual([]);
  });
});

leftOut('the other repairs', `8 of ${AT_ONCE.length} were taken back, and 6 of ${final.length} without a way back looked at`);
