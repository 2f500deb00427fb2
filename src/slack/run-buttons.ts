import type { ActionsBlock, Button, KnownBlock } from '@slack/types';
import { verdictOf } from '../core/finding.ts';
import { stepsOf } from '../core/plan.ts';
import type { RunView, StepStatus, StepView } from '../core/run.ts';
import { lostSteps } from './message.ts';
import { hasEnded } from './words.ts';

export const AGAIN = 'storagebot:again';
export const UNDO = 'storagebot:undo';
export const CANCEL = 'storagebot:cancel';
export const TAKE_OVER = 'storagebot:take-over';

/** Undefined when this is not the value of a button that names a run. */
export function decodeRun(value: string): string | undefined {
  return /^[\w-]{1,100}$/.test(value) ? value : undefined;
}

/** What can be done with the whole run now. */
export function runButtons(view: RunView): KnownBlock[] {
  const running = !hasEnded(view) && view.cancelled === undefined;
  return buttonRow(
    ...(canPlanAgain(view) ? [runButton(AGAIN, 'Plan again', view.id)] : []),
    ...(canBeUndone(view) ? [runButton(UNDO, 'Undo…', view.id)] : []),
    ...(running ? [runButton(CANCEL, 'Cancel…', view.id)] : []),
  );
}

/** For a step that ended without being done. */
export function againButton(view: RunView, { status }: StepView): KnownBlock[] {
  return NOT_DONE.includes(status) && canPlanAgain(view) ? buttonRow(runButton(AGAIN, 'Plan again', view.id)) : [];
}

/** For an answer that names the run in the way. `run` is the one that wants what that one holds. */
export function takeOverButton(run: string): KnownBlock[] {
  return buttonRow(runButton(TAKE_OVER, 'Take it over…', run));
}

const NOT_DONE: readonly StepStatus[] = ['expired', 'withdrawn', 'refused', 'denied', 'failed', 'cancelled'];

function canPlanAgain(view: RunView): boolean {
  const last = view.rounds.at(-1);
  if (!hasEnded(view) || (last !== undefined && verdictOf(last.diagnosis) === 'well')) return false;
  const undone = view.rounds.some((round) => round.steps.some(({ status }) => NOT_DONE.includes(status)));
  const lost = view.rounds.some((round) => lostSteps(view, round).some(({ state }) => state.status !== 'done'));
  return view.status === 'broken' || view.cancelled !== undefined || undone || lost;
}

function canBeUndone(view: RunView): boolean {
  const undoable = view.rounds.some(({ plan, steps }) =>
    stepsOf(plan).some(({ undo }, index) => 'change' in undo && steps[index]?.status === 'done'),
  );
  return hasEnded(view) && undoable;
}

function runButton(actionId: string, text: string, run: string): Button {
  return { type: 'button', action_id: actionId, text: { type: 'plain_text', text, emoji: false }, value: run };
}

function buttonRow(...elements: Button[]): ActionsBlock[] {
  return elements.length === 0 ? [] : [{ type: 'actions', elements }];
}
