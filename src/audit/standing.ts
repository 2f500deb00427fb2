import type { Entry } from './history.ts';
import type { TrailProblem } from './verify.ts';
import { count } from './words.ts';

/** Whether what the trail tells of a run can be relied on: a sentence, and each problem that concerns the run. */
export interface Standing {
  readonly says: string;
  readonly problems: readonly string[];
}

export function standingOf(run: string, entries: readonly Entry[], problems: readonly TrailProblem[]): Standing {
  // What is dropped long after the end does not make the lines between the run's.
  const [first = 0, last = 0] = [entries[0]?.seq, entries.findLast(({ event }) => event?.kind !== 'dropped')?.seq];
  const concerns = ({ seq, run: other }: TrailProblem) =>
    other === undefined ? seq !== undefined && seq >= first && seq <= last : other === run;
  const own = problems.filter(concerns).map(({ says }) => says);
  const lines = `${count(entries.length, 'line')} (seq ${first} to ${last})`;
  const hint = 'see storagebot audit verify';
  if (own.length > 0)
    return { says: `NOT TO BE RELIED ON: ${lines}, and ${count(own.length, 'problem')}; ${hint}.`, problems: own };
  if (problems.length === 0) return { says: `${lines}; the chain verifies, here and as a whole.`, problems: [] };
  return {
    says: `${lines}; the chain verifies here, and elsewhere it has ${count(problems.length, 'problem')}: ${hint}.`,
    problems: [],
  };
}
