import { z } from 'zod';
import { defineRunbook } from '../../src/core/runbook.ts';
import { ServiceName } from '../../src/core/service-name.ts';
import { lookAtIscsi } from '../../src/topology/iscsi-look.ts';
import { CODES } from './codes.ts';
import { diagnose } from './diagnose/index.ts';
import { plan } from './plan.ts';

export default defineRunbook({
  id: 'diagnose-iscsi',
  words: ['diagnose', 'iscsi'],
  usage: '[node]',
  title: 'Diagnose iSCSI sessions',
  codes: CODES,
  changes: true,
  params: z.strictObject({ node: ServiceName.optional() }),
  fromWords: (words) => (words.length === 0 ? {} : { node: words.join(' ') }),
  gather: async (asked, read, site) => ({ site, look: await lookAtIscsi(read, site, asked) }),
  diagnose,
  plan,
});
