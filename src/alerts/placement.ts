import type { Episode } from '../core/alert.ts';
import type { Foundation } from '../core/foundation.ts';
import type { Cause, IncidentView } from '../core/incident.ts';

/** Where an alert stands. */
export interface Standing {
  /** What it says is ill, lowest first: mostly nothing. */
  readonly names: readonly Foundation[];
  /** All that could be its cause, lowest first: what its subject stands on, with the subject itself and what it names. */
  readonly standsOn: readonly Foundation[];
  /** `unavailable`: something does not work, and what is under it may be why. `own`: it is about its subject alone. */
  readonly kind: 'unavailable' | 'own';
  /** Alerts of one subject count once. */
  readonly subject: Foundation;
  /** It is about one part of its subject, on this node: such alerts of several nodes name the subject. */
  readonly part?: string;
}

/**
 * Why an alert is not placed yet. `gathering`: others may come. `diagnosing`: a diagnosis runs that may prove its cause. `muted`: Alertmanager holds it
 * back, and no open incident explains it.
 */
export type WaitsFor = 'gathering' | 'diagnosing' | 'muted';

export type Placement =
  | {
      readonly place: 'join';
      readonly episode: Episode;
      /** An incident that has ended by itself is opened again by this. */
      readonly incident: string;
      /** What all members stand on now. */
      readonly candidates: readonly Foundation[];
      /** Another one than before: this member tells more. */
      readonly cause?: Cause;
    }
  | {
      readonly place: 'open';
      readonly episodes: readonly [Episode, ...Episode[]];
      readonly cause: Cause;
      readonly candidates: readonly Foundation[];
    }
  | {
      readonly place: 'wait';
      readonly episode: Episode;
      readonly for: WaitsFor;
      /** To be asked about again, at the latest at this time; of what is muted there is none (Infinity). */
      readonly until: number;
      /** An incident whose cause was proved too long ago to explain this: it is to be diagnosed anew. */
      readonly asks?: string;
    };

export interface ToPlace {
  /** Those that are open, and those that ended less than `windowMs` ago. */
  readonly incidents: readonly IncidentView[];
  /** Fired when they were heard of, belong to no incident and are not ignored. */
  readonly unplaced: readonly Episode[];
  readonly standing: (episode: Episode) => Standing;
  readonly now: number;
  readonly gatherForMs: number;
  readonly windowMs: number;
  /** True from when an incident opens until its diagnosis has ended. */
  readonly running: (incident: IncidentView) => boolean;
}
