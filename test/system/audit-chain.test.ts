import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, test } from 'vitest';
import { keyIdOf, seal, unseal } from '../../src/audit/chain.ts';
import { fileLines } from '../../src/audit/sources.ts';
import { type FoundLine, type SeenHead, verifyTrail } from '../../src/audit/verify.ts';
import { portion, sampled } from '../depth.ts';
import { fc } from '../seed.ts';
import { type AuditSite, auditSite, KEY, writeRun } from './audit-site.ts';

const RUNS = 18;
let site: AuditSite;
let lines: readonly string[];
let anchor: SeenHead;

beforeAll(() => {
  site = auditSite();
  for (let index = 0; index < RUNS; index += 1) writeRun(site, `r${index}`, { foreign: 'größer \u{fffd} \u{feff}' });
  lines = readFileSync(join(site.directory, 'audit.jsonl'), 'utf8').split('\n').slice(0, -1);
  anchor = { ...site.trail.head(), where: 'Slack' };
});

afterAll(() => site[Symbol.dispose]());

function found(texts: readonly string[]): FoundLine[] {
  return texts.map((text) => ({ text, whole: true }));
}

function says(texts: readonly string[], anchors: readonly SeenHead[] = [anchor], key: Uint8Array = KEY): readonly string[] {
  return verifyTrail({ lines: found(texts), key, anchors }).problems.map((problem) => problem.says);
}

/** The same events in a chain of their own, made with this key. */
function resealed(texts: readonly string[], { key = KEY, change = (event: string) => event } = {}): string[] {
  return texts.reduce<string[]>((chain, text) => {
    const { at = 0 } = unseal(text) ?? {};
    const [, event = ''] = /"event":(.*),"key":"/.exec(text) ?? [];
    const last = unseal(chain.at(-1) ?? '');
    chain.push(seal({ head: last ?? { seq: 0, mac: '0'.repeat(64) }, at, event: change(event) }, key));
    return chain;
  }, []);
}

test('an untouched trail of more than 200 lines verifies, with every anchor that it ever had', () => {
  const anchors = lines.map((line) => ({ seq: 0, mac: '', ...unseal(line), where: 'Slack' }));
  expect(lines.length).toBeGreaterThan(200);
  expect(says(lines, anchors)).toEqual([]);
  expect(resealed(lines).join() === lines.join()).toBe(true);
});

type Tampering = (texts: string[], index: number) => unknown;

