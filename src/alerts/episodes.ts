import type { Alert } from '../core/alert.ts';

/** An episode of the series that news is about. */
export interface KnownSpan {
  readonly startsAt: number;
  /** When it was last heard that it fires, by the bot's clock; absent while that was never heard. */
  readonly heardAt?: number;
  /** The latest end that was ever told, by the sender's clock: also of one that fires again. */
  readonly toldEnd?: number;
  /** When its end was heard, by the bot's clock. Absent while it fires. */
  readonly endHeardAt?: number;
}

export interface Series {
  /** The episode with the start of the news. */
  readonly same?: KnownSpan;
  readonly open?: KnownSpan;
  /** The one with the latest start. */
  readonly newest?: KnownSpan;
}

/**
 * How far news is to be trusted. `told`: it may be late, and Alertmanager can be asked how it is now. `alone`: it may be late, and nobody knows better.
 * `answered`: so it was when Alertmanager was asked.
 */
export type Trust = 'told' | 'alone' | 'answered';

export interface News extends Pick<Alert, 'startsAt' | 'endsAt'> {
  /** When it was received, or asked for, by the bot's clock. */
  readonly at: number;
  readonly trust: Trust;
}

/** What news does to the episodes of its series, each known by its start. */
export type EpisodeChange =
  | { readonly kind: 'begins' }
  /** Was over before it was heard of. */
  | { readonly kind: 'was-over'; readonly endsAt: number }
  | { readonly kind: 'ends'; readonly startsAt: number; readonly endsAt: number }
  | { readonly kind: 'fires-again'; readonly startsAt: number }
  /** As is known already. */
  | { readonly kind: 'fires-on'; readonly startsAt: number }
  /** It is over, as is known already, but ended later. */
  | { readonly kind: 'ended-later'; readonly startsAt: number; readonly endsAt: number }
  /** Only Alertmanager can tell what is true now. */
  | { readonly kind: 'doubtful' };

/** The first word that an alert fires may come after its end within this time. */
const LATE_NEWS_MS = 60_000;

/** As far as the clock of a sender may be ahead. */
const SKEW_MS = 60_000;

/** Old news and news that is known change nothing. One series fires once at a time. */
export function changesOf(series: Series, news: News): readonly EpisodeChange[] {
  const { endsAt } = news;
  return endsAt === undefined ? fires(series, news) : ended(series, { ...news, endsAt });
}

/** Peers of one Alertmanager tell the same, each some time after the other; and after an interruption Prometheus tells of the same start again. */
function fires({ same, open, newest }: Series, { startsAt, at, trust }: News): readonly EpisodeChange[] {
  // An Alertmanager that hears of one alert from two Prometheus servers takes the earlier start: that is the same episode.
  if (open !== undefined && startsAt <= open.startsAt) return [{ kind: 'fires-on', startsAt: open.startsAt }];
  const ends = [same, newest].filter((span) => span !== undefined && span.startsAt >= startsAt);
  if (ends.some((span) => isDoubtful(span?.endHeardAt, { at, trust }))) return [{ kind: 'doubtful' }];
  const isLate = trust === 'alone' && same?.endHeardAt !== undefined && same.heardAt === undefined;
  if (isLate && at - same.endHeardAt < LATE_NEWS_MS) return [];
  const last = open === undefined ? [] : [{ kind: 'ends', startsAt: open.startsAt, endsAt: startsAt } as const];
  return [...last, same === undefined ? { kind: 'begins' } : { kind: 'fires-again', startsAt }];
}

/** Whether it may have been said before this end. */
function isDoubtful(endHeardAt: number | undefined, { at, trust }: Pick<News, 'at' | 'trust'>): boolean {
  if (endHeardAt === undefined || trust === 'alone') return false;
  return trust === 'told' || endHeardAt >= at;
}

type End = News & { readonly endsAt: number };

function ended({ same, open, newest }: Series, news: End): readonly EpisodeChange[] {
  const { startsAt, endsAt } = news;
  if (same !== undefined) return endOf(same, news);
  const last = open ?? newest;
  if (last === undefined) return [{ kind: 'was-over', endsAt }];
  if (startsAt > last.startsAt) {
    const before = open === undefined ? [] : endOf(open, { ...news, endsAt: startsAt });
    return [...before, { kind: 'was-over', endsAt }];
  }
  // The end of an earlier start that lies after the start which is known is the end of that one.
  return endsAt > last.startsAt ? endOf(last, news) : [{ kind: 'was-over', endsAt }];
}

/** Of two ends the later one counts: the earlier one is of the time before it fired again. */
function endOf(span: KnownSpan, { endsAt, trust }: Pick<End, 'endsAt' | 'trust'>): readonly EpisodeChange[] {
  const { startsAt, heardAt, toldEnd, endHeardAt } = span;
  if (toldEnd !== undefined && endsAt <= toldEnd) return [];
  if (endHeardAt !== undefined) return [{ kind: 'ended-later', startsAt, endsAt }];
  // It was heard since that it fires: late, or because it fires again.
  const isOld = trust === 'told' && heardAt !== undefined && heardAt > endsAt - SKEW_MS;
  return [{ kind: 'ends', startsAt, endsAt }, ...(isOld ? ([{ kind: 'doubtful' }] as const) : [])];
}
