import { z } from 'zod';
import { defineRunbook } from '../../src/core/runbook.ts';
import { CODES } from './codes.ts';
import { diagnose } from './diagnose/index.ts';
import { gather } from './gather.ts';
import { plan } from './plan.ts';

/** A name as Kubernetes allows it, or two with a slash between. */
const ServiceName = z
  .string()
  .max(253, 'is longer than any name in Kubernetes')
  .regex(
    /^[a-z0-9]([-a-z0-9.]*[a-z0-9])?(\/[a-z0-9]([-a-z0-9.]*[a-z0-9])?)?$/,
    'is not a Kubernetes name: a-z, 0-9, "-" and "." only',
  );

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
