import { z } from 'zod';
import { stop } from '../../src/core/plan.ts';
import { defineRunbook } from '../../src/core/runbook.ts';
import { ServiceName } from '../../src/core/service-name.ts';
import { diagnose } from './diagnose.ts';
import { gather } from './facts.ts';
import { CODES } from './routes.ts';

export default defineRunbook({
  id: 'triage',
  words: ['triage'],
  usage: '[namespace|pod]',
  title: 'Which runbook fits the pods that are stuck',
  codes: CODES,
  changes: false,
  params: z.strictObject({ target: ServiceName.exactOptional() }),
  fromWords: (words) => (words.length === 0 ? {} : { target: words.join(' ') }),
  gather,
  diagnose,
  plan: ({ findings }) => stop(findings.length === 0 ? NOTHING : ONLY_LOOKS),
});

const NOTHING = 'Nothing that is known to be stuck points to a runbook.';
const ONLY_LOOKS = 'The triage only looks: each finding says what to run next.';
