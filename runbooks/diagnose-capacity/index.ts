import { z } from 'zod';
import { defineRunbook } from '../../src/core/runbook.ts';
import { CODES } from './codes.ts';
import { diagnose } from './diagnose/index.ts';
import { gather } from './gather.ts';
import { plan } from './plan.ts';

const Name = z.string().regex(/^[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?$/, 'is no name of a namespace or claim');

export default defineRunbook({
  id: 'diagnose-capacity',
  words: ['diagnose', 'capacity'],
  usage: '[namespace[/claim]]',
  title: 'Diagnose the space of thin pools and claims',
  codes: CODES,
  changes: true,
  params: z.strictObject({ namespace: Name.optional(), claim: Name.optional() }),
  fromWords: (words) => {
    if (words.length === 0) return {};
    const [namespace, ...claim] = words.join(' ').split('/');
    return claim.length === 0 ? { namespace } : { namespace, claim: claim.join('/') };
  },
  gather,
  diagnose,
  plan,
});
