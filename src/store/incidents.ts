import { type EpisodeKey, episodeKey } from '../core/alert.ts';
import type { IncidentStore, Joining, NewIncident } from '../core/incident-store.ts';
import { type Change, diagnoses, want } from './incident-diagnoses.ts';
import { incidentMessages, incidentReads } from './incident-reads.ts';
import { Count, IncidentOf } from './incident-schema.ts';
import { remember } from './presses.ts';
import type { Queries } from './queries.ts';

export function incidents(db: Queries): IncidentStore {
  const listeners: ((incident: string) => void)[] = [];
  const change: Change = (ids, write) => {
    const written = db.transaction(() => {
      if (write() === false) return false;
      for (const id of ids) db.run('UPDATE incidents SET revision = revision + 1 WHERE id = ?', id);
      return true;
    });
    if (written) for (const id of ids) for (const listener of listeners) listener(id);
    return written;
  };
  return {
    ...membership(db, change),
    ...diagnoses(db, change),
    ...words(db, change),
    ...incidentReads(db),
    ...incidentMessages(db),
    touchIncidents: (ids) => void change(ids, () => undefined),
    touchMembers(members) {
      const ids = new Set(members.flatMap((member) => incidentOf(db, member) ?? []));
      if (ids.size > 0) change([...ids], () => undefined);
    },
    subscribeIncidents: (listener) => listeners.push(listener),
  };
}

function membership(db: Queries, change: Change): Pick<IncidentStore, 'addIncident' | 'joinIncident' | 'changeIncident'> {
  return {
    addIncident: (incident) => void change([incident.id], () => insert(db, incident)),
    joinIncident: (incident, joining) => void change([incident], () => join(db, incident, joining)),
    changeIncident: (incident, quietSince) =>
      void change([incident], () => {
        db.run('UPDATE incidents SET quietSince = ? WHERE id = ?', quietSince ?? null, incident);
      }),
  };
}

function insert(db: Queries, { id, cause, candidates, members, openedAt }: NewIncident): void {
  db.run(
    'INSERT INTO incidents (id, cause, candidates, openedAt) VALUES (?, ?, ?, ?)',
    id,
    JSON.stringify(cause),
    JSON.stringify(candidates),
    openedAt,
  );
  for (const member of members) assign(db, id, member);
}

function incidentOf(db: Queries, { source, fingerprint, startsAt }: EpisodeKey): string | undefined {
  const sql = 'SELECT incident FROM episodes WHERE source = ? AND fingerprint = ? AND startsAt = ? AND incident IS NOT NULL';
  return db.row(IncidentOf, sql, source, fingerprint, startsAt)?.incident;
}

function join(db: Queries, incident: string, { members, candidates, cause }: Joining): void {
  for (const member of members) assign(db, incident, member);
  const { kind = null, name = null } = cause ?? {};
  // The diagnosis before looked at another cause, unless this one is only surer of the same.
  const isNew = db.row(
    Count,
    `SELECT COUNT(*) AS count FROM incidents
     WHERE id = ? AND (closed IS NOT NULL OR json_extract(cause, '$.kind') <> ? OR json_extract(cause, '$.name') <> ?)`,
    incident,
    kind,
    name,
  );
  db.run(
    'UPDATE incidents SET candidates = ?, cause = COALESCE(?, cause), quietSince = NULL, closed = NULL, closedAt = NULL WHERE id = ?',
    JSON.stringify(candidates),
    cause === undefined ? null : JSON.stringify(cause),
    incident,
  );
  if (isNew?.count === 1) want(db, incident, {});
}

function assign(db: Queries, incident: string, member: EpisodeKey): void {
  const { source, fingerprint, startsAt } = member;
  const assigned = db.run(
    `UPDATE episodes SET incident = ?
     WHERE source = ? AND fingerprint = ? AND startsAt = ? AND (incident IS NULL OR incident = ?)`,
    incident,
    source,
    fingerprint,
    startsAt,
    incident,
  );
  if (!assigned) throw new Error(`The episode ${episodeKey(member)} is not known, or belongs to another incident`);
}

type Words = Pick<IncidentStore, 'acknowledgeIncident' | 'takeIncident' | 'closeIncident'>;

function words(db: Queries, change: Change): Words {
  /** A press is remembered with what it did, so that none is lost between the two. */
  const pressed = (key: string | undefined, at: number, written: boolean): boolean => {
    if (written) remember(db, key, at);
    return written;
  };
  return {
    acknowledgeIncident: (id, { key, ...word }) =>
      change([id], () => {
        const sql = 'UPDATE incidents SET acknowledged = ? WHERE id = ? AND acknowledged IS NULL AND closed IS NULL';
        return pressed(key, word.at, db.run(sql, JSON.stringify(word), id));
      }),
    takeIncident: (id, { key, ...word }) =>
      change([id], () => {
        const sql = `UPDATE incidents SET taken = ?
          WHERE id = ? AND closed IS NULL AND json_extract(COALESCE(taken, '{}'), '$.by.id') IS NOT ?`;
        return pressed(key, word.at, db.run(sql, JSON.stringify(word), id, word.by.id));
      }),
    closeIncident: (id, { key, ...closing }) =>
      change([id], () => {
        const sql = 'UPDATE incidents SET closed = ?, closedAt = ? WHERE id = ? AND closed IS NULL';
        return pressed(key, closing.at, db.run(sql, JSON.stringify(closing), closing.at, id));
      }),
  };
}
