import type { Alert } from '../core/alert.ts';
import type { Foundation } from '../core/foundation.ts';
import type { Site } from '../core/site.ts';
import { labelOf } from './labels.ts';

export interface AlertAt {
  readonly alert: Pick<Alert, 'name' | 'labels'>;
  readonly site: Site;
}

/** What is known of an alert by its name. */
export interface KnownAlert {
  readonly kind: 'unavailable' | 'own';
  /** What it says is ill. */
  readonly names?: (at: AlertAt) => readonly Foundation[];
  /** What its subject stands on, besides what the topology tells; `all`: anything, where its labels do not say who is affected. */
  readonly standsOn?: 'all' | ((at: AlertAt) => readonly Foundation[]);
  /** What it is about, where its labels do not tell. */
  readonly subject?: (at: AlertAt) => Foundation | undefined;
  /** What its pod is one part of, on one node: parts on several nodes name it. */
  readonly partOf?: (at: AlertAt) => Foundation | undefined;
  /**
   * The label that tells what it is about before all others; the `node` of other alerts is that of the exporter. `pod`: what this pod stands on may be
   * the cause too, whatever the subject.
   */
  readonly about?: 'node' | 'instance' | 'pod';
  /** Words of a runbook that only looks; undefined: triage. */
  readonly run?: (at: AlertAt) => readonly string[] | undefined;
  /** Those of others, to be looked with where that one tells nothing. */
  readonly next?: (at: AlertAt) => readonly (readonly string[])[];
  /** Why nobody has to look. */
  readonly ignore?: (at: AlertAt) => string | undefined;
  /** What a person must know of it, true of any that fires. */
  readonly caveat?: string | ((at: Pick<AlertAt, 'alert'>) => string | undefined);
}

export type KnownAlerts = Readonly<Record<string, KnownAlert>>;

/** A runbook with the same words whatever the labels. */
export function words(...all: readonly string[]): () => readonly string[] {
  return () => all;
}

export function claimOf({ alert }: AlertAt): string | undefined {
  const [namespace, claim] = [labelOf(alert, 'namespace'), labelOf(alert, 'persistentvolumeclaim')];
  return namespace === undefined || claim === undefined ? undefined : `${namespace}/${claim}`;
}

export function nodeOf({ alert }: AlertAt): readonly [string] | undefined {
  const node = labelOf(alert, 'node');
  return node === undefined ? undefined : [node];
}
