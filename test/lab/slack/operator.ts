import { z } from 'zod';
import type { Block } from './blocks.ts';
import { elementsOf, isButton } from './blocks.ts';
import type { BlockElement } from './elements.ts';
import { BOT_USER, newId, SLACKBOT } from './ids.ts';
import { commandPayload, escapeText, eventPayload, messagePress, viewPress } from './payloads.ts';
import type { ResponseUrls } from './response-urls.ts';
import { answerIn } from './response-urls.ts';
import type { Ack, AckFailure, SocketHub } from './socket.ts';
import type { LabChannel, LabMessage, LabUser, Workspace } from './state.ts';
import type { Triggers } from './triggers.ts';

export interface SlashCommand {
  readonly command: string;
  readonly description: string;
  readonly usageHint: string;
  /** Whole texts that the composer offers after the command. */
  readonly suggestions?: readonly string[];
}

export type CommandError = AckFailure | 'unknown_command' | 'not_in_threads' | 'invalid_response';

export interface CommandAnswer {
  readonly ok: boolean;
  readonly ackMs: number;
  readonly error?: CommandError;
  /** What the app acknowledged with. */
  readonly body?: unknown;
  /** The message that the acknowledgement made, if it made one. */
  readonly message?: LabMessage;
}

export interface PressAnswer {
  readonly ok: boolean;
  readonly ackMs: number;
  readonly error?: AckFailure;
}

export interface Lab {
  readonly workspace: Workspace;
  readonly hub: SocketHub;
  readonly triggers: Triggers;
  readonly responseUrls: ResponseUrls;
  readonly commands: readonly SlashCommand[];
  readonly botName: string;
  /** `http://127.0.0.1:PORT`. */
  readonly baseUrl: string;
}

/** What was asked for does not exist in the lab: a mistake of the test or of the page, not of the app. */
export class LabError extends Error {
  override readonly name = 'LabError';
  readonly code = 'LAB';
}

/** Types a slash command; what the app answers or why it failed is shown to that person as in Slack. */
export async function runCommand(lab: Lab, typed: { user: string; channel: string; text: string; threadTs?: string }) {
  const user = userOf(lab, typed.user);
  const channel = channelOf(lab, typed.channel);
  const [command = '', ...rest] = typed.text.trim().split(' ');
  const shown = { channel: channel.id, user: SLACKBOT, visibleTo: user.id, ...threaded(typed.threadTs) };
  const refuse = (error: CommandError, text: string, ackMs = 0): CommandAnswer => {
    lab.workspace.post({ ...shown, text });
    return { ok: false, error, ackMs };
  };
  if (!lab.commands.some((known) => known.command === command)) {
    return refuse('unknown_command', `\`${escapeText(command)}\` is not a valid command.`);
  }
  if (typed.threadTs !== undefined) return refuse('not_in_threads', `\`${command}\` is not supported in threads. Sorry!`);
  const payload = commandPayload({
    user,
    channel,
    command,
    text: rest.join(' ').trim(),
    responseUrl: lab.baseUrl + lab.responseUrls.issue({ channel: channel.id, user: user.id }),
    triggerId: lab.triggers.issue(user.id),
  });
  const ack = await lab.hub.dispatch({ type: 'slash_commands', payload });
  if (!ack.acked) return refuse(ack.error, `${command} failed with the error "${ack.error}"`, ack.ackMs);
  const answer = answerTo(lab, { user: user.id, channel: channel.id }, ack);
  return answer.ok ? answer : refuse('invalid_response', `${command} failed because the app's answer is not valid.`, ack.ackMs);
}

const emptyBody = z.union([z.undefined(), z.null(), z.literal(''), z.strictObject({})]);

function answerTo(lab: Lab, place: { user: string; channel: string }, ack: Extract<Ack, { acked: true }>): CommandAnswer {
  const { payload, ackMs } = ack;
  if (emptyBody.safeParse(payload).success) return { ok: true, ackMs };
  const { status, message } = answerIn(lab.workspace, place, payload);
  if (status !== 200) return { ok: false, ackMs, body: payload };
  return { ok: true, ackMs, body: payload, ...(message === undefined ? {} : { message }) };
}

export interface Press {
  readonly user: string;
  readonly actionId: string;
  readonly blockId?: string;
  readonly value?: string;
}

/** Presses a button of a message (its confirmation is taken as given), or chooses from a menu. */
export async function pressInMessage(lab: Lab, press: Press, at: { channel: string; ts: string }): Promise<PressAnswer> {
  const channel = channelOf(lab, at.channel);
  const message = lab.workspace.find(channel.id, at.ts);
  if (message === undefined) throw new LabError(`There is no message ${at.ts} in ${channel.id}.`);
  const parts = pressParts(lab, press, message.blocks);
  const responseUrl = lab.baseUrl + lab.responseUrls.issue({ channel: channel.id, user: press.user, original: message.ts });
  return pressed(await lab.hub.dispatch({ type: 'interactive', payload: messagePress(parts, message, channel, responseUrl) }));
}

