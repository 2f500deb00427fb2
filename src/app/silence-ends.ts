import type { Doubt } from '../alerts/doubts.ts';
import { createSilenceEnds } from '../alerts/silence-ends.ts';
import { type ApiAlert, type Silence, silences } from '../commands/alertmanager.ts';
import type { AlertSettings } from '../config/alert-schema.ts';
import { ALERTS, ruleActor } from '../core/actors.ts';
import type { Read } from '../core/command.ts';
import { stepsOf } from '../core/plan.ts';
import type { Engine, Origin, Targets } from '../core/ports.ts';
import { readerOver } from '../core/reading.ts';
import type { Log } from '../log.ts';
import type { Store } from '../store/store.ts';
import { runOf } from '../topology/own-silences.ts';
import { createPeriodic, type Periodic } from './periodic.ts';

export interface SilenceEndsParts {
  readonly settings: AlertSettings;
  readonly engine: Engine;
  readonly store: Pick<Store, 'run' | 'recall' | 'remember'>;
  readonly targets: Pick<Targets, 'read'>;
  /** All that fires, as Alertmanager knows it. Rejects where that is not known. */
  readonly firing: () => Promise<readonly ApiAlert[]>;
  readonly doubt: Doubt;
  /** Says it in the channel of incidents, or in this place of Slack. */
  readonly tell: (says: string, where?: SlackOrigin) => Promise<void>;
  readonly clock: () => number;
  readonly log: Log;
  readonly everyMs?: number;
}

export type SlackOrigin = Extract<Origin, { kind: 'slack' }>;

const CHECK_EVERY_MS = 60_000;
const RUNBOOK = 'unsilence';

/** Looks each minute whether silences "until resolved" are over. Undefined where Alertmanager cannot be asked. */
export function openSilenceEnds(parts: SilenceEndsParts): Periodic | undefined {
  const { settings, store, targets, firing, tell, everyMs = CHECK_EVERY_MS } = parts;
  if (settings.alertmanager === undefined) return undefined;
  const { check } = createSilenceEnds({
    ...parts,
    ask: async () => {
      const [alerts, list] = await Promise.all([firing(), known(targets, silences())]);
      const { watchdog } = settings;
      if (watchdog !== undefined && !alerts.some(({ name }) => name === watchdog.alert))
        throw new Error(
          `Alertmanager does not have ${watchdog.alert}, which always fires, so that it proves nothing what it does not have.`,
        );
      return { ...list, alerts };
    },
    start: (words, key) => start(parts, words, key),
    tell: (silence, says) => tell(says, whereAsked(store, silence)),
    memory: store,
    settleForMs: settings.settleForMs,
  });
  return createPeriodic(check, everyMs);
}

/** Undefined where that was not in Slack. */
function whereAsked({ run }: SilenceEndsParts['store'], silence: Silence): SlackOrigin | undefined {
  const id = runOf(silence);
  const origin = id === undefined ? undefined : run(id)?.origin;
  return origin?.kind === 'slack' ? origin : undefined;
}

async function known<T>({ read }: Pick<Targets, 'read'>, question: Read<T>): Promise<T> {
  const seen = await readerOver(read)(question);
  if (!seen.known) throw new Error(`${seen.why.says} ${seen.why.toDo}`);
  return seen.value;
}

/** Its step waits for a person in the channel of incidents, unless a rule lets it be applied. */
async function start({ settings, engine, log }: SilenceEndsParts, words: readonly string[], key: string): Promise<void> {
  const origin: Origin = { kind: 'slack', channel: settings.channel };
  const run = await engine.start({ runbook: RUNBOOK, arguments: words, requester: ALERTS, origin, key });
  const rule = settings.autoApply.find(({ runbook }) => runbook === RUNBOOK);
  if (rule === undefined) return;
  const round = (await engine.settled(run)).rounds.at(-1);
  const [step, ...more] = round === undefined ? [] : stepsOf(round.plan);
  const digest = round?.steps[0]?.digest;
  // What is more than one silence, or of more than usual risk, is for people.
  if (round === undefined || step?.change.risk !== 'normal' || digest === undefined || more.length > 0) return;
  const about = { run, round: round.number, step: 0, digest };
  const { says } = await engine.decide({ ...about, actor: ruleActor(rule), verdict: 'approve', key: `${key} approve` });
  log.info({ run, says }, 'a silence whose alerts are resolved is ended by a rule');
}
