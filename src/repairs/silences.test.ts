import { expect, test } from 'vitest';
import { fc, seed } from '../../test/seed.ts';
import { patternOf } from '../core/alertmanager.ts';
import { AND, AskedSilences, askedSilences } from '../topology/asked-alerts.ts';
import { isOwn, wordsOf } from '../topology/own-silences.ts';
import { authorOf, isSilenceOf, type Muting, matchersOf, mutedName, mutedNames } from './silences.ts';

const madeBy = (muting: Muting) => ({
  matchers: matchersOf(muting).map((each) => ({ name: each.name, ...patternOf(each), isEqual: true })),
});

test('the words for the end of a silence are those of exactly its labels', () => {
  const name = fc.stringMatching(/^[A-Z][\w.:-]{0,9}$/);
  const value = fc.stringMatching(/^[^,\s\p{C}]{1,10}$/u);
  const some = <T>(one: fc.Arbitrary<T>) =>
    fc.array(one, { minLength: 1, maxLength: 3 }).map(([first, ...more]) => [first, ...more] as [T, ...T[]]);
  const labels = fc.uniqueArray(fc.record({ name: fc.stringMatching(/^[a-z]\w{0,5}$/), values: some(value) }), {
    selector: (each) => each.name,
    maxLength: 3,
  });
  const one = fc.record({ alerts: some(name), labels });
  const property = fc.property(fc.array(one, { minLength: 1, maxLength: 3 }), (mutings) => {
    const each = mutings.map(madeBy);
    const words = each.flatMap((silence, index) => [...(index === 0 ? [] : [AND]), ...(wordsOf(silence) ?? [])]);
    const heard = AskedSilences.parse(askedSilences(words));
    expect(heard.map((muting, index) => isSilenceOf(muting, each[index] ?? { matchers: [] }))).toEqual(mutings.map(() => true));
  });
  fc.assert(property, { seed });
});

test('of many values and silences only the first are named', () => {
  const pods = ['a', 'b', 'c', 'd', 'e'] as const;
  const muting = { alerts: ['A'], labels: [{ name: 'pod', values: pods }] } as const;
  expect(mutedName(muting)).toBe('A of pod=a,b,c,d,… (5)');
  expect(mutedNames([{ alerts: ['B'], labels: [] }, muting])).toBe('B, and A of pod=a,b,c,d,… (5)');
  expect(mutedNames([{ alerts: ['B'], labels: [] }, muting, muting])).toBe('B, and what 2 silences more are for');
});

test.each([
  [{ name: 'alertname', value: 'NFS.*', isRegex: true, isEqual: true }],
  [{ name: 'alertname', value: 'NFS', isRegex: true, isEqual: true }],
  [{ name: 'alertname', value: 'NFS|A,B', isRegex: true, isEqual: true }],
  [{ name: 'alertname', value: 'NFS', isRegex: false, isEqual: false }],
  [{ name: 'namespace', value: 'dbaas', isRegex: false, isEqual: true }],
])('a silence that the bot could not have made has no words: %o', (matcher) => {
  expect(wordsOf({ matchers: [matcher] })).toBeUndefined();
});

test('silences with other labels, or for more names, are others', () => {
  const muting: Muting = { alerts: ['A', 'B'], labels: [{ name: 'namespace', values: ['x'] }] };
  expect(isSilenceOf({ ...muting, alerts: ['B', 'A', 'B'] }, madeBy(muting))).toBe(true);
  expect(isSilenceOf({ ...muting, labels: [] }, madeBy(muting))).toBe(false);
  expect(isSilenceOf({ ...muting, alerts: ['A'] }, madeBy(muting))).toBe(false);
});

test('the author tells for whom it was made, and that the bot made it', () => {
  expect(authorOf('operator', 'storagebot-3f2a9c81d0-1')).toBe('operator (storagebot-3f2a9c81d0-1)');
  const by = (...authors: readonly string[]) => authors.map((createdBy) => isOwn({ createdBy }));
  expect(by(authorOf('operator', 'storagebot-3f2a9c81d0-1'), authorOf(undefined, 'storagebot-3f2a9c81d0-12'))).toEqual([
    true,
    true,
  ]);
  expect(
    by('admin', 'storagebot', 'admin (storagebot)', 'storagebot fan', 'storagebot-x', 'x (storagebot-3f2a9c81d0-1) y'),
  ).toEqual(Array(6).fill(false));
});
