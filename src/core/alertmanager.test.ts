import { describe, expect, test } from 'vitest';
import { isExactly, matches, patternOf, showMatcher } from './alertmanager.ts';
import { alertmanager, show } from './command.ts';

const matchers = [
  { name: 'alertname', values: ['PVFillingUp', 'PVPredictedFull'] },
  { name: 'path', values: ['/a "b"\\c'] },
] as const;
const other = [{ name: 'alertname', values: ['MySQLDown'] }] as const;
const silences = {
  each: [matchers],
  durationMs: 5_400_000,
  createdBy: 'viktor (storagebot-1)',
  comment: "it's full",
} as const;

describe('a call of Alertmanager is shown as the line of amtool that does the same:', () => {
  test.each([
    [
      'what fires',
      { method: 'GET', path: '/api/v2/alerts' } as const,
      '--output=json alert query --active --silenced --inhibited --unprocessed',
    ],
    ['what is silenced', { method: 'GET', path: '/api/v2/silences' } as const, '--output=json silence query'],
    ['how it is', { method: 'GET', path: '/api/v2/status' } as const, '--output=json cluster show'],
    [
      'a silence',
      { method: 'POST', path: '/api/v2/silences', silences } as const,
      `silence add '--author=viktor (storagebot-1)' --duration=5400s '--comment=it'\\''s full' 'alertname=~"PVFillingUp|PVPredictedFull"' 'path="/a \\"b\\"\\\\c"'`,
    ],
  ])('%s', (_what, request, line) => {
    expect(show(alertmanager(request))).toBe(`alertmanager$ amtool --alertmanager.url=http://localhost:9093 ${line}`);
  });

  test('several silences, a line for each', () => {
    const request = { method: 'POST', path: '/api/v2/silences', silences: { ...silences, each: [matchers, other] } } as const;
    const [first, second, ...more] = show(alertmanager(request)).split(' && ');
    expect(first).toContain(`'alertname=~"PVFillingUp|PVPredictedFull"'`);
    expect(second).toMatch(/^amtool .* silence add .* --duration=5400s .* 'alertname="MySQLDown"'$/);
    expect(more).toEqual([]);
  });

  test('the end of a silence, found by its author and what it is for', () => {
    const createdBy = 'viktor (storagebot-1)';
    const request = { method: 'DELETE', path: '/api/v2/silence', createdBy, each: [matchers, other] } as const;
    const [first = '', second] = show(alertmanager(request)).split(' && ');
    expect(first).toMatch(
      /^alertmanager\$ sh -c '.* --created-by="\$author" "\$@" \| .* silence expire' expire 'viktor \(storagebot-1\)' /,
    );
    expect(first).toMatch(/ 'alertname=~"PVFillingUp\|PVPredictedFull"' 'path=.*$/);
    expect(second).toMatch(/ expire 'viktor \(storagebot-1\)' 'alertname="MySQLDown"'$/);
  });
});

test('a value is never a pattern, alone or among others', () => {
  expect(patternOf({ name: 'a', values: ['b.*'] })).toEqual({ isRegex: false, value: 'b.*' });
  const { value } = patternOf({ name: 'a', values: ['b.*', '(c|d)'] });
  expect(['b.*', '(c|d)', 'bcc', 'c', 'd'].filter((text) => new RegExp(`^(?:${value})$`).test(text))).toEqual(['b.*', '(c|d)']);
  expect(showMatcher({ name: 'a', values: ['b.c', 'd'] })).toBe('a=~"b\\\\.c|d"');
});

test('a label that an alert does not have is empty, and matches no value', () => {
  const matchers = [{ name: 'namespace', values: ['dbaas'] }] as const;
  expect([{ namespace: 'dbaas' }, { namespace: 'x' }, {}].map((labels) => matches(matchers, labels))).toEqual([
    true,
    false,
    false,
  ]);
});

test('a silence is for exactly its labels, in whatever order', () => {
  const seen = matchers.map((each) => ({ name: each.name, ...patternOf(each), isEqual: true })).toReversed();
  expect(isExactly(matchers, seen)).toBe(true);
  expect(isExactly(matchers, seen.slice(1))).toBe(false);
  expect(isExactly(other, seen)).toBe(false);
  expect(isExactly(matchers, [...seen, { name: 'pod', value: 'a', isRegex: false, isEqual: true }])).toBe(false);
  expect(
    isExactly(
      matchers,
      seen.map((each) => ({ ...each, isEqual: false })),
    ),
  ).toBe(false);
});
