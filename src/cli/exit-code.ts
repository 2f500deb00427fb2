import { verdictOf } from '../core/finding.ts';
import type { RunView, StepStatus } from '../core/run.ts';

export const EXIT = { well: 0, ill: 1, refused: 2, blind: 3, fault: 4 } as const;
export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

const BAD: readonly StepStatus[] = ['refused', 'failed', 'unknown'];

/** What a script learns of a run: the verdict of its last look, unless a change went wrong or there was no look. */
export function exitCodeOf({ status, rounds, problem }: RunView): ExitCode {
  if (status === 'broken') return EXIT.fault;
  const last = rounds.at(-1);
  if (last === undefined) return EXIT.refused;
  if (problem !== undefined || rounds.some(({ steps }) => steps.some((step) => BAD.includes(step.status)))) return EXIT.ill;
  return EXIT[verdictOf(last.diagnosis)];
}
