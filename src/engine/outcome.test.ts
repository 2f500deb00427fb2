import { describe, expect, test } from 'vitest';
import type { FailureReason, Outcome } from '../core/output.ts';
import type { Answer } from './checking.ts';
import { endingOf, sentOf } from './outcome.ts';

function failure(failed: FailureReason): Outcome {
  return { failed, says: 'It broke.', toDo: 'Look.' };
}

describe('a change whose answer is missing', () => {
  test.each<[FailureReason, string]>([
    ['unreachable', 'never'],
    ['host-key', 'never'],
    ['login-refused', 'never'],
    ['forbidden', 'never'],
    ['not-configured', 'never'],
    ['timed-out', 'lost'],
    ['cut', 'lost'],
    ['unexpected-exit', 'lost'],
    ['unreadable', 'lost'],
  ])('because of %s is %s', (reason, kind) => {
    expect(sentOf(failure(reason)).kind).toBe(kind);
  });
});

describe('a step ends as', () => {
  const ended = (exitCode: number) => sentOf({ exitCode, stdout: '', stderr: 'no' });
  const cases: [string, ReturnType<typeof sentOf>, Answer['answer'], string][] = [
    ['done when its command ended well and the verification holds', ended(0), 'yes', 'done'],
    ['failed when its command ended well and the verification does not hold', ended(0), 'no', 'failed'],
    ['unknown when its command ended well and nobody could look', ended(0), 'unknown', 'unknown'],
    ['done when its command failed and the verification holds', ended(1), 'yes', 'done'],
    ['failed when its command failed and the verification does not hold', ended(1), 'no', 'failed'],
    ['unknown when its command failed and nobody could look', ended(1), 'unknown', 'unknown'],
    ['done when no answer came and the verification holds', sentOf(failure('timed-out')), 'yes', 'done'],
    ['unknown when no answer came and the verification does not hold', sentOf(failure('timed-out')), 'no', 'unknown'],
    ['unknown when no answer came and nobody could look', sentOf(failure('cut')), 'unknown', 'unknown'],
    ['done when it is found done after a restart', { kind: 'restart' }, 'yes', 'done'],
    ['unknown when it is not found done after a restart', { kind: 'restart' }, 'no', 'unknown'],
    ['unknown when nobody could look after a restart', { kind: 'restart' }, 'unknown', 'unknown'],
  ];
  test.each(cases)('%s', (_name, sent, answer, status) => {
    if (sent.kind === 'never') throw new Error('not a case of this table');
    const ending = endingOf(sent, 'a is on', { answer, seen: 'off' });
    expect(ending.status).toBe(status);
    expect(ending.detail.includes('A person must look')).toBe(status === 'unknown');
    expect(ending.detail).toContain('a is on.');
  });
});
