import { describe, expect, test } from 'vitest';
import { ALERTS, ruleActor } from '../core/actors.ts';
import { judgeRule, type RuleQuestion } from './automatic.ts';
import type { ResolvedRule } from './groups.ts';
import { judge } from './judge.ts';

const person = { id: 'UAPPROVER', name: 'approver' };
const rule = { runbook: 'restart-iscsi', perHour: 2, allowedBy: person.id };
const tier: ResolvedRule = {
  count: 1,
  selfApproval: false,
  differentGroups: false,
  sources: [{ id: 'SGROUP', members: ['UOTHER', person.id] }],
};
const question: RuleQuestion = {
  risk: 'normal',
  verdict: 'approve',
  runbook: 'restart-iscsi',
  requester: ALERTS,
  actor: ruleActor(rule),
  decisionsSoFar: [],
  now: 0,
  expiresAt: 1_000,
  approvedThisHour: 1,
};
const decision = { run: 'r', round: 1, step: 0, digest: 'd', actor: person, verdict: 'deny', at: 0 } as const;

describe('a rule of the configuration', () => {
  test('approves a change of normal risk in a run that an alert started, in the name of who allowed it', () => {
    expect(judgeRule(rule, tier, question)).toMatchObject({ allowed: true, complete: true });
    expect(ruleActor(rule)).toEqual({ id: 'rule:restart-iscsi', name: 'the rule for restart-iscsi (allowed by UAPPROVER)' });
  });

  test.each<[string, Partial<RuleQuestion>, string]>([
    ['of another runbook', { runbook: 'restart-nfs' }, 'No rule lets restart-nfs change anything'],
    ['of high risk', { risk: 'high' }, 'of high risk'],
    ['of destructive risk, whatever is typed', { risk: 'destructive', typed: 'a', wordToType: 'a' }, 'of destructive risk'],
    ['in a run that a person asked for', { requester: person }, 'only in runs that an alert started'],
    ['that is on offer no more', { now: 1_000 }, 'expired'],
    ['that a person has decided on', { decisionsSoFar: [decision] }, 'A person has decided'],
    ['for the third time within an hour', { approvedThisHour: 2 }, 'as often as it may'],
  ])('does not approve a change %s', (_what, more, says) => {
    expect(judgeRule(rule, tier, { ...question, ...more })).toEqual({ allowed: false, says: expect.stringContaining(says) });
  });

  test('denies nothing', () => {
    expect(judgeRule(rule, tier, { ...question, verdict: 'deny', reason: 'why' })).toMatchObject({ allowed: false });
  });

  test('counts for nothing once it is gone, who allowed it may not approve any more, or more than one must approve', () => {
    expect(judgeRule(undefined, tier, question)).toMatchObject({ allowed: false });
    const left = { ...tier, sources: [{ id: 'SGROUP', members: ['UOTHER'] }] };
    expect(judgeRule(rule, left, question)).toEqual({ allowed: false, says: expect.stringContaining('may not approve') });
    expect(judgeRule(rule, { ...tier, count: 2 }, question)).toEqual({
      allowed: false,
      says: expect.stringContaining('need 2 people'),
    });
  });
});

test('neither an alert nor a rule decides as a person does, even where the policy names it', () => {
  for (const actor of [ALERTS, ruleActor(rule)]) {
    const named = { ...tier, selfApproval: true, sources: [{ id: actor.id, members: [actor.id] }] };
    expect(judge(named, { ...question, actor })).toEqual({ allowed: false, says: 'Only a person may decide on this.' });
    expect(judge(named, { ...question, actor, verdict: 'deny', reason: 'it is not needed' })).toMatchObject({ allowed: false });
  }
});
