import type { ApprovalPolicy } from '../../src/approval/policy.ts';
import type { Risk } from '../../src/core/command.ts';
import type { Actor } from '../../src/core/run.ts';
import type { PersonName } from './commands.ts';
import type { Time } from './time.ts';

export const EXPIRES_AFTER_MS = 900_000;

export const actors: Readonly<Record<PersonName, Actor>> = {
  operator: { id: 'UOPERATOR', name: 'operator' },
  approver: { id: 'UAPPROVER', name: 'approver' },
  second: { id: 'USECOND', name: 'second approver' },
  leaver: { id: 'ULEAVER', name: 'leaving approver' },
  stranger: { id: 'USTRANGER', name: 'stranger' },
};

export type Group = 'SONE' | 'STWO';

export function policyOf(selfApproval: boolean): ApprovalPolicy {
  const one = { count: 1, selfApproval: false, differentGroups: false };
  return {
    tiers: {
      read: {},
      normal: { ...one, approvers: ['UOPERATOR', 'UAPPROVER', 'SONE'], selfApproval },
      high: { approvers: ['SONE', 'STWO'], count: 2, selfApproval: false, differentGroups: true },
      destructive: { ...one, approvers: ['UOPERATOR', 'USECOND', 'SONE'] },
    },
    expiresAfterMs: EXPIRES_AFTER_MS,
    warnBeforeMs: 120_000,
  };
}

interface Membership {
  readonly from: number;
  readonly group: Group;
  readonly id: string;
  readonly is: boolean;
}

/** Slack's user groups, and who was in them when. */
export function createGroups(time: Time) {
  const history: Membership[] = [];
  const set = (group: Group, id: string, is: boolean) => void history.push({ from: time.next(), group, id, is });
  for (const id of ['UOPERATOR', 'UAPPROVER', 'ULEAVER']) set('SONE', id, true);
  for (const id of ['USECOND', 'ULEAVER']) set('STWO', id, true);
  const isNow = (group: string, id: string) => history.findLast((each) => each.group === group && each.id === id)?.is ?? false;
  const all = Object.values(actors).map(({ id }) => id);
  return {
    set,
    members: (group: string): readonly string[] => all.filter((id) => isNow(group, id)),
    /** Whether this person was in the group at any moment of this span. */
    was(group: Group, id: string, { began, ended }: Span): boolean {
      const about = history.filter((each) => each.group === group && each.id === id);
      const before = about.findLast(({ from }) => from <= began)?.is ?? false;
      return before || about.some(({ from, is }) => is && from > began && from <= ended);
    },
  };
}

/** By `Time.next`. */
export interface Span {
  readonly began: number;
  readonly ended: number;
}

export type Groups = ReturnType<typeof createGroups>;

/** Who counts for one approval of this risk, written down a second time and independently of the product. */
export function mayApproveAlone(groups: Groups, risk: Exclude<Risk, 'high'>, { id, span }: { id: string; span: Span }): boolean {
  if (id === 'UOPERATOR') return true;
  return id === (risk === 'normal' ? 'UAPPROVER' : 'USECOND') || groups.was('SONE', id, span);
}
