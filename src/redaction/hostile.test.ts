import { expect, test } from 'vitest';
import { leftOut, sampled } from '../../test/depth.ts';
import { cleanText } from './index.ts';

/** As long as an output may be. */
const LENGTH = 8 * 1024 * 1024;
const WITHIN_MS = 1_000;

/** Each stands where a rule begins to match and never comes to an end. */
const units = [
  'a',
  ' ',
  '\\',
  '"',
  '\\"',
  '{',
  '[',
  '- ',
  'a:\n',
  'a: |\n',
  'key ',
  '://',
  '://a:',
  '://a:@',

  'password',
  'password=',
  'password ',
  'password: ',
  '"password":"',
  "password='",
  'password="\\',
  'password=ab"',
  'token=<',
  '{"',
  '{"a\n',
  '[{"a":',
  '{ "a" : "',
  '{\\"a',
  '{\\"\n',
  '"data":{',
  'kind: Secret\n data:\n',
  '- --password\n',

  '-----BEGIN PRIVATE KEY-----',
  '-----END PRIVATE KEY-----',
  'LS0tLS1CRUdJTi',
  'xoxb-',
  'eyJ',
  '.eyJ',
  'a.eyJaaaaaaaaa',
  'hvs.',

  'Basic ',
  'Bearer ',
  'authorization: ',
  'cookie: a=',
  'cookie:',
  '$6$',
  '@a!b=',
  'PVE:',
  'mysql a -p',
  'curl -u ',
  'chap a b ',
];

/** Processor time of the better of two tries, because the machine has other work. */
function measure(work: () => void): number {
  const once = () => {
    const before = process.cpuUsage();
    work();
    const { user, system } = process.cpuUsage(before);
    return (user + system) / 1000;
  };
  const first = once();
  return first < WITHIN_MS ? first : Math.min(first, once());
}

/** A second, or on a slow machine what an eighth of the text takes, sixteen times: a rule that goes back over what it read takes sixty-four. */
function allowed(clean: (length: number) => void): number {
  return Math.max(WITHIN_MS, 16 * measure(() => clean(LENGTH / 8)));
}

function timed(clean: (length: number) => void) {
  const took = measure(() => clean(LENGTH));
  return { took, limit: took < WITHIN_MS ? WITHIN_MS : allowed(clean) };
}

test.each(sampled(units, 12))(
  '8 MiB of %j are cleaned within a second, or in a time that grows as the text does',
  (unit) => {
    const clean = (length: number) => void cleanText(unit.repeat(length / unit.length));
    const { took, limit } = timed(clean);
    expect(took).toBeLessThan(limit);
  },
  60_000,
);

leftOut('the other texts of 8 MiB', `12 of ${units.length} were cleaned`);

test('JSON in JSON in JSON is cleaned to its ground, within a second, or in a time that grows as the text does', () => {
  const nested = (length: number) => {
    let text = JSON.stringify({ kind: 'Secret', data: { a: 'canary' } });
    while (text.length < length) text = JSON.stringify({ inside: text });
    return cleanText(text);
  };
  const { took, limit } = timed((length) => void nested(length / 2));
  expect(took).toBeLessThan(limit);
  const clean = nested(LENGTH / 2);
  expect(clean).not.toContain('canary');
  expect(clean).toContain('[secret]');
});

test('a secret is found at the end and in the middle of 8 MiB', () => {
  const half = 'x'.repeat(LENGTH / 2);
  expect(cleanText(`${half} password=canary ${half} xoxb-canary-canary`)).toBe(`${half} password=[secret] ${half} [secret]`);
});
