import { z } from 'zod';
import type { Episode } from '../core/alert.ts';
import { StoredEpisode, StoredMuted } from './alert-schema.ts';
import type { Queries } from './queries.ts';

/** What of an episode ever changes; the number is that of its row. */
const Standing = z.object({
  number: z.number(),
  endsAt: z.number().nullable(),
  incident: z.string().nullable(),
  muted: z.string().nullable(),
});
type Standing = z.output<typeof Standing>;

/** Of what was parsed, as far as it is kept for the next reader: those are forgotten that were read least lately. */
const MOST_BYTES = 32 * 1024 * 1024;

interface Cache {
  readonly episodes: Map<number, Episode>;
  bytes: number;
}

const caches = new WeakMap<Queries, Cache>();

/** Parsed once: members of an incident are read again with each of its changes. In the order in which they were heard of. */
export function cachedEpisodes(db: Queries, where: string, ...values: string[]): readonly Episode[] {
  const cache = caches.get(db) ?? { episodes: new Map<number, Episode>(), bytes: 0 };
  caches.set(db, cache);
  const sql = `SELECT number, endsAt, incident, muted FROM episodes WHERE ${where} ORDER BY number`;
  return db.rows(Standing, sql, ...values).map((row) => {
    const known = cache.episodes.get(row.number);
    const episode = known === undefined ? stored(db, row) : isAsIn(known, row) ? known : moved(known, row);
    keep(cache, row.number, episode);
    return episode;
  });
}

function keep(cache: Cache, number: number, episode: Episode): void {
  const { episodes } = cache;
  if (!episodes.delete(number)) cache.bytes += bytesOf(episode);
  episodes.set(number, episode);
  for (const [oldest, least] of episodes) {
    if (cache.bytes <= MOST_BYTES) return;
    episodes.delete(oldest);
    cache.bytes -= bytesOf(least);
  }
}

/** Of an object and of a text beside its characters, about. */
const OVERHEAD = { episode: 500, text: 50 };

/** What of an episode changes is not counted. */
function bytesOf({ labels, annotations }: Episode): number {
  return sizeOf(labels) + sizeOf(annotations) + OVERHEAD.episode;
}

function sizeOf(texts: Readonly<Record<string, string>>): number {
  let bytes = 0;
  for (const key in texts) bytes += key.length + (texts[key] ?? '').length + OVERHEAD.text;
  return bytes;
}

function stored(db: Queries, { number }: Standing): Episode {
  const episode = db.row(StoredEpisode, 'SELECT * FROM episodes WHERE number = ?', number);
  if (episode === undefined) throw new Error(`There is no episode in row ${number} any more`);
  return episode;
}

function isAsIn(episode: Episode, { endsAt, incident, muted }: Standing): boolean {
  if ((episode.endsAt ?? null) !== endsAt || (episode.incident ?? null) !== incident) return false;
  return muted === (episode.muted === undefined ? null : JSON.stringify(episode.muted));
}

function moved(
  { endsAt: _end, incident: _incident, muted: _muted, ...episode }: Episode,
  { endsAt, incident, muted: text }: Standing,
): Episode {
  const muted = StoredMuted.parse(text);
  return {
    ...episode,
    ...(endsAt === null ? {} : { endsAt }),
    ...(incident === null ? {} : { incident }),
    ...(muted === null ? {} : { muted }),
  };
}
