import type { Journal, JournalRound, JournalStep } from '../store/store.ts';

/** The one thing to do with a run now. */
export type Next =
  | { readonly do: 'look'; readonly number: number; readonly offers: boolean }
  | { readonly do: 'offer' | 'wait' | 'apply' | 'probe'; readonly step: JournalStep }
  | { readonly do: 'finish' };

/** Rounds whose plan people are asked to approve. One more look may follow them, to show what is left. */
export const MAX_ROUNDS = 3;

/** What a run's journal alone says comes next: the same before and after a crash. */
export function next({ run, rounds }: Journal): Next {
  const round = rounds.at(-1);
  const over = run.cancelled !== null || run.withdrawn !== null;
  if (round === undefined) return over ? { do: 'finish' } : { do: 'look', number: 1, offers: true };
  if (!round.offers || round.steps.length === 0) return { do: 'finish' };
  const step = round.steps.find(({ status }) => status !== 'done');
  if (over && step?.status !== 'started') return lastLookAfter(round);
  if (step === undefined) return { do: 'look', number: round.number + 1, offers: round.number < MAX_ROUNDS };
  return nextOfStep(round, step);
}

function nextOfStep(round: JournalRound, step: JournalStep): Next {
  switch (step.status) {
    case 'waiting':
      return { do: step.expiresAt === null ? 'offer' : 'wait', step };
    case 'approved':
      return { do: 'apply', step };
    case 'started':
      return { do: 'probe', step };
    case 'denied':
    case 'expired':
    case 'withdrawn':
    case 'cancelled':
      return lastLookAfter(round);
    case 'done':
    case 'refused':
    case 'failed':
    case 'unknown':
      return { do: 'look', number: round.number + 1, offers: false };
  }
}

/** Where something may have changed, the run ends by looking at what it left behind. */
function lastLookAfter({ number, steps }: JournalRound): Next {
  const touched = steps.some(({ status }) => status === 'done' || status === 'failed' || status === 'unknown');
  return touched ? { do: 'look', number: number + 1, offers: false } : { do: 'finish' };
}
