import { setImmediate as others } from 'node:timers/promises';
import type { Alert, EpisodeKey } from '../core/alert.ts';
import type { AlertStore, Question } from '../core/alert-ports.ts';
import type { IntakeLog } from './commits.ts';
import { createTurns } from './turns.ts';

/** What Alertmanager's API says that fires. */
export interface Listed {
  /** What is to be taken in. */
  readonly alerts: readonly Alert[];
  /** Of all that it knows, also of what is held back there. */
  readonly names: ReadonlySet<string>;
}

export type Wanted = Pick<Question, 'receiver' | 'names'>;

/** Of all that the API knows to fire: what it tells to this receiver, or to anybody where that is '', and what goes by one of these names. */
export function listedFor(
  { receiver, names }: Wanted,
  firing: readonly (Alert & { readonly state: string; readonly receivers: readonly string[] })[],
): Listed {
  const isMeant = (alert: (typeof firing)[number]) =>
    receiver === '' || alert.receivers.includes(receiver) || names.includes(alert.name);
  return {
    alerts: firing.filter((alert) => alert.state !== 'suppressed' && isMeant(alert)),
    names: new Set(firing.map(({ name }) => name)),
  };
}

export interface AskingOptions {
  readonly store: Pick<AlertStore, 'addQuestion' | 'questions' | 'applyAnswer'>;
  readonly clock: () => number;
  readonly log: IntakeLog;
  readonly changed: (episodes: readonly EpisodeKey[]) => void;
  readonly tell: (problem: string) => void;
  /** Asks anew each time: what was answered before is no answer. */
  readonly ask?: (question: Wanted) => Promise<Listed>;
}

export interface Asking {
  /** Asks what fires for this receiver ('': for any) until there is an answer, and somewhat longer for these names. Never throws. */
  readonly ask: (receiver: string, names?: readonly string[]) => void;
  /** There may be a question in the store. */
  readonly look: () => void;
  readonly start: () => void;
  readonly stop: () => Promise<void>;
}

/** Answers in a row without a name that was told, until people are told. */
const TRIES = 3;
/** Doubts come in numbers, and an answer may be long. */
const GATHER_MS = 250;
/** In a storm an answer takes long to read, and others have to be heard between two of them. */
const REST = { times: 20, mostMs: 20_000 };
/** What is taken in at a time: nobody else is served meanwhile. */
const AT_A_TIME = 100;

/** The questions to Alertmanager, one after the other. */
export function createAsking(options: AskingOptions): Asking {
  const { store, log, ask } = options;
  // Which the store did not take yet.
  const unwritten: Wanted[] = [];
  const write = (): void => {
    for (let question = unwritten[0]; question !== undefined; question = unwritten[0]) {
      store.addQuestion(question.receiver, question.names);
      unwritten.shift();
    }
  };
  const turn = async (): Promise<boolean> => {
    write();
    const [question] = store.questions();
    if (question === undefined || ask === undefined) return false;
    await answer(options, question, ask);
    return true;
  };
  const failed = (error: unknown) => log.warn({ error }, 'what fires could not be asked of Alertmanager');
  const turns = createTurns({ turn, failed, gatherMs: GATHER_MS, rest: REST, retryMs: { first: 5_000, most: 60_000 } });
  return {
    ...turns,
    ask: (receiver, names = []) => {
      unwritten.push({ receiver, names });
      try {
        write();
      } catch (error) {
        log.error({ error, receiver, names }, 'a question to Alertmanager could not be written down yet');
      }
      turns.look();
    },
  };
}

/** Throws where some names are missing that may be there later. */
async function answer(options: AskingOptions, question: Question, ask: NonNullable<AskingOptions['ask']>): Promise<void> {
  const { store, clock, changed, tell } = options;
  const { receiver, asked, names, tries } = question;
  const at = clock();
  const listed = await ask(question);
  const missing = names.filter((name) => !listed.names.has(name));
  const isGivenUp = tries + 1 >= TRIES;
  if (missing.length > 0 && isGivenUp) tell(NOT_LISTED(missing));
  for (const { alerts, isLast } of parts(listed.alerts)) {
    const settled = isLast ? { missing: isGivenUp ? [] : missing } : {};
    const episodes = store.applyAnswer({ receiver, asked, at, alerts, ...settled });
    if (episodes.length > 0) changed(episodes);
    await others();
  }
  if (missing.length > 0 && !isGivenUp) throw new Error(`Alertmanager does not list ${missing.join(', ')}, and is asked again`);
}

function NOT_LISTED(names: readonly string[]): string {
  return (
    `A message in a watched channel says that ${names.join(', ')} fires, and Alertmanager does not list it, so nothing is diagnosed for it. ` +
    'See whether alerts.alertmanager is the Alertmanager that writes there.'
  );
}

/** At least one. */
function parts(alerts: readonly Alert[]): readonly { readonly alerts: readonly Alert[]; readonly isLast: boolean }[] {
  const count = Math.max(1, Math.ceil(alerts.length / AT_A_TIME));
  return Array.from({ length: count }, (_, index) => ({
    alerts: alerts.slice(index * AT_A_TIME, (index + 1) * AT_A_TIME),
    isLast: index === count - 1,
  }));
}
