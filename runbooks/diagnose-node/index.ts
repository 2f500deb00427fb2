import { z } from 'zod';
import { defineRunbook } from '../../src/core/runbook.ts';
import { codes } from './codes.ts';
import { diagnose } from './diagnose.ts';
import { gather } from './gather.ts';
import { plan } from './plan.ts';

export default defineRunbook({
  id: 'diagnose-node',
  words: ['diagnose', 'node'],
  alsoWords: [['fix', 'node']],
  usage: '<node>',
  title: 'Why a node is lost, whether it still writes, and the safe way back',
  codes,
  changes: true,
  params: z.strictObject({
    node: z.string().regex(/^[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?$/, 'must be the name of one node'),
  }),
  fromWords: ([node, ...more]) => (more.length === 0 ? { node } : { node, extra: more.join(' ') }),
  gather,
  diagnose,
  plan,
});
