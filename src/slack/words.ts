import type { Evidence } from '../core/finding.ts';
import { verdictOf } from '../core/finding.ts';
import type { Hold } from '../core/hold.ts';
import { showHold } from '../core/hold.ts';
import type { Actor, Decision, Follows, RoundView, RunStatus, RunView, StepStatus, StepView } from '../core/run.ts';

/** A mark for the eye and words that say the same: nothing is told by colour or sign alone. */
export interface Sign {
  readonly mark: string;
  readonly words: string;
}

export const runSigns: Readonly<Record<RunStatus, Sign>> = {
  looking: { mark: '…', words: 'looking, without changing anything' },
  waiting: { mark: '◷', words: 'waiting for a decision' },
  applying: { mark: '▶', words: 'making an approved change' },
  finished: { mark: '■', words: 'finished' },
  broken: { mark: '✗', words: 'ended without a result' },
};

export const stepSigns: Readonly<Record<StepStatus, Sign>> = {
  waiting: { mark: '◷', words: 'not made: waiting' },
  approved: { mark: '▶', words: 'approved: looking once more before the change' },
  started: { mark: '▶', words: 'started: the change is being made and verified' },
  done: { mark: '✓', words: 'done and verified' },
  refused: { mark: '✗', words: 'refused by the bot: nothing was changed' },
  failed: { mark: '✗', words: 'failed' },
  unknown: { mark: '?', words: 'outcome unknown: a person must look' },
  denied: { mark: '✗', words: 'denied: nothing was changed' },
  expired: { mark: '✗', words: 'expired: nothing was changed' },
  withdrawn: { mark: '✗', words: 'withdrawn: nothing was changed' },
  cancelled: { mark: '✗', words: 'cancelled' },
};

export const evidenceSigns: Readonly<Record<Evidence['status'], Sign>> = {
  ok: { mark: '✓', words: 'ok' },
  bad: { mark: '✗', words: 'bad' },
  unknown: { mark: '?', words: 'unknown' },
};

/** What was typed: `diagnose nfs immich`. */
export function requestWords({ runbook, arguments: words }: Pick<RunView, 'runbook' | 'arguments'>): string {
  return [...runbook.words, ...words].join(' ');
}

/** What a look found, in one sentence. */
export function verdictWords({ diagnosis }: RoundView): string {
  const { length } = diagnosis.findings;
  const unknown = diagnosis.evidence.filter(({ status }) => status === 'unknown').length;
  const unseen = unknown === 0 ? '' : `, and ${count(unknown, 'thing')} could not be looked at`;
  switch (verdictOf(diagnosis)) {
    case 'ill':
      return `${count(length, 'thing')} ${length === 1 ? 'is' : 'are'} wrong${unseen}`;
    case 'blind':
      return unknown === 0 ? 'Something looks bad, and no cause is known' : `Nothing is known to be wrong${unseen}`;
    case 'well':
      return diagnosis.evidence.length === 0 ? 'Nothing was looked at' : 'Everything that was looked at is well';
  }
}

/** Steps are numbered from 1 within their round: `1.2`. */
export function stepName(round: RoundView, index: number): string {
  return `${round.number}.${index + 1}`;
}

/** Whether people can decide on this step now. */
export function isOnOffer(view: RunView, step: StepView): boolean {
  return view.status === 'waiting' && view.cancelled === undefined && step.status === 'waiting' && step.expiresAt > 0;
}

/** Whether an approval can count now: while the bot is frozen, people can only deny. */
export function canBeApproved(view: RunView, step: StepView): boolean {
  return isOnOffer(view, step) && view.frozen === undefined;
}

/** Whether this step was ever put before people. */
export function wasOffered({ status, expiresAt }: StepView): boolean {
  return status !== 'waiting' || expiresAt > 0;
}

export function hasEnded({ status }: RunView): boolean {
  return status === 'finished' || status === 'broken';
}

export function stepSign(view: RunView, step: StepView): Sign {
  if (step.status !== 'waiting') return stepSigns[step.status];
  if (isOnOffer(view, step)) {
    const what = view.frozen === undefined ? 'waiting for approval' : 'frozen, and not to be approved now';
    return { mark: '◷', words: `${what}: ${approvalsWords(step)}` };
  }
  if (view.cancelled !== undefined) return { mark: '–', words: 'not made: the run was cancelled' };
  if (hasEnded(view)) return { mark: '–', words: 'not made: the run has ended' };
  return { mark: '–', words: 'not on offer yet' };
}

/** Of a step that only the last look of a run planned: that look says what is left, and nobody is asked. */
export const LEFT_OVER: Sign = { mark: '–', words: 'left over, and not on offer: ask again' };

/** What stands in the place of a step that this version cannot show. */
export const LOST_STEP = 'Another version of the bot planned this step. This version cannot show it, and nobody can approve it.';

export function approvalsWords({ needs, decisions }: StepView): string {
  const given = decisions.filter(({ verdict }) => verdict === 'approve').length;
  return `${given} of ${needs} approvals given`;
}

export function decisionVerb({ verdict }: Decision): string {
  return verdict === 'approve' ? 'Approved' : 'Denied';
}

export function followsWords({ run, how }: Follows): string {
  return `${how === 'again' ? 'repeats' : 'takes back'} run ${run}`;
}

/** What a step changes, then what it needs to stay as it is. */
export function holdsWords(holds: readonly Hold[]): string {
  return holds
    .toSorted((a, b) => Number(b.how === 'changes') - Number(a.how === 'changes'))
    .map(showHold)
    .join('; ');
}

/** `: because`, or nothing where no reason was given. */
export function reasonWords(reason = ''): string {
  return reason === '' ? '' : `: ${reason}`;
}

export function actorWords({ id, name }: Actor): string {
  return name === id ? id : `${name} (${id})`;
}

export function instant(ms: number): string {
  return new Date(ms).toISOString().replace(/\.\d+Z$/, 'Z');
}

export function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(ms < 10_000 ? 1 : 0)} s`;
}

export function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? '' : 's'}`;
}
