import type { Episode, EpisodeKey } from './alert.ts';
import type { Foundation } from './foundation.ts';
import type { Cause, Cleared, Incident, IncidentView } from './incident.ts';
import type { IncidentThread } from './incident-ports.ts';
import type { Actor } from './run.ts';

export interface NewIncident {
  readonly id: string;
  readonly cause: Cause;
  readonly candidates: readonly Foundation[];
  readonly members: readonly EpisodeKey[];
  readonly openedAt: number;
}

/** Episodes that turn out to stand on the cause of an incident. */
export interface Joining {
  readonly members: readonly EpisodeKey[];
  /** What all its members stand on from then on. */
  readonly candidates: readonly Foundation[];
  /** Absent: as before. */
  readonly cause?: Cause;
}

/** A word of a person over an incident. */
export interface IncidentWord extends Keyed {
  readonly by: Actor;
  readonly at: number;
}

export interface Keyed {
  /** Of the press that it came by, if any. */
  readonly key?: string;
}

/** A diagnosis that is wanted. */
export interface DiagnosisWish {
  /** True: not what was looked at lately, because that told nothing. */
  readonly next?: boolean;
  /** Who asked for it; absent: nobody did. */
  readonly by?: Actor;
}

/** The press of a button, which is marked as taken with what it does. */
export interface Press {
  readonly key: string;
  readonly at: number;
}

/** One incident goes on in another. */
export interface Merging {
  readonly from: string;
  readonly into: string;
  /** What all members stand on from then on. */
  readonly candidates: readonly Foundation[];
  readonly at: number;
}

/** A run that waits for a decision although its incident is over. */
export interface OfferOfClosed {
  readonly run: string;
  readonly incident: string;
  readonly closed: Closing;
}

export type Closing = NonNullable<Incident['closed']>;

/** Incidents, and what is remembered for them. Every function is one transaction, on disk when it returns. */
export interface IncidentStore {
  /** Opens it with its first members. Throws when one of them belongs to another incident. */
  readonly addIncident: (incident: NewIncident) => void;
  /** Takes members in; an incident that had ended or was closed is open again. */
  readonly joinIncident: (incident: string, joining: Joining) => void;
  /** Shows it anew, because a member ended or fires again. `quietSince`: when its last member ended; absent while one fires. */
  readonly changeIncident: (incident: string, quietSince: number | undefined) => void;
  /** What a diagnosis found to be the cause, and what it found well. False when all of that was known. */
  readonly setCause: (incident: string, cause: Cause, cleared: readonly Cleared[]) => boolean;
  /** Gives the members of one to another, which is open, and closes it. False when one of the two is not open. */
  readonly mergeIncident: (merging: Merging) => boolean;
  /** The next three: false when it was so already, or there is no such incident that is open. */
  readonly acknowledgeIncident: (incident: string, word: IncidentWord) => boolean;
  /** Also from somebody else who looked after it. */
  readonly takeIncident: (incident: string, word: IncidentWord) => boolean;
  readonly closeIncident: (incident: string, closing: Closing & Keyed) => boolean;
  /** Remembers a run of it. False when it was remembered. */
  readonly addIncidentRun: (incident: string, run: string) => boolean;
  /** Wants a diagnosis of one that is open. False when one is wanted already. */
  readonly wantDiagnosis: (incident: string, wish?: DiagnosisWish & { readonly press?: Press }) => boolean;
  /** Nothing can be diagnosed for it. */
  readonly skipDiagnosis: (incident: string) => void;
  /** Remembers, until another diagnosis is wanted, what made the bot withdraw an offer. */
  readonly withhold: (incident: string, by: string) => void;
  /** Shows these again, because one of their runs looks different now. */
  readonly touchIncidents: (incidents: readonly string[]) => void;
  /** Shows the incidents of these episodes again, because they ended or fire again. */
  readonly touchMembers: (members: readonly EpisodeKey[]) => void;
  /** False once one of its diagnoses was started, until it is opened again or a member tells of another cause. */
  readonly wantsDiagnosis: (incident: string) => boolean;
  /** The diagnosis that is wanted, with a key that no other of its wishes has. */
  readonly wishOf: (incident: string) => (DiagnosisWish & { readonly key: string }) | undefined;
  readonly incident: (id: string) => IncidentView | undefined;
  /** The incident that started this run. */
  readonly incidentOfRun: (run: string) => string | undefined;
  /** What runs of closed incidents still offer, oldest first; but for the rest of plans that were begun. */
  readonly offersOfClosed: () => readonly OfferOfClosed[];
  /** Those that are not closed, oldest first. */
  readonly openIncidents: () => readonly IncidentView[];
  /** The same without their members, which may be many. */
  readonly openHeads: () => readonly Incident[];
  /** Those that were closed at this time or later, oldest first. */
  readonly incidentsClosedSince: (at: number) => readonly IncidentView[];
  readonly hasUnplaced: () => boolean;
  /** Episodes that fire and belong to no incident, in the order in which they were heard of. */
  readonly unplacedEpisodes: () => readonly Episode[];
  /** Ids of incidents of which a member fires. */
  readonly firingIncidents: () => ReadonlySet<string>;
  /** Ids of incidents whose last change has not been shown, oldest first. */
  readonly unreportedIncidents: () => readonly string[];
  /** The revision that was last shown. */
  readonly reportedRevision: (incident: string) => number | undefined;
  readonly markIncidentReported: (
    incident: string,
    shown: { readonly revision: number; readonly thread: IncidentThread },
  ) => void;
  /** Where it was shown; undefined before the first time. */
  readonly threadOf: (incident: string) => IncidentThread | undefined;
  /** Calls after each committed change of an incident. */
  readonly subscribeIncidents: (listener: (incident: string) => void) => void;
  /** Remembers which message shows which part of an incident; the part `root` is its thread. */
  readonly putIncidentMessage: (incident: string, part: string, value: unknown) => void;
  readonly getIncidentMessages: (incident: string) => ReadonlyMap<string, unknown>;
  /** How often this approver, a person or a rule, approved a change since then. */
  readonly approvalsSince: (actor: string, at: number) => number;
}
