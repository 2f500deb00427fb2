import type { Announcing } from '../src/core/maintenance.ts';
import type { Answer } from '../src/core/ports.ts';
import type { Actor } from '../src/core/run.ts';
import { answerMessage } from '../src/slack/answer.ts';
import { bold, fallback, paragraph, person, rich, words } from '../src/slack/blocks.ts';
import type { Message } from '../src/slack/message.ts';
import type { Control } from './parse-control.ts';
import type { HandlerContext } from './requests.ts';

export interface ControlAnswer {
  /** True for what everybody in the channel must see. */
  readonly everybody: boolean;
  readonly message: Message;
}

/** Who typed it, and what names the message for ever. */
export interface By {
  readonly actor: Actor;
  readonly key: string;
}

/** Does it, and tells in words what became of it. */
export async function control(context: HandlerContext, request: Control, by: By): Promise<ControlAnswer> {
  const { actor } = by;
  const { accepted, says } = await act(context, request, by);
  context.log.info({ does: request.does, actor: actor.id, accepted }, 'a word over the bot or a run was typed');
  const everybody = accepted && request.does !== 'cancel' && request.does !== 'takeover';
  return { everybody, message: everybody ? announcement(request, actor, says) : answerMessage(says) };
}

async function act({ engine, maintenance }: HandlerContext, request: Control, by: By): Promise<Answer> {
  const { reason } = request;
  switch (request.does) {
    case 'freeze':
      return engine.freeze({ ...by, reason });
    case 'unfreeze':
      return engine.unfreeze({ ...by, reason });
    case 'cancel':
      return engine.cancel({ run: request.run, ...by, reason });
    case 'takeover':
      return engine.takeOver({ run: request.run, ...by, reason });
    case 'maintenance':
      return announce(maintenance, request, by);
  }
}

async function announce(
  maintenance: Announcing | undefined,
  { forMs, reason }: Extract<Control, { does: 'maintenance' }>,
  by: By,
): Promise<Answer> {
  if (maintenance === undefined) return { accepted: false, says: 'I take in no alerts: my configuration has no section alerts.' };
  return forMs === undefined ? maintenance.end({ ...by, reason }) : maintenance.begin({ ...by, reason, forMs });
}

function doneWords(request: Control): string {
  if (request.does === 'maintenance') return request.forMs === undefined ? 'ended the maintenance' : 'announced maintenance';
  return request.does === 'freeze' ? 'froze the bot' : 'released the bot';
}

/** The engine's words hold who and why, and no secret that was typed by mistake. */
function announcement(request: Control, actor: Actor, says: string): Message {
  const about = paragraph(person(actor), bold(` ${doneWords(request)}. `), words(says));
  return { text: fallback(says), blocks: [rich(about)] };
}
