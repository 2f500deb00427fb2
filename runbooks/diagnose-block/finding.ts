import type { Diagnosis, Finding } from '../../src/core/finding.ts';
import { bad, isSome } from '../../src/core/finding.ts';
import type { Known, Seen } from '../../src/core/reading.ts';
import type { Code } from './codes.ts';

export type Part = Diagnosis<Code>;

export const NOTHING: Part = { evidence: [], findings: [] };

/** A finding with its evidence; nothing where one of its proofs could not be seen. */
export function found(about: Omit<Finding<Code>, 'seen'>, seen: readonly Seen<unknown>[]): Part {
  const known = seen.filter((each): each is Known<unknown> => each.known);
  const once = [...new Map(known.map((each) => [each.line, each])).values()];
  if (!isSome(once) || known.length < seen.length) return NOTHING;
  return { evidence: [bad(about.says, ...once)], findings: [{ ...about, seen: once }] };
}
