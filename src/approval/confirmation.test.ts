import { expect, test } from 'vitest';
import { whyNoReason, whyNotConfirmed } from './confirmation.ts';

test.each(['NFS', '  why \n', '…no', '磁盘坏', 'x'.repeat(500), '😀'.repeat(500)])('this is a reason: %j', (reason) => {
  expect(whyNoReason(reason)).toBeUndefined();
});

test.each([undefined, '', 'no', ' a b ', '\u200b\u200b\u200b', '\u3164\u3164\u3164', '\u2800\u2800\u2800', '\u0301\u0301\u0301'])(
  'this is no reason: %j',
  (reason) => {
    expect(whyNoReason(reason)).toContain('at least 3 letters');
  },
);

test.each(['x'.repeat(501), '😀'.repeat(501)])('this is too long a reason', (reason) => {
  expect(whyNoReason(reason)).toContain('at most 500 characters');
});

test('nothing confirms where no word is given', () => {
  for (const word of [undefined, '', ' ']) {
    for (const typed of [undefined, '', ' ']) expect(whyNotConfirmed(typed, word)).toContain('Start a new run.');
  }
});
