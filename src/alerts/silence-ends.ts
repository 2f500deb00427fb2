import { z } from 'zod';
import type { ApiAlert, Silence } from '../commands/alertmanager.ts';
import { messageOf } from '../core/errors.ts';
import { isSome } from '../core/finding.ts';
import type { Memory } from '../core/memory.ts';
import { AND } from '../topology/asked-alerts.ts';
import { lastsUntilResolved, wordsOf } from '../topology/own-silences.ts';
import type { Doubt } from './doubts.ts';

/** What Alertmanager says of both at one time. */
export interface Muting {
  readonly alerts: readonly ApiAlert[];
  readonly silences: readonly Silence[];
  /** By the clock that counts for their ends. */
  readonly nowMs: number;
}

export interface SilenceEndsOptions {
  /** Rejects when Alertmanager does not say, or when its answer proves nothing. */
  readonly ask: () => Promise<Muting>;
  readonly doubt: Doubt;
  /** Starts the runbook that ends silences, with these words; of the same key only once, whatever has happened since. */
  readonly start: (words: readonly string[], key: string) => Promise<void>;
  /** Says something about a silence to those who asked for it. Rejects where it is not said. */
  readonly tell: (silence: Silence, says: string) => Promise<void>;
  readonly memory: Memory;
  /** How long none of its alerts may have fired, if that is longer than 5 minutes. */
  readonly settleForMs: number;
  readonly clock: () => number;
  readonly log: { readonly error: (fields: Readonly<Record<string, unknown>>, message: string) => void };
}

/** After a restart Alertmanager knows nothing until Prometheus tells it again. */
const LEAST_MS = 5 * 60_000;
const SOON_MS = 60 * 60_000;
const TOLD = 'silences-told';
const Told = z.array(z.string());

interface State {
  /** By author, since when none of his silences mutes anything. */
  readonly idleSince: Map<string, number>;
  readonly started: Set<string>;
}

/** Silences that people wanted until their alerts are resolved: Alertmanager knows only times. */
export function createSilenceEnds(options: SilenceEndsOptions) {
  const state: State = { idleSince: new Map(), started: new Set() };

  async function check(): Promise<void> {
    try {
      const muting = await options.ask();
      const lasting = muting.silences.filter((each) => each.state === 'active' && lastsUntilResolved(each));
      // What was silent in doubt does not count.
      if (lasting.length > 0 && (await options.doubt()) !== undefined) state.idleSince.clear();
      forget(options, lasting);
      const ofRuns = Map.groupBy(lasting, ({ createdBy }) => createdBy);
      for (const silences of ofRuns.values()) if (isSome(silences)) await lookAfter(options, state, { silences, muting });
    } catch (error) {
      // What was not seen in between does not count.
      state.idleSince.clear();
      failed(options, error);
    }
  }

  /** Must not be called while it runs. Never rejects. */
  return { check };
}

/** Those that one run made are ended together: an incident has one for each name of its alerts. */
type OfRun = readonly [Silence, ...Silence[]];

interface Looked {
  readonly silences: OfRun;
  readonly muting: Muting;
}

/** One that cannot be looked after keeps no other from it. */
async function lookAfter(options: SilenceEndsOptions, state: State, looked: Looked): Promise<void> {
  const { silences, muting } = looked;
  const [{ id, createdBy }] = silences;
  try {
    if (muting.alerts.some(isMutedBy(silences))) {
      state.idleSince.delete(createdBy);
      await tellOfEnd(options, looked);
    } else if (isOver(options, state, silences)) await end(options, state, silences);
  } catch (error) {
    failed(options, error, id);
  }
}

function isMutedBy(silences: readonly Silence[]) {
  const ids = new Set(silences.map(({ id }) => id));
  return ({ silencedBy }: ApiAlert) => silencedBy.some((id) => ids.has(id));
}

function isOver({ settleForMs, clock }: SilenceEndsOptions, { idleSince, started }: State, [{ createdBy }]: OfRun): boolean {
  const since = idleSince.get(createdBy) ?? clock();
  idleSince.set(createdBy, since);
  return clock() - since >= Math.max(settleForMs, LEAST_MS) && !started.has(createdBy);
}

async function end(options: SilenceEndsOptions, { started }: State, silences: OfRun): Promise<void> {
  const [{ id, createdBy }] = silences;
  const words = wordsFor(silences);
  if (words.length > 0) await options.start(words, `unsilence ${id}`);
  for (const silence of silences.filter((each) => wordsOf(each) === undefined))
    await once(options, silence, {
      what: 'words',
      says: `None of what the silence of ${createdBy} mutes fires any more, and its matchers cannot be said as words of /storage unsilence: end it in Alertmanager, where its id is ${silence.id}. It ends by itself at ${moment(silence)}.`,
    });
  started.add(createdBy);
}

/** Of those that can be said in words. */
function wordsFor(silences: OfRun): readonly string[] {
  const said = silences.flatMap((silence) => [wordsOf(silence) ?? []]).filter(({ length }) => length > 0);
  return said.flatMap((words, index) => [...(index === 0 ? [] : [AND]), ...words]);
}

/** Alertmanager knows no silence without an end; nobody but a person may make it longer. */
async function tellOfEnd(
  options: SilenceEndsOptions,
  { silences: ofRun, muting: { alerts, silences, nowMs } }: Looked,
): Promise<void> {
  const [silence] = ofRun;
  if (silence.endsAt - nowMs > SOON_MS) return;
  const goesOn = isMutedBy(silences.filter(({ endsAt }) => endsAt > silence.endsAt));
  const heard = alerts.filter(isMutedBy(ofRun)).filter((alert) => !goesOn(alert));
  if (heard.length === 0) return;
  const fire = heard.length === 1 ? 'One alert of it still fires' : `${heard.length} alerts of it still fire`;
  await once(options, silence, {
    what: 'end',
    says: `The silence of ${silence.createdBy} ends at ${moment(silence)}, as each does after a day at the latest. ${fire}, and will be told again from then on. To go on: ${again(ofRun)}`,
  });
}

/** Longer requests cannot be typed. */
const TYPED_MAX = 280;

function again(silences: OfRun): string {
  const words = wordsFor(silences).join(' ');
  const typed = `/storage silence ${words} until resolved`;
  return words === '' || typed.length > TYPED_MAX ? 'silence it again, with the button of its incident if it has one.' : typed;
}

interface Word {
  readonly what: string;
  readonly says: string;
}

/** After a crash in between it is said again. */
async function once({ tell, memory }: SilenceEndsOptions, silence: Silence, { what, says }: Word): Promise<void> {
  const name = `${silence.id} ${what}`;
  const told = Told.parse(memory.recall(TOLD) ?? []);
  if (told.includes(name)) return;
  await tell(silence, says);
  memory.remember(TOLD, [...told, name]);
}

function forget({ memory }: SilenceEndsOptions, lasting: readonly Silence[]): void {
  const told = Told.parse(memory.recall(TOLD) ?? []);
  const left = told.filter((name) => lasting.some(({ id }) => name.startsWith(`${id} `)));
  if (left.length < told.length) memory.remember(TOLD, left);
}

function moment({ endsAt }: Silence): string {
  return `${new Date(endsAt).toISOString().slice(0, 16).replace('T', ' ')} UTC`;
}

function failed({ log }: SilenceEndsOptions, error: unknown, silence?: string): void {
  const about = silence === undefined ? {} : { silence };
  log.error({ ...about, err: messageOf(error) }, 'silences that may be over could not be looked after; it is tried again');
}
