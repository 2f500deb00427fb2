import type {
  BlockAction,
  ButtonAction,
  Middleware,
  SlackActionMiddlewareArgs,
  SlackViewMiddlewareArgs,
  ViewOutput,
  ViewSubmitAction,
} from '@slack/bolt';
import type { ModalView } from '@slack/types';
import { messageOf } from '../src/core/errors.ts';
import type { Actor } from '../src/core/run.ts';
import { answerMessage } from '../src/slack/answer.ts';
import { within } from '../src/slack/connection/within.ts';
import { safeMessage } from '../src/slack/log.ts';
import type { Message } from '../src/slack/message.ts';
import type { AnswerPlace } from '../src/slack/modal-target.ts';
import { visible } from '../src/slack/visible.ts';
import type { HandlerContext } from './requests.ts';
import { isAllowed } from './requests.ts';
import { WRONG_CHANNEL } from './words.ts';

/** A pressed button. */
export interface Press {
  readonly value: string;
  readonly actor: Actor;
  /** Where the answer goes. */
  readonly place: AnswerPlace;
  /** The thread that this message is in or begins. */
  readonly threadOfMessage: string | undefined;
  /** Names this press for ever: a repeated delivery of it has the same. */
  readonly key: string;
}

/** Words for the person, or a window that asks for more. */
export type PressReply = { readonly says: Message } | { readonly opens: ModalView };

export type PressListener = Middleware<SlackActionMiddlewareArgs<BlockAction<ButtonAction>>>;

/** A listener that acknowledges first, and gives each press an answer. */
export function onPress(context: HandlerContext, replyTo: (press: Press) => Promise<PressReply>): PressListener {
  return async ({ action, body, ack, client, respond }) => {
    await ack();
    const press = pressOf(action, body);
    const reply = isAllowed(context, press.place.channel) ? await replyTo(press) : words(WRONG_CHANNEL);
    const answer = 'says' in reply ? reply.says : await open(reply.opens);
    if (answer !== undefined)
      await respond({ response_type: 'ephemeral', replace_original: false, ...spoken(answer, press.place) });

    async function open(view: ModalView): Promise<Message | undefined> {
      try {
        await client.views.open({ trigger_id: body.trigger_id, view });
        return undefined;
      } catch (error) {
        context.log.warn({ reason: safeMessage(messageOf(error)) }, 'a window was not opened');
        return answerMessage('Slack did not open the window. Nothing was done: press the button again.');
      }
    }
  };
}

export function words(says: string): PressReply {
  return { says: answerMessage(says) };
}

function pressOf(action: ButtonAction, { user, channel, message, container, trigger_id: trigger }: BlockAction): Press {
  const thread = text(container['thread_ts']) ?? text(message?.['thread_ts']);
  return {
    value: action.value ?? '',
    actor: { id: user.id, name: user.name ?? user.username },
    place: { channel: channel?.id ?? '', ...(thread === undefined ? {} : { thread }) },
    threadOfMessage: thread ?? text(message?.ts),
    key: `press ${trigger}`,
  };
}

function text(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}

/** A modal that was filled in. */
export interface Submission<Target> {
  readonly target: Target;
  /** What was typed, without the space around it. */
  readonly typed: string;
  /** What was chosen in its menus, by block. */
  readonly chosen: Readonly<Record<string, string>>;
  readonly actor: Actor;
  /** Names this submission for ever, as the key of a press. */
  readonly key: string;
}

export interface SubmissionReply {
  readonly says: string;
  /** True when typing something else could help: then the modal stays. */
  readonly correctable: boolean;
  readonly message?: Message;
}

export interface SubmissionOptions<Target extends AnswerPlace> {
  /** Block and action of the modal's input. */
  readonly field: string;
  readonly decode: (metadata: string) => Target | undefined;
  readonly reply: (submission: Submission<Target>) => Promise<SubmissionReply>;
}

export type SubmissionListener = Middleware<SlackViewMiddlewareArgs<ViewSubmitAction>>;

/** Slack takes an answer inside of the modal for 3 s. */
const ANSWER_IN_MODAL_MS = 2_000;
const LATE = new Error('The answer is not known in time for the modal.');
const FOREIGN_MODAL = 'This window is of another version of the bot. Close it, and use the latest message of the run.';

/** A listener that answers inside of the modal what can be corrected there, and everything else in the thread. */
export function onSubmission<Target extends AnswerPlace>(
  context: HandlerContext,
  { field, decode, reply }: SubmissionOptions<Target>,
): SubmissionListener {
  return async ({ ack, body, view, client }) => {
    const refuse = (says: string) => ack({ response_action: 'errors', errors: { [field]: visible(says) } });
    const target = decode(view.private_metadata);
    if (target === undefined) return refuse(FOREIGN_MODAL);
    if (!isAllowed(context, target.channel)) return refuse(WRONG_CHANNEL);
    const typed = (view.state.values[field]?.[field]?.value ?? '').trim();
    const working = reply({
      target,
      typed,
      chosen: chosenIn(view.state.values),
      actor: { id: body.user.id, name: body.user.name },
      key: `submission ${body.trigger_id}`,
    });
    const inTime = await within(ANSWER_IN_MODAL_MS, working, LATE).catch((error: unknown) => {
      if (error === LATE) return undefined;
      throw error;
    });
    if (inTime?.correctable === true) return refuse(inTime.says);
    await ack();
    const { says, message = answerMessage(says) } = await working;
    await client.chat.postEphemeral({ channel: target.channel, user: body.user.id, ...spoken(message, target) });
  };
}

function chosenIn(values: ViewOutput['state']['values']): Record<string, string> {
  const chosen = Object.entries(values).flatMap(([block, actions]) =>
    Object.values(actions).flatMap(({ selected_option: option }) =>
      option?.value === undefined ? [] : [[block, option.value] as const],
    ),
  );
  return Object.fromEntries(chosen);
}

function spoken({ text: says, blocks }: Message, { thread }: AnswerPlace) {
  return { text: says, blocks: [...blocks], ...(thread === undefined ? {} : { thread_ts: thread }) };
}
