import type { IncidentView } from '../core/incident.ts';
import type { IncidentStore } from '../core/incident-store.ts';
import { Count, IncidentOf, Reported, StoredIncident, StoredOfferOfClosed, StoredThread, StoredWish } from './incident-schema.ts';
import { episodesOf, unplacedEpisodes } from './intake.ts';
import type { Queries } from './queries.ts';
import { Name, StoredMessage } from './schema.ts';

const INCIDENT = `
  SELECT id, cause, candidates, cleared, openedAt, quietSince, closed, acknowledged, taken, withheldBy, revision,
    (SELECT json_group_array(run) FROM (SELECT run FROM incidentRuns WHERE incident = incidents.id ORDER BY number)) AS runs
  FROM incidents`;

/** By the key of its wish where a bot died before it could remember the run: nobody may find the incident any more, which may be closed. */
const OF_RUN = `
  incidents.id = COALESCE(
    (SELECT incident FROM incidentRuns WHERE run = runs.id),
    substr(runs.requestKey, 1, instr(runs.requestKey, ' ') - 1)
  )`;

const OFFERS_OF_CLOSED = `
  SELECT runs.id AS run, incidents.id AS incident, incidents.closed AS closed
  FROM runs JOIN incidents ON ${OF_RUN}
  WHERE runs.finishedAt IS NULL AND runs.status = 'waiting' AND runs.withdrawn IS NULL AND incidents.closed IS NOT NULL
    AND NOT EXISTS (
      SELECT 1 FROM steps
      WHERE steps.run = runs.id AND steps.status = 'done'
        AND steps.round = (SELECT MAX(number) FROM rounds WHERE rounds.run = runs.id)
    )
  ORDER BY runs.startedAt, runs.rowid`;

type Reads = Pick<
  IncidentStore,
  | 'incident'
  | 'wantsDiagnosis'
  | 'wishOf'
  | 'incidentOfRun'
  | 'offersOfClosed'
  | 'openIncidents'
  | 'openHeads'
  | 'incidentsClosedSince'
  | 'hasUnplaced'
  | 'unplacedEpisodes'
  | 'firingIncidents'
  | 'approvalsSince'
>;

export function incidentReads(db: Queries): Reads {
  const heads = (where: string, ...values: (string | number)[]) =>
    db.rows(StoredIncident, `${INCIDENT} WHERE ${where}`, ...values);
  const views = (where: string, ...values: (string | number)[]): readonly IncidentView[] =>
    heads(where, ...values).map((incident) => ({ ...incident, members: episodesOf(db, incident.id) }));
  return {
    incident: (id) => views('id = ?', id)[0],
    wantsDiagnosis: (id) => wishOf(db, id) !== undefined,
    wishOf: (id) => wishOf(db, id),
    hasUnplaced: () =>
      db.row(Count, 'SELECT COUNT(*) AS count FROM (SELECT 1 FROM episodes WHERE endsAt IS NULL AND incident IS NULL LIMIT 1)')
        ?.count === 1,
    unplacedEpisodes: () => unplacedEpisodes(db),
    firingIncidents: () =>
      new Set(
        db
          .rows(IncidentOf, 'SELECT DISTINCT incident FROM episodes WHERE endsAt IS NULL AND incident IS NOT NULL')
          .map(({ incident }) => incident),
      ),
    incidentOfRun: (run) =>
      db.row(IncidentOf, `SELECT incidents.id AS incident FROM runs JOIN incidents ON ${OF_RUN} WHERE runs.id = ?`, run)
        ?.incident,
    offersOfClosed: () => db.rows(StoredOfferOfClosed, OFFERS_OF_CLOSED),
    openIncidents: () => views('closed IS NULL ORDER BY openedAt, rowid'),
    openHeads: () => heads('closed IS NULL ORDER BY openedAt, rowid'),
    incidentsClosedSince: (at) => views('closedAt >= ? ORDER BY openedAt, rowid', at),
    approvalsSince: (actor, at) =>
      db.row(Count, `SELECT COUNT(*) AS count FROM decisions WHERE actorId = ? AND verdict = 'approve' AND at > ?`, actor, at)
        ?.count ?? 0,
  };
}

function wishOf(db: Queries, id: string): ReturnType<IncidentStore['wishOf']> {
  const row = db.row(StoredWish, 'SELECT wish, wishes FROM incidents WHERE id = ?', id);
  return row?.wish ? { ...row.wish, key: `${id} ${row.wishes}` } : undefined;
}

type Shown = Pick<
  IncidentStore,
  'unreportedIncidents' | 'reportedRevision' | 'markIncidentReported' | 'threadOf' | 'putIncidentMessage' | 'getIncidentMessages'
>;

export function incidentMessages(db: Queries): Shown {
  return {
    unreportedIncidents: () =>
      db.rows(Name, 'SELECT id FROM incidents WHERE reported < revision ORDER BY openedAt, rowid').map(({ id }) => id),
    reportedRevision: (id) => db.row(Reported, 'SELECT reported FROM incidents WHERE id = ?', id)?.reported,
    markIncidentReported: (id, { revision, thread }) =>
      void db.run(
        'UPDATE incidents SET reported = MAX(reported, ?), thread = ? WHERE id = ?',
        revision,
        JSON.stringify(thread),
        id,
      ),
    threadOf: (id) => db.row(StoredThread, 'SELECT thread FROM incidents WHERE id = ?', id)?.thread ?? undefined,
    putIncidentMessage: (incident, part, value) =>
      void db.run(
        'INSERT INTO incidentMessages (incident, part, value) VALUES (?, ?, ?) ON CONFLICT (incident, part) DO UPDATE SET value = excluded.value',
        incident,
        part,
        JSON.stringify(value),
      ),
    getIncidentMessages: (incident) =>
      new Map(
        db
          .rows(StoredMessage, 'SELECT part, value FROM incidentMessages WHERE incident = ?', incident)
          .map(({ part, value }) => [part, value]),
      ),
  };
}
