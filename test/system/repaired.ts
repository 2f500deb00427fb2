import { undoSteps } from '../../src/core/undo.ts';
import { scenarioNamed } from '../lab/scenarios/index.ts';
import { type World, worldOf } from '../lab/site/index.ts';
import { repairByHand } from './by-hand.ts';
import { planning, type RepairCase } from './repair-cases.ts';
import { stateOf } from './world-state.ts';

export function caseOf(title: string): RepairCase {
  const found = planning.find((one) => one.title === title);
  if (found === undefined) throw new Error(`There is no case ${title}`);
  return found;
}

/** As it was before anybody repaired it. */
export function worldBefore({ each: { scenario, nas } }: RepairCase): World {
  return worldOf({ scenario: scenarioNamed(scenario), hangScale: 0.001, ...(nas && { flavour: nas }) });
}

/** A world in which this was repaired, what it was before, and the steps that take the repair back. */
export async function repaired(title: string) {
  const found = caseOf(title);
  const world = worldBefore(found);
  const before = stateOf(world);
  const done = await repairByHand(world, found.runbook, found.each);
  return { world, before, after: stateOf(world), done, back: undoSteps(done) };
}
