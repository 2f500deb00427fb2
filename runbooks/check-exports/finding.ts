import type { Diagnosis, Finding } from '../../src/core/finding.ts';
import { bad } from '../../src/core/finding.ts';
import type { Code } from './codes.ts';

export type Part = Diagnosis<Code>;

export const NOTHING: Part = { evidence: [], findings: [] };

/** A finding with its line of evidence. */
export function found(finding: Finding<Code>): Part {
  return { evidence: [bad(finding.says, ...finding.seen)], findings: [finding] };
}
