import { changesOf, type EpisodeChange, type Trust } from '../alerts/episodes.ts';
import type { Alert, EpisodeKey } from '../core/alert.ts';
import { StoredSpan } from './alert-schema.ts';
import type { Queries } from './queries.ts';
import { addQuestion } from './questions.ts';

/** What one alert says, how far that is to be trusted, and when it was heard or asked for. */
interface Word {
  readonly alert: Alert;
  readonly at: number;
  readonly trust: Trust;
  /** Alertmanager's API shows it held back; of what it holds back it tells nothing. */
  readonly isMuted?: boolean;
}

/** Takes in one alert, within a transaction; what is doubtful becomes a question. Returns the episodes that began, ended, fire again or are held back no longer. */
export function takeIn(db: Queries, word: Word): readonly EpisodeKey[] {
  const { startsAt, endsAt } = word.alert;
  const news = { startsAt, ...(endsAt === undefined ? {} : { endsAt }), at: word.at, trust: word.trust };
  return changesOf(seriesOf(db, word.alert), news).flatMap((change) => write(db, { ...word, change }));
}

function seriesOf(db: Queries, { source, fingerprint, startsAt }: EpisodeKey) {
  const span = (where: string, ...values: number[]) =>
    db.row(
      StoredSpan,
      `SELECT startsAt, heardAt, toldEnd, endReceivedAt FROM episodes WHERE source = ? AND fingerprint = ? ${where}`,
      source,
      fingerprint,
      ...values,
    );
  const same = span('AND startsAt = ?', startsAt);
  const open = span('AND endsAt IS NULL');
  const newest = span('ORDER BY startsAt DESC LIMIT 1');
  return { ...(same && { same }), ...(open && { open }), ...(newest && { newest }) };
}

function write(db: Queries, { alert, at, isMuted, change }: Word & { readonly change: EpisodeChange }): readonly EpisodeKey[] {
  if (change.kind === 'doubtful') {
    addQuestion(db, '');
    return [];
  }
  if (change.kind === 'begins' || change.kind === 'was-over') {
    insert(db, { alert, at, endsAt: change.kind === 'begins' ? null : change.endsAt });
    return change.kind === 'begins' ? [keyOf(alert, alert.startsAt)] : [];
  }
  const key = keyOf(alert, change.startsAt);
  move(db, key, setsOf(change, at));
  if (change.kind === 'fires-on') return isMuted !== true && unmute(db, key) ? [key] : [];
  return change.kind === 'ends' || change.kind === 'fires-again' ? [key] : [];
}

/** False where nothing held it back. */
function unmute(db: Queries, { source, fingerprint, startsAt }: EpisodeKey): boolean {
  const sql = 'UPDATE episodes SET muted = NULL WHERE source = ? AND fingerprint = ? AND startsAt = ? AND muted IS NOT NULL';
  return db.run(sql, source, fingerprint, startsAt);
}

function keyOf({ source, fingerprint }: EpisodeKey, startsAt: number): EpisodeKey {
  return { source, fingerprint, startsAt };
}

type Move = Exclude<EpisodeChange, { readonly kind: 'begins' | 'was-over' | 'doubtful' }>;

function move(db: Queries, { source, fingerprint, startsAt }: EpisodeKey, [sets, values]: Sets): void {
  const where = 'source = ? AND fingerprint = ? AND startsAt = ?';
  db.run(`UPDATE episodes SET ${sets} WHERE ${where}`, ...values, source, fingerprint, startsAt);
}

type Sets = readonly [sql: string, values: readonly number[]];

function setsOf(change: Move, at: number): Sets {
  switch (change.kind) {
    case 'fires-on':
      return ['heardAt = MAX(COALESCE(heardAt, 0), ?)', [at]];
    case 'fires-again':
      return ['heardAt = ?, endsAt = NULL, endReceivedAt = NULL, muted = NULL', [at]];
    case 'ends':
      return [
        'endsAt = ?, toldEnd = MAX(COALESCE(toldEnd, 0), ?), endReceivedAt = ?, muted = NULL',
        [change.endsAt, change.endsAt, at],
      ];
    case 'ended-later':
      return ['toldEnd = ?, endReceivedAt = ?', [change.endsAt, at]];
  }
}

interface NewEpisode {
  readonly alert: Alert;
  readonly at: number;
  /** Null while it fires. */
  readonly endsAt: number | null;
}

function insert(db: Queries, { alert, at, endsAt }: NewEpisode): void {
  const { source, fingerprint, startsAt, name, labels, generatorUrl } = alert;
  db.run(
    `INSERT INTO episodes (source, fingerprint, startsAt, name, labels, annotations, endsAt, toldEnd, generatorUrl, receivedAt, heardAt, endReceivedAt)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    source,
    fingerprint,
    startsAt,
    name,
    JSON.stringify(labels),
    JSON.stringify(keptOf(alert.annotations)),
    endsAt,
    endsAt,
    generatorUrl ?? null,
    at,
    endsAt === null ? at : null,
    endsAt === null ? null : at,
  );
}

/** Enough for what people are shown of one; every alert that is kept is in memory for a while. */
const LONGEST = 1_000;
const MOST = 20;

function keptOf(annotations: Alert['annotations']): Alert['annotations'] {
  const few = Object.entries(annotations).slice(0, MOST);
  return Object.fromEntries(few.map(([key, text]) => [key, text.length > LONGEST ? `${text.slice(0, LONGEST - 1)}…` : text]));
}
