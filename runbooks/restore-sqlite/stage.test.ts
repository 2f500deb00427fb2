import { expect, it } from 'vitest';
import type { SqliteJob } from '../../src/commands/sqlite-scripts.ts';
import { stageOf } from './stage.ts';

const TARGET = { claim: 'data', file: 'db.sqlite3' };
const CHOICE = { from: 'backup', name: 'A', anyway: false } as const;

/** `restore A`, `restore B failed`, `back`, `reindex running` … */
function jobsOf(texts: readonly string[]): readonly SqliteJob[] {
  return texts.map((text, index) => {
    const [does = '', ...words] = text.split(' ');
    const state = words.includes('failed') ? 'failed' : words.includes('running') ? 'running' : 'succeeded';
    if (does !== 'restore' && does !== 'back' && does !== 'reindex') throw new Error(text);
    const from = does === 'restore' ? { from: words[0] ?? '' } : {};
    const other = words.includes('elsewhere') ? { claim: 'data-leftover' } : {};
    return {
      name: `storagebot-${index}`,
      does,
      stamp: `storagebot-${index}`,
      state,
      createdAt: index,
      ...TARGET,
      ...from,
      ...other,
    };
  });
}

it.each<[string, readonly string[]]>([
  ['untouched', []],
  ['untouched', ['restore B']],
  ['untouched', ['restore A elsewhere']],
  ['untouched', ['reindex']],
  ['untouched', ['restore A', 'restore B']],
  ['untouched', ['restore A', 'back']],
  ['done', ['restore A']],
  ['done', ['restore A failed', 'restore A']],
  ['done', ['restore A', 'back', 'restore A']],
  ['done', ['restore B', 'back', 'restore A', 'restore B elsewhere']],
  ['unclear', ['restore A failed']],
  ['unclear', ['restore A', 'back failed']],
  ['unclear', ['restore A', 'restore B failed']],
  ['running', ['restore A running']],
  ['running', ['restore A', 'back running']],
])('a restore of A is %s after %j', (is, texts) => {
  expect(stageOf(jobsOf(texts), TARGET, { choice: CHOICE }).is).toBe(is);
});

it('is not done by the Job after which the database was damaged again, and by the next one it is', () => {
  const wanted = { choice: CHOICE, after: 'storagebot-0' };
  expect(stageOf(jobsOf(['restore A']), TARGET, wanted)).toEqual({ is: 'untouched', after: 'storagebot-0' });
  expect(stageOf(jobsOf(['restore A', 'restore A']), TARGET, wanted)).toMatchObject({
    is: 'done',
    job: { name: 'storagebot-1' },
  });
});
