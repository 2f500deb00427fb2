import { describe, expect, test } from 'vitest';
import { requireDeadline, requireWorkName, told, workNamed } from './work.ts';

test('a name is that of the run and round, and the label of the step', () => {
  expect(workNamed('storagebot-3f2a9c81d0-1', 'copy')).toBe('storagebot-3f2a9c81d0-1-copy');
  expect(workNamed('storagebot', 'copy')).toBe('storagebot-copy');
});

describe('a name that is not the bot’s, or that systemd or Kubernetes would take for another, is refused', () => {
  test.each([
    '',
    'storagebot',
    'sshd',
    'storagebot-',
    'storagebot-a-',
    'storagebot--a',
    'storagebot-A',
    'storagebot-a.service',
    'storagebot-a.mount',
    'storagebot-a@b',
    'storagebot-a/b',
    'storagebot-a\\x2d',
    'storagebot-%n',
    'storagebot-a b',
    'storagebot-a\n',
    '--storagebot-a',
    `storagebot-${'a'.repeat(53)}`,
  ])('%j', (name) => {
    expect(() => requireWorkName(name)).toThrow('cannot be the name of work');
  });

  test('and the longest one is not', () => {
    expect(requireWorkName(`storagebot-${'a'.repeat(52)}`)).toHaveLength(63);
  });
});

test.each([0, -1, 1.5, Number.NaN, Number.POSITIVE_INFINITY])('work without a deadline is refused: %s', (deadlineS) => {
  expect(() => requireDeadline(deadlineS)).toThrow('is no deadline');
});

test.each([
  ['50 %', '50 %'],
  [' two\nlines\t', 'two\uFFFDlines'],
  ['\u001b[31mred', '\uFFFD[31mred'],
  ['a\u202eb', 'a\uFFFDb'],
  ['half \ud83d', 'half \uFFFD'],
  ['', ''],
])('what work says of itself is one line of letters with a shape: %j', (text, line) => {
  expect(told(text)).toBe(line);
});
