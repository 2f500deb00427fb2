import { setTimeout as sleep } from 'node:timers/promises';
import { messageOf } from '../../core/errors.ts';
import type { IncidentView } from '../../core/incident.ts';
import type { IncidentExtras, IncidentReporter, IncidentThread } from '../../core/incident-ports.ts';
import { renderIncident } from '../incident-message.ts';
import { type News, renderNews, renderNewsFile } from '../incident-thread.ts';
import type { Log } from '../log.ts';
import { safeMessage } from '../log.ts';
import type { Part } from '../message.ts';
import type { SlackClient } from './client.ts';
import type { DeliveryContext, MessageStore } from './delivery.ts';
import { deliver, timestampOf } from './delivery.ts';
import { type Ledger, openLedger } from './incident-news.ts';
import type { Lane } from './lane.ts';
import { remembered } from './remembered.ts';
import { NotShown } from './reporter.ts';
import { createUpdateTurns } from './update-turns.ts';

export interface IncidentReporterOptions {
  readonly client: SlackClient;
  /** Keeps its entries by incident. */
  readonly messages: MessageStore;
  readonly log: Log;
  /** Where incidents are shown. */
  readonly channel: string;
  /** The lanes in which runs are posted too. */
  readonly lane: (channel: string) => Lane;
  /** How long news of one incident is gathered into one message. */
  readonly gatherMs?: number;
  /** Least time between two updates of one incident. */
  readonly updateEveryMs?: number;
  /** Least time between updates of any two: Slack allows about 50 a minute, and runs need some. */
  readonly updateSpacingMs?: number;
}

interface Shown {
  readonly view: IncidentView;
  readonly extras: IncidentExtras;
}

interface Desk {
  latest: Shown;
  version: number;
  /** Who waits until this version or a newer one is shown. */
  waiting: Waiting[];
  /** Ends the present wait for more news. */
  wake: () => void;
}

interface Waiting {
  readonly version: number;
  readonly resolve: (thread: IncidentThread) => void;
  readonly reject: (error: unknown) => void;
}

interface Shower extends IncidentReporterOptions {
  readonly context: DeliveryContext;
  /** When the next news of an incident may be told, by `performance.now()`. */
  readonly newsAt: Map<string, number>;
  readonly gatherMs: number;
}

const GATHER_MS = 10_000;
const UPDATE_EVERY_MS = 3_000;
const UPDATE_SPACING_MS = 1_400;

/** Shows incidents in one channel: a root message each that is updated in place, and its news in its thread, gathered. */
export function createIncidentReporter(options: IncidentReporterOptions): IncidentReporter {
  const { updateEveryMs = UPDATE_EVERY_MS, updateSpacingMs = UPDATE_SPACING_MS, gatherMs = GATHER_MS } = options;
  const desks = new Map<string, Desk>();
  const pace = { everyMs: updateEveryMs, spacingMs: updateSpacingMs };
  const { client, lane } = options;
  const messages = remembered(options.messages);
  const context = { client, messages, lane, updateTurn: createUpdateTurns(pace, (id) => desks.get(id)?.version) };
  const shower = { ...options, messages, context, gatherMs, newsAt: new Map<string, number>() };
  return (view, extras) => {
    const { promise, resolve, reject } = Promise.withResolvers<IncidentThread>();
    const open = desks.get(view.id);
    const desk = open ?? { latest: { view, extras }, version: 0, waiting: [], wake: () => undefined };
    desk.latest = { view, extras };
    desk.version += 1;
    desk.waiting.push({ version: desk.version, resolve, reject });
    desk.wake();
    if (open !== undefined) return promise;
    desks.set(view.id, desk);
    void work(shower, desk, () => {
      desks.delete(view.id);
      messages.forget(view.id);
    });
    return promise;
  };
}

async function work(shower: Shower, desk: Desk, close: () => void): Promise<void> {
  try {
    const ledger = openLedger(shower.messages, desk.latest.view.id);
    let isDone = false;
    while (!isDone) isDone = await showState(shower, desk, { ledger, close });
  } catch (error) {
    close();
    const reason = safeMessage(messageOf(error));
    shower.log.warn({ incident: desk.latest.view.id, reason }, 'Slack does not show an incident');
    for (const { reject } of desk.waiting) reject(new NotShown(reason));
  }
}

