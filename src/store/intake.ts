import type { Episode, EpisodeKey, Muted } from '../core/alert.ts';
import type { AlertStore, Answered, Delivery, Looked, ReadDelivery } from '../core/alert-ports.ts';
import { StoredBacklog, StoredDelivery, StoredSize } from './alert-schema.ts';
import { cachedEpisodes } from './episode-cache.ts';
import type { Queries } from './queries.ts';
import { addQuestion, questions, settleQuestion } from './questions.ts';
import { takeIn } from './taking-in.ts';

export function intake(db: Queries): AlertStore {
  return {
    addDeliveries: (list) =>
      db.transaction(() => {
        for (const { source, at, body } of list)
          db.run(
            'INSERT INTO deliveries (source, at, bytes, body) VALUES (?, ?, ?, ?)',
            source,
            at,
            Buffer.byteLength(body),
            body,
          );
      }),
    nextDeliveries: (limit) => nextDeliveries(db, limit),
    applyDeliveries: (list) => db.transaction(() => list.flatMap((delivery) => applyDelivery(db, delivery))),
    backlog: () => db.row(StoredBacklog, BACKLOG) ?? { deliveries: 0, bytes: 0 },
    addQuestion: (receiver, names) => db.transaction(() => addQuestion(db, receiver, names)),
    questions: () => questions(db),
    applyAnswer: (answered) => db.transaction(() => applyAnswer(db, answered)),
    applyLook: (looked) => db.transaction(() => applyLook(db, looked)),
    episodes: () => episodesWhere(db, 'TRUE'),
    openEpisodes: () => episodesWhere(db, 'endsAt IS NULL'),
    dropEpisodes: (before) => {
      db.count('DELETE FROM deliveries WHERE unreadable IS NOT NULL AND at < ?', before);
      return db.count(DROP, before);
    },
  };
}

const DROP = `
  DELETE FROM episodes WHERE endsAt IS NOT NULL AND endReceivedAt < ?
    AND NOT EXISTS (SELECT 1 FROM incidents WHERE incidents.id = episodes.incident AND incidents.closed IS NULL)`;

/** What is taken in at a time: nobody else is served meanwhile. */
const AT_A_TIME_BYTES = 1024 * 1024;

function nextDeliveries(db: Queries, limit: number): readonly Delivery[] {
  const sizes = db.rows(StoredSize, 'SELECT id, bytes FROM deliveries WHERE unreadable IS NULL ORDER BY id LIMIT ?', limit);
  let bytes = 0;
  const few = sizes.filter((one, index) => (bytes += one.bytes) <= AT_A_TIME_BYTES || index === 0);
  const sql = 'SELECT id, source, at, body FROM deliveries WHERE unreadable IS NULL ORDER BY id LIMIT ?';
  return db.rows(StoredDelivery, sql, few.length);
}

const BACKLOG = 'SELECT COUNT(*) AS deliveries, COALESCE(SUM(bytes), 0) AS bytes FROM deliveries WHERE unreadable IS NULL';

/** The members of an incident, in the order in which they were heard of. */
export function episodesOf(db: Queries, incident: string): readonly Episode[] {
  return episodesWhere(db, 'incident = ?', incident);
}

/** Those that fire and belong to no incident, in the order in which they were heard of. */
export function unplacedEpisodes(db: Queries): readonly Episode[] {
  return episodesWhere(db, 'endsAt IS NULL AND incident IS NULL');
}

function episodesWhere(db: Queries, where: string, ...values: string[]): readonly Episode[] {
  return cachedEpisodes(db, where, ...values);
}

function applyDelivery(db: Queries, { id, at, canAsk, alerts, askFor, unreadable }: ReadDelivery): readonly EpisodeKey[] {
  // Whoever took it in meanwhile has done all of it.
  if (!(unreadable === undefined ? db.run('DELETE FROM deliveries WHERE id = ?', id) : keepAside(db, id, unreadable))) return [];
  const changed = alerts.flatMap((alert) => takeIn(db, { alert, at, trust: canAsk ? 'told' : 'alone' }));
  if (askFor !== undefined) addQuestion(db, askFor);
  return changed;
}

/** For whoever looks why. */
const MOST_ASIDE = 20;

function keepAside(db: Queries, id: number, unreadable: string): boolean {
  const isKept = db.run('UPDATE deliveries SET unreadable = ? WHERE id = ? AND unreadable IS NULL', unreadable, id);
  db.count(
    `DELETE FROM deliveries WHERE unreadable IS NOT NULL
       AND id NOT IN (SELECT id FROM deliveries WHERE unreadable IS NOT NULL ORDER BY id DESC LIMIT ?)`,
    MOST_ASIDE,
  );
  return isKept;
}

function applyAnswer(db: Queries, { alerts, at, missing, ...question }: Answered): readonly EpisodeKey[] {
  if (missing !== undefined) settleQuestion(db, question, missing);
  return alerts.flatMap((alert) => takeIn(db, { alert, at, trust: 'answered' }));
}

function applyLook(db: Queries, { alerts, muted, at }: Looked): readonly EpisodeKey[] {
  const taken = alerts.flatMap(({ muted: held, ...alert }) => {
    const changed = takeIn(db, { alert, at, trust: 'answered', isMuted: held !== undefined });
    if (held !== undefined && changed.length > 0) mute(db, alert, held);
    return changed;
  });
  return [...taken, ...muted.flatMap((episode) => mute(db, episode, episode.muted))];
}

function mute(db: Queries, { source, fingerprint, startsAt }: EpisodeKey, muted: Muted | undefined): readonly EpisodeKey[] {
  const text = muted === undefined ? null : JSON.stringify(muted);
  const changed = db.run(
    'UPDATE episodes SET muted = ? WHERE source = ? AND fingerprint = ? AND startsAt = ? AND endsAt IS NULL AND muted IS NOT ?',
    text,
    source,
    fingerprint,
    startsAt,
    text,
  );
  return changed ? [{ source, fingerprint, startsAt }] : [];
}
