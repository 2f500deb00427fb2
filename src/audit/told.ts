import type { Sealed } from './chain.ts';
import { type EventOf, ReadEvent } from './read-event.ts';
import type { TrailProblem } from './verify.ts';

/** Something that the trail tells, and in which line. */
export interface Told<Event> {
  readonly seq: number;
  readonly event: Event;
}

/** What the trail tells of one run, as the journal should have it. */
export interface ToldRun {
  readonly asked: Told<EventOf<'asked'>>;
  ended?: Told<EventOf<'ended'>>;
  cancelled?: Told<EventOf<'cancelled'>>;
  dropped?: Told<EventOf<'dropped'>>;
  /** By the number of the round. */
  readonly looked: Map<string, Told<EventOf<'looked'>>>;
  readonly planned: Map<string, Told<EventOf<'planned'>>>;
  /** By round and step. */
  readonly steps: Map<string, Told<ToldStep>>;
  /** By round, step and person. */
  readonly decided: Map<string, Told<EventOf<'decided'>>>;
}

/** A step after all its moves. */
export type ToldStep = Pick<EventOf<'step'>, 'to' | 'detail' | 'output'>;

export interface Telling {
  readonly runs: ReadonlyMap<string, ToldRun>;
  /** When the first line was written; what is older is not in the trail. */
  readonly since: number;
  readonly problems: readonly TrailProblem[];
}

/** Collects what genuine lines tell; they must come in order. */
export function createTelling(): { readonly hear: (sealed: Sealed) => void; readonly all: () => Telling } {
  const runs = new Map<string, ToldRun>();
  const problems: TrailProblem[] = [];
  let since = Number.POSITIVE_INFINITY;
  return {
    hear({ seq, at, event: written }) {
      since = Math.min(since, at);
      const { data: event } = ReadEvent.safeParse(written);
      if (event === undefined)
        problems.push({ says: `Seq ${seq} tells of "${written.kind}", which this version cannot read.`, seq });
      else if (event.kind === 'asked') runs.set(event.run, newRun({ seq, event }));
      else if ('run' in event && event.run !== undefined) addTo(runs.get(event.run), seq, event);
    },
    all: () => ({ runs, since, problems }),
  };
}

function newRun(asked: Told<EventOf<'asked'>>): ToldRun {
  return { asked, looked: new Map(), planned: new Map(), steps: new Map(), decided: new Map() };
}

function addTo(run: ToldRun | undefined, seq: number, event: ReadEvent): void {
  if (run === undefined) return;
  switch (event.kind) {
    case 'looked':
      run.looked.set(`${event.round}`, { seq, event });
      break;
    case 'planned':
      run.planned.set(`${event.round}`, { seq, event });
      break;
    case 'decided':
      run.decided.set(`${event.round} ${event.step} ${event.decision.actor.id}`, { seq, event });
      break;
    case 'step':
      run.steps.set(`${event.round} ${event.step}`, {
        seq,
        event: { ...run.steps.get(`${event.round} ${event.step}`)?.event, ...event },
      });
      break;
    case 'cancelled':
      run.cancelled = { seq, event };
      break;
    case 'dropped':
      run.dropped = { seq, event };
      break;
    case 'ended':
      run.ended = { seq, event };
      break;
    default:
  }
}
