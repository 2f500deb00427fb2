import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { CONTROLS } from '../handlers/parse-control.ts';
import { UNDO } from '../handlers/words.ts';
import { runbooks } from '../runbooks/index.ts';
import { calledBy } from '../src/core/called.ts';
import { projectFiles, root } from './tree.ts';

const controls = Object.keys(CONTROLS).map((word) => ({ words: [word] as const }));
const callable = [...runbooks, UNDO, ...controls, { words: ['incidents'] as const }, { words: ['help'] as const }];

/** The first three words of each call in a text; where a value comes before, the words up to it. */
function callsIn(text: string): readonly (readonly string[])[] {
  return [...text.matchAll(/\/storage ((?:[a-z][a-z-]*)(?: [a-z][a-z-]*){0,2})/g)].map(([, words = '']) => words.split(' '));
}

function textOf(path: string): string {
  return readFileSync(join(root, path), 'utf8');
}

describe('what people are told to type', () => {
  const told = projectFiles().filter(
    (path) => path.endsWith('.md') || (/^(src|runbooks|handlers)\/.*\.ts$/.test(path) && !path.endsWith('.test.ts')),
  );

  it('is a command that the bot knows, in each document, finding and refusal', () => {
    const calls = told.flatMap((path) => callsIn(textOf(path)).map((words) => ({ path, words })));
    expect(calls.length).toBeGreaterThan(200);
    expect(calls.filter(({ words }) => calledBy(words, callable) === undefined)).toEqual([]);
  });

  it('is in the table of the README for every runbook, with a link to what it does', () => {
    const readme = textOf('README.md');
    const missing = runbooks.filter(
      ({ id, words }) => !readme.includes(`](runbooks/${id}/readme.md)`) || !readme.includes(`\`/storage ${words.join(' ')}`),
    );
    expect(missing.map(({ id }) => id)).toEqual([]);
  });

  it('is not known where a word of it is another', () => {
    expect(calledBy(callsIn('See /storage diagnose slow-nfs.')[0] ?? [], callable)).toBeUndefined();
  });
});
