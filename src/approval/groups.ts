/** The ids of the present members of a Slack user group. Rejects when Slack does not say. */
export type MembersOf = (group: string) => Promise<readonly string[]>;

export function isGroup(id: string): boolean {
  return /^S[A-Z0-9]+$/.test(id);
}

/** The same rule with each group replaced by its members. Rejects when a group cannot be looked up. */
export async function withMembers<Rule extends { readonly approvers: readonly string[] }>(
  rule: Rule,
  membersOf: MembersOf,
): Promise<Rule> {
  const approvers = await Promise.all(rule.approvers.map(async (id) => (isGroup(id) ? membersOf(id) : [id])));
  return { ...rule, approvers: approvers.flat() };
}
