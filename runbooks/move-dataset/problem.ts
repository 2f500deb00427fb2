import type { Diagnosis, Finding } from '../../src/core/finding.ts';
import { bad } from '../../src/core/finding.ts';
import type { Known } from '../../src/core/reading.ts';
import type { Code } from './codes.ts';

/** What is wrong, with the same words as evidence and as finding. */
export function problem(about: Omit<Finding<Code>, 'seen'>, first: Known<unknown>, ...more: Known<unknown>[]): Diagnosis<Code> {
  return { evidence: [bad(about.says, first, ...more)], findings: [{ ...about, seen: [first, ...more] }] };
}
