import { defineRunbook } from '../../src/core/runbook.ts';
import { Asked, fromWords } from '../../src/topology/asked.ts';
import { CODES } from './codes.ts';
import { diagnose } from './diagnose/index.ts';
import { gather } from './gather/index.ts';
import { plan } from './plan/index.ts';

export default defineRunbook({
  id: 'diagnose-nfs',
  words: ['diagnose', 'nfs'],
  alsoWords: [['fix', 'nfs']],
  usage: '[service|node|all]',
  title: 'Diagnose the NFS volumes of a service, of a node or of the whole cluster',
  codes: CODES,
  changes: true,
  params: Asked,
  fromWords,
  gather,
  diagnose,
  plan,
});
