import { z } from 'zod';
import type { MembersOf } from '../approval/groups.ts';

/** The part of Slack's Web API that tells who is in a user group (scope usergroups:read). */
export interface UserGroups {
  readonly usergroups: { readonly users: { readonly list: (options: { readonly usergroup: string }) => Promise<unknown> } };
}

const Members = z.object({ users: z.array(z.string()) });

/** Asked at each decision, so that somebody who has left the group can approve nothing more. */
export function createMembersOf(client: UserGroups): MembersOf {
  return async (group) => Members.parse(await client.usergroups.users.list({ usergroup: group })).users;
}
