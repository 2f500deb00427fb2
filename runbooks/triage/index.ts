import { z } from 'zod';
import { stop } from '../../src/core/plan.ts';
import { defineRunbook } from '../../src/core/runbook.ts';
import { diagnose } from './diagnose.ts';
import { gather } from './facts.ts';
import { CODES } from './routes.ts';

/** A namespace, a pod, or both with a slash between. */
const Target = z
  .string()
  .max(253, 'is longer than any name in Kubernetes')
  .regex(
    /^[a-z0-9]([-a-z0-9.]*[a-z0-9])?(\/[a-z0-9]([-a-z0-9.]*[a-z0-9])?)?$/,
    'is not a Kubernetes name: a-z, 0-9, "-" and "." only',
  );

export default defineRunbook({
  id: 'triage',
  words: ['triage'],
  usage: '[namespace|pod]',
  title: 'Which runbook fits the pods that are stuck',
  codes: CODES,
  changes: false,
  params: z.strictObject({ target: Target.exactOptional() }),
  fromWords: (words) => (words.length === 0 ? {} : { target: words.join(' ') }),
  gather,
  diagnose,
  plan: ({ findings }) => stop(findings.length === 0 ? NOTHING : ONLY_LOOKS),
});

const NOTHING = 'Nothing that is known to be stuck points to a runbook.';
const ONLY_LOOKS = 'The triage only looks: each finding says what to run next.';