interface Showing {
  readonly ledger: Ledger;
  readonly close: () => void;
}

/**
 * Shows the latest state as far as that can be done now. True once all of it is shown and the desk is closed. Nobody waits
 * for news that is being gathered: if it is lost in a crash, the next state tells it, and the last one is told at once.
 */
async function showState(shower: Shower, desk: Desk, { ledger, close }: Showing): Promise<boolean> {
  const { version, latest } = desk;
  const { view, extras } = latest;
  const { thread, isShown } = await showRoot(shower, latest, ledger);
  if (isShown && view.closed === undefined) settle(desk, version, thread);
  if (isDue(shower, view) && ledger.hasNews(view, extras.doubt)) {
    ledger.next(view, extras.doubt);
    gather(shower, view.id);
  }
  await showNews(shower, view, { ledger, thread });
  const isTold = !ledger.hasNews(view, extras.doubt);
  if (isShown && isTold) settle(desk, version, thread);
  if (desk.version !== version) return false;
  // In the same turn as the last look at the version: a state that comes now opens a desk of its own.
  if (isTold) close();
  else await moreOrDue(shower, desk);
  return isTold;
}

function settle(desk: Desk, version: number, thread: IncidentThread): void {
  const done = desk.waiting.filter((waiting) => waiting.version <= version);
  desk.waiting = desk.waiting.filter((waiting) => waiting.version > version);
  for (const { resolve } of done) resolve(thread);
}

/** The root message, which is the thread. */
async function showRoot(shower: Shower, { view, extras }: Shown, ledger: Ledger) {
  const { context, channel, messages } = shower;
  const { complete, ...message } = renderIncident(view, extras);
  if (!ledger.hasBegun()) {
    ledger.begin(view, complete);
    gather(shower, view.id);
  }
  const isShown = await deliver(context, { channel }, { run: view.id, part: { kind: 'message', key: 'root', message } });
  const ts = timestampOf(messages, view.id, 'root');
  if (ts === undefined) throw new Error('The root message has no timestamp.');
  return { isShown, thread: { kind: 'slack', channel, thread: ts } as const };
}

interface Thread {
  readonly ledger: Ledger;
  readonly thread: IncidentThread;
}

/** Tells the news that was written down last, unless that was done. */
async function showNews({ context, messages }: Shower, view: IncidentView, { ledger, thread }: Thread): Promise<void> {
  const last = ledger.untold(view);
  if (last === undefined) return;
  for (const part of newsParts(view, last)) {
    if (timestampOf(messages, view.id, part.key) === undefined) await deliver(context, thread, { run: view.id, part });
  }
  ledger.wasTold(last.number);
}

function newsParts(view: IncidentView, { news, number }: { news: News; number: number }): Part[] {
  const { complete, ...message } = renderNews(view, news, number);
  const file = { kind: 'file', key: `file news ${number}`, file: renderNewsFile(view, news, number) } as const;
  return [{ kind: 'message', key: `news ${number}`, message }, ...(complete ? [] : [file])];
}

function isDue({ newsAt }: Shower, { id, closed }: IncidentView): boolean {
  return closed !== undefined || (newsAt.get(id) ?? 0) <= performance.now();
}

/** Waits until news may be told, or until there is a newer state. */
async function moreOrDue({ newsAt }: Shower, desk: Desk): Promise<void> {
  const waitMs = (newsAt.get(desk.latest.view.id) ?? 0) - performance.now();
  if (waitMs <= 0) return;
  const stop = new AbortController();
  desk.wake = () => stop.abort();
  await sleep(waitMs, undefined, { signal: stop.signal }).catch(() => undefined);
  desk.wake = () => undefined;
}

/** From now on news of this incident is gathered. */
function gather({ newsAt, gatherMs }: Shower, incident: string): void {
  const now = performance.now();
  for (const [other, at] of newsAt) if (at <= now) newsAt.delete(other);
  newsAt.set(incident, now + gatherMs);
}
