import { execFileSync } from 'node:child_process';
import { expect, test } from 'vitest';
import { quote } from '../../../src/core/quote.ts';
import { fc } from '../../seed.ts';
import { NotWords, wordsOf } from './words.ts';

const argument = fc.string({ unit: 'binary', minLength: 1 }).filter((text) => !text.includes('\0'));

test('a line made by quoting splits into the same words again', () => {
  const holds = fc.property(fc.array(argument, { minLength: 1 }), (words) => {
    expect(wordsOf(words.map(quote).join(' '))).toEqual(words);
  });
  fc.assert(holds);
});

test('it splits as the shell of this machine does', () => {
  const words = ['stat', "it's", '--format=%u:%g', '/a b/$HOME', '`id`', 'exec 3<>"/dev/tcp/$0/$1"', ''];
  const line = words.map(quote).join(' ');
  const shown = execFileSync('sh', ['-c', `printf '%s\\n' ${line}`], { encoding: 'utf8' });
  expect(wordsOf(line)).toEqual(shown.split('\n').slice(0, -1));
});

test.each(['a; b', 'a && b', 'a $b', 'a "b"', 'a `b`', 'a > b', 'a *', 'a\nb', "a 'b", 'a ~b', 'a\\b', 'a # b', 'a\tb'])(
  'what a shell would act upon is refused: %j',
  (line) => {
    expect(() => wordsOf(line)).toThrow(NotWords);
  },
);

test('blanks between words do not count, and an empty line has none', () => {
  expect(wordsOf('  a   b ')).toEqual(['a', 'b']);
  expect(wordsOf('')).toEqual([]);
});
