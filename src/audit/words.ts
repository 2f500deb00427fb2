import { z } from 'zod';
import { actorWords, instant } from '../slack/words.ts';
import { canonical } from './canonical.ts';
import type { Entry } from './history.ts';
import type { ReadEvent } from './read-event.ts';

/** What happened, in one sentence. */
export function entryWords({ event, written }: Entry): string {
  return event === undefined ? `Something that this version does not know: ${canonical(written)}` : eventWords(event);
}

function eventWords(event: ReadEvent): string {
  switch (event.kind) {
    case 'bot-started':
      return `The bot started, version ${event.version}.`;
    case 'asked':
      return `${actorWords(event.requester)} asked ${originWords(event.origin)}: ${[event.runbook, ...event.arguments].join(' ')}${followWords(event.follows)}`;
    case 'looked':
      return `Round ${event.round}: the bot looked with ${count(event.seen.length, 'command')} and found ${count(event.findings.length, 'thing')} wrong.`;
    case 'planned':
      return `Round ${event.round}: ${event.stop === undefined ? `the plan has ${count(event.steps.length, 'step')}.` : `no plan. ${event.stop}`}`;
    case 'frozen':
      return `${actorWords(event.actor)} froze the bot: ${event.reason}`;
    case 'unfrozen':
      return `${actorWords(event.actor)} ended the freeze: ${event.reason}`;
    case 'maintenance-announced':
      return `${actorWords(event.actor)} announced maintenance until ${instant(event.until)}: ${event.reason}`;
    case 'maintenance-ended':
      return `${actorWords(event.actor)} ended the maintenance: ${event.reason}`;
    case 'ended':
      return `The run ended (${event.status}).${event.problem === undefined ? '' : ` ${event.problem}`}`;
    case 'dropped':
      return 'What the run saw, and where it was shown, was dropped because of its age (state.keepRuns).';
    case 'cancelled':
      return `${actorWords(event.actor)} stopped the run: ${event.reason}`;
    case 'withdrawn':
      return `The run offers nothing more: ${event.because}`;
    case 'word-refused':
      return `${actorWords(event.actor)} wanted to ${event.word}${event.run === undefined ? '' : ` run ${event.run}`}, which did not count: ${event.says}`;
    case 'taken-over':
      return `${actorWords(event.actor)} let run ${event.run} take what run ${event.from} held: ${event.reason}`;
    case 'held':
      return `Round ${event.round} holds, with token ${event.token}: ${event.holds.map(({ how, kind, name }) => `${how} ${kind} ${name}`).join(', ')}`;
    default:
      return `Step ${stepName(event)} ${stepWords(event)}`;
  }
}

type OfStep = Extract<ReadEvent, { step: number }>;

function stepWords(event: OfStep): string {
  switch (event.kind) {
    case 'offered':
      return `was offered until ${instant(event.expiresAt)}, digest ${event.digest}.`;
    case 'reminded':
      return 'was about to expire, and people were reminded.';
    case 'decided': {
      const { actor, verdict, reason } = event.decision;
      const rest = event.complete ? '' : ' More approvals are needed.';
      return `was ${verdict === 'approve' ? 'approved' : 'denied'} by ${actorWords(actor)}${reason === undefined ? '.' : `: ${reason}`}${rest}`;
    }
    case 'turned-down':
      return `was not decided by ${actorWords(event.actor)}, whose word (${event.verdict}) did not count: ${event.says}`;
    case 'stop-asked':
      return 'was told to stop its work at the target.';
    case 'step':
      return `went from ${event.from} to ${event.to}.${event.detail === undefined ? '' : ` ${event.detail}`}`;
  }
}

/** Counted from 1 within its round: `1.2`. */
export function stepName({ round, step }: { readonly round: number; readonly step: number }): string {
  return `${round}.${step + 1}`;
}

export function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? '' : 's'}`;
}

export function originWords(origin: { readonly kind: string }): string {
  if (origin.kind === 'cli') return 'on the command line';
  if (origin.kind === 'alert') return 'for an incident without a thread, so that nobody is shown it';
  const { data: place } = SlackPlace.safeParse(origin);
  if (place === undefined) return `somewhere that this version does not know (${canonical(origin)})`;
  return `in Slack (channel ${place.channel}${place.thread === undefined ? '' : `, thread ${place.thread}`})`;
}

const SlackPlace = z.object({ kind: z.literal('slack'), channel: z.string(), thread: z.string().optional() });

function followWords(follows: { readonly run: string; readonly how: string } | undefined): string {
  if (follows === undefined) return '';
  return follows.how === 'undo' ? ` (to take back run ${follows.run})` : ` (${follows.how}, after run ${follows.run})`;
}