const tamperings: readonly (readonly [how: string, tampering: Tampering, says: RegExp])[] = [
  [
    'edited in its event',
    (texts, index) => edit(texts, index, '"event":{', '"event":{"x":1,'),
    /was edited: its code does not fit/,
  ],
  ['edited in its time', (texts, index) => edit(texts, index, '"at":1', '"at":2'), /was edited/],
  ['edited in its code', (texts, index) => (texts[index] = texts[index]!.replace(/.{4}"\}$/, 'ffff"}')), /was edited/],
  ['edited so that it is no JSON', (texts, index) => edit(texts, index, '"event":{', '"event":'), /is not a line of the trail/],
  ['made empty', (texts, index) => (texts[index] = ''), /is empty/],
  ['removed', (texts, index) => texts.splice(index, 1), /(is missing|end was cut off)/],
  ['removed with the two beside it', (texts, index) => texts.splice(Math.max(0, index - 2), 3), /(are missing|end was cut off)/],
  ['doubled', (texts, index) => texts.splice(index, 0, texts[index]!), /stands there twice/],
  ['doubled at the end', (texts, index) => texts.push(texts[index]!), /stands there twice/],
  [
    'moved',
    (texts, index) => texts.splice((index + 100) % lines.length, 0, ...texts.splice(index, 1)),
    /belongs: lines were removed or moved/,
  ],
  ['swapped with its neighbour', swap, /belongs: lines were removed or moved/],
  ['put in', (texts, index) => texts.splice(index, 0, '{"seq":1}'), /is not a line of the trail/],
  [
    'sealed with another key',
    (texts, index) => (texts[index] = resealOne(texts[index]!, Buffer.from('other'))),
    /was made with key/,
  ],
  [
    'sealed again with the same key, and nothing after it',
    (texts, index) => (texts[index] = resealOne(texts[index]!, KEY)),
    /(does not follow from the line before it|the trail was replaced)/,
  ],
  [
    'edited, and everything after it sealed again with the same key',
    (texts, index) => texts.splice(0, texts.length, ...resealed(texts.with(index, resealOne(texts[index]!, KEY)))),
    /the trail was replaced/,
  ],
];

function edit(texts: string[], index: number, from: string, to: string): void {
  const changed = texts[index]!.replace(from, to);
  expect(changed).not.toBe(texts[index]);
  texts[index] = changed;
}

function swap(texts: string[], index: number): void {
  const at = Math.min(index, texts.length - 2);
  texts.splice(at, 2, texts[at + 1]!, texts[at]!);
}

function resealOne(text: string, key: Uint8Array): string {
  const { seq = 1, at = 0, prev = '' } = unseal(text) ?? {};
  return seal({ head: { seq: seq - 1, mac: prev }, at, event: '{"kind":"bot-started","version":"forged"}' }, key);
}

describe.each([
  ['first', () => 0],
  ['second', () => 1],
  ['middle', () => Math.floor(lines.length / 2)],
  ['last but one', () => lines.length - 2],
  ['last', () => lines.length - 1],
])('the %s line', (_name, place) => {
  it.each(tamperings)('is found where it was %s', (_how, tampering, expected) => {
    const texts = [...lines];
    tampering(texts, place());
    const problems = says(texts);
    expect(problems.join('\n')).toMatch(expected);
    for (const problem of problems) expect(problem).toMatch(/^(Line|Seq|Seqs|The end) .*(\d| is empty| line of the trail)/);
  });
});

describe('a trail as a whole', () => {
  it.each([1, 2, 100, 251])('is found to be cut off by %i lines, and by nothing but the anchors', (count) => {
    const cut = lines.slice(0, -count);
    expect(says(cut, [])).toEqual([]);
    expect(says(cut)).toEqual([expect.stringContaining(`ends with seq ${cut.length}, and Slack has seen seq ${lines.length}`)]);
  });

  it('is found to be replaced by a consistent other one of the same key', () => {
    const other = resealed(lines, { change: (event) => event.replace('operator', 'somebody') });
    expect(says(other, [])).toEqual([]);
    expect(says(other)).toEqual([expect.stringContaining('the trail was replaced')]);
    expect(says(other, [{ ...anchor, mac: anchor.mac.slice(0, 8) }])).toEqual([
      expect.stringContaining('the trail was replaced'),
    ]);
  });

  it('is told apart from a trail of another key, line by line', () => {
    const problems = says(lines, [], Buffer.from('another key'));
    expect(problems).toHaveLength(lines.length);
    expect(problems[0]).toBe(
      `Line 1 (seq 1) was made with key ${keyIdOf(KEY)}, and the key here is ${keyIdOf(Buffer.from('another key'))}.`,
    );
  });

  it('is found to be torn in its last line, wherever it was torn', () => {
    const last = lines.at(-1)!;
    for (const length of [1, 20, last.length - 1, last.length]) {
      const torn = [...found(lines.slice(0, -1)), { text: last.slice(0, length), whole: false }];
      const { problems } = verifyTrail({ lines: torn, key: KEY });
      expect(problems.map((problem) => problem.says)).toEqual([expect.stringMatching(/^Line \d+.* is torn/)]);
    }
  });

  it('is found to lack everything', () => {
    expect(says([])).toEqual([expect.stringContaining('ends with seq 0')]);
  });

  it('costs no time where a forged line claims a number beyond all others', () => {
    const forged = lines.at(-1)!.replace(/"seq":\d+/, `"seq":${Number.MAX_SAFE_INTEGER}`);
    expect(says([...lines, forged]).join('\n')).toMatch(/was edited.*\n.*belongs.*\n.*are missing/);
  });
});

describe('the file', () => {
  const bytesOf = (texts: readonly string[]) => Buffer.from(texts.map((text) => `${text}\n`).join(''));

  function problemsOf(bytes: Buffer, anchors = [anchor]): number {
    const file = join(site.directory, 'changed.jsonl');
    writeFileSync(file, bytes);
    return verifyTrail({ lines: fileLines(file), key: KEY, anchors }).problems.length;
  }

  it('cannot have one byte changed, removed or added without that being found', () => {
    const bytes = bytesOf(lines);
    expect(problemsOf(bytes)).toBe(0);
    const at = fc.nat({ max: bytes.length - 1 });
    fc.assert(
      fc.property(at, fc.integer({ min: 1, max: 255 }), fc.constantFrom('change', 'remove', 'add'), (index, byte, how) => {
        const changed = Buffer.from(bytes);
        changed[index] = changed[index]! ^ byte;
        const added = Buffer.concat([bytes.subarray(0, index), Buffer.from([byte]), bytes.subarray(index)]);
        const removed = Buffer.concat([bytes.subarray(0, index), bytes.subarray(index + 1)]);
        expect(problemsOf({ change: changed, remove: removed, add: added }[how])).toBeGreaterThan(0);
      }),
      { numRuns: portion(400) },
    );
  });

  it('cannot have a bit of any byte at all changed in a short trail', () => {
    const short = lines.slice(0, 7);
    const bytes = bytesOf(short);
    const seen = [{ seq: 0, mac: '', ...unseal(short.at(-1) ?? ''), where: 'Slack' }];
    expect(problemsOf(bytes, seen)).toBe(0);
    for (const offset of sampled([...bytes.keys()], 800)) {
      const changed = Buffer.from(bytes);
      changed[offset] = changed[offset]! ^ (1 << (offset % 8));
      expect(problemsOf(changed, seen), `byte ${offset}`).toBeGreaterThan(0);
    }
  });
});
