import { z } from 'zod';
import { defineRunbook } from '../../src/core/runbook.ts';
import { CODES } from './codes.ts';
import { diagnose } from './diagnose.ts';
import { gather } from './gather.ts';
import { plan } from './plan.ts';

/** Whoever means another restore gets here as well, as `restore postgress linkwarden` does. */
const OTHERS = 'restore postgres, restore mysql, restore pvc and restore files are of other things';

const Service = z
  .string(`is missing, as vaultwarden (${OTHERS})`)
  .max(63, 'is longer than any name here')
  .regex(/^[a-z0-9]([a-z0-9-]*[a-z0-9])?$/, 'is no name of a service, as vaultwarden');

const Choice = z.discriminatedUnion(
  'from',
  [
    z.strictObject({
      from: z.literal('backup'),
      name: z
        .string('is missing: from 2026_04_03_06_00')
        .max(200, 'is longer than any name here')
        .regex(/^\w[\w.-]*$/, 'is no name of a backup, as 2026_04_03_06_00'),
      anyway: z.boolean('is the only word that may follow the name of the backup'),
    }),
    z.strictObject({ from: z.literal('reindex') }),
  ],
  `is nothing that restores a SQLite database, which takes "from" and the name of a backup, or "reindex" (${OTHERS})`,
);

export default defineRunbook({
  id: 'restore-sqlite',
  words: ['restore', 'sqlite'],
  alsoWords: [['restore']],
  usage: '<service> [from <backup> [anyway] | reindex]',
  title: 'Restore the SQLite database of a service from a backup, or make its indexes anew',
  codes: CODES,
  changes: true,
  params: z.strictObject({ service: Service, choice: Choice.optional() }),
  fromWords: ([service, how, ...words]) => {
    if (how === undefined) return { service };
    if (how !== 'from') return { service, choice: { from: [how, ...words].join(' ') } };
    const [name, ...rest] = words;
    const anyway = rest.length === 0 ? false : rest.join(' ') === 'anyway' ? true : rest.join(' ');
    return { service, choice: { from: 'backup', name, anyway } };
  },
  gather,
  diagnose,
  plan,
});
