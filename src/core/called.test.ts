import { expect, test } from 'vitest';
import { calledBy, waysToCall } from './called.ts';

const nfs = { name: 'nfs', words: ['diagnose', 'nfs'], alsoWords: [['fix', 'nfs']] } as const;
const mounts = { name: 'mounts', words: ['fix', 'nfs', 'mounts'] } as const;
const all = [nfs, mounts];

test.each([
  ['its own words', 'diagnose nfs immich', 'nfs', 2],
  ['its other words', 'fix nfs immich', 'nfs', 2],
  ['words in any letters', 'Fix NFS immich', 'nfs', 2],
  ['more words before fewer', 'fix nfs mounts all', 'mounts', 3],
])('%s call a runbook', (_what, words, name, takes) => {
  const call = calledBy(words.split(' '), all);
  expect({ name: call?.called.name, takes: call?.takes }).toEqual({ name, takes });
});

test.each([[''], ['fix'], ['nfs'], ['fix iscsi immich']])('%j calls none', (words) => {
  expect(calledBy(words.split(' '), all)).toBeUndefined();
});

test('the first way to call it is its own words', () => {
  expect(waysToCall(nfs)).toEqual([
    ['diagnose', 'nfs'],
    ['fix', 'nfs'],
  ]);
});
