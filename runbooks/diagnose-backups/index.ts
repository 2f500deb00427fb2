import { z } from 'zod';
import { stop } from '../../src/core/plan.ts';
import { defineRunbook } from '../../src/core/runbook.ts';
import { CODES } from './codes.ts';
import { diagnose } from './diagnose.ts';
import { gather } from './facts.ts';

const Job = z
  .string()
  .max(63, 'is longer than any name of a job')
  .regex(/^[a-z0-9]([a-z0-9-]*[a-z0-9])?$/, 'is no name of a backup job: letters, figures and "-" only');

export default defineRunbook({
  id: 'diagnose-backups',
  words: ['diagnose', 'backups'],
  alsoWords: [['diagnose', 'backup']],
  usage: '[job]',
  title: 'Are the backups there, whole, and of what they should be?',
  codes: CODES,
  changes: false,
  params: z.strictObject({ job: Job.optional() }),
  fromWords: (words) => (words.length === 0 ? {} : { job: words.join(' ') }),
  gather,
  diagnose,
  plan: () => stop('Nothing is changed by this: run a job with /storage run backup <job>.'),
});
