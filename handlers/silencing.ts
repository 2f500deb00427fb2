import type { Alert } from '../src/core/alert.ts';
import type { Matchers } from '../src/core/alertmanager.ts';
import { messageOf, Refusal } from '../src/core/errors.ts';
import type { IncidentView } from '../src/core/incident.ts';
import { stepsOf } from '../src/core/plan.ts';
import type { Origin } from '../src/core/ports.ts';
import type { Actor, RunView } from '../src/core/run.ts';
import { within } from '../src/slack/connection/within.ts';
import type { FiringNow } from '../src/slack/incident-modal.ts';
import { othersMuted, silenceWords } from '../src/slack/incident-silence.ts';
import { count, isOnOffer } from '../src/slack/words.ts';
import type { HandlerContext } from './requests.ts';

export interface Silencing {
  readonly view: IncidentView;
  readonly silences: readonly Matchers[];
  /** What follows what is to be silenced: `for 4h because …`. */
  readonly how: readonly string[];
  readonly actor: Actor;
  readonly origin: Origin;
  readonly key: string;
  /** True where the person has read what is silenced: then the same press approves it, if this person may and nothing else is muted. */
  readonly wasRead: boolean;
}

export interface Silenced {
  readonly says: string;
  /** False when the request itself makes no sense. */
  readonly started: boolean;
}

const SILENCE = 'silence';

/** Starts the run that makes the silences and, where that was read already, approves its one step as this person. */
export async function silence(context: HandlerContext, silencing: Silencing): Promise<Silenced> {
  const { engine, log } = context;
  const { view: incident, silences, how, actor, origin, key } = silencing;
  try {
    const words = [...silenceWords(silences), ...how];
    const run = await engine.start({ runbook: SILENCE, arguments: words, requester: actor, origin, key });
    const view = await engine.settled(run);
    const whyNot = await whyWait(context, silencing);
    const says = whyNot === undefined ? await approve(context, view, { actor, key }) : `${whyNot}${offeredWords(view)}`;
    log.info({ run, incident: incident.id, actor: actor.id, approves: whyNot === undefined }, 'a silence was asked for');
    return { says, started: true };
  } catch (error) {
    if (error instanceof Refusal) return { says: error.message, started: false };
    throw error;
  }
}

const SAYS_WITHIN_MS = 10_000;

/** Why the press is no approval. What fires is asked after the plan was made: the step itself refuses what begins after that. */
async function whyWait(context: HandlerContext, { view, silences, wasRead }: Silencing): Promise<string | undefined> {
  if (!wasRead) return '';
  const firing = await firingNow(context, SAYS_WITHIN_MS);
  if (firing === undefined) return 'Alertmanager does not say what else would be muted, so that this is not approved yet. ';
  const others = othersMuted(silences, context.incidents?.view(view.id) ?? view, firing);
  if (others.length === 0) return undefined;
  const names = [...new Set(others.map(({ name }) => name))].slice(0, 5).join(', ');
  return `${count(others.length, 'alert')} that ${others.length === 1 ? 'fires and is' : 'fire and are'} not of this incident would be muted too (${names}), so that this is not approved yet. `;
}

/** Undefined where Alertmanager does not say it in time. */
export async function firingNow({ firing, log }: HandlerContext, withinMs: number): Promise<FiringNow> {
  try {
    return firing === undefined
      ? undefined
      : await within<readonly Alert[]>(withinMs, firing(), new Error('It did not answer in time.'));
  } catch (error) {
    log.warn({ reason: messageOf(error) }, 'Alertmanager does not say what fires');
    return undefined;
  }
}

async function approve(
  { engine }: HandlerContext,
  view: RunView,
  { actor, key }: Pick<Silencing, 'actor' | 'key'>,
): Promise<string> {
  const round = view.rounds.at(-1);
  const [step, ...more] = round === undefined ? [] : stepsOf(round.plan);
  const state = round?.steps[0];
  const isWhatWasRead = step?.change.risk === 'normal' && step.change.command.via === 'alertmanager' && more.length === 0;
  if (round === undefined || state === undefined || !isOnOffer(view, state) || !isWhatWasRead) return offeredWords(view);
  const decided = { run: view.id, round: round.number, step: 0, digest: state.digest };
  const { accepted, says } = await engine.decide({ ...decided, actor, verdict: 'approve', key: `${key} approve` });
  return accepted ? `${says} Run ${view.id} in this thread makes the silence.` : `${says} ${offeredWords(view)}`;
}

function offeredWords({ id, problem, status }: RunView): string {
  if (problem !== undefined) return problem;
  return status === 'waiting'
    ? `Run ${id} in this thread waits for an approval.`
    : `Run ${id} in this thread says what it found.`;
}