/** Presses a button of an open modal or of the Home tab. */
export async function pressInView(lab: Lab, press: Press, viewId: string): Promise<PressAnswer> {
  const { workspace } = lab;
  const shown = [...workspace.views(press.user), workspace.home(press.user)];
  const view = shown.find((candidate) => candidate?.id === viewId);
  if (view === undefined) throw new LabError(`${press.user} sees no view ${viewId}.`);
  const parts = pressParts(lab, press, view.blocks);
  return pressed(await lab.hub.dispatch({ type: 'interactive', payload: viewPress(parts, view) }));
}

function pressed(ack: Ack): PressAnswer {
  return ack.acked ? { ok: true, ackMs: ack.ackMs } : { ok: false, ackMs: ack.ackMs, error: ack.error };
}

function pressParts(lab: Lab, press: Press, blocks: readonly Block[]) {
  const found = findElement(blocks, press);
  if (found === undefined) throw new LabError(`Nothing with action_id ${press.actionId} can be pressed there.`);
  const user = userOf(lab, press.user);
  const chosen = press.value === undefined ? {} : { chosen: press.value };
  return { user, triggerId: lab.triggers.issue(user.id), actionTs: lab.workspace.nextTs(), ...found, ...chosen };
}

function findElement(blocks: readonly Block[], { actionId, blockId, value }: Press) {
  const matches = ({ block, element }: { block: Block; element: BlockElement }): boolean =>
    element.action_id === actionId &&
    (blockId === undefined || block.block_id === blockId) &&
    (value === undefined || !isButton(element) || element.value === value);
  return elementsOf(blocks).find(matches);
}

/** Posts as a person; the app is told, and once more when it is mentioned. */
export async function say(
  lab: Lab,
  said: { user: string; channel: string; text: string; threadTs?: string },
): Promise<LabMessage> {
  const user = userOf(lab, said.user);
  const channel = channelOf(lab, said.channel);
  const text = escapeText(said.text).replaceAll(`@${lab.botName}`, `<@${BOT_USER}>`);
  const message = lab.workspace.post({ channel: channel.id, user: user.id, text, ...threaded(said.threadTs) });
  const event = {
    user: user.id,
    text,
    ts: message.ts,
    event_ts: message.ts,
    channel: channel.id,
    ...(said.threadTs === undefined ? {} : { thread_ts: said.threadTs }),
  };
  await sendEvent(lab, { type: 'message', channel_type: channel.with === undefined ? 'channel' : 'im', ...event });
  if (channel.with === undefined && text.includes(`<@${BOT_USER}>`)) await sendEvent(lab, { type: 'app_mention', ...event });
  return message;
}

/** What another app posts through an incoming webhook, as Alertmanager's Slack receiver does. */
export async function postFromApp(
  lab: Lab,
  posted: { app: string; channel: string; title: string; titleLink: string; text: string },
): Promise<LabMessage> {
  const { app, title, titleLink, text } = posted;
  const channel = channelOf(lab, posted.channel);
  const message = lab.workspace.post({ channel: channel.id, user: SLACKBOT, text: `${title}\n${text}` });
  const attachment = { id: 1, color: 'a30200', fallback: `${title} | ${titleLink}`, title, title_link: titleLink, text };
  await sendEvent(lab, {
    type: 'message',
    subtype: 'bot_message',
    text: '',
    username: app,
    bot_id: `B${app.toUpperCase()}`,
    attachments: [{ ...attachment, mrkdwn_in: ['fallback', 'pretext', 'text'] }],
    channel: channel.id,
    channel_type: 'channel',
    ts: message.ts,
    event_ts: message.ts,
  });
  return message;
}

/** Looks at the app's Home tab. */
export async function openHome(lab: Lab, userId: string): Promise<void> {
  const user = userOf(lab, userId);
  const channel = lab.workspace.directChannel(user.id);
  const event = { user: user.id, channel: channel.id, tab: 'home', event_ts: lab.workspace.nextTs() };
  await sendEvent(lab, { type: 'app_home_opened', ...event });
}

/** Slack tries an event that nobody acknowledged once more at once (its later retries are minutes away). */
async function sendEvent(lab: Lab, event: Readonly<Record<string, unknown>>): Promise<void> {
  const payload = eventPayload(event);
  const first = await lab.hub.dispatch({ type: 'events_api', payload });
  if (first.acked) return;
  await lab.hub.dispatch({ type: 'events_api', payload, retry: { attempt: 1, reason: 'timeout' } });
}

function threaded(threadTs: string | undefined): { threadTs?: string } {
  return threadTs === undefined ? {} : { threadTs };
}

export function userOf(lab: Lab, id: string): LabUser {
  const user = lab.workspace.user(id);
  if (user === undefined) throw new LabError(`There is no user ${id}.`);
  return user;
}

function channelOf(lab: Lab, idOrName: string): LabChannel {
  const channel = lab.workspace.channel(idOrName);
  if (channel === undefined) throw new LabError(`There is no channel ${idOrName}.`);
  return channel;
}

export function newViewId(): string {
  return newId('V');
}
