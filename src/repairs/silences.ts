import type { Silence } from '../commands/alertmanager.ts';
import type { Alert } from '../core/alert.ts';
import type { LabelMatcher, Matchers } from '../core/alertmanager.ts';
import { isExactly, matches } from '../core/alertmanager.ts';
import type { Hold } from '../core/hold.ts';
import { changes } from '../core/hold.ts';

/** What one silence is for, as people say it: alerts by name, and by labels that they must have. */
export interface Muting {
  readonly alerts: readonly [string, ...string[]];
  readonly labels: readonly LabelMatcher[];
}

/** As many silences. */
export type Mutings = readonly [Muting, ...Muting[]];

/** As Alertmanager gets it; names and values in a fixed order, so that what is meant twice is the same. */
export function matchersOf({ alerts, labels }: Muting): Matchers {
  const more = labels.map(({ name, values }) => ({ name, values: sorted(values) }));
  return [{ name: 'alertname', values: sorted(alerts) }, ...more.toSorted((a, b) => (a.name < b.name ? -1 : 1))];
}

function sorted([first, ...more]: readonly [string, ...string[]]): readonly [string, ...string[]] {
  const [least = first, ...others] = [...new Set([first, ...more])].toSorted();
  return [least, ...others];
}

/** `PVFillingUp of persistentvolumeclaim=novelapp-data`; of many values only the first. */
export function mutedName({ alerts, labels }: Muting): string {
  const of = labels.map(({ name, values }) => `${name}=${some(values)}`);
  return [alerts.join(', '), ...(of.length === 0 ? [] : [`of ${of.join(' ')}`])].join(' ');
}

const NAMED = 4;

function some(values: readonly string[]): string {
  return values.length <= NAMED ? values.join(',') : `${values.slice(0, NAMED).join(',')},… (${values.length})`;
}

/** `PVFillingUp of namespace=dbaas and 3 silences more`. */
export function mutedNames([first, second, ...more]: Mutings): string {
  if (second === undefined) return mutedName(first);
  return more.length === 0
    ? `${mutedName(first)}, and ${mutedName(second)}`
    : `${mutedName(first)}, and what ${more.length + 1} silences more are for`;
}

/** Of these alerts those that at least one of the silences is for. */
export function mutedBy<T extends Pick<Alert, 'labels'>>(mutings: readonly Muting[], alerts: readonly T[]): readonly T[] {
  const all = mutings.map(matchersOf);
  return alerts.filter(({ labels }) => all.some((matchers) => matches(matchers, labels)));
}

/** Whether it is for exactly these labels. */
export function isSilenceOf(muting: Muting, { matchers }: Pick<Silence, 'matchers'>): boolean {
  return isExactly(matchersOf(muting), matchers);
}

/** As Alertmanager gets them. */
export function eachOf([first, ...more]: Mutings): readonly [Matchers, ...Matchers[]] {
  return [matchersOf(first), ...more.map(matchersOf)];
}

/** Silences of one name are made and ended one after the other. */
export function changesAlerts(mutings: Mutings): readonly [Hold, ...Hold[]] {
  const [{ alerts }] = mutings;
  const others = new Set(mutings.flatMap((each) => each.alerts).filter((name) => name !== alerts[0]));
  return [changes('alert', alerts[0]), ...[...others].map((name) => changes('alert', name))];
}

/** A name of a person, or what a run of this bot calls itself, in the list of silences. */
export function authorOf(asker: string | undefined, workName: string): string {
  return asker === undefined ? workName : `${asker} (${workName})`;
}

/** By the clock of Alertmanager, in the time zone of the logs. */
export function showTime(ms: number): string {
  return `${new Date(ms).toISOString().slice(0, 16).replace('T', ' ')} UTC`;
}
