import type { Step } from '../../src/core/plan.ts';
import { stepsOf } from '../../src/core/plan.ts';
import type { Targets } from '../../src/core/ports.ts';
import { readerOver } from '../../src/core/reading.ts';
import type { Runbook } from '../../src/core/runbook.ts';
import type { Case } from '../contract.ts';
import { labSite, labTargets, type World } from '../lab/site/index.ts';

/** How far one got: the steps that are done, and what was not so of the next one, in the words of its condition. */
export interface CarriedOut {
  readonly done: readonly Step[];
  readonly stopped?: string;
}

/** Carries steps out as the engine does, without one: each condition is read again, then the change, then its verification. */
export async function carryOut(targets: Targets, steps: readonly Step[]): Promise<CarriedOut> {
  const done: Step[] = [];
  for (const step of steps) {
    for (const { says, holds } of step.before) {
      const { answer } = await holds(readerOver(targets.read));
      if (answer !== 'yes') return { done, stopped: `${answer}: ${says}` };
    }
    await targets.change(step.change.command);
    // The lab lets a minute pass after each change: a verification that does not hold by then never will.
    const { answer } = await step.after.holds(readerOver(targets.read));
    if (answer !== 'yes') return { done, stopped: `${answer}: ${step.after.says}` };
    done.push(step);
  }
  return { done };
}

/** Looks and carries out what is planned, three rounds at most, as a run does. Returns every step that is done. */
export async function repairByHand(world: World, runbook: Runbook, { words }: Case): Promise<readonly Step[]> {
  const targets = labTargets(world);
  const done: Step[] = [];
  for (let round = 0; round < 3; round += 1) {
    const { plan } = await runbook.look(runbook.fromWords(words), readerOver(targets.read), labSite(world));
    const all = await carryOut(targets, stepsOf(plan));
    done.push(...all.done);
    if (all.stopped !== undefined) throw new Error(all.stopped);
    if (all.done.length === 0) break;
  }
  return done;
}
