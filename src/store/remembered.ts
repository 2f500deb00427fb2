import { z } from 'zod';
import type { Memory } from '../core/memory.ts';
import type { Queries } from './queries.ts';
import { json } from './schema.ts';

/** Small things that must be known again after a restart, as one migration. */
export const MEMORY_TABLE = `
  CREATE TABLE remembered (
    name TEXT PRIMARY KEY,
    value TEXT NOT NULL
  ) STRICT;
  `;

const StoredValue = z.object({ value: json(z.unknown()) });

export function remembered(db: Queries): Memory {
  return {
    remember: (name, value) =>
      db.transaction(
        () =>
          void db.run(
            'INSERT INTO remembered (name, value) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value',
            name,
            JSON.stringify(value),
          ),
      ),
    recall: (name) => db.row(StoredValue, 'SELECT value FROM remembered WHERE name = ?', name)?.value,
  };
}
