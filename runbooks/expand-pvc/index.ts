import { z } from 'zod';
import { defineRunbook } from '../../src/core/runbook.ts';
import { CODES } from './codes.ts';
import { diagnose } from './diagnose.ts';
import { gather } from './facts.ts';
import { plan } from './plan.ts';

const Name = z
  .string()
  .regex(/^[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?$/, 'is no name of a namespace or claim: write namespace/claim');
const Size = z.string().regex(/^[1-9]\d{0,5}(Mi|Gi|Ti)$/, 'is no size: write it as 30Gi');

export default defineRunbook({
  id: 'expand-pvc',
  words: ['expand', 'pvc'],
  usage: '<namespace/claim> <size>',
  title: 'Let a claim grow',
  codes: CODES,
  changes: true,
  params: z.strictObject({ namespace: Name, claim: Name, size: Size }),
  fromWords: ([id = '', ...size]) => {
    const [namespace, ...claim] = id.split('/');
    return { namespace, claim: claim.join('/'), size: size.join(' ') };
  },
  gather,
  diagnose,
  plan,
});
