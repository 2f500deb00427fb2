import type { Known, Seen, Unknown } from './reading.ts';

/** One thing that was looked at. */
export interface Evidence {
  readonly status: 'ok' | 'bad' | 'unknown';
  readonly says: string;
  readonly seen: readonly Seen<unknown>[];
}

/** Something that is wrong, with the outputs that prove it: at least one, each of them known. */
export interface Finding<Code extends string = string> {
  readonly code: Code;
  /** What it is about: an export path, a node, a pod … */
  readonly subject: string;
  readonly says: string;
  /** What to do about it, also where the bot cannot do it itself. */
  readonly remedy: string;
  /** The remedy that suggests itself and does harm, and what harm. */
  readonly doNot?: string;
  readonly seen: readonly [Known<unknown>, ...Known<unknown>[]];
}

export interface Diagnosis<Code extends string = string> {
  readonly evidence: readonly Evidence[];
  readonly findings: readonly Finding<Code>[];
}

/** `ill`: something is wrong. `blind`: nothing is known to be wrong, and not everything could be seen. */
export type Verdict = 'well' | 'ill' | 'blind';

export function verdictOf({ evidence, findings }: Diagnosis): Verdict {
  if (findings.length > 0) return 'ill';
  return evidence.some(({ status }) => status !== 'ok') ? 'blind' : 'well';
}

export function ok(says: string, ...seen: Known<unknown>[]): Evidence {
  return { status: 'ok', says, seen };
}

export function bad(says: string, ...seen: [Known<unknown>, ...Known<unknown>[]]): Evidence {
  return { status: 'bad', says, seen };
}

export function couldNotLook(says: string, ...seen: [Unknown, ...Unknown[]]): Evidence {
  return { status: 'unknown', says, seen };
}

export function knownOf<T>(seen: readonly Seen<T>[]): Known<T>[] {
  return seen.filter((each) => each.known);
}

export function unknownOf(seen: readonly Seen<unknown>[]): Unknown[] {
  return seen.filter((each) => !each.known);
}

export function isSome<T>(items: readonly T[]): items is [T, ...T[]] {
  return items.length > 0;
}

/** "Could not look", once for each reason; nothing for what could be seen. */
export function notSeen(what: string, seen: readonly Seen<unknown>[]): Evidence[] {
  const reasons = Map.groupBy(unknownOf(seen), ({ why }) => why.says);
  return [...reasons].map(([says, looks]) => {
    const [first, ...more] = looks;
    if (first === undefined) throw new Error('a group has members');
    const count = more.length === 0 ? '' : ` (${looks.length} looks)`;
    return couldNotLook(`${what}${count}: could not look. ${says}`, first, ...more);
  });
}

/** Diagnoses of parts as one, in their order. */
export function together<Code extends string>(parts: readonly Diagnosis<Code>[]): Diagnosis<Code> {
  return { evidence: parts.flatMap(({ evidence }) => evidence), findings: parts.flatMap(({ findings }) => findings) };
}
