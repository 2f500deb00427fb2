import { z } from 'zod';
import { type Episode, episodeKey } from '../../core/alert.ts';
import type { IncidentView } from '../../core/incident.ts';
import type { News } from '../incident-thread.ts';
import type { MessageStore } from './delivery.ts';

/** One message of a thread, written down before it is sent: after a crash the same news is sent, and none is left out. */
const Row = z.object({
  /** False where the root message says all of it. */
  told: z.boolean(),
  isStart: z.boolean(),
  joined: z.array(z.string()),
  again: z.array(z.string()),
  ended: z.array(z.string()),
  /** Why it is not over although nothing fires. */
  doubt: z.string().exactOptional(),
  /** When it was closed. */
  closedAt: z.number().exactOptional(),
});
type Row = z.output<typeof Row>;

export interface Ledger {
  /** The latest message that was written down, until it is known to be told. */
  readonly untold: (view: IncidentView) => { readonly number: number; readonly news: News } | undefined;
  readonly wasTold: (number: number) => void;
  /** Writes down with which alerts the thread begins. */
  readonly begin: (view: IncidentView, rootSaysAll: boolean) => void;
  readonly hasBegun: () => boolean;
  /** Whether there is something that nobody was told yet. */
  readonly hasNews: (view: IncidentView, doubt?: string) => boolean;
  /** Writes down what nobody was told yet. */
  readonly next: (view: IncidentView, doubt?: string) => void;
}

/** What the thread of this incident was told so far. */
export function openLedger(messages: MessageStore, incident: string): Ledger {
  const rows = readRows(messages, incident);
  const fires = new Map<string, boolean>();
  let closedAt: number | undefined;
  let isDoubted = false;
  let told: number | undefined;
  const learn = (row: Row) => {
    for (const key of [...row.joined, ...row.again]) fires.set(key, true);
    for (const key of row.ended) fires.set(key, false);
    closedAt = row.closedAt ?? closedAt;
    // Once for each time that nothing fires.
    if (row.joined.length + row.again.length > 0) isDoubted = false;
    if (row.doubt !== undefined) isDoubted = true;
  };
  for (const row of rows) learn(row);
  const add = (row: Row) => {
    messages.putMessage(incident, `${PART}${rows.length}`, row);
    rows.push(row);
    learn(row);
  };
  const newDoubt = (doubt: string | undefined) => (isDoubted || doubt === undefined ? {} : { doubt });
  return {
    untold: (view) => (told === rows.length - 1 ? undefined : newest(rows, view)),
    wasTold: (number) => void (told = number),
    begin: ({ members, closed }, rootSaysAll) => {
      const keys = members.map(episodeKey);
      const ended = members.filter(({ endsAt }) => endsAt !== undefined).map(episodeKey);
      add({ told: !rootSaysAll, isStart: true, joined: keys, again: [], ended, ...closedOf(closed?.at) });
    },
    hasBegun: () => rows.length > 0,
    hasNews: (view, doubt) => rowOf(view, { fires, closedAt, ...newDoubt(doubt) }) !== undefined,
    next: (view, doubt) => {
      const row = rowOf(view, { fires, closedAt, ...newDoubt(doubt) });
      if (row !== undefined) add(row);
    },
  };
}

const PART = 'ledger ';

function readRows(messages: MessageStore, incident: string): Row[] {
  const known = messages.getMessages(incident);
  const rows: Row[] = [];
  for (let row = known.get(`${PART}0`); row !== undefined; row = known.get(`${PART}${rows.length}`)) rows.push(Row.parse(row));
  return rows;
}

interface Told {
  readonly fires: ReadonlyMap<string, boolean>;
  readonly closedAt: number | undefined;
  /** Not told yet. */
  readonly doubt?: string;
}

function rowOf({ members, closed }: IncidentView, { fires, closedAt, doubt }: Told): Row | undefined {
  const keyed = members.map((member) => ({ key: episodeKey(member), firing: member.endsAt === undefined }));
  const joined = keyed.filter(({ key }) => !fires.has(key)).map(({ key }) => key);
  const again = keyed.filter(({ key, firing }) => firing && fires.get(key) === false).map(({ key }) => key);
  const ended = keyed.filter(({ key, firing }) => !firing && fires.get(key) !== false).map(({ key }) => key);
  const isClosedNow = closed !== undefined && closed.at !== closedAt;
  if (joined.length + again.length + ended.length === 0 && !isClosedNow && doubt === undefined) return undefined;
  const said = doubt === undefined ? {} : { doubt };
  return { told: true, isStart: false, joined, again, ended, ...said, ...closedOf(isClosedNow ? closed.at : undefined) };
}

function closedOf(at: number | undefined): Pick<Row, 'closedAt'> {
  return at === undefined ? {} : { closedAt: at };
}

function newest(rows: readonly Row[], { members }: IncidentView): { number: number; news: News } | undefined {
  const row = rows.at(-1);
  if (row === undefined || !row.told) return undefined;
  const byKey = new Map(members.map((member) => [episodeKey(member), member]));
  const episodes = (keys: readonly string[]): Episode[] =>
    keys.flatMap((key) => {
      const member = byKey.get(key);
      return member === undefined ? [] : [member];
    });
  const came = new Set(row.joined);
  const news = {
    isStart: row.isStart,
    joined: episodes(row.joined),
    again: episodes(row.again),
    // What came and went between two messages is told once, as joined.
    ended: episodes(row.ended.filter((key) => !came.has(key))),
    ...(row.doubt === undefined ? {} : { doubt: row.doubt }),
    closed: row.closedAt !== undefined,
  };
  return { number: rows.length - 1, news };
}
