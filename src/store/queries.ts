import type { DatabaseSync, SQLInputValue, StatementSync } from 'node:sqlite';
import type { z } from 'zod';

/** Parsed rows, single-row writes and transactions on one connection. */
export type Queries = ReturnType<typeof queriesOn>;

/** `failed` hears of each error of a transaction, before whoever wanted it does. */
export function queriesOn(database: DatabaseSync, failed?: (error: unknown) => void) {
  const prepared = new Map<string, StatementSync>();
  const prepare = (sql: string): StatementSync => {
    const statement = prepared.get(sql) ?? database.prepare(sql);
    prepared.set(sql, statement);
    return statement;
  };
  const rows = <T extends z.ZodType>(schema: T, sql: string, ...values: SQLInputValue[]) =>
    prepare(sql)
      .all(...values)
      .map((row) => schema.parse(row));
  return {
    rows,
    row: <T extends z.ZodType>(schema: T, sql: string, ...values: SQLInputValue[]) => rows(schema, sql, ...values)[0],
    run: (sql: string, ...values: SQLInputValue[]): boolean => prepare(sql).run(...values).changes === 1,
    /** How many rows it changed. */
    count: (sql: string, ...values: SQLInputValue[]): number => Number(prepare(sql).run(...values).changes),
    transaction<T>(work: () => T): T {
      try {
        database.exec('BEGIN IMMEDIATE');
        const result = work();
        database.exec('COMMIT');
        return result;
      } catch (error) {
        // A full disk ends the transaction by itself, and a second rollback would hide why.
        if (database.isTransaction) database.exec('ROLLBACK');
        failed?.(error);
        throw error;
      }
    },
  };
}
