import type { ApiAlert } from '../commands/alertmanager.ts';
import type { Alert, Episode, Muted } from '../core/alert.ts';
import { episodeKey } from '../core/alert.ts';
import type { Looked } from '../core/alert-ports.ts';

/** Since when something is so in one look after the other. */
export type Since = ReadonlyMap<string, number>;

export interface Looking {
  /** Open here, told by Alertmanager. */
  readonly open: readonly Episode[];
  /** What Alertmanager's API shows. */
  readonly there: readonly ApiAlert[];
  readonly now: number;
}

/** Alertmanager gathers before it tells: what it has not told for so long it has told nobody, or nobody heard it. */
const UNTOLD_MS = 2 * 60_000;
/** After a restart Alertmanager knows nothing until Prometheus tells it again. */
const MISSING_MS = 5 * 60_000;
/** Of what Alertmanager itself has said to have ended, one more look has to show it. */
const SAID_MS = 10_000;

/** What fires there for the bot and is not open here: what is held back at once, what is told after a while. */
export function begun({ open, there, now }: Looking, isOwnReceiver: (receiver: string) => boolean, before: Since) {
  const known = new Set(open.map(({ fingerprint }) => fingerprint));
  const fresh = there.filter(({ fingerprint, receivers }) => !known.has(fingerprint) && receivers.some(isOwnReceiver));
  const since = sinceWhen(
    fresh.map(({ fingerprint }) => fingerprint),
    { before, now },
  );
  const all = byFingerprint(there);
  const alerts = fresh.flatMap((alert): Looked['alerts'] => {
    const muted = mutedIn(alert, all);
    if (muted !== undefined) return [{ ...alertOf(alert), muted }];
    return now - (since.get(alert.fingerprint) ?? now) >= UNTOLD_MS ? [alertOf(alert)] : [];
  });
  return { alerts, since };
}

/** What is open here and is not there. */
export function missing({ open, there }: Pick<Looking, 'open' | 'there'>): readonly Episode[] {
  const still = new Set(there.map(({ fingerprint }) => fingerprint));
  return open.filter(({ fingerprint }) => !still.has(fingerprint));
}

/** Those of them that have been so for long enough. `said`: names that Alertmanager said to have ended. */
export function ended(
  gone: readonly Episode[],
  { said, now }: { readonly said: ReadonlySet<string>; readonly now: number },
  before: Since,
) {
  const since = sinceWhen(gone.map(episodeKey), { before, now });
  const alerts = gone
    .filter((episode) => now - (since.get(episodeKey(episode)) ?? now) >= (said.has(episode.name) ? SAID_MS : MISSING_MS))
    .map((episode): Alert => ({ ...alertOf(episode), endsAt: Math.max(now, episode.startsAt) }));
  return { alerts, since };
}

/** What is open here and is held back otherwise than it is known, or no longer. */
export function otherwiseMuted({ open, there }: Looking): Looked['muted'] {
  const all = byFingerprint(there);
  return open.flatMap(({ source, fingerprint, startsAt, muted: before }) => {
    const alert = all.get(fingerprint);
    if (alert === undefined || alert.state === 'unprocessed') return [];
    const muted = mutedIn(alert, all);
    if (reasonOf(muted) === reasonOf(before)) return [];
    return [{ source, fingerprint, startsAt, ...(muted && { muted }) }];
  });
}

/** Of several alerts that inhibit it, Alertmanager names another one each time. */
function reasonOf(muted: Muted | undefined): string {
  if (muted === undefined) return '';
  const { by, ids, names = [] } = muted;
  return JSON.stringify([by, by === 'inhibition' && names.length > 0 ? names : ids]);
}

function byFingerprint(there: readonly ApiAlert[]): ReadonlyMap<string, ApiAlert> {
  return new Map(there.map((alert) => [alert.fingerprint, alert]));
}

function mutedIn({ silencedBy, inhibitedBy }: ApiAlert, all: ReadonlyMap<string, ApiAlert>): Muted | undefined {
  if (silencedBy.length > 0) return { by: 'silence', ids: silencedBy.toSorted() };
  if (inhibitedBy.length === 0) return undefined;
  const names = inhibitedBy.flatMap((fingerprint) => all.get(fingerprint)?.name ?? []);
  return { by: 'inhibition', ids: inhibitedBy.toSorted(), names: [...new Set(names)].toSorted() };
}

function sinceWhen(keys: readonly string[], { before, now }: { readonly before: Since; readonly now: number }): Since {
  return new Map(keys.map((key) => [key, before.get(key) ?? now]));
}

function alertOf({ source, fingerprint, name, labels, annotations, startsAt, generatorUrl }: Alert): Alert {
  return { source, fingerprint, name, labels, annotations, startsAt, ...(generatorUrl && { generatorUrl }) };
}
