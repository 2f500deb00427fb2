import { z } from 'zod';
import { defineRunbook } from '../../src/core/runbook.ts';
import { isOfServer } from '../../src/topology/postgres-dumps.ts';
import { CODES } from './codes.ts';
import { diagnose } from './diagnose.ts';
import { gather } from './gather.ts';
import { plan } from './plan.ts';

/** The names that a restore makes are 32 letters longer, and PostgreSQL cuts names after 63. */
const Database = z
  .string()
  .max(31, 'is too long for the names that a restore makes of it (31 letters)')
  .regex(/^[A-Za-z_][\w-]*$/, 'is no name of a database here, as in linkwarden')
  .refine((name) => !isOfServer(name), 'belongs to the server itself: nothing of it is restored');

const File = z
  .string('is missing: from dump_2026_04_03_00_00.sql.gz')
  .max(200, 'is longer than any name of a dump')
  .regex(/^[A-Za-z0-9][\w.-]*$/, 'is no name of a file, as in dump_2026_04_03_00_00.sql.gz');

const Anyway = z.literal('anyway', 'may follow the name of the dump, then without-copy, and nothing else').optional();

const Copy = z.literal('without-copy').optional();

const Params = z.discriminatedUnion(
  'what',
  [
    z.strictObject({ what: z.literal('list'), database: Database.optional() }),
    z.strictObject({ what: z.literal('restore'), database: Database, file: File, anyway: Anyway, copy: Copy }),
    z.strictObject({ what: z.literal('all'), file: File, anyway: Anyway, copy: Copy }),
  ],
  { error: 'is not understood: a database may be followed by from and the name of a dump' },
);

export default defineRunbook({
  id: 'restore-postgres',
  words: ['restore', 'postgres'],
  usage: '[<database>|all] [from <dump> [anyway] [without-copy]]',
  title: 'Restore a PostgreSQL database from a dump of all',
  codes: CODES,
  changes: true,
  params: Params,
  fromWords: ([database, how, file, ...rest]) => {
    if (database === undefined) return { what: 'list' };
    if (how !== 'from' && !(how === undefined && database === 'all')) return { what: how ?? 'list', database };
    const isCopied = rest.at(-1) !== 'without-copy';
    const others = isCopied ? rest : rest.slice(0, -1);
    const more = { file, ...(others.length > 0 && { anyway: others.join(' ') }), ...(!isCopied && { copy: 'without-copy' }) };
    return database === 'all' ? { what: 'all', ...more } : { what: 'restore', database, ...more };
  },
  gather,
  diagnose,
  plan,
});
