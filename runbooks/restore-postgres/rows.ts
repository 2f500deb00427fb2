import type { DumpedDatabase } from '../../src/commands/backup-dumps.ts';
import { rowsIn } from '../../src/commands/backup-dumps.ts';
import type { TableRows } from '../../src/commands/postgres.ts';

/** In which tables a restored database has not the rows of its dump, one line each. A table of an extension has no rows of its own in either. */
export function differences({ tables }: Pick<DumpedDatabase, 'tables'>, restored: readonly TableRows[]): readonly string[] {
  const there = new Map(restored.map(({ name, rows }) => [name, rows]));
  const dumped = new Set(tables.map(({ name }) => name));
  return [
    ...tables.flatMap(({ name, rows }) => {
      const now = there.get(name);
      const isSame = now === undefined ? rows === 0 : rows === 'unknown' || rows === now;
      return isSame ? [] : [`${name} has ${now ?? 'no'} rows, and ${rows} in the dump`];
    }),
    ...restored
      .filter(({ name, rows }) => rows > 0 && !dumped.has(name))
      .map(({ name, rows }) => `${name} has ${rows} rows, and is not in the dump`),
  ];
}

/** `1842 rows in 4 tables` */
export function amountOf(own: Pick<DumpedDatabase, 'tables'>): string {
  const rows = rowsIn(own);
  return `${rows === 'unknown' ? 'an unknown number of' : rows} rows in ${own.tables.length} tables`;
}
