import { z } from 'zod';
import type { KnownSpan } from '../alerts/episodes.ts';
import type { Episode, Muted } from '../core/alert.ts';
import type { Backlog, Delivery, Question } from '../core/alert-ports.ts';
import { json } from './schema.ts';

/** The tables of alerts, as one migration. */
export const ALERT_TABLES = `
  CREATE TABLE deliveries (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    source TEXT NOT NULL,
    at INTEGER NOT NULL,
    bytes INTEGER NOT NULL,
    body TEXT NOT NULL,
    unreadable TEXT
  ) STRICT;
  CREATE INDEX deliveriesBySize ON deliveries (bytes) WHERE unreadable IS NULL;

  CREATE TABLE questions (
    receiver TEXT PRIMARY KEY,
    asked INTEGER NOT NULL DEFAULT 1,
    names TEXT NOT NULL DEFAULT '[]',
    tries INTEGER NOT NULL DEFAULT 0
  ) STRICT;

  CREATE TABLE episodes (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    source TEXT NOT NULL,
    fingerprint TEXT NOT NULL,
    startsAt INTEGER NOT NULL,
    name TEXT NOT NULL,
    labels TEXT NOT NULL,
    annotations TEXT NOT NULL,
    endsAt INTEGER,
    toldEnd INTEGER,
    generatorUrl TEXT,
    receivedAt INTEGER NOT NULL,
    heardAt INTEGER,
    endReceivedAt INTEGER,
    incident TEXT,
    muted TEXT,
    UNIQUE (source, fingerprint, startsAt)
  ) STRICT;
  CREATE INDEX openEpisodes ON episodes (number) WHERE endsAt IS NULL;
  CREATE INDEX openSeries ON episodes (source, fingerprint) WHERE endsAt IS NULL;
  CREATE INDEX endedEpisodes ON episodes (endReceivedAt) WHERE endsAt IS NOT NULL;
  CREATE INDEX episodesByIncident ON episodes (incident) WHERE incident IS NOT NULL;
  `;

const source = z.enum(['alertmanager', 'grafana']);

export const StoredDelivery = z.object({
  id: z.number(),
  source,
  at: z.number(),
  body: z.string(),
}) satisfies z.ZodType<Delivery>;

export const StoredBacklog = z.object({ deliveries: z.number(), bytes: z.number() }) satisfies z.ZodType<Backlog>;
export const StoredSize = z.object({ id: z.number(), bytes: z.number() });
export const StoredQuestion = z.object({
  receiver: z.string(),
  asked: z.number(),
  names: json(z.array(z.string())),
  tries: z.number(),
}) satisfies z.ZodType<Question>;

const muted = z.object({
  by: z.enum(['silence', 'inhibition']),
  ids: z.array(z.string()),
  names: z.array(z.string()).exactOptional(),
}) satisfies z.ZodType<Muted>;
export const StoredMuted = json(muted).nullable();

const strings = json(z.record(z.string(), z.string()));

export const StoredEpisode = z
  .object({
    source,
    fingerprint: z.string(),
    startsAt: z.number(),
    name: z.string(),
    labels: strings,
    annotations: strings,
    endsAt: z.number().nullable(),
    generatorUrl: z.string().nullable(),
    receivedAt: z.number(),
    incident: z.string().nullable(),
    muted: StoredMuted,
  })
  .transform(
    ({ endsAt, generatorUrl, incident, muted, ...episode }): Episode => ({
      ...episode,
      ...(endsAt === null ? {} : { endsAt }),
      ...(generatorUrl === null ? {} : { generatorUrl }),
      ...(incident === null ? {} : { incident }),
      ...(muted === null ? {} : { muted }),
    }),
  );

/** What decides how news of its series is taken. */
export const StoredSpan = z
  .object({
    startsAt: z.number(),
    heardAt: z.number().nullable(),
    toldEnd: z.number().nullable(),
    endReceivedAt: z.number().nullable(),
  })
  .transform(
    ({ startsAt, heardAt, toldEnd, endReceivedAt: endHeardAt }): KnownSpan => ({
      startsAt,
      ...(heardAt === null ? {} : { heardAt }),
      ...(toldEnd === null ? {} : { toldEnd }),
      ...(endHeardAt === null ? {} : { endHeardAt }),
    }),
  );
