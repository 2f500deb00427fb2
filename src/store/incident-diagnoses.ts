import type { DiagnosisWish, IncidentStore, Merging } from '../core/incident-store.ts';
import { Count } from './incident-schema.ts';
import { remember } from './presses.ts';
import type { Queries } from './queries.ts';

/** Commits what `write` does to these incidents and tells who listens, unless it returns false because nothing was to be written. */
export type Change = (incidents: readonly string[], write: () => boolean | void) => boolean;

type Diagnoses = Pick<
  IncidentStore,
  'setCause' | 'mergeIncident' | 'wantDiagnosis' | 'skipDiagnosis' | 'withhold' | 'addIncidentRun'
>;

/** What is diagnosed for incidents, and what becomes of them by it. */
export function diagnoses(db: Queries, change: Change): Diagnoses {
  return {
    setCause: (id, cause, cleared) =>
      change([id], () => {
        const [now, well] = [JSON.stringify(cause), JSON.stringify(cleared)];
        const sql = 'UPDATE incidents SET cause = ?, cleared = ? WHERE id = ? AND (cause <> ? OR cleared <> ?)';
        return db.run(sql, now, well, id, now, well);
      }),
    mergeIncident: (merging) => change([merging.into, merging.from], () => merge(db, merging)),
    // Nobody is shown a wish, so that it is no change of the incident.
    wantDiagnosis: (id, { press, ...wish } = {}) =>
      db.transaction(() => {
        if (press !== undefined) remember(db, press.key, press.at);
        return want(db, id, wish);
      }),
    skipDiagnosis: (id) => void change([id], () => db.run('UPDATE incidents SET wish = NULL WHERE id = ?', id)),
    withhold: (id, by) =>
      void change([id], () => db.run('UPDATE incidents SET withheldBy = ? WHERE id = ? AND withheldBy IS NOT ?', by, id, by)),
    addIncidentRun: (incident, run) => change([incident], () => addRun(db, incident, run)),
  };
}

/** Whoever wants to begin anew does not get the next way alone. */
export function want(db: Queries, id: string, wish: DiagnosisWish): boolean {
  return db.run(
    `UPDATE incidents SET wish = ?, wishes = wishes + (wish IS NULL), withheldBy = NULL
     WHERE id = ? AND closed IS NULL AND (wish IS NULL OR json_extract(wish, '$.next') IS NOT NULL)`,
    JSON.stringify(wish),
    id,
  );
}

function merge(db: Queries, { from, into, candidates, at }: Merging): boolean {
  const open = db.row(Count, 'SELECT COUNT(*) AS count FROM incidents WHERE id IN (?, ?) AND closed IS NULL', from, into);
  if (open?.count !== 2) return false;
  db.count('UPDATE episodes SET incident = ? WHERE incident = ?', into, from);
  // Who looks after one of them looks after both.
  db.run(
    `UPDATE incidents SET candidates = ?, quietSince = NULL, taken = COALESCE(incidents.taken, other.taken),
       acknowledged = COALESCE(incidents.acknowledged, other.acknowledged)
     FROM (SELECT taken, acknowledged FROM incidents WHERE id = ?) AS other WHERE id = ?`,
    JSON.stringify(candidates),
    from,
    into,
  );
  const closed = JSON.stringify({ at, because: 'merged', into });
  return db.run('UPDATE incidents SET closed = ?, closedAt = ?, wish = NULL WHERE id = ?', closed, at, from);
}

/** Whoever remembers it a second time does not end a wish that came since. */
function addRun(db: Queries, incident: string, run: string): boolean {
  const isNew = db.run(
    `INSERT INTO incidentRuns (run, incident, number)
     SELECT ?, ?, COUNT(*) FROM incidentRuns WHERE incident = ? ON CONFLICT (run) DO NOTHING`,
    run,
    incident,
    incident,
  );
  if (isNew) db.run('UPDATE incidents SET wish = NULL WHERE id = ?', incident);
  return isNew;
}
