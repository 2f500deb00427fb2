import type { Alert } from '../core/alert.ts';
import type { AlertRule } from '../core/alert-settings.ts';
import type { Site } from '../core/site.ts';
import { KNOWN_ALERTS } from './known-alerts.ts';
import { labelOf, valueIn } from './labels.ts';

/** What is done about an alert; one that nothing is known of gets the triage. */
export type Route =
  | {
      readonly run: readonly string[];
      /** To be looked with where that one tells nothing. */
      readonly next?: readonly (readonly string[])[];
      readonly by: 'rule' | 'table' | 'unknown';
    }
  | { readonly ignore: string };

type Told = Pick<Alert, 'name' | 'labels' | 'annotations'>;

/** Rules of the configuration come before the table; a rule whose words name a label that the alert lacks does not fit. */
export function route(alert: Told, site: Site, rules: readonly AlertRule[]): Route {
  for (const { what } of rules.filter((rule) => fits(rule, alert))) {
    if ('ignore' in what) return what;
    const run = filled(what.run, alert);
    if (run !== undefined) return { run, by: 'rule' };
  }
  const known = KNOWN_ALERTS.get(alert.name);
  const why = known?.ignore?.({ alert, site });
  if (why !== undefined) return { ignore: why };
  const run = known?.run?.({ alert, site }) ?? triage(alert);
  const next = known?.next?.({ alert, site });
  return { run, ...(next && { next }), by: known === undefined ? 'unknown' : 'table' };
}

function triage(alert: Told): readonly string[] {
  const namespace = labelOf(alert, 'namespace');
  return ['triage', ...(namespace === undefined ? [] : [namespace])];
}

/** Labels here as in the table: those of what the alert is about, and not those of its exporter. */
function fits({ alert: name, labels, annotations }: AlertRule, alert: Told): boolean {
  const has = (wanted: Alert['labels'], valueOf: (name: string) => string | undefined) =>
    Object.entries(wanted).every(([key, value]) => valueOf(key) === value);
  return (
    (name === undefined || name === alert.name) &&
    has(labels, (key) => labelOf(alert, key)) &&
    has(annotations, (key) => valueIn(alert.annotations, key))
  );
}

const LABEL = /\{(\w+)\}/g;

/** A label is one word or a part of one, whatever is in it. Undefined where the alert lacks one that is named. */
function filled(words: readonly string[], alert: Told): readonly string[] | undefined {
  const names = words.flatMap((word) => [...word.matchAll(LABEL)].map(([, name = '']) => name));
  if (names.some((name) => labelOf(alert, name) === undefined)) return undefined;
  return words.map((word) => word.replaceAll(LABEL, (_, name: string) => labelOf(alert, name) ?? ''));
}
