import { describe, expect, test } from 'vitest';
import { differentSources } from './different-sources.ts';
import { approversThatCount, isGroup } from './entries.ts';
import { isAmong, resolveRule } from './groups.ts';
import type { TierRule } from './policy.ts';

const rule: TierRule = { approvers: ['UA', 'SGROUP', 'UA', 'cli:root'], count: 2, selfApproval: false, differentGroups: false };
const slackSilent = async () => Promise.reject(new Error('Slack does not answer'));

describe('a list of people', () => {
  test('tells a group from a person by its id', () => {
    expect(['S012AB', 'U012AB', 'cli:root'].map(isGroup)).toEqual([true, false, false]);
  });

  test('is resolved to who is in each entry now, each entry once', async () => {
    const { sources, ...rest } = await resolveRule(rule, async () => ['UB', 'UC']);
    expect(rest).toEqual({ count: 2, selfApproval: false, differentGroups: false });
    expect(sources).toEqual([
      { id: 'UA', members: ['UA'] },
      { id: 'SGROUP', members: ['UB', 'UC'] },
      { id: 'cli:root', members: ['cli:root'] },
    ]);
  });

  test('is its groups alone where the approvals must come from different groups', () => {
    expect(approversThatCount({ ...rule, differentGroups: true })).toEqual(['SGROUP']);
  });

  test('cannot be resolved while Slack does not say who is in a group', async () => {
    await expect(resolveRule(rule, slackSilent)).rejects.toThrow('Slack does not answer');
    await expect(isAmong(rule.approvers, slackSilent, 'UB')).rejects.toThrow('Slack does not answer');
  });

  test('does not need Slack for who is named, nor for a local user', async () => {
    expect(await isAmong(rule.approvers, slackSilent, 'UA')).toBe(true);
    expect(await isAmong(rule.approvers, slackSilent, 'cli:guest')).toBe(false);
  });
});

test.each([
  [['a', 'b'], 1, 'two people who are both only in the first group stand for one'],
  [['both', 'a'], 2, 'somebody in both makes room for somebody in the first'],
  [['a', 'both'], 2, 'in either order'],
  [['both'], 1, 'one person stands for one group, however many they are in'],
  [['a', 'both', 'c', 'b'], 2, 'there are no more approvals than groups'],
  [['nobody'], 0, 'a stranger stands for none'],
])('of different groups, %j count as %i: %s', (people, count) => {
  const sources = [
    { id: 'SA', members: ['a', 'b', 'both'] },
    { id: 'SB', members: ['both', 'c'] },
  ];
  expect(differentSources(sources, people)).toBe(count);
});
