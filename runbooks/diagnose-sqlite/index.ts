import { z } from 'zod';
import { stop } from '../../src/core/plan.ts';
import { defineRunbook } from '../../src/core/runbook.ts';
import { CODES } from './codes.ts';
import { diagnose } from './diagnose.ts';
import { gather } from './gather.ts';

const Service = z
  .string()
  .max(63, 'is longer than the name of a service')
  .regex(/^[a-z0-9]([a-z0-9-]*[a-z0-9])?$/, 'is no name of a service');

export default defineRunbook({
  id: 'diagnose-sqlite',
  words: ['diagnose', 'sqlite'],
  alsoWords: [['diagnose', 'vaultwarden']],
  usage: '[service]',
  title: 'Diagnose a SQLite database',
  codes: CODES,
  changes: false,
  params: z.strictObject({ service: Service }),
  fromWords: (words) => ({ service: words.length === 0 ? 'vaultwarden' : words.join(' ') }),
  gather,
  diagnose,
  plan: ({ evidence, findings }) => {
    if (findings.length > 0) return stop('This command only looks. What to do is with each finding.');
    return stop(evidence.every(({ status }) => status === 'ok') ? 'Nothing to do.' : 'Not everything could be seen.');
  },
});
