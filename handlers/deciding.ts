import { stepsOf } from '../src/core/plan.ts';
import type { DecisionAnswer, DecisionRequest } from '../src/core/ports.ts';
import { answerMessage } from '../src/slack/answer.ts';
import type { DecisionTarget } from '../src/slack/decision-value.ts';
import type { Message, StepPlace } from '../src/slack/message.ts';
import { takeOverButton } from '../src/slack/run-buttons.ts';
import { isOnOffer } from '../src/slack/words.ts';
import type { HandlerContext } from './requests.ts';

/** The step that this button or window is about, while people can decide on it. Only the engine knows who may. */
export async function offerOf({ engine }: HandlerContext, target: DecisionTarget): Promise<StepPlace | undefined> {
  const view = await engine.view(target.run);
  const round = view?.rounds.find(({ number }) => number === target.round);
  const state = round?.steps[target.step];
  if (view === undefined || round === undefined || state?.digest !== target.digest || !isOnOffer(view, state)) return undefined;
  const step = stepsOf(round.plan)[target.step];
  return step === undefined ? undefined : { view, round, step, index: target.step, state };
}

export async function decide({ engine, log }: HandlerContext, request: DecisionRequest): Promise<DecisionAnswer> {
  const answer = await engine.decide(request);
  const { run, round, step, digest, actor, verdict } = request;
  log.info({ run, round, step, digest, actor: actor.id, verdict, accepted: answer.accepted }, 'a decision was pressed');
  return answer;
}

/** What the person reads; where another run is in the way, with the way past it. */
export function decisionMessage({ says, heldBy }: DecisionAnswer, { run }: DecisionTarget): Message {
  return answerMessage(says, heldBy === undefined ? [] : takeOverButton(run));
}
