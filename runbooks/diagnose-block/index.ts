import { defineRunbook } from '../../src/core/runbook.ts';
import { Asked, fromWords } from '../../src/topology/asked.ts';
import { CODES } from './codes.ts';
import { diagnose } from './diagnose/index.ts';
import { gather } from './facts.ts';
import { plan } from './plan/index.ts';

export default defineRunbook({
  id: 'diagnose-block',
  words: ['diagnose', 'block'],
  alsoWords: [['fix', 'block']],
  usage: '[service|node|all]',
  title: 'Diagnose the block volumes of a service, of a node or of the whole cluster, from the claim to the disk',
  codes: CODES,
  changes: true,
  params: Asked,
  fromWords,
  gather,
  diagnose,
  plan,
});
