import type { Diagnosis, Finding } from '../../../src/core/finding.ts';
import { bad } from '../../../src/core/finding.ts';
import type { Code } from '../codes.ts';

export type Part = Diagnosis<Code>;

export const NOTHING: Part = { evidence: [], findings: [] };

export function oneFinding(finding: Finding<Code>): Part {
  return { evidence: [bad(finding.says, ...finding.seen)], findings: [finding] };
}

/** The first ones, and how many more there are. */
export function some(names: readonly string[], most = 5): string {
  const more = names.length - most;
  return more > 0 ? `${names.slice(0, most).join(', ')} and ${more} more` : names.join(', ');
}
