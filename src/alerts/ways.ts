import { calledBy } from '../core/called.ts';
import type { Foundation, FoundationKind } from '../core/foundation.ts';
import type { Incident, IncidentView } from '../core/incident.ts';
import type { Site } from '../core/site.ts';
import { databaseServers, poolsOf } from '../topology/foundation-names.ts';
import type { Conducting } from './conductor-parts.ts';
import { route } from './route.ts';

/** A reading runbook and its arguments. */
export interface Way {
  readonly runbook: string;
  readonly arguments: readonly string[];
}

/** How to look for the cause, the best way first: what proved it is looked at again. */
export function waysOf(conducting: Conducting, incident: IncidentView): readonly Way[] {
  const { store, runbooks, site, settings } = conducting;
  const { provedBy } = incident.cause;
  const proving = provedBy && store.run(provedBy.run);
  const ways = waysToLook(incident, { site, routes: settings.routes }).flatMap((words) => wayOf(words, runbooks) ?? []);
  return proving === undefined ? ways : [{ runbook: proving.runbook, arguments: proving.arguments }, ...ways];
}

/** Those that it did not go lately. */
export function untriedOf(conducting: Conducting, incident: IncidentView): readonly Way[] {
  const tried = lateRuns(conducting, incident);
  return waysOf(conducting, incident).filter((way) => !tried.some((each) => isSameWay(each, way)));
}

/** Its runs that began within the window. */
export function lateRuns({ store, settings, clock }: Conducting, { runs }: Incident) {
  const since = clock() - settings.windowMs;
  return runs.flatMap((run) => store.run(run) ?? []).filter(({ startedAt }) => startedAt > since);
}

/** Whether this is the look that tells whether the cause of the incident is ill. */
export function looksAtCause({ store, runbooks, site }: Conducting, { cause }: Incident, way: Way): boolean {
  const words = wordsFor(cause, site);
  const best = cause.provedBy === undefined ? words && wayOf(words, runbooks) : store.run(cause.provedBy.run);
  return best !== undefined && isSameWay(best, way);
}

/** Whether what a look for one of these finds may be about anything that stands on it; any other look is about that thing alone. */
export function looksAround(kind: FoundationKind): boolean {
  return kind === 'hypervisor' || kind === 'network' || kind === 'nas';
}

function isSameWay(a: Way, b: Way): boolean {
  return a.runbook === b.runbook && JSON.stringify(a.arguments) === JSON.stringify(b.arguments);
}

function wayOf(words: Words, runbooks: Conducting['runbooks']): Way | undefined {
  const call = calledBy(words, runbooks);
  return call && { runbook: call.called.id, arguments: words.slice(call.takes) };
}

interface Rules {
  readonly site: Site;
  readonly routes: Conducting['settings']['routes'];
}

/** The words of runbooks that may find the cause, the best first: what many stand on is looked at before what stands on it. */
export function waysToLook(
  { cause, members }: Pick<IncidentView, 'cause' | 'members'>,
  { site, routes }: Rules,
): readonly Words[] {
  if (cause.kind === 'alerting') return [];
  const found = members.map((member) => route(member, site, routes));
  const wanted = found.flatMap((each) => ('run' in each ? [each] : []));
  const ruled = wanted.filter(({ by }) => by === 'rule').map(({ run }) => run);
  const known = wanted.filter(({ by }) => by === 'table').map(({ run }) => run);
  const under = wordsFor(cause, site);
  const lowest = under === undefined ? [] : [under];
  const best = cause.because === 'own' ? [...known, ...lowest] : [...lowest, ...known];
  const more = wanted.flatMap(({ next = [] }) => next);
  return [...ruled, ...best, ...more, ...wanted.map(({ run }) => run), ['triage']];
}

type Words = readonly string[];

/** Who looks at a foundation; undefined for what only its alerts tell how to look at. */
function wordsFor({ kind, name }: Foundation, site: Site): Words | undefined {
  switch (kind) {
    case 'hypervisor':
      return ['diagnose', 'block', 'all'];
    case 'network':
    case 'nas':
      return ['diagnose', 'nfs', 'all'];
    case 'pool':
      return poolsOf(site).some((pool) => pool.name === name) ? ['diagnose', 'zfs', name] : ['diagnose', 'capacity'];
    case 'driver':
      return ['diagnose', 'csi', name];
    case 'node':
      return ['diagnose', 'node', name];
    case 'database-server':
      return ['diagnose', engineOf(name, site)];
    case 'backups':
      return [
        'diagnose',
        'backups',
        ...Object.entries(site.backups ?? {}).flatMap(([job, { path }]) => (path === name ? [job] : [])),
      ];
    case 'alerting':
    case 'claim':
    case 'workload':
    case 'namespace':
    case 'alert':
      return undefined;
  }
}

function engineOf(server: string, site: Site): string {
  const found = Object.entries(databaseServers(site)).find(([, servers]) => servers.some(({ name }) => name === server));
  return found?.[0] ?? 'postgres';
}
