import { quote } from './quote.ts';

/** A label and the values that it may have. None of them is a pattern. */
export interface LabelMatcher {
  readonly name: string;
  readonly values: readonly [string, ...string[]];
}

/** All must hold of an alert. */
export type Matchers = readonly [LabelMatcher, ...LabelMatcher[]];

/** They begin when they are made: the server takes a beginning in the past as now. */
export interface NewSilences {
  /** One silence for each. */
  readonly each: readonly [Matchers, ...Matchers[]];
  readonly durationMs: number;
  /** Names the silences too: their ids are given by the server and known only afterwards. */
  readonly createdBy: string;
  readonly comment: string;
}

/** What the server says of one matcher of a silence. */
export interface SilenceMatcher {
  readonly name: string;
  readonly value: string;
  readonly isRegex: boolean;
  readonly isEqual: boolean;
}

/** A call of Alertmanager's API v2, or as many as there are silences. Each renders to one line of amtool(1). */
export type AlertmanagerRequest =
  | { readonly method: 'GET'; readonly path: '/api/v2/alerts' | '/api/v2/silences' | '/api/v2/status' }
  | { readonly method: 'POST'; readonly path: '/api/v2/silences'; readonly silences: NewSilences }
  /** Ends every silence of this author for exactly one of these that has not ended. */
  | {
      readonly method: 'DELETE';
      readonly path: '/api/v2/silence';
      readonly createdBy: string;
      readonly each: NewSilences['each'];
    };

const AMTOOL = ['amtool', '--alertmanager.url=http://localhost:9093'];

/** The only program that finds ids by what is known before: an author, and matchers that a silence has. */
const EXPIRE = `author="$1"; shift; ${AMTOOL.join(' ')} silence query --quiet --created-by="$author" "$@" | xargs ${AMTOOL.join(' ')} silence expire`;

export function showAlertmanager(request: AlertmanagerRequest): string {
  return linesOf(request)
    .map((words) => words.map(quote).join(' '))
    .join(' && ');
}

/** Of each line the program and its arguments. */
export function linesOf(request: AlertmanagerRequest): readonly (readonly string[])[] {
  if (request.method === 'GET') return [[...AMTOOL, '--output=json', ...QUERIES[request.path]]];
  if (request.method === 'DELETE')
    return request.each.map((matchers) => ['sh', '-c', EXPIRE, 'expire', request.createdBy, ...matchers.map(showMatcher)]);
  const { each, durationMs, createdBy, comment } = request.silences;
  const about = [`--author=${createdBy}`, `--duration=${Math.ceil(durationMs / 1_000)}s`, `--comment=${comment}`];
  return each.map((matchers) => [...AMTOOL, 'silence', 'add', ...about, ...matchers.map(showMatcher)]);
}

const QUERIES = {
  '/api/v2/alerts': ['alert', 'query', '--active', '--silenced', '--inhibited', '--unprocessed'],
  '/api/v2/silences': ['silence', 'query'],
  '/api/v2/status': ['cluster', 'show'],
} as const;

/** As Alertmanager writes it: `alertname="PVFillingUp"`. */
export function showMatcher(matcher: LabelMatcher): string {
  const { isRegex, value } = patternOf(matcher);
  return `${matcher.name}${isRegex ? '=~' : '='}"${value.replaceAll(/["\\]/g, '\\$&')}"`;
}

/** Several values are one regular expression, which the server anchors at both ends. */
export function patternOf({ values }: LabelMatcher): { readonly isRegex: boolean; readonly value: string } {
  const [only, ...more] = values;
  if (more.length === 0) return { isRegex: false, value: only };
  return { isRegex: true, value: values.map((value) => value.replaceAll(/[\\.+*?()|[\]{}^$]/g, '\\$&')).join('|') };
}

/** Whether it is about an alert with these labels. A label that is absent is empty. */
export function matches(matchers: readonly LabelMatcher[], labels: Readonly<Record<string, string>>): boolean {
  return matchers.every(({ name, values }) => values.includes(labels[name] ?? ''));
}

/** Whether a silence is for exactly these, and no other. */
export function isExactly(meant: Matchers, seen: readonly SilenceMatcher[]): boolean {
  const line = ({ name, value, isRegex, isEqual }: SilenceMatcher) => JSON.stringify([name, value, isRegex, isEqual]);
  const lines = new Set(seen.map(line));
  return (
    lines.size === meant.length && meant.every((each) => lines.has(line({ name: each.name, ...patternOf(each), isEqual: true })))
  );
}
