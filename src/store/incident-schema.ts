import { z } from 'zod';
import { FOUNDATION_KINDS, type Foundation } from '../core/foundation.ts';
import type { Cause, Cleared, Incident, JudgedBy } from '../core/incident.ts';
import type { IncidentThread } from '../core/incident-ports.ts';
import type { DiagnosisWish } from '../core/incident-store.ts';
import { json, StoredActor } from './schema.ts';

/** The tables of incidents, as one migration. */
export const INCIDENT_TABLES = `
  CREATE TABLE incidents (
    id TEXT PRIMARY KEY,
    cause TEXT NOT NULL,
    candidates TEXT NOT NULL,
    openedAt INTEGER NOT NULL,
    quietSince INTEGER,
    closed TEXT,
    closedAt INTEGER,
    acknowledged TEXT,
    taken TEXT,
    thread TEXT,
    cleared TEXT NOT NULL DEFAULT '[]',
    withheldBy TEXT,
    wish TEXT DEFAULT '{}',
    wishes INTEGER NOT NULL DEFAULT 1,
    revision INTEGER NOT NULL DEFAULT 1,
    reported INTEGER NOT NULL DEFAULT 0
  ) STRICT;
  CREATE INDEX incidentsByEnd ON incidents (closedAt);
  CREATE INDEX incidentsToShow ON incidents (openedAt) WHERE reported < revision;

  CREATE TABLE incidentRuns (
    run TEXT PRIMARY KEY REFERENCES runs (id),
    incident TEXT NOT NULL REFERENCES incidents (id),
    number INTEGER NOT NULL,
    UNIQUE (incident, number)
  ) STRICT;

  CREATE TABLE incidentMessages (
    incident TEXT NOT NULL REFERENCES incidents (id),
    part TEXT NOT NULL,
    value TEXT NOT NULL,
    PRIMARY KEY (incident, part)
  ) STRICT;
  `;

const foundation = z.object({ kind: z.enum(FOUNDATION_KINDS), name: z.string() }) satisfies z.ZodType<Foundation>;

const judgedBy = z.object({ run: z.string(), round: z.number() }) satisfies z.ZodType<JudgedBy>;

const cause = foundation.extend({
  because: z.enum(['proved', 'named', 'shared', 'own']),
  provedAt: z.number().exactOptional(),
  provedBy: judgedBy.exactOptional(),
}) satisfies z.ZodType<Cause>;

const cleared = foundation.extend({ at: z.number(), by: judgedBy, wasIll: z.boolean() }) satisfies z.ZodType<Cleared>;

const word = z.object({ by: StoredActor, at: z.number() });

const closed = z.object({
  at: z.number(),
  by: StoredActor.exactOptional(),
  because: z.enum(['all-ended', 'closed', 'merged']),
  into: z.string().exactOptional(),
}) satisfies z.ZodType<NonNullable<Incident['closed']>>;

/** A row of `incidents` with the ids of its runs as one JSON list. */
export const StoredIncident = z
  .object({
    id: z.string(),
    cause: json(cause),
    candidates: json(z.array(foundation)),
    cleared: json(z.array(cleared)),
    openedAt: z.number(),
    quietSince: z.number().nullable(),
    closed: json(closed).nullable(),
    acknowledged: json(word).nullable(),
    taken: json(word).nullable(),
    withheldBy: z.string().nullable(),
    runs: json(z.array(z.string())),
    revision: z.number(),
  })
  .transform(
    ({ cleared, quietSince, closed, acknowledged, taken, withheldBy, ...incident }): Incident => ({
      ...incident,
      ...(cleared.length === 0 ? {} : { cleared }),
      ...(quietSince === null ? {} : { quietSince }),
      ...(closed === null ? {} : { closed }),
      ...(acknowledged === null ? {} : { acknowledged }),
      ...(taken === null ? {} : { taken }),
      ...(withheldBy === null ? {} : { withheldBy }),
    }),
  );

export const StoredOfferOfClosed = z.object({ run: z.string(), incident: z.string(), closed: json(closed) });

export const IncidentOf = z.object({ incident: z.string() });
export const Count = z.object({ count: z.number() });

const wish = z.object({
  next: z.boolean().exactOptional(),
  by: StoredActor.exactOptional(),
}) satisfies z.ZodType<DiagnosisWish>;
export const StoredWish = z.object({ wish: json(wish).nullable(), wishes: z.number() });
export const Reported = z.object({ reported: z.number() });

const thread = z.object({
  kind: z.literal('slack'),
  channel: z.string(),
  thread: z.string(),
}) satisfies z.ZodType<IncidentThread>;
export const StoredThread = z.object({ thread: json(thread).nullable() });
