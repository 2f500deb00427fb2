import { approversThatCount, isGroup, isLocal } from './entries.ts';
import type { TierRule } from './policy.ts';

/** The ids of the present members of a Slack user group. Rejects when Slack does not say. */
export type MembersOf = (group: string) => Promise<readonly string[]>;

/** One entry of a list of people, and who it stands for now: itself, or the members of a group. */
export interface Source {
  readonly id: string;
  readonly members: readonly string[];
}

/** A rule with the people that it means at this moment; groups are kept apart. */
export interface ResolvedRule extends Omit<TierRule, 'approvers'> {
  readonly sources: readonly Source[];
}

/** Rejects when a group cannot be looked up: then nobody can tell who may approve. */
export async function resolveRule(rule: TierRule, membersOf: MembersOf): Promise<ResolvedRule> {
  const { approvers: _, ...rest } = rule;
  const sources = approversThatCount(rule).map(async (id) => ({ id, members: isGroup(id) ? await membersOf(id) : [id] }));
  return { ...rest, sources: await Promise.all(sources) };
}

/**
 * Whether one of these entries means this person. Slack is asked only where the answer hangs on it: not for somebody who is named,
 * and not for a local user, who is in no group. Rejects when Slack does not say.
 */
export async function isAmong(entries: readonly string[], membersOf: MembersOf, person: string): Promise<boolean> {
  if (entries.includes(person)) return true;
  if (isLocal(person)) return false;
  const groups = await Promise.all([...new Set(entries)].filter(isGroup).map(membersOf));
  return groups.some((members) => members.includes(person));
}
