import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { z } from 'zod';
import { CONTROLS } from '../../handlers/parse-control.ts';
import { INCIDENTS } from '../../handlers/words.ts';
import { waysToCall } from '../../src/core/called.ts';
import { projectFiles, root } from '../tree.ts';

/** The part of Slack's format that we use, with the lengths that @slack/web-api states for it. A key that it lacks is a slip. */
const Manifest = z.strictObject({
  display_information: z.strictObject({
    name: z.string().min(1).max(35),
    description: z.string().max(140),
    background_color: z.string().regex(/^#[0-9a-f]{6}$/),
  }),
  features: z.strictObject({
    bot_user: z.strictObject({ display_name: z.string().regex(/^[a-z0-9._-]{1,80}$/), always_online: z.boolean() }),
    slash_commands: z
      .array(
        z.strictObject({
          command: z.string().regex(/^\/[a-z0-9_-]{1,31}$/),
          description: z.string().min(1).max(2000),
          usage_hint: z.string().max(1000),
          should_escape: z.boolean(),
        }),
      )
      .max(50),
  }),
  oauth_config: z.strictObject({ scopes: z.strictObject({ bot: z.array(z.string()).max(255) }) }),
  settings: z.strictObject({
    event_subscriptions: z.strictObject({ bot_events: z.array(z.string()).max(100) }),
    interactivity: z.strictObject({ is_enabled: z.literal(true) }),
    org_deploy_enabled: z.literal(false),
    socket_mode_enabled: z.literal(true),
    token_rotation_enabled: z.literal(false),
  }),
});

/** The scopes without which Slack refuses a method, for the kinds of conversation that the bot works in. */
const SCOPES_OF: Readonly<Record<string, readonly string[]>> = {
  'auth.test': [],
  'chat.postMessage': ['chat:write'],
  'chat.postEphemeral': ['chat:write'],
  'chat.update': ['chat:write'],
  'files.uploadV2': ['files:write'],
  'views.open': [],
  'conversations.history': ['channels:history', 'groups:history'],
  'conversations.replies': ['channels:history', 'groups:history'],
  'usergroups.users.list': ['usergroups:read'],
};

const FAMILIES = 'auth|bookmarks|chat|conversations|files|pins|reactions|reminders|team|usergroups|users|views';
const CALL = new RegExp(`\\b(?:web|client)\\.((?:${FAMILIES})(?:\\.\\w+)+)\\(`, 'g');

const text = readFileSync(join(root, 'deploy/slack-manifest.yaml'), 'utf8');
const manifest = Manifest.parse(parse(text));
const sources = projectFiles()
  .filter((path) => /^(handlers|src\/(slack|app))\/.*(?<!\.test)\.ts$/.test(path))
  .map((path) => readFileSync(join(root, path), 'utf8'));

const called = [...new Set(sources.flatMap((source) => [...source.matchAll(CALL)].map(([, method = '']) => method)))].toSorted();
/** Slack subscribes to messages by the kind of conversation, and needs a scope for each. */
const EVENTS_OF: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  app_mention: { app_mention: 'app_mentions:read' },
  message: { 'message.channels': 'channels:history', 'message.groups': 'groups:history' },
};

const heard = (kind: 'command' | 'event') => [
  ...new Set(
    sources.flatMap((source) =>
      [...source.matchAll(new RegExp(`\\bapp\\.${kind}\\('([^']+)'`, 'g'))].map(([, name = '']) => name),
    ),
  ),
];

describe('the Slack manifest', () => {
  test('has the commands and events that handlers listen to, and no others', () => {
    expect(manifest.features.slash_commands.map(({ command }) => command)).toEqual(heard('command'));
    const events = heard('event').flatMap((event) => Object.keys(EVENTS_OF[event] ?? { [event]: '' }));
    expect(manifest.settings.event_subscriptions.bot_events).toEqual(events);
  });

  test('asks for exactly the scopes that commands, events and calls of the Web API need', () => {
    expect(called.length).toBeGreaterThan(4);
    expect(called.filter((method) => SCOPES_OF[method] === undefined)).toEqual([]);
    const events = heard('event').flatMap((event) => Object.values(EVENTS_OF[event] ?? { [event]: `the scope of ${event}` }));
    const needed = ['commands', ...events, ...called.flatMap((method) => SCOPES_OF[method] ?? [])];
    expect(manifest.oauth_config.scopes.bot.toSorted()).toEqual([...new Set(needed)].toSorted());
  });

  test('says of each scope why', () => {
    const unexplained = manifest.oauth_config.scopes.bot.filter((scope) => !text.includes(`- ${scope} # `));
    expect(unexplained).toEqual([]);
  });

  test('hints at the words of real runbooks', async () => {
    const { runbooks } = await import('../../runbooks/index.ts');
    const controls = Object.values(CONTROLS).map(({ usage }) => usage);
    const usages = [
      'help',
      INCIDENTS.usage,
      ...controls,
      ...runbooks.flatMap((one) => waysToCall(one).map((words) => [...words, one.usage].join(' ').trim())),
    ];
    const hints = manifest.features.slash_commands.flatMap(({ usage_hint: hint }) => hint.split(' | '));
    expect(hints.filter((hint) => !usages.includes(hint))).toEqual([]);
  });
});
