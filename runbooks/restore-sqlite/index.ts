import { z } from 'zod';
import { defineRunbook } from '../../src/core/runbook.ts';
import { CODES } from './codes.ts';
import { diagnose } from './diagnose.ts';
import { gather } from './gather.ts';
import { plan } from './plan.ts';

const Service = z
  .string('is missing: vaultwarden')
  .max(63, 'is longer than any name here')
  .regex(/^[a-z0-9]([a-z0-9-]*[a-z0-9])?$/, 'is no name of a service, as vaultwarden');

const Choice = z.discriminatedUnion('from', [
  z.strictObject({
    from: z.literal('backup'),
    name: z
      .string('is missing: from 2026_04_03_06_00')
      .max(200, 'is longer than any name here')
      .regex(/^\w[\w.-]*$/, 'is no name of a backup, as 2026_04_03_06_00'),
    anyway: z.boolean('is the only word that may follow the name of the backup'),
  }),
  z.strictObject({ from: z.literal('reindex') }),
]);

export default defineRunbook({
  id: 'restore-sqlite',
  words: ['restore', 'sqlite'],
  alsoWords: [['restore']],
  usage: '<service> [from <backup> [anyway] | reindex]',
  title: 'Restore the SQLite database of a service from a backup, or make its indexes anew',
  codes: CODES,
  changes: true,
  params: z.strictObject({ service: Service, choice: Choice.optional() }),
  fromWords: ([service, how, name, ...rest]) => {
    if (how === undefined) return { service };
    if (how === 'reindex' && name === undefined) return { service, choice: { from: 'reindex' } };
    if (how !== 'from') return { service, choice: { from: how } };
    const anyway = rest.length === 0 ? false : rest.join(' ') === 'anyway' ? true : rest.join(' ');
    return { service, choice: { from: 'backup', name, anyway } };
  },
  gather,
  diagnose,
  plan,
});
