import { z } from 'zod';
import { isPrintable } from '../core/quote.ts';
import type { Actor } from '../core/run.ts';

const Name = z
  .string('is missing: the name of an alert comes first')
  .regex(/^[a-zA-Z_][\w.:-]{0,199}$/, 'is no name of an alert: give it as Alertmanager shows it');
const Label = z.strictObject({
  name: z
    .string()
    .regex(/^[a-zA-Z_]\w{0,99}$/, 'is no name of a label')
    .refine((name) => name !== 'alertname', 'alertname is what comes first, without a label'),
  values: z
    .array(
      z
        .string()
        .min(1, 'has no value')
        .max(300, 'is longer than any value')
        .refine(isPrintable, 'holds a character that is not shown'),
    )
    .min(1, 'has no value: write label=value'),
});

/** Alerts by their names, and by labels that each must have: what one silence is for. */
const Asked = z.strictObject({
  alerts: z.tuple([Name], Name),
  labels: z
    .array(Label.transform(({ name, values: [first = '', ...more] }) => ({ name, values: [first, ...more] as const })))
    .max(20, 'are more than 20')
    .refine((labels) => new Set(labels.map(({ name }) => name)).size === labels.length, 'have one twice: write label=a,b'),
});

/** No incident has as many. */
export const MOST_SILENCES = 40;

/** As many silences. */
export const AskedSilences = z
  .tuple([Asked], Asked)
  .refine(({ length }) => length <= MOST_SILENCES, `are more than ${MOST_SILENCES}`);

/** Between what two silences are for. */
export const AND = 'and';

/** `PVFillingUp,PVPredictedFull namespace=dbaas and MySQLDown`, as typed: Slack's commands have no `|`. */
export function askedSilences(words: readonly string[]) {
  const ends = words.flatMap((word, index) => (word === AND ? [index] : []));
  return [...ends, words.length].map((end, index) => askedAlerts(words.slice((ends[index - 1] ?? -1) + 1, end)));
}

function askedAlerts([names = '', ...labels]: readonly string[]) {
  return {
    alerts: names === '' ? [] : names.split(','),
    labels: labels.map((word) => {
      const at = word.indexOf('=');
      return at < 0 ? { name: word, values: [] } : { name: word.slice(0, at), values: word.slice(at + 1).split(',') };
    }),
  };
}

/** Who it is made for, as it can stand in a list of silences. */
export function askerName(asker: Actor | undefined): string | undefined {
  if (asker === undefined) return undefined;
  return /^[\p{L}\p{N}][\p{L}\p{N} ._-]{0,60}$/u.test(asker.name) ? asker.name : asker.id;
}
