import type { DumpedDatabase } from '../../src/commands/backup-dumps.ts';
import { rowsIn } from '../../src/commands/backup-dumps.ts';

/** `1842 rows in 4 tables` */
export function amountOf(own: Pick<DumpedDatabase, 'tables'>): string {
  const rows = rowsIn(own);
  return `${rows === 'unknown' ? 'an unknown number of' : rows} rows in ${own.tables.length} tables`;
}
