import type { KnownBlock } from '@slack/types';
import type { Step } from '../core/plan.ts';
import { stepsOf } from '../core/plan.ts';
import type { RoundView, RunView, StepView } from '../core/run.ts';
import { stepName } from './words.ts';

/** What Slack shows. `text` is for notifications and screen readers; the blocks say everything that it says. */
export interface Message {
  readonly text: string;
  readonly blocks: readonly KnownBlock[];
}

export interface TextFile {
  /** Unique within the workspace: it names run and part. */
  readonly name: string;
  readonly title: string;
  readonly content: string;
}

/** One message or file of a run. `key` names it for ever: `root`, `round 1`, `step 1.2`, `file 1.2`, `warning 1.2`. */
export type Part =
  | {
      readonly kind: 'message';
      readonly key: string;
      readonly message: Message;
      /** The key of a file without which this must not be shown. */
      readonly needs?: string;
      /** True for what is not worth a message of its own where none was shown before. */
      readonly onlyUpdate?: boolean;
    }
  | { readonly kind: 'file'; readonly key: string; readonly file: TextFile };

/** `storagebot-RUN-WHAT.txt`. */
export function fileName(run: string, what: string): string {
  return `storagebot-${run.replaceAll(/[^\w-]/g, '_')}-${what.replaceAll(/[^\w.-]/g, '-')}.txt`;
}

/** A step and where it belongs. */
export interface StepPlace {
  readonly view: RunView;
  readonly round: RoundView;
  readonly step: Step;
  /** From 0, as decisions count. */
  readonly index: number;
  readonly state: StepView;
}

/** A step of which this version cannot tell what it was: another version made its plan. */
export type LostStep = Omit<StepPlace, 'step'>;

export function lostSteps(view: RunView, round: RoundView): LostStep[] {
  const planned = stepsOf(round.plan);
  return round.steps.flatMap((state, index) => (planned[index] === undefined ? [{ view, round, index, state }] : []));
}

export function roundFileName({ id }: RunView, { number }: RoundView): string {
  return fileName(id, `round-${number}`);
}

export function stepFileName({ view, round, index }: StepPlace): string {
  return fileName(view.id, `step-${stepName(round, index)}`);
}

export function resultFileName({ view, round, index }: StepPlace): string {
  return fileName(view.id, `step-${stepName(round, index)}-result`);
}
