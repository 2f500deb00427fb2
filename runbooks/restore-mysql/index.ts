import { z } from 'zod';
import { SYSTEM_SCHEMAS } from '../../src/commands/mysql-databases.ts';
import { defineRunbook } from '../../src/core/runbook.ts';
import { CODES } from './codes.ts';
import { diagnose } from './diagnose.ts';
import { gather } from './gather.ts';
import { plan } from './plan.ts';

/** The names that a restore makes are 32 letters longer, and MySQL takes 64. */
const Database = z
  .string()
  .max(32, 'is too long for the names that a restore makes of it (32 letters)')
  .regex(/^[A-Za-z_][\w-]*$/, 'is no name of a database here, as in codimd')
  .refine(
    (name) => name !== 'all',
    'is not restored: a whole dump brings old passwords back, and the metadata of another group. Restore one database after the other',
  )
  .refine((name) => !SYSTEM_SCHEMAS.includes(name), 'belongs to the server itself: nothing of it is restored');

const File = z
  .string('is missing: … from dump_2026_04_03_00_30.sql.gz')
  .max(200, 'is longer than any name of a dump')
  .regex(/^[A-Za-z0-9][\w.-]*\.gz$/, 'is no name of a dump, as in … from dump_2026_04_03_00_30.sql.gz');

export default defineRunbook({
  id: 'restore-mysql',
  words: ['restore', 'mysql'],
  usage: '<database> [from <dump> [anyway]]',
  title: 'Restore one MySQL database from a dump of all, beside the one that is used, and swap them',
  codes: CODES,
  changes: true,
  params: z.union([
    z.strictObject({ database: Database }),
    z.strictObject({ database: Database, file: File, anyway: z.boolean() }),
  ]),
  fromWords: ([database, from, ...rest]) => {
    if (from === undefined) return { database };
    const anyway = rest.at(-1) === 'anyway';
    const file = anyway ? rest.slice(0, -1) : rest;
    return { database, file: (from === 'from' ? file : [from, ...file]).join(' '), anyway };
  },
  gather,
  diagnose,
  plan,
});
