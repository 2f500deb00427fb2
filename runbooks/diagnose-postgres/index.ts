import { z } from 'zod';
import { stop } from '../../src/core/plan.ts';
import { defineRunbook } from '../../src/core/runbook.ts';
import { CODES } from './codes.ts';
import { diagnose } from './diagnose/index.ts';
import { gather } from './gather.ts';

export default defineRunbook({
  id: 'diagnose-postgres',
  words: ['diagnose', 'postgres'],
  usage: '',
  title: 'Diagnose the PostgreSQL cluster: is anything lost, or only out of reach?',
  codes: CODES,
  changes: false,
  params: z.strictObject({}),
  fromWords: (words) => (words.length === 0 ? {} : { words }),
  gather: async (_params, read, site) => gather(read, site),
  diagnose,
  plan: () => stop('This runbook only looks. What to do stands with each finding.'),
});
