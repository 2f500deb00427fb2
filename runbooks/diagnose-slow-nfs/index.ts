import { z } from 'zod';
import { defineRunbook } from '../../src/core/runbook.ts';
import { ServiceName } from '../../src/core/service-name.ts';
import { CODES } from './codes.ts';
import { diagnose } from './diagnose/index.ts';
import { gather } from './gather.ts';
import { plan } from './plan.ts';

export default defineRunbook({
  id: 'diagnose-slow-nfs',
  words: ['diagnose', 'slow', 'nfs'],
  alsoWords: [['fix', 'slow', 'nfs']],
  usage: '[service]',
  title: 'Find out why NFS is slow',
  codes: CODES,
  changes: true,
  params: z.strictObject({ service: ServiceName.optional() }),
  fromWords: (words) => (words.length === 0 ? {} : { service: words.join(' ') }),
  gather,
  diagnose,
  plan,
});
