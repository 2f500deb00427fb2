import { z } from 'zod';
import { durationOf } from '../../src/core/duration.ts';
import { isPrintable } from '../../src/core/quote.ts';
import type { Actor } from '../../src/core/run.ts';
import { defineRunbook } from '../../src/core/runbook.ts';
import { AskedSilences, askedSilences, askerName } from '../../src/topology/asked-alerts.ts';
import { CODES } from './codes.ts';
import { diagnose } from './diagnose.ts';
import { gather } from './facts.ts';
import { plan } from './plan.ts';

const LONGEST_MS = 7 * 86_400_000;
/** A silence until its alerts have ended is ended by the bot; if that is not there to do it, it ends by itself then. */
const UNTIL_RESOLVED_MS = 86_400_000;

const Reason = z
  .string()
  .min(1, 'is missing: write because <reason>, or leave both out')
  .max(200, 'is longer than 200 characters')
  .refine(isPrintable, 'holds a character that is not shown');

const WHEN = 'is missing: end with for 1h, for 4h or until resolved';

export default defineRunbook({
  id: 'silence',
  words: ['silence'],
  usage: '<incident> | <alert[,alert …]> [label=value[,value …] …] [and …] for <30m|4h|2d> | until resolved [because <reason>]',
  title: 'Keep Alertmanager from telling of an alert for a time',
  codes: CODES,
  changes: true,
  params: z.strictObject({
    each: AskedSilences,
    durationMs: z
      .number(WHEN)
      .max(LONGEST_MS, 'is longer than 7 days: what is never to be told is a rule of Prometheus to change'),
    untilResolved: z.boolean(),
    reason: Reason.exactOptional(),
    asker: z.string().exactOptional(),
  }),
  fromWords,
  gather,
  diagnose,
  plan,
});

function fromWords(words: readonly string[], by?: Actor): unknown {
  const because = words.findIndex((word) => word === 'because');
  const asked = because < 0 ? words : words.slice(0, because);
  const asker = askerName(by);
  return {
    ...lastingOf(asked),
    ...(because < 0 ? {} : { reason: words.slice(because + 1).join(' ') }),
    ...(asker === undefined ? {} : { asker }),
  };
}

function lastingOf(words: readonly string[]) {
  const each = askedSilences(words.slice(0, -2));
  const [how, time = ''] = words.slice(-2);
  if (how === 'until' && time === 'resolved') return { each, durationMs: UNTIL_RESOLVED_MS, untilResolved: true };
  const durationMs = how === 'for' ? durationOf(time) : undefined;
  if (durationMs === undefined) return { each: askedSilences(words), durationMs: undefined, untilResolved: false };
  return { each, durationMs, untilResolved: false };
}
