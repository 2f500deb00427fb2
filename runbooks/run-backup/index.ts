import { z } from 'zod';
import { defineRunbook } from '../../src/core/runbook.ts';
import { CODES } from './codes.ts';
import { diagnose } from './diagnose.ts';
import { gather } from './facts.ts';
import { plan } from './plan.ts';

const Job = z
  .string('is missing: the word of a backup job, as postgresql')
  .max(63, 'is longer than any name of a job')
  .regex(/^[a-z0-9]([a-z0-9-]*[a-z0-9])?$/, 'is no name of a backup job: letters, figures and "-" only');

export default defineRunbook({
  id: 'run-backup',
  words: ['run', 'backup'],
  usage: '<job>',
  title: 'Make a backup now, by one more run of its CronJob',
  codes: CODES,
  changes: true,
  params: z.strictObject({ job: Job }),
  fromWords: (words) => (words.length === 0 ? {} : { job: words.join(' ') }),
  gather,
  diagnose,
  plan,
});
