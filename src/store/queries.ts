import type { DatabaseSync, SQLInputValue } from 'node:sqlite';
import type { z } from 'zod';

/** Parsed rows, single-row writes and transactions on one connection. */
export type Queries = ReturnType<typeof queriesOn>;

export function queriesOn(database: DatabaseSync) {
  const rows = <T extends z.ZodType>(schema: T, sql: string, ...values: SQLInputValue[]) =>
    database
      .prepare(sql)
      .all(...values)
      .map((row) => schema.parse(row));
  return {
    rows,
    row: <T extends z.ZodType>(schema: T, sql: string, ...values: SQLInputValue[]) => rows(schema, sql, ...values)[0],
    run: (sql: string, ...values: SQLInputValue[]): boolean => database.prepare(sql).run(...values).changes === 1,
    transaction<T>(work: () => T): T {
      database.exec('BEGIN IMMEDIATE');
      try {
        const result = work();
        database.exec('COMMIT');
        return result;
      } catch (error) {
        // A full disk ends the transaction by itself, and a second rollback would hide why.
        if (database.isTransaction) database.exec('ROLLBACK');
        throw error;
      }
    },
  };
}
