import type { IncidentView } from './incident.ts';
import type { Answer, Origin } from './ports.ts';
import type { Actor, Decision, RunView } from './run.ts';

/** What people are shown of an incident beside itself. */
export interface IncidentExtras {
  /** Its last diagnosis; absent before the first. */
  readonly diagnosis?: RunView;
  /** What else is to be known now, one sentence each: maintenance, why an offer waits … */
  readonly notes?: readonly string[];
  /** Steps that a rule of the configuration approved, not a person. */
  readonly approvals?: readonly Decision[];
  /** Why it is not over although none of its alerts fires; the thread is told once. */
  readonly doubt?: string;
}

/**
 * Shows the present state of an incident. Resolves, once it is shown, to the thread in which its runs belong. Rejects when
 * it is not shown; showing it again, also after a restart, shows what is missing and nothing twice.
 */
export type IncidentReporter = (view: IncidentView, extras: IncidentExtras) => Promise<IncidentThread>;
export type IncidentThread = Required<Extract<Origin, { kind: 'slack' }>>;

/** What a person wants of an incident. */
export interface IncidentAction {
  readonly incident: string;
  readonly actor: Actor;
  /** Names the press: a second one of the same key does nothing. */
  readonly key: string;
}

/** Incidents for the people who look after them. No action rejects on a late or second press: the answer says so. */
export interface Incidents {
  readonly view: (incident: string) => IncidentView | undefined;
  /** Those that are not closed, oldest first. */
  readonly open: () => readonly IncidentView[];
  /** Somebody has seen it. */
  readonly acknowledge: (action: IncidentAction) => Promise<Answer>;
  /** Somebody looks after it from now on. */
  readonly take: (action: IncidentAction) => Promise<Answer>;
  /** Starts its diagnosis once more, in its thread. */
  readonly diagnose: (action: IncidentAction) => Promise<Answer>;
  /** Ends it although alerts may still fire. */
  readonly close: (action: IncidentAction) => Promise<Answer>;
}

/** A message of another app, as far as Slack gives it to us. */
export interface PostedMessage {
  readonly text: string;
  /** Titles of its attachments and where they link to. */
  readonly attachments: readonly { readonly title: string; readonly link: string }[];
}

/** Reads what Alertmanager's own Slack receiver writes, whose text has no labels. */
export interface ChannelWatch {
  /** Channels in which it writes. */
  readonly channels: readonly string[];
  /** Takes in the alerts that this message is about, as Alertmanager's API knows them. False when it is about none. */
  readonly heard: (message: PostedMessage) => boolean;
}
