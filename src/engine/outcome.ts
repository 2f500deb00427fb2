import type { FailureReason, Outcome } from '../core/output.ts';
import { isFailure } from '../core/output.ts';
import type { Answer } from './checking.ts';
import { excerpt, sentence } from './excerpt.ts';

/** What is known about a change that was sent. `lost`: it may have run, and may still be running. */
export type Sent =
  | { readonly kind: 'ended'; readonly exitCode: number; readonly printed: string }
  | { readonly kind: 'lost'; readonly says: string }
  | { readonly kind: 'never'; readonly says: string }
  | { readonly kind: 'restart' };

export interface Ending {
  readonly status: 'done' | 'failed' | 'unknown';
  readonly detail: string;
}

const NEVER_ARRIVED: readonly FailureReason[] = ['unreachable', 'host-key', 'login-refused', 'forbidden', 'not-configured'];

export function sentOf(outcome: Outcome): Sent {
  if (!isFailure(outcome)) {
    return { kind: 'ended', exitCode: outcome.exitCode, printed: excerpt(outcome.stderr) || excerpt(outcome.stdout) };
  }
  const never = NEVER_ARRIVED.includes(outcome.failed);
  return never ? { kind: 'never', says: `${outcome.says} ${outcome.toDo}` } : { kind: 'lost', says: outcome.says };
}

/** How a step ends whose verification gave this answer: `done` and `failed` are known, everything else is `unknown`. */
export function endingOf(sent: Exclude<Sent, { kind: 'never' }>, wanted: string, { answer, seen }: Answer): Ending {
  if (answer === 'yes') return { status: 'done', detail: `${howItCame(sent, true)} Verified: ${sentence(wanted)}` };
  const known = sent.kind === 'ended' && answer === 'no';
  const looked = answer === 'no' ? `It is not so that ${sentence(wanted)} Seen: ${sentence(seen)}` : couldNotLook(wanted, seen);
  const toDo = known ? '' : ' A person must look before anything is tried again.';
  return { status: known ? 'failed' : 'unknown', detail: `${howItCame(sent, false)} ${looked}${toDo}` };
}

function couldNotLook(wanted: string, seen: string): string {
  return `Could not look whether ${sentence(wanted)} ${sentence(seen)}`;
}

function howItCame(sent: Exclude<Sent, { kind: 'never' }>, verified: boolean): string {
  switch (sent.kind) {
    case 'ended':
      if (sent.exitCode === 0) return verified ? 'Done.' : 'The command ended well.';
      return sentence(`The command ended with exit code ${sent.exitCode}${sent.printed === '' ? '' : `: ${sent.printed}`}`);
    case 'lost':
      return `The command gave no answer (${sent.says.replace(/\.$/u, '')})${verified ? '.' : ', and it may still be running.'}`;
    case 'restart':
      return verified
        ? 'Found done after a restart.'
        : 'The bot stopped while it made this change: it may have been made, or not, or still be running. It was not sent again.';
  }
}
