import type { ChannelWatch } from '../core/incident-ports.ts';
import { toldAlerts } from './slack-text.ts';

export interface ChannelWatchOptions {
  readonly channels: readonly string[];
  /** Asks Alertmanager for alerts of these names that it tells this receiver ('': any). */
  readonly ask: (receiver: string, names: readonly string[]) => void;
  /** A message of this receiver was heard. */
  readonly heardFor: (receiver: string) => void;
  /** Alertmanager says that all alerts of these names have ended. */
  readonly saidToHaveEnded: (names: readonly string[]) => void;
}

/** The texts of Alertmanager's own Slack receiver have no labels: what they name is looked up in its API. */
export function createChannelWatch({ channels, ask, heardFor, saidToHaveEnded }: ChannelWatchOptions): ChannelWatch {
  return {
    channels,
    heard(message) {
      const told = toldAlerts(message);
      for (const { receiver } of told) if (receiver !== undefined) heardFor(receiver);
      const firing = Map.groupBy(
        told.filter(({ says }) => says === 'fires'),
        ({ receiver }) => receiver ?? '',
      );
      for (const [receiver, of] of firing) ask(receiver, [...new Set(of.map(({ name }) => name))]);
      const ended = told.filter(({ says }) => says === 'resolved').map(({ name }) => name);
      if (ended.length > 0) saidToHaveEnded(ended);
      return told.length > 0;
    },
  };
}
