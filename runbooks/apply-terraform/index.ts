import { z } from 'zod';
import { defineRunbook } from '../../src/core/runbook.ts';
import { CODES } from './codes.ts';
import { diagnose } from './diagnose.ts';
import { gather } from './facts.ts';
import { plan } from './plan.ts';

const DriverWord = z
  .string('is missing: nfs')
  .max(253, 'is longer than the name of any driver')
  .regex(/^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$/, 'is not the name of a driver: a-z, 0-9, "-" and "." only');

export default defineRunbook({
  id: 'apply-terraform',
  words: ['terraform', 'apply'],
  alsoWords: [['terraform', 'plan']],
  usage: '<driver>',
  title: 'Plan the Terraform stack of a CSI driver, and apply that plan',
  codes: CODES,
  changes: true,
  params: z.strictObject({ driver: DriverWord }),
  fromWords: (words) => ({ driver: words.length === 0 ? undefined : words.join(' ') }),
  gather: ({ driver }, read, site) => gather(driver, read, site),
  diagnose,
  plan,
});
