import { z } from 'zod';
import { defineRunbook } from '../../src/core/runbook.ts';
import { CODES } from './codes.ts';
import { diagnose } from './diagnose/index.ts';
import { gather } from './gather/index.ts';
import { plan } from './plan/index.ts';

/** A name as Kubernetes allows it, or two with a slash between. */
const ServiceName = z
  .string('is missing')
  .max(253, 'is longer than any name in Kubernetes')
  .regex(
    /^[a-z0-9]([-a-z0-9.]*[a-z0-9])?(\/[a-z0-9]([-a-z0-9.]*[a-z0-9])?)?$/,
    'is not a Kubernetes name: a-z, 0-9, "-" and "." only',
  );

export default defineRunbook({
  id: 'diagnose-nfs',
  words: ['diagnose', 'nfs'],
  usage: '<service>',
  title: 'Diagnose the NFS volumes of a service',
  codes: CODES,
  changes: true,
  params: z.strictObject({ service: ServiceName }),
  fromWords: ([service, ...more]) => (more.length === 0 ? { service } : { service: [service, ...more].join(' ') }),
  gather,
  diagnose,
  plan,
});
