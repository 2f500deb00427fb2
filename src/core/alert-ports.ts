import type { Alert, AlertSource, Episode, EpisodeKey, Muted } from './alert.ts';

/** A notification as it was sent. */
export interface NewDelivery {
  readonly source: AlertSource;
  /** When it was received, by the bot's clock. */
  readonly at: number;
  readonly body: string;
}

export interface Delivery extends NewDelivery {
  readonly id: number;
}

/** What was read from a delivery. */
export interface ReadDelivery {
  readonly id: number;
  readonly at: number;
  readonly alerts: readonly Alert[];
  /** Alertmanager can be asked where these leave a doubt: then they change nothing, and the question is asked. */
  readonly canAsk?: boolean;
  /** The receiver for which more fires than was told. */
  readonly askFor?: string;
  /** Why it cannot be read: it is kept aside for whoever looks into that. */
  readonly unreadable?: string;
}

/** Alertmanager is to be asked what fires for this receiver; '' stands for all. */
export interface Question {
  readonly receiver: string;
  /** How often that was noted: what was asked before the last time is no answer to it. */
  readonly asked: number;
  /** Alerts that are said to fire, and are to be among the answer. */
  readonly names: readonly string[];
  /** Answers in a row in which some of them were missing. */
  readonly tries: number;
}

/** What Alertmanager's API says that fires, or a part of it. */
export interface Answered extends Pick<Question, 'receiver' | 'asked'> {
  /** When it was asked. */
  readonly at: number;
  readonly alerts: readonly Alert[];
  /** With the last part: the names that are still to be found. */
  readonly missing?: readonly string[];
}

/** What Alertmanager's API shows and nobody has told. */
export interface Looked {
  readonly at: number;
  /** As if they had been told; with `muted` where they are held back. */
  readonly alerts: readonly (Alert & { readonly muted?: Muted })[];
  /** Open episodes that are held back now, or (without `muted`) no longer. */
  readonly muted: readonly (EpisodeKey & { readonly muted?: Muted })[];
}

/** Alerts that were told, durable before they are understood. Every function is one transaction, on disk when it returns. */
export interface AlertStore {
  readonly addDeliveries: (list: readonly NewDelivery[]) => void;
  /** Oldest first; as many as are no more than this and not too large together. */
  readonly nextDeliveries: (limit: number) => readonly Delivery[];
  /** Takes in what these say and deletes them. Returns the episodes that began, ended or fire again. */
  readonly applyDeliveries: (list: readonly ReadDelivery[]) => readonly EpisodeKey[];
  readonly backlog: () => Backlog;
  readonly addQuestion: (receiver: string, names?: readonly string[]) => void;
  /** Those first that were answered in vain least often. */
  readonly questions: () => readonly Question[];
  /** Takes in what was answered; as `applyDeliveries`. The question is done once nothing is missing, unless it was asked anew meanwhile. */
  readonly applyAnswer: (answered: Answered) => readonly EpisodeKey[];
  /** Takes in what was seen without being told. Returns the episodes that changed. */
  readonly applyLook: (looked: Looked) => readonly EpisodeKey[];
  /** All that are kept, in the order in which they were heard of. */
  readonly episodes: () => readonly Episode[];
  readonly openEpisodes: () => readonly Episode[];
  /** Deletes what ended before this time, by the bot's clock, and is in no incident that is open; how many. */
  readonly dropEpisodes: (before: number) => number;
}

export interface Backlog {
  readonly deliveries: number;
  readonly bytes: number;
}
