import type { Alert, Episode } from '../core/alert.ts';
import { type LabelMatcher, type Matchers, matches } from '../core/alertmanager.ts';
import { isSome } from '../core/finding.ts';
import type { IncidentView } from '../core/incident.ts';
import { isPrintable } from '../core/quote.ts';
import { byName, firingOf } from './incident-words.ts';

/** In the place of an alert name: no alert is called so. */
export const ALL_OF_IT = '*';

/** How long can be chosen, as it is typed and as it is read. */
export const SILENCE_FOR = [
  ['for 1h', '1 hour'],
  ['for 4h', '4 hours'],
  ['until resolved', 'until it is resolved, a day at most'],
] as const;

/** Labels that say what an alert is about, the most telling first: they come before all others where there are too many. */
const NARROWING = [
  'exported_namespace',
  'exported_pod',
  'exported_node',
  'exported_instance',
  'namespace',
  'pod',
  'persistentvolumeclaim',
  'cronjob',
  'job_name',
  'statefulset',
  'deployment',
  'daemonset',
  'node',
  'volumename',
  'instance',
  'task_id',
  'container',
];
/** Of several alerts these differ whenever what they are about does, and are long. */
const TELL_NO_MORE = new Set(['uid', 'container_id', 'id', 'image', 'image_id', 'image_spec', 'host_ip', 'pod_ip']);

/** As the runbook takes them. */
const NAME = /^(?!(?:and|because)$)[a-zA-Z_][\w.:-]{0,199}$/;
const LABEL = /^[a-zA-Z_]\w{0,99}$/;
const MOST_LABELS = 20;
const MOST_SILENCES = 40;

/** A list that nobody reads says no more than its namespace. */
const MOST_VALUES = 100;
/** So many silences for one alert name, where fewer could be for alerts that are none of the incident's. */
const APART = 4;

/** The bot's own alerts, of which Alertmanager knows nothing. */
const OWN = /^Storagebot(WatchdogSilent|AlertmanagerUnreachable)$/;

/** Alerts that can be silenced: Alertmanager knows nothing of those of others. */
export function silenceable(view: IncidentView): readonly Episode[] {
  return firingOf(view).filter(({ source, name }) => source === 'alertmanager' && NAME.test(name) && !OWN.test(name));
}

/** The silences for all of it, or for one alert name of it. Empty where none of these fires, or where they are too many. */
export function silencesFor(view: IncidentView, what: string): readonly Matchers[] {
  const all = byName(silenceable(view)).map(({ members }) => members);
  const silences = [APART, 1]
    .map((apart) => all.map((members) => ofName(members, apart)))
    .find((each) => each.flat().length <= MOST_SILENCES);
  const chosen = (silences ?? all.map((members) => ofName(members, 1))).filter(
    (_each, index) => what === ALL_OF_IT || all[index]?.[0]?.name === what,
  );
  return chosen.flat().length <= MOST_SILENCES ? chosen.flat() : [];
}

/** As typed after `silence`: `A namespace=x,y and B pod=z`. */
export function silenceWords(silences: readonly Matchers[]): readonly string[] {
  return silences.flatMap((matchers, index) => [...(index === 0 ? [] : ['and']), ...matchers.map(wordOf)]);
}

/** `A namespace=x,y`: what one silence is for. */
export function silenceLine(matchers: Matchers): string {
  return matchers.map(wordOf).join(' ');
}

function wordOf({ name, values }: LabelMatcher, index: number): string {
  return index === 0 ? values.join(',') : `${name}=${values.join(',')}`;
}

/** What of the alerts that fire these silences would mute although it is none of the incident's. */
export function othersMuted<T extends Pick<Alert, 'fingerprint' | 'labels'>>(
  silences: readonly Matchers[],
  view: IncidentView,
  firing: readonly T[],
): readonly T[] {
  const own = new Set(view.members.filter(({ source }) => source === 'alertmanager').map(({ fingerprint }) => fingerprint));
  return firing.filter(({ fingerprint, labels }) => !own.has(fingerprint) && silences.some((each) => matches(each, labels)));
}

type Rows = readonly Episode[];

/** Alerts of one name, in silences that are for them and, where so few silences can say it, for nothing else. */
function ofName(members: Rows, apart: number): Matchers[] {
  const alike = Map.groupBy(members, (member) => labelsOf(member).join(' '));
  return [...alike.values()].flatMap((rows) => {
    const [first, ...more] = rows;
    if (first === undefined) return [];
    const labels = labelsOf(first);
    if (more.length === 0) return [matchersOf(rows, labels.slice(0, MOST_LABELS))];
    const telling = labels
      .filter((label) => !TELL_NO_MORE.has(label) && !labels.includes(`exported_${label}`))
      .slice(0, MOST_LABELS);
    return split(rows, telling, apart).map((part) => matchersOf(part, telling));
  });
}

/** All labels that can be said in words, in the order in which they count. */
function labelsOf({ labels }: Episode): readonly string[] {
  const rank = (label: string) => (NARROWING.includes(label) ? NARROWING.indexOf(label) : NARROWING.length);
  return Object.keys(labels)
    .filter((label) => label !== 'alertname' && label !== 'severity' && LABEL.test(label) && canBeSaid(labels[label] ?? ''))
    .toSorted((a, b) => rank(a) - rank(b) || (a < b ? -1 : 1));
}

/** A comma stands between two values, and a space between two words. */
function canBeSaid(value: string): boolean {
  return /^[^\s,]{1,300}$/u.test(value) && isPrintable(value);
}

function valuesOf(rows: Rows, label: string): readonly string[] {
  return [...new Set(rows.map(({ labels }) => labels[label] ?? ''))].toSorted();
}

/** One silence is for every combination of its values: where these are not all there, it is parted by the label with the fewest. */
function split(rows: Rows, labels: readonly string[], apart: number): readonly Rows[] {
  const different = labels
    .map((label) => ({ label, values: valuesOf(rows, label).length }))
    .filter(({ values }) => values > 1)
    .toSorted((a, b) => a.values - b.values);
  const combinations = different.reduce((product, { values }) => product * values, 1);
  const there = new Set(rows.map((row) => JSON.stringify(labels.map((label) => row.labels[label])))).size;
  const [fewest] = different;
  if (fewest === undefined || combinations === there || fewest.values > apart) return [rows];
  const parts = [...Map.groupBy(rows, (row) => row.labels[fewest.label]).values()];
  return parts.flatMap((part) => split(part, labels, Math.floor(apart / parts.length)));
}

function matchersOf(rows: Rows, labels: readonly string[]): Matchers {
  const matchers = labels.flatMap((name): LabelMatcher[] => {
    const values = valuesOf(rows, name);
    return isSome(values) && values.length <= MOST_VALUES ? [{ name, values }] : [];
  });
  return [{ name: 'alertname', values: [rows[0]?.name ?? ''] }, ...matchers];
}
