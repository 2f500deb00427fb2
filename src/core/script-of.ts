import type { Command } from './command.ts';
import { quote } from './quote.ts';

/** A script that a Job runs in a shell: how it is called, and its text by lines. */
export interface ShownScript {
  /** Its name and its arguments, quoted. */
  readonly call: string;
  readonly lines: readonly string[];
}

/** In a command's exact line a script stands as one string of JSON, which nobody can read. */
export function scriptOf(command: Command): ShownScript | undefined {
  if (command.via !== 'kubernetes' || command.request.verb !== 'create' || command.request.kind !== 'Job') return undefined;
  const [container] = listAt(command.request.spec, 'template', 'spec', 'containers');
  const words = listAt(container, 'command').filter((word) => typeof word === 'string');
  const before = words.indexOf('-c');
  const text = words[before + 1];
  if (before < 0 || text === undefined || !/\/(ba)?sh$/.test(words[0] ?? '')) return undefined;
  const call = words
    .slice(before + 2)
    .map(quote)
    .join(' ');
  return { call, lines: text.trimEnd().split('\n') };
}

function listAt(value: unknown, ...path: readonly string[]): readonly unknown[] {
  const found = path.reduce((inner: unknown, key) => (isRecord(inner) ? inner[key] : undefined), value);
  return Array.isArray(found) ? found : [];
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null;
}
