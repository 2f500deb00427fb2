import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { cleanText } from '../src/redaction/index.ts';
import { projectFiles, root } from './tree.ts';

const Recorded = z.record(z.string(), z.record(z.string(), z.union([z.string(), z.number()])));
const recordings = projectFiles().filter((path) => /^runbooks\/[^/]+\/recordings\/.*\.json$/.test(path));
const fixtures = projectFiles().filter((path) => /^test\/fixtures\/.*(?<!\.ts)$/.test(path));

/** Texts that are changed, and so what the bot cannot show as it is. None: no recording holds a secret. */
const exceptions: readonly string[] = [];

test('no output and no command line of any recording is changed by redaction', () => {
  const changed: string[] = [];
  let texts = 0;
  for (const path of recordings) {
    const outcomes = Recorded.parse(JSON.parse(readFileSync(join(root, path), 'utf8')));
    for (const [line, outcome] of Object.entries(outcomes)) {
      for (const text of [line, ...Object.values(outcome).map(String)]) {
        texts += 1;
        if (cleanText(text) !== text) changed.push(`${path}: ${line}`);
      }
    }
  }
  expect(changed).toEqual(exceptions);
  expect(recordings.length).toBeGreaterThan(10);
  expect(texts).toBeGreaterThan(1000);
});

test('no recorded output of a real system among the fixtures is changed by redaction', () => {
  expect(fixtures.length).toBeGreaterThan(0);
  const changed = fixtures.filter((path) => {
    const text = readFileSync(join(root, path), 'utf8');
    return cleanText(text) !== text;
  });
  expect(changed).toEqual(exceptions);
});
