import { describe, expect, test } from 'vitest';
import { policyNotices } from './notices.ts';
import type { ApprovalPolicy, TierRule } from './policy.ts';
import { validatePolicy } from './policy.ts';

const tier: TierRule = { approvers: ['UA', 'UB'], count: 1, selfApproval: false, differentGroups: false };
const none: TierRule = { ...tier, approvers: [] };

function policy(high: Partial<TierRule>, askers?: readonly string[]): ApprovalPolicy {
  const read = askers === undefined ? {} : { askers };
  const tiers = { read, normal: tier, high: { ...tier, ...high }, destructive: { ...tier, approvers: ['SGROUP'], count: 2 } };
  return { tiers, expiresAfterMs: 1_000, warnBeforeMs: 100 };
}

describe('validating a policy', () => {
  test.each<[string, ApprovalPolicy]>([
    ['with a tier for which nobody may approve', policy({ approvers: [], count: 2 })],
    ['with a group whose members it cannot see', policy({ approvers: ['SGROUP'], count: 3 })],
    ['with as many groups as approvals', policy({ approvers: ['SA', 'SB'], count: 2, differentGroups: true })],
    ['without a warning', { ...policy({}), warnBeforeMs: 0 }],
  ])('accepts one %s', (_name, right) => {
    expect(validatePolicy(right)).toEqual([]);
  });

  test.each<[string, ApprovalPolicy, string]>([
    ['self-approval at high risk', policy({ selfApproval: true }), 'high: nobody may approve their own'],
    ['a count of nought', policy({ count: 0 }), 'high: count must be'],
    ['half an approval', policy({ count: 1.5 }), 'high: count must be'],
    ['more approvals than approvers', policy({ count: 3 }), 'high: it needs 3 approvals of different people and names 2'],
    ['one approver who is named twice, for two', policy({ approvers: ['UA', 'UA'], count: 2 }), 'different people and names 1'],
    [
      'fewer different groups than approvals, whoever else is named',
      policy({ approvers: ['SA', 'SA', 'UA', 'UB'], count: 2, differentGroups: true }),
      'high: it needs 2 approvals of different groups and names 1',
    ],
    ['an offer that ends at once', { ...policy({}), expiresAfterMs: 0 }, 'expiresAfterMs'],
    ['a warning that comes with the offer', { ...policy({}), warnBeforeMs: 1_000 }, 'warnBeforeMs'],
    ['a warning after the end', { ...policy({}), warnBeforeMs: -1 }, 'warnBeforeMs'],
    ['a warning at no time', { ...policy({}), warnBeforeMs: Number.NaN }, 'warnBeforeMs'],
  ])('refuses %s', (_name, wrong, says) => {
    expect(validatePolicy(wrong)).toEqual([expect.stringContaining(says)]);
  });
});

describe('what may surprise in a right policy is said', () => {
  const path = 'approval.tiers.high.approvers';
  test.each<[string, ApprovalPolicy, readonly string[]]>([
    ['nothing of one in which everything can be approved', policy({}), []],
    ['a tier for which nobody may approve', policy(none), [`Nobody may approve changes of high risk: ${path} is empty.`]],
    [
      'that one approval is enough to destroy data',
      { ...policy({}), tiers: { ...policy({}).tiers, destructive: tier } },
      [expect.stringContaining('approval.tiers.destructive.count is 1: one approval')],
    ],
    [
      'nothing of one approval where nobody may give it',
      { ...policy({}), tiers: { ...policy({}).tiers, destructive: none } },
      ['Nobody may approve changes of destructive risk: approval.tiers.destructive.approvers is empty.'],
    ],
    ['that nobody may ask', policy({}, []), ['Nobody may ask for a run: approval.tiers.read.askers is empty.']],
    [
      'whom the wish for different groups leaves out',
      policy({ approvers: ['SA', 'SB', 'UA', 'cli:root'], count: 2, differentGroups: true }),
      [`${path} names UA, cli:root, who cannot approve there: with differentGroups only groups count.`],
    ],
    [
      'who cannot have their own wishes approved, because too few others are named',
      policy({ count: 2 }),
      [
        `What UA asks for cannot be approved under ${path}: it needs 2 of others and has 1.`,
        `What UB asks for cannot be approved under ${path}: it needs 2 of others and has 1.`,
      ],
    ],
    ['nothing where those who approve may not ask', policy({ count: 2 }, ['UC']), []],
    [
      'only of those who may ask',
      policy({ approvers: ['UA'] }, ['UA', 'UC']),
      [`What UA asks for cannot be approved under ${path}: it needs 1 of others and has 0.`],
    ],
    [
      'that local users are too few for what is asked for at a terminal',
      policy({ approvers: ['UA', 'UB', 'cli:root'], count: 2 }),
      [`${path} names cli:root, too few for 2 approvals: what is asked for at a terminal cannot be approved there.`],
    ],
    ['nothing where local users can approve together', policy({ approvers: ['cli:root', 'cli:alice', 'cli:bob'], count: 2 }), []],
    ['nothing where a group may have members enough', policy({ approvers: ['UA', 'SGROUP'], count: 2 }), []],
  ])('%s', (_name, written, says) => {
    expect(validatePolicy(written)).toEqual([]);
    expect(policyNotices(written)).toEqual(says);
  });
});
