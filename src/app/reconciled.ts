import { type Listed, listedFor, type Wanted } from '../alerts/asking.ts';
import { createChannelWatch } from '../alerts/channel-watch.ts';
import type { Doubt } from '../alerts/doubts.ts';
import type { Intake } from '../alerts/intake.ts';
import type { Receivers } from '../alerts/receivers.ts';
import { createReconciling, type Reconciling } from '../alerts/reconciling.ts';
import type { ApiAlert } from '../commands/alertmanager.ts';
import type { AlertSettings } from '../config/alert-schema.ts';
import type { EpisodeKey } from '../core/alert.ts';
import type { ChannelWatch } from '../core/incident-ports.ts';
import type { Log } from '../log.ts';
import type { Store } from '../store/store.ts';
import type { AlertmanagerLooks } from './alertmanager-looks.ts';
import { createPeriodic, type Periodic } from './periodic.ts';

export interface ReconciledParts {
  readonly settings: AlertSettings;
  readonly store: Pick<Store, 'openEpisodes' | 'applyLook' | 'subscribe'> & {
    readonly run: (run: string) => { readonly runbook: string } | undefined;
  };
  readonly looks: Pick<AlertmanagerLooks, 'look'>;
  readonly receivers: Receivers;
  readonly doubt: Doubt;
  readonly changed: (episodes: readonly EpisodeKey[]) => void;
  /** Tells people, each sentence once a day, of what they must put right. */
  readonly tell: (problem: string) => void;
  readonly clock: () => number;
  readonly log: Log;
}

export type Reconciled = Omit<Reconciling, 'check'> & Periodic;

/** How often it is asked whether it is time to look. */
const ASKED_EVERY_MS = 5_000;
/** Runbooks that change what Alertmanager holds back. */
const SILENCING: ReadonlySet<string> = new Set(['silence', 'unsilence']);

/** Keeps what is known of alerts as Alertmanager has it. Undefined where it cannot be asked. */
export function openReconciled(parts: ReconciledParts): Reconciled | undefined {
  const { settings, store, looks, receivers } = parts;
  if (settings.alertmanager === undefined) return undefined;
  const { check, ...reconciling } = createReconciling({
    ...parts,
    look: looks.look,
    isOwnReceiver: receivers.isOwn,
    ...(settings.watchdog && { watchdog: settings.watchdog.alert }),
  });
  store.subscribe((run) => {
    if (SILENCING.has(store.run(run)?.runbook ?? '')) reconciling.soon();
  });
  return { ...reconciling, ...createPeriodic(check, ASKED_EVERY_MS) };
}

/** An answer for any receiver is for those of which the bot hears: others are told of more than it is. */
export async function answerTo(
  question: Wanted,
  looks: Pick<AlertmanagerLooks, 'now'>,
  { areKnown, isOwn }: Receivers,
): Promise<Listed> {
  const all = await looks.now();
  const isForBot = ({ name, receivers }: ApiAlert) =>
    question.receiver !== '' || question.names.includes(name) || !areKnown() || receivers.some(isOwn);
  return listedFor(question, all.filter(isForBot));
}

export interface WatchParts {
  readonly settings: AlertSettings;
  readonly intake: Pick<Intake, 'ask'>;
  readonly receivers: Receivers;
  readonly reconciled: Reconciled;
}

/** Undefined where no channel is watched. */
export function openWatch({ settings: { watch }, intake, receivers, reconciled }: WatchParts): ChannelWatch | undefined {
  if (watch === undefined) return undefined;
  return createChannelWatch({
    channels: watch.channels,
    ask: intake.ask,
    heardFor: receivers.heard,
    saidToHaveEnded: reconciled.saidToHaveEnded,
  });
}
