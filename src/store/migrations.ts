import { ALERT_TABLES } from './alert-schema.ts';
import { INCIDENT_TABLES } from './incident-schema.ts';
import { MEMORY_TABLE } from './remembered.ts';

/** Each entry brings the schema from its index to the next version; entries are only ever appended. */
export const migrations: readonly string[] = [
  `
  CREATE TABLE runs (
    id TEXT PRIMARY KEY,
    runbook TEXT NOT NULL,
    arguments TEXT NOT NULL,
    requester TEXT NOT NULL,
    origin TEXT NOT NULL,
    buildVersion TEXT NOT NULL,
    status TEXT NOT NULL,
    problem TEXT,
    startedAt INTEGER NOT NULL,
    finishedAt INTEGER,
    revision INTEGER NOT NULL DEFAULT 1,
    reported INTEGER NOT NULL DEFAULT 0
  ) STRICT;
  CREATE INDEX runsByStatus ON runs (status);

  CREATE TABLE rounds (
    run TEXT NOT NULL REFERENCES runs (id),
    number INTEGER NOT NULL,
    offers INTEGER NOT NULL,
    recording TEXT NOT NULL,
    lookedMs REAL NOT NULL,
    at INTEGER NOT NULL,
    PRIMARY KEY (run, number)
  ) STRICT;

  CREATE TABLE steps (
    run TEXT NOT NULL,
    round INTEGER NOT NULL,
    "index" INTEGER NOT NULL,
    digest TEXT NOT NULL,
    preview TEXT NOT NULL,
    risk TEXT NOT NULL,
    status TEXT NOT NULL,
    expiresAt INTEGER,
    detail TEXT,
    output TEXT,
    startedAt INTEGER,
    endedAt INTEGER,
    PRIMARY KEY (run, round, "index"),
    FOREIGN KEY (run, round) REFERENCES rounds (run, number)
  ) STRICT;

  CREATE TABLE decisions (
    run TEXT NOT NULL,
    round INTEGER NOT NULL,
    step INTEGER NOT NULL,
    digest TEXT NOT NULL,
    actorId TEXT NOT NULL,
    actorName TEXT NOT NULL,
    verdict TEXT NOT NULL,
    at INTEGER NOT NULL,
    UNIQUE (run, round, step, actorId),
    FOREIGN KEY (run, round, step) REFERENCES steps (run, round, "index")
  ) STRICT;
  CREATE TRIGGER decisionsStay BEFORE UPDATE ON decisions BEGIN SELECT RAISE(ABORT, 'decisions are append-only'); END;
  CREATE TRIGGER decisionsRemain BEFORE DELETE ON decisions BEGIN SELECT RAISE(ABORT, 'decisions are append-only'); END;

  CREATE TABLE messages (
    run TEXT NOT NULL REFERENCES runs (id),
    part TEXT NOT NULL,
    value TEXT NOT NULL,
    PRIMARY KEY (run, part)
  ) STRICT;
  `,
  `
  ALTER TABLE runs ADD COLUMN requestKey TEXT;
  ALTER TABLE runs ADD COLUMN follows TEXT;
  ALTER TABLE runs ADD COLUMN cancelled TEXT;
  ALTER TABLE runs ADD COLUMN withdrawn TEXT;
  ALTER TABLE runs ADD COLUMN auditHead TEXT;
  CREATE UNIQUE INDEX runsByKey ON runs (requestKey) WHERE requestKey IS NOT NULL;

  ALTER TABLE rounds ADD COLUMN holds TEXT NOT NULL DEFAULT '[]';

  ALTER TABLE steps ADD COLUMN wordToType TEXT NOT NULL DEFAULT '';
  ALTER TABLE steps ADD COLUMN warnedAt INTEGER;
  ALTER TABLE steps ADD COLUMN progress TEXT;

  ALTER TABLE decisions ADD COLUMN reason TEXT;

  CREATE TABLE tokens (
    token INTEGER PRIMARY KEY AUTOINCREMENT,
    run TEXT NOT NULL,
    round INTEGER NOT NULL,
    at INTEGER NOT NULL,
    UNIQUE (run, round),
    FOREIGN KEY (run, round) REFERENCES rounds (run, number)
  ) STRICT;

  CREATE TABLE holds (
    kind TEXT NOT NULL,
    name TEXT NOT NULL,
    how TEXT NOT NULL,
    run TEXT NOT NULL REFERENCES runs (id),
    token INTEGER NOT NULL REFERENCES tokens (token),
    PRIMARY KEY (kind, name, run)
  ) STRICT;

  CREATE TABLE presses (
    key TEXT PRIMARY KEY,
    at INTEGER NOT NULL
  ) STRICT;

  CREATE TABLE audit (
    seq INTEGER PRIMARY KEY,
    line TEXT NOT NULL
  ) STRICT;
  CREATE TRIGGER auditStays BEFORE UPDATE ON audit BEGIN SELECT RAISE(ABORT, 'the audit trail is append-only'); END;
  CREATE TRIGGER auditRemains BEFORE DELETE ON audit BEGIN SELECT RAISE(ABORT, 'the audit trail is append-only'); END;
  `,
  `
  ALTER TABLE runs ADD COLUMN droppedAt INTEGER;
  CREATE INDEX runsToDrop ON runs (finishedAt) WHERE droppedAt IS NULL;
  `,
  ALERT_TABLES,
  INCIDENT_TABLES,
  MEMORY_TABLE,
];
