import type { Alert, Episode } from '../core/alert.ts';
import { severityOf } from '../core/alert.ts';
import { type Foundation, type FoundationKind, isSame } from '../core/foundation.ts';
import type { IncidentView } from '../core/incident.ts';
import { shortened } from './visible.ts';
import type { Sign } from './words.ts';
import { count } from './words.ts';

const NAMES: Readonly<Record<FoundationKind, string>> = {
  hypervisor: 'hypervisor',
  network: 'network path to',
  pool: 'pool',
  nas: 'NAS',
  driver: 'CSI driver',
  node: 'node',
  'database-server': 'database server',
  backups: 'backups of',
  alerting: 'alerting by',
  claim: 'claim',
  workload: 'workload',
  namespace: 'namespace',
  alert: 'alert',
};

/** `NAS nas`, `node k3s-3`. */
export function foundationWords({ kind, name }: Foundation): string {
  if (kind === 'backups') return name === 'all' ? 'backups' : `backups in ${name}`;
  return `${NAMES[kind]} ${name}`;
}

/** What it is about, in one sentence without its full stop; says how sure that is. */
export function causeWords({ cause, cleared = [], members }: IncidentView): string {
  const what = foundationWords(cause);
  const well = cleared.find((each) => isSame(each, cause));
  if (well !== undefined && cause.because !== 'proved')
    return well.wasIll
      ? `The ${what} was ill and is well by now`
      : `The ${what} was looked at and is well: the cause is not known yet`;
  switch (cause.because) {
    case 'proved':
      return `The cause is proved: ${what}`;
    case 'named':
      return `Probably the ${what}: an alert names it`;
    case 'shared':
      return `Perhaps the ${what}: it is what these alerts have in common`;
    case 'own':
      return cause.kind === 'alert' ? alertNames(members) : `${alertNames(members)}: ${what}`;
  }
}

/** By those that fire, while any does. */
function alertNames(members: readonly Episode[]): string {
  const firing = members.filter(({ endsAt }) => endsAt === undefined);
  const [first = 'An alert', second, ...more] = new Set((firing.length > 0 ? firing : members).map(({ name }) => name));
  if (second === undefined) return first;
  return more.length === 0 ? `${first} and ${second}` : `${first}, ${second} and ${more.length} more`;
}

/** The short form, for a list. */
export function causeTitle(view: IncidentView): string {
  const what = foundationWords(view.cause);
  if (view.cause.because === 'own') return causeWords(view);
  return view.cause.because === 'proved' ? what : `${what} (not proved)`;
}

/** One that ended and fires again is one alert to people: the latest counts. */
export function eachOnce(members: readonly Episode[]): readonly Episode[] {
  return [...new Map(members.map((member) => [`${member.source} ${member.fingerprint}`, member])).values()];
}

export function firingOf({ members }: IncidentView): readonly Episode[] {
  return members.filter(({ endsAt }) => endsAt === undefined);
}

/** Where an incident stands: how many of its alerts fire, and how bad the worst of these is. */
export function incidentSign(view: IncidentView): Sign {
  const all = count(view.members.length, 'alert');
  const firing = firingOf(view);
  const held = firing.filter(({ muted }) => muted !== undefined).length;
  const muted = held === 0 ? '' : `, ${held} of them held back in Alertmanager`;
  const fire = `${firing.length} of ${all} ${firing.length === 1 ? 'fires' : 'fire'}${muted}`;
  if (view.closed?.into !== undefined) return { mark: '■', words: `over: it goes on as incident ${view.closed.into}` };
  if (view.closed !== undefined) {
    const still = firing.length === 0 ? `all its alerts have ended (${view.members.length})` : `closed by hand while ${fire}`;
    return { mark: '■', words: `over: ${still}` };
  }
  if (firing.length === 0) return { mark: '◷', words: `quiet: ${all} ended, and it is over unless one fires again soon` };
  return { mark: '✗', words: `${worstOf(firing)}: ${fire}` };
}

function worstOf(alerts: readonly Alert[]): string {
  const severities = alerts.map(severityOf);
  return (['critical', 'warning'] as const).find((severity) => severities.includes(severity)) ?? 'info';
}

/** Labels that name one thing within a namespace, the most telling first. */
const WITHIN = [
  'exported_pod',
  'persistentvolumeclaim',
  'cronjob',
  'job_name',
  'statefulset',
  'deployment',
  'daemonset',
  'pod',
] as const;
const ALONE = ['node', 'volumename', 'task_id', 'mountpoint', 'device', 'instance'] as const;
const SUBJECT_MAX = 120;

/** What one alert is about, by its labels; empty where these name nothing. */
export function subjectWords({ labels }: Pick<Alert, 'labels'>): string {
  const namespace = labels['exported_namespace'] ?? labels['namespace'];
  const within = WITHIN.map((label) => labels[label]).find(isNamed);
  const alone = ALONE.map((label) => labels[label]).filter(isNamed);
  const subject = isNamed(namespace) || isNamed(within) ? [namespace, within].filter(isNamed).join('/') : alone.join(' ');
  return shortened(subject, SUBJECT_MAX);
}

function isNamed(value: string | undefined): value is string {
  return value !== undefined && value !== '';
}

/** Alerts of one name. */
export interface Named {
  readonly name: string;
  readonly members: readonly Episode[];
  readonly firing: number;
}

/** Members by the names of their alerts: those that fire before the others, the worse and then the more first. */
export function byName(members: readonly Episode[]): readonly Named[] {
  const groups = [...Map.groupBy(members, ({ name }) => name)].map(([name, of]) => ({
    name,
    members: of,
    firing: of.filter(({ endsAt }) => endsAt === undefined).length,
  }));
  const weight = ({ members: of, firing }: Named) => [firing > 0 ? 0 : 1, RANK[worstOf(of)] ?? 2, -of.length];
  return groups.toSorted((a, b) => compare(weight(a), weight(b)) || (a.name < b.name ? -1 : 1));
}

const RANK: Readonly<Record<string, number>> = { critical: 0, warning: 1, info: 2 };

function compare(a: readonly number[], b: readonly number[]): number {
  return a.map((value, index) => value - (b[index] ?? 0)).find((difference) => difference !== 0) ?? 0;
}
