import { setTimeout as sleep } from 'node:timers/promises';
import { messageOf } from '../core/errors.ts';
import type { Check, Verification } from '../core/plan.ts';
import type { Ask, Reader, Seen } from '../core/reading.ts';
import { readerOver } from '../core/reading.ts';
import { excerpt } from './excerpt.ts';

/** What a check said, and what was seen, for a person. */
export interface Answer {
  readonly answer: 'yes' | 'no' | 'unknown';
  readonly seen: string;
}

/** Never rejects: a check that throws could not look. */
export async function ask(check: Check, reader: Reader): Promise<Answer> {
  try {
    const { answer, seen } = await check.holds(reader);
    return { answer, seen: wordsOf(seen) };
  } catch (error) {
    return { answer: 'unknown', seen: `the check itself failed: ${excerpt(messageOf(error))}` };
  }
}

/** Asks afresh, at once and then about every second, until it holds or its time has passed; the last answer counts. */
export async function poll(check: Verification, source: Ask): Promise<Answer> {
  const deadline = performance.now() + check.withinMs;
  for (let delayMs = 250; ; delayMs = Math.min(delayMs * 2, 1_000)) {
    const answer = await ask(check, readerOver(source));
    const leftMs = deadline - performance.now();
    if (answer.answer === 'yes' || leftMs <= 0) return answer;
    await sleep(Math.min(delayMs, leftMs));
  }
}

function wordsOf(seen: Seen<unknown>): string {
  if (!seen.known) return seen.why.says;
  const { stdout, stderr, exitCode } = seen.outcome;
  return excerpt(stdout) || excerpt(stderr) || `exit code ${exitCode}, nothing printed`;
}
