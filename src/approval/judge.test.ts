import { describe, expect, test } from 'vitest';
import type { Decision } from '../core/run.ts';
import type { ResolvedRule } from './groups.ts';
import { judge, type Question } from './judge.ts';

const requester = { id: 'UREQUESTER', name: 'operator' };
const approver = { id: 'UAPPROVER', name: 'approver' };
const second = { id: 'USECOND', name: 'second approver' };
const third = { id: 'UTHIRD', name: 'third approver' };
const fourth = { id: 'UFOURTH', name: 'fourth approver' };

const one: ResolvedRule = people(1, approver, requester);
const two: ResolvedRule = people(2, approver, second, requester);
const groups: ResolvedRule = {
  count: 2,
  selfApproval: false,
  differentGroups: true,
  sources: [
    { id: 'SA', members: [approver.id, second.id, fourth.id] },
    { id: 'SB', members: [approver.id, third.id] },
  ],
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
const destroy: Partial<Question> = { risk: 'destructive', wordToType: 'ssd/immich', typed: 'ssd/immich' };
const deny: Partial<Question> = { verdict: 'deny', reason: 'the disk is not dead' };

function people(count: number, ...actors: readonly Decision['actor'][]): ResolvedRule {
  const sources = actors.map(({ id }) => ({ id, members: [id] }));
  return { count, selfApproval: true, differentGroups: false, sources };
}

function decided(actor: Decision['actor'], verdict: Decision['verdict'] = 'approve'): Partial<Question> {
  return { decisionsSoFar: [{ run: 'r', round: 1, step: 0, digest: 'd', actor, verdict, at: 0 }] };
}

type Case = readonly [name: string, rule: ResolvedRule, more: Partial<Question>, says: string];

describe('a decision counts', () => {
  test.each<Case>([
    ['of an approver', one, {}, 'Approved.'],
    ['of the requester where self-approval is allowed', one, { actor: requester }, 'Approved.'],
    ['in the last moment of the offer', one, { now: 999 }, 'Approved.'],
    ['as the first of two', two, { risk: 'high' }, 'Your approval counts: 1 of 2. It waits for one more person.'],
    ['as the first of three', people(3, approver), {}, '1 of 3. It waits for 2 more people.'],
    ['as the second of two', two, { risk: 'high', actor: second, ...decided(approver) }, 'Approved.'],
    ['alone, where the other one has left the group', two, { actor: second, ...decided(third) }, '1 of 2'],
    ['of a destructive step, with its word', one, destroy, 'Approved.'],
    ['of a destructive step, with blanks around its word', one, { ...destroy, typed: ' ssd/immich\n' }, 'Approved.'],
    ['as the first of two groups', groups, {}, '1 of 2. It waits for one more person from another group.'],
    ['as the second group, also where the first one was in both', groups, { actor: second, ...decided(approver) }, 'Approved.'],
    ['against it, with a reason', one, deny, 'Denied.'],
    ['against it, of the requester without a reason', one, { verdict: 'deny', actor: requester }, 'Denied.'],
    ['against it, of the requester where nobody approves', people(1), { verdict: 'deny', actor: requester }, 'Denied.'],
    ['against it, without the word of a destructive step', one, { ...deny, risk: 'destructive', wordToType: 'x' }, 'Denied.'],
    ['against it, after an approval of another', two, { ...deny, actor: second, ...decided(approver) }, 'Denied.'],
  ])('%s', (_name, rule, more, says) => {
    const judged = judge(rule, { ...question, ...more });
    expect(judged).toMatchObject({ allowed: true, complete: !says.includes(' of ') });
    expect(judged.says).toContain(says);
  });
});

describe('a decision is refused with what to do instead', () => {
  const noApprover = 'Make this change by hand, or have approvers named under approval.tiers.high.';
  const typeIt = 'To confirm it, type exactly: ssd/immich';
  const destroyTyping = (typed: string) => ({ ...destroy, typed });
  test.each<Case>([
    ['once the offer has ended', one, { now: 1_000 }, 'expired, and nothing was changed. Start a new run.'],
    ['once the offer has ended, also against it', one, { ...deny, now: 1_000 }, 'expired, and nothing was changed.'],
    ['at a time that is none', one, { now: Number.NaN }, 'expired, and nothing was changed.'],
    ['where nobody is named', people(1), { risk: 'high' }, noApprover],
    ['where the groups are empty', { ...one, sources: [{ id: 'S', members: [] }] }, {}, 'Have somebody added to one.'],
    ['of a stranger', one, { actor: second }, 'You may not decide on changes of normal risk. Ask an approver of that tier.'],
    ['of a stranger against it', one, { ...deny, actor: second }, 'Ask an approver of that tier.'],
    ['of the requester at high risk, whatever the rule says', two, { risk: 'high', actor: requester }, 'Ask another approver'],
    [
      'of the requester as the second of two',
      two,
      { risk: 'high', actor: requester, ...decided(approver) },
      'somebody else must',
    ],
    ['of the requester at destructive risk', two, { ...destroy, actor: requester }, 'somebody else must approve'],
    [
      'of the requester without self-approval',
      { ...one, selfApproval: false },
      { actor: requester },
      'somebody else must approve',
    ],
    ['of who has approved already', two, decided(approver), 'another approval must come from somebody else'],
    ['against it of who has approved already', two, { ...deny, ...decided(approver) }, 'cancel the run'],
    ['after a denial', two, decided(second, 'deny'), 'This step was denied already'],
    [
      'of a second member of the only group that has approved',
      groups,
      { actor: second, ...decided(fourth) },
      'Ask a member of another group',
    ],
    ['without a reason against it', one, { verdict: 'deny' }, 'Not denied yet. It needs a reason of at least 3 letters'],
    ['of a destructive step that has no word', one, { risk: 'destructive', typed: '' }, 'Start a new run.'],
    ['of a destructive step without a word', one, destroyTyping(' '), `this change cannot be undone. ${typeIt}`],
    ['of a destructive step with another word', one, destroyTyping('ssd/paperless'), typeIt],
    ['of a destructive step in capitals', one, destroyTyping('SSD/immich'), typeIt],
    ['of a destructive step with a letter that only looks the same', one, destroyTyping('ssd/immi\u0441h'), typeIt],
    ['of a destructive step with a letter that nobody sees', one, destroyTyping('ssd/immich\u200b'), typeIt],
  ])('%s', (_name, rule, more, says) => {
    const judged = judge(rule, { ...question, ...more });
    expect(judged.allowed).toBe(false);
    expect(judged.says).toContain(says);
  });
});
