import { stepsOf, wordToType } from '../../src/core/plan.ts';
import type { RunView } from '../../src/core/run.ts';
import { onOffer } from '../../src/engine/fixtures/harness.ts';

/** The step on offer, with what has to be typed where it destroys something. */
export function confirmed(view: RunView): ReturnType<typeof onOffer> & { readonly typed?: string } {
  const offer = onOffer(view);
  const plan = view.rounds.at(-1)?.plan;
  const planned = plan && stepsOf(plan)[offer.step];
  return planned?.change.risk === 'destructive' ? { ...offer, typed: wordToType(planned) } : offer;
}
