import { z } from 'zod';
import { stop } from '../../src/core/plan.ts';
import { defineRunbook } from '../../src/core/runbook.ts';
import { CODES } from './codes.ts';
import { diagnose } from './diagnose.ts';
import { gather } from './facts.ts';

export default defineRunbook({
  id: 'diagnose-redis',
  words: ['diagnose', 'redis'],
  usage: '',
  title: 'Diagnose Redis and its Sentinels',
  codes: CODES,
  changes: false,
  params: z.strictObject({}),
  fromWords: (words) => (words.length === 0 ? {} : { other: words.join(' ') }),
  gather,
  diagnose,
  plan: () => stop('Nothing of Redis is changed by this bot: what is to be done is said above.'),
});
