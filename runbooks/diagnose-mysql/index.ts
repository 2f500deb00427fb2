import { z } from 'zod';
import { defineRunbook } from '../../src/core/runbook.ts';
import { CODES } from './codes.ts';
import { diagnose } from './diagnose.ts';
import { gather } from './facts.ts';
import { plan } from './plan.ts';

export default defineRunbook({
  id: 'diagnose-mysql',
  words: ['diagnose', 'mysql'],
  alsoWords: [['fix', 'mysql']],
  usage: '',
  title: 'Diagnose the MySQL cluster: its group, its pods, its volumes, and whether anything is lost at all',
  codes: CODES,
  changes: true,
  params: z.strictObject({}),
  fromWords: (words) => (words.length === 0 ? {} : { words }),
  gather,
  diagnose,
  plan,
});
