import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Risk } from '../core/command.ts';
import type { Decision } from '../core/run.ts';
import { isGroup, withMembers } from './groups.ts';
import type { ApprovalPolicy, Question } from './policy.ts';
import { judge, validatePolicy } from './policy.ts';

const requester = { id: 'UREQUESTER', name: 'operator' };
const approver = { id: 'UAPPROVER', name: 'approver' };
const second = { id: 'USECOND', name: 'second approver' };

const policy: ApprovalPolicy = {
  tiers: {
    normal: { approvers: [approver.id, requester.id], count: 1, selfApproval: true },
    high: { approvers: [approver.id, second.id, requester.id], count: 2, selfApproval: false },
    destructive: { approvers: [], count: 2, selfApproval: false },
  },
  expiresAfterMs: 1_000,
};

const question: Question = {
  risk: 'normal',
  verdict: 'approve',
  requester,
  actor: approver,
  decisionsSoFar: [],
  now: 0,
  expiresAt: 1_000,
};

function decision(actor: Decision['actor'], verdict: Decision['verdict'] = 'approve'): Decision {
  return { run: 'r', round: 1, step: 0, digest: 'd', actor, verdict, at: 0 };
}

describe('an approval policy', () => {
  const cases: [string, Partial<Question>, boolean, string][] = [
    ['lets an approver approve', {}, true, 'Approved'],
    ['lets nobody approve when the offer has ended', { now: 1_000 }, false, 'expired'],
    ['lets nobody deny when the offer has ended', { now: 1_000, verdict: 'deny' }, false, 'expired'],
    ['lets the requester approve where self-approval is allowed', { actor: requester }, true, 'Approved'],
    ['never lets the requester approve at high risk', { actor: requester, risk: 'high' }, false, 'somebody else'],
    ['lets nobody approve where nobody is named', { risk: 'destructive' }, false, 'Nobody may approve'],
    ['does not let a second approver of another tier approve', { actor: second }, false, 'You may not decide'],
    [
      'does not let one person approve twice',
      { risk: 'high', decisionsSoFar: [decision(approver)] },
      false,
      'approved this step already',
    ],
    [
      'does not let one person approve after a denial',
      { risk: 'high', decisionsSoFar: [decision(approver, 'deny')] },
      false,
      'denied this step already',
    ],
    ['counts the first of two approvals', { risk: 'high' }, true, '1 of 2'],
    [
      'is satisfied by the second of two approvals',
      { risk: 'high', actor: second, decisionsSoFar: [decision(approver)] },
      true,
      'Approved',
    ],
    [
      'does not count the approval of somebody who is no approver any more',
      { risk: 'high', actor: second, decisionsSoFar: [decision({ id: 'ULEFT', name: 'former approver' })] },
      true,
      '1 of 2',
    ],
    ['lets an approver deny', { verdict: 'deny' }, true, 'Denied'],
    ['lets the requester deny at any risk', { verdict: 'deny', actor: requester, risk: 'destructive' }, true, 'Denied'],
    ['does not let anybody else deny', { verdict: 'deny', actor: second }, false, 'You may not decide'],
  ];
  test.each(cases)('%s', (_name, more, allowed, says) => {
    const judged = judge(policy, { ...question, ...more });
    expect(judged.allowed).toBe(allowed);
    expect(judged.says).toContain(says);
  });

  test('never lets the requester approve above normal risk, even when the configuration says so', () => {
    const lax = { approvers: [requester.id], count: 1, selfApproval: true };
    const unchecked = { tiers: { normal: lax, high: lax, destructive: lax }, expiresAfterMs: 1 };
    for (const risk of ['high', 'destructive'] as const) {
      expect(judge(unchecked, { ...question, risk, actor: requester, expiresAt: 1 }).allowed).toBe(false);
    }
  });

  test('is complete exactly when enough different approvers have approved', () => {
    const people = fc.uniqueArray(fc.constantFrom('a', 'b', 'c', 'd', 'e'), { minLength: 1 });
    fc.assert(
      fc.property(
        people,
        fc.integer({ min: 1, max: 5 }),
        fc.constantFrom<Risk>('normal', 'high', 'destructive'),
        (ids, count, risk) => {
          const tier = { approvers: ids, count, selfApproval: false };
          const tiers = { normal: tier, high: tier, destructive: tier };
          const sofar: Decision[] = [];
          for (const [index, id] of ids.entries()) {
            const actor = { id, name: id };
            const judged = judge({ tiers, expiresAfterMs: 1 }, { ...question, risk, actor, decisionsSoFar: sofar, expiresAt: 1 });
            expect(judged).toMatchObject({ allowed: true, complete: index + 1 >= count });
            sofar.push(decision(actor));
          }
        },
      ),
    );
  });
});

describe('validating a policy', () => {
  const tier = { approvers: ['UA', 'UB'], count: 1, selfApproval: false };
  const tiers = { normal: tier, high: tier, destructive: tier };
  test('accepts one that can be used, also where nobody may approve', () => {
    expect(validatePolicy(policy)).toEqual([]);
  });
  test.each([
    [
      'self-approval at high risk',
      { tiers: { ...tiers, high: { ...tier, selfApproval: true } }, expiresAfterMs: 1 },
      'high: nobody may approve their own',
    ],
    ['a count of nought', { tiers: { ...tiers, normal: { ...tier, count: 0 } }, expiresAfterMs: 1 }, 'normal: count must be'],
    [
      'more approvals than approvers',
      { tiers: { ...tiers, high: { ...tier, count: 3 } }, expiresAfterMs: 1 },
      'could ever be approved',
    ],
    ['an offer that ends at once', { tiers, expiresAfterMs: 0 }, 'expiresAfterMs'],
  ])('refuses %s', (_name, wrong: ApprovalPolicy, says) => {
    expect(validatePolicy(wrong)).toEqual([expect.stringContaining(says)]);
  });
  test('does not count the members of a group it cannot see', () => {
    expect(
      validatePolicy({ tiers: { ...tiers, high: { ...tier, approvers: ['SGROUP'], count: 3 } }, expiresAfterMs: 1 }),
    ).toEqual([]);
  });
});

describe('a group of approvers', () => {
  test('is told from a user by its id', () => {
    expect(['S012AB', 'U012AB', 'cli:root'].map(isGroup)).toEqual([true, false, false]);
  });
  test('is replaced by its members', async () => {
    const rule = { approvers: ['UA', 'SGROUP'], count: 2, selfApproval: false };
    expect(await withMembers(rule, async () => ['UB', 'UC'])).toEqual({ ...rule, approvers: ['UA', 'UB', 'UC'] });
  });
});
