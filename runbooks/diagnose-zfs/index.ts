import { z } from 'zod';
import { defineRunbook } from '../../src/core/runbook.ts';
import { CODES } from './codes.ts';
import { diagnose } from './diagnose/index.ts';
import { gather } from './facts.ts';
import { plan } from './plan.ts';

/** A pool that is called otherwise is among all of them. */
const Pool = z
  .string()
  .regex(/^[a-z][a-z0-9._-]{0,80}$/, 'is no plain name of a pool (a-z, 0-9, ".", "_", "-"): leave it out to see all pools');

export default defineRunbook({
  id: 'diagnose-zfs',
  words: ['diagnose', 'zfs'],
  usage: '[pool]',
  title: 'Diagnose the ZFS pools of the NAS',
  codes: CODES,
  changes: true,
  params: z.strictObject({ pool: Pool.optional() }),
  fromWords: (words) => (words.length === 0 ? {} : { pool: words.join(' ') }),
  gather,
  diagnose,
  plan,
});
