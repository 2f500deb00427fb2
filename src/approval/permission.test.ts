import { describe, expect, test } from 'vitest';
import { ALERTS } from '../core/actors.ts';
import type { InterventionRequest } from './permission.ts';
import { mayAsk, mayIntervene } from './permission.ts';
import type { ApprovalPolicy, TierRule } from './policy.ts';

const people = {
  requester: 'UREQUESTER',
  normal: 'UNORMAL',
  high: 'UHIGH',
  member: 'UMEMBER',
  named: 'UNAMED',
  stranger: 'USTRANGER',
};
const { requester, normal, high, member, named, stranger } = people;

const tier = (...approvers: readonly string[]): TierRule => ({
  approvers,
  count: 1,
  selfApproval: false,
  differentGroups: false,
});
const tiers = {
  read: {},
  normal: tier(normal),
  high: tier(high),
  destructive: { ...tier('SGROUP', named), differentGroups: true },
};
const policy: ApprovalPolicy = { tiers, expiresAfterMs: 2, warnBeforeMs: 1 };
const closed: ApprovalPolicy = { ...policy, tiers: { read: { askers: [] }, normal: tier(), high: tier(), destructive: tier() } };
const membersOf = async () => [member];
const slackSilent = async () => Promise.reject(new Error('Slack does not answer'));

function asking(...askers: readonly string[]): ApprovalPolicy {
  return { ...policy, tiers: { ...tiers, read: { askers } } };
}

function by(id: string) {
  return { id, name: id };
}

describe('asking for a run', () => {
  test('is open to everybody where no asker is named', async () => {
    expect(await mayAsk(policy, slackSilent, by(stranger))).toBeUndefined();
  });

  test('is open to alerts, whoever else may ask, and nothing more is', async () => {
    expect(await mayAsk(closed, slackSilent, ALERTS)).toBeUndefined();
    expect(await mayIntervene(policy, membersOf, { kind: 'take-over', actor: ALERTS, risk: 'normal' })).toBeDefined();
  });

  test('is for who is named, in person or in a group', async () => {
    const some = asking(requester, 'SGROUP', 'cli:root');
    for (const id of [requester, member, 'cli:root']) expect(await mayAsk(some, membersOf, by(id))).toBeUndefined();
    expect(await mayAsk(some, membersOf, by(stranger))).toContain('Ask somebody who may to do it for you');
  });

  test('is for nobody where the list is empty, and it says where to name somebody', async () => {
    expect(await mayAsk(closed, membersOf, by(requester))).toContain('under approval.tiers.read.askers.');
  });

  test('cannot be judged while Slack does not say who is in a group', async () => {
    await expect(mayAsk(asking('SGROUP'), slackSilent, by(member))).rejects.toThrow('Slack does not answer');
  });
});

describe('an intervention is for exactly these people', () => {
  const askers = asking(requester);
  const everybody = Object.values(people);
  const approvers = [normal, high, member];
  const cancel = (id: string): InterventionRequest => ({ kind: 'cancel', actor: by(id), requester: by(requester) });
  const takeOver = (risk: 'normal' | 'high' | 'destructive') => (id: string) =>
    ({ kind: 'take-over', actor: by(id), risk }) as const;
  const word = (kind: 'freeze' | 'unfreeze' | 'maintenance') => (id: string) => ({ kind, actor: by(id) }) as const;

  test.each<[string, ApprovalPolicy, (id: string) => InterventionRequest, readonly string[]]>([
    ['to cancel: the requester, and every approver', policy, cancel, [requester, ...approvers]],
    ['to cancel where nobody approves: the requester', closed, cancel, [requester]],
    ['to take over for a change of normal risk: the approvers of that tier', policy, takeOver('normal'), [normal]],
    ['to take over for a change of high risk: the approvers of that tier', policy, takeOver('high'), [high]],
    ['to take over for a destructive change: those who count there', policy, takeOver('destructive'), [member]],
    ['to take over where nobody approves: nobody', closed, takeOver('high'), []],
    ['to unfreeze: every approver', policy, word('unfreeze'), approvers],
    ['to unfreeze where nobody approves: nobody', closed, word('unfreeze'), []],
    ['to freeze where everybody may ask: everybody', policy, word('freeze'), everybody],
    ['to freeze where few may ask: those, and every approver', askers, word('freeze'), [requester, ...approvers]],
    ['to freeze where nobody may do anything: nobody', closed, word('freeze'), []],
    ['to announce maintenance: as to freeze', askers, word('maintenance'), [requester, ...approvers]],
    ['to announce maintenance where nobody may do anything: nobody', closed, word('maintenance'), []],
  ])('%s', async (_name, under, wanted, allowed) => {
    const answers = await Promise.all(
      everybody.map(async (id) => [id, await mayIntervene(under, membersOf, wanted(id))] as const),
    );
    expect(
      answers
        .filter(([, why]) => why === undefined)
        .map(([id]) => id)
        .toSorted(),
    ).toEqual([...allowed].toSorted());
    for (const [, why = 'Ask'] of answers) expect(why).toMatch(/Ask|can name some/);
  });

  test('and cannot be judged while Slack does not say who is in a group', async () => {
    await expect(mayIntervene(policy, slackSilent, cancel(stranger))).rejects.toThrow('Slack does not answer');
    expect(await mayIntervene(policy, slackSilent, cancel(requester))).toBeUndefined();
    expect(await mayIntervene(policy, slackSilent, word('freeze')(stranger))).toBeUndefined();
  });
});
