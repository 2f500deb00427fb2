import { z } from 'zod';
import { defineRunbook } from '../../src/core/runbook.ts';
import { CODES } from './codes.ts';
import { diagnose } from './diagnose.ts';
import { gather } from './gather.ts';
import { plan } from './plan.ts';

const File = z
  .string('is missing: from dump_2026_04_03_00_00.sql.gz')
  .max(200, 'is longer than any name of a dump')
  .regex(/^[A-Za-z0-9][\w.-]*$/, 'is no name of a file, as in dump_2026_04_03_00_00.sql.gz');

export default defineRunbook({
  id: 'rebuild-postgres',
  words: ['restore', 'postgres', 'rebuild'],
  usage: 'from <dump> [anyway]',
  title: 'Build a PostgreSQL cluster anew that its operator has given up',
  codes: CODES,
  changes: true,
  params: z.strictObject({
    from: z.literal('from', 'must follow, then the name of a dump: rebuild from dump_2026_04_03_00_00.sql.gz'),
    file: File,
    anyway: z.literal('anyway', 'may follow the name of the dump, and nothing else').optional(),
  }),
  fromWords: ([from, file, ...rest]) => ({ from, file, ...(rest.length > 0 && { anyway: rest.join(' ') }) }),
  gather,
  diagnose,
  plan,
});
