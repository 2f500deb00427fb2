import { expect, it } from 'vitest';
import { whyNoReason } from '../src/approval/confirmation.ts';
import { reasonFrom } from './reason.ts';

it.each(['\u200b', ' \u2060\u2060\u2060 ', '\u202e'])('is no reason, however its invisible characters are shown: %j', (typed) => {
  expect(whyNoReason(reasonFrom(typed))).toContain('It needs a reason');
});

it('is one line, in which invisible characters beside words are shown', () => {
  expect(reasonFrom(' the disk\n is\u200b full ')).toBe('the disk is\\u{200b} full');
});
