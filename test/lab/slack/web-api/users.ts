import { z } from 'zod';
import { APP_ID, BOT_ID, BOT_USER, TEAM_ID } from '../ids.ts';
import type { LabUser } from '../state.ts';
import type { Methods, Result } from './method.ts';
import { ApiError, method } from './method.ts';

export const userMethods: Methods = {
  'auth.test': method({}, (lab) => ({
    url: `${lab.baseUrl}/`,
    team: `${lab.botName} demo`,
    user: lab.botName,
    team_id: TEAM_ID,
    user_id: BOT_USER,
    bot_id: BOT_ID,
    app_id: APP_ID,
    is_enterprise_install: false,
  })),

  'apps.connections.open': method({}, (lab) => ({ url: lab.baseUrl.replace('http:', 'ws:') + lab.hub.ticket() })),

  'users.info': method({ user: z.string() }, (lab, args) => {
    if (args.user === BOT_USER) return { user: bot(lab.botName) };
    const user = lab.workspace.user(args.user);
    if (user === undefined) throw new ApiError('user_not_found');
    return { user: person(user) };
  }),

  'users.list': method({}, (lab) => ({
    members: [...lab.workspace.users.map(person), bot(lab.botName)],
    response_metadata: { next_cursor: '' },
  })),

  'usergroups.users.list': method({ usergroup: z.string() }, (lab, args) => {
    const group = lab.usergroups.find(({ id }) => id === args.usergroup);
    if (group === undefined) throw new ApiError('no_such_subteam');
    return { users: group.users };
  }),
};

function person({ id, name, label }: LabUser): Result {
  const profile = { real_name: label, display_name: label };
  return { id, team_id: TEAM_ID, name, real_name: label, profile, deleted: false, is_bot: false, tz: 'Etc/UTC' };
}

function bot(name: string): Result {
  const profile = { real_name: name, display_name: name, bot_id: BOT_ID, api_app_id: APP_ID };
  return { id: BOT_USER, team_id: TEAM_ID, name, real_name: name, profile, deleted: false, is_bot: true, tz: 'Etc/UTC' };
}
