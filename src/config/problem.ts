import leven from 'leven';
import type { z } from 'zod';
import { type Path, valueAt } from './path.ts';
import { exampleOf, keysOf, schemaAt } from './schema-at.ts';

/** One thing that is wrong in the configuration. It never repeats the value: that may be a secret. */
export interface Problem {
  readonly path: Path;
  readonly says: string;
  /** A right value, where one can be given. */
  readonly example?: unknown;
}

/** What zod found, in the words of a person who writes the file. `file` is the file as written. */
export function problemsOf(issue: z.core.$ZodIssue, schema: z.core.$ZodType, file: unknown): Problem[] {
  const { path } = issue;
  if (issue.code === 'unrecognized_keys') return issue.keys.map((key) => unknownKey(path, key, schema));
  if (issue.code === 'invalid_key')
    return [{ path, says: `is not a name that can stand here: it ${issue.issues[0]?.message ?? 'has the wrong form'}` }];
  return [withExample(path, absence(issue, file) ?? wrongness(issue), schema)];
}

/** ` (did you mean …?)`, or nothing when no known word is near. */
export function didYouMean(word: string, known: readonly string[]): string {
  const [nearest] = known.map((name) => ({ name, away: leven(word, name) })).toSorted((a, b) => a.away - b.away);
  return nearest !== undefined && nearest.away <= Math.max(2, word.length / 3) ? ` (did you mean ${nearest.name}?)` : '';
}

function withExample(path: Path, says: string, schema: z.core.$ZodType): Problem {
  const example = exampleOf(schemaAt(schema, path));
  return example === undefined ? { path, says } : { path, says, example };
}

function unknownKey(path: Path, key: string, schema: z.core.$ZodType): Problem {
  const known = keysOf(schemaAt(schema, path));
  const hint = didYouMean(key, known) || `; known here: ${known.join(', ')}`;
  return { path: [...path, key], says: `is not a setting${hint}` };
}

function absence({ code, path }: z.core.$ZodIssue, file: unknown): string | undefined {
  if (code === 'custom') return undefined;
  const value = valueAt(file, path);
  if (value === undefined) return 'is missing';
  return value === null ? 'is empty' : undefined;
}

const WORDS: Readonly<Record<string, string>> = {
  object: 'settings, one a line',
  record: 'names and values, one a line',
  array: 'a list',
  tuple: 'a list',
  int: 'a whole number',
};

function wrongness(issue: z.core.$ZodIssue): string {
  if (issue.message.startsWith('must ')) return issue.message;
  if (issue.code === 'invalid_type') return `must be ${WORDS[issue.expected] ?? `a ${issue.expected}`}`;
  return issue.code === 'too_small' ? 'has too few entries' : issue.message;
}
