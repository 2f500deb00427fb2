import type { z } from 'zod';
import { messageOf, Refusal } from '../core/errors.ts';
import type { RunRequest } from '../core/ports.ts';
import type { Runbook } from '../core/runbook.ts';
import { runbookOf } from './runbook-of.ts';

/** Throws a Refusal that shows the usage when the words are not what the runbook asks for. */
export function requireSense(runbooks: ReadonlyMap<string, Runbook>, request: RunRequest): void {
  const runbook = runbookOf(runbooks, request.runbook);
  const reason = whyNot(runbook, request);
  if (reason === undefined) return;
  const usage = [...runbook.words, runbook.usage].join(' ').trim();
  throw new Refusal('bad-request', `${reason} Usage: ${usage}`);
}

function whyNot({ params, fromWords }: Runbook, { arguments: words, requester }: RunRequest): string | undefined {
  try {
    const parsed = params.safeParse(fromWords(words, requester));
    return parsed.success ? undefined : wordsOf(parsed.error);
  } catch (error) {
    if (error instanceof Refusal) throw error;
    return `${messageOf(error)}.`;
  }
}

function wordsOf({ issues }: z.ZodError): string {
  return issues.map(({ path, message }) => `${[...path.map(String), message].join(': ')}.`).join(' ');
}
