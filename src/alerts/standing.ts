import type { Alert } from '../core/alert.ts';
import { type Foundation, isShared } from '../core/foundation.ts';
import type { Site } from '../core/site.ts';
import { hypervisorOf, nasOf, networkOf, poolsOf, sorted } from '../topology/foundation-names.ts';
import type { FoundationsIndex } from '../topology/foundations.ts';
import type { AlertAt, KnownAlert } from './known-alert.ts';
import { KNOWN_ALERTS } from './known-alerts.ts';
import { hostOf, labelOf, valueIn } from './labels.ts';
import type { Standing } from './placement.ts';

type About = Pick<Alert, 'name' | 'labels'>;
type On = readonly Foundation[];

/** Alerts whose names nobody knows are of something that does not work, where their labels say of what. */
const UNKNOWN: KnownAlert = { kind: 'unavailable' };

/** Where an alert stands, by its name, its labels and what was last seen of the cluster. */
export function standingOf(alert: About, index: FoundationsIndex, site: Site): Standing {
  const known = KNOWN_ALERTS.get(alert.name) ?? UNKNOWN;
  const at = { alert, site };
  const around = { index, site };
  const whole = known.partOf?.(at);
  const named = whole ?? known.subject?.(at);
  const { subject, on } = named === undefined ? subjectOf(alert, known, around) : found(named, around);
  const names = sorted(known.names?.(at) ?? []);
  const ofPod = whole !== undefined || known.about === 'pod' ? underPod(alert, around) : [];
  // The other pods of its subject may be on other nodes.
  const isOfOnePod = ofPod.some(({ kind }) => kind === 'node');
  const ofAll = isOfOnePod ? on.filter(({ kind }) => kind !== 'node') : on;
  // What is about its subject alone is not explained by what is under it.
  const under = known.kind === 'own' ? [] : [...ofAll, ...ofPod];
  const part = whole && (ofPod.find(({ kind }) => kind === 'node')?.name ?? labelOf(alert, 'pod'));
  return {
    names,
    standsOn: sorted([...under, ...moreOf(known, at, index), ...names, subject]),
    kind: known.kind,
    subject,
    ...(part !== undefined && { part }),
  };
}

function moreOf({ standsOn }: KnownAlert, at: AlertAt, index: FoundationsIndex): On {
  if (standsOn !== 'all') return standsOn?.(at) ?? [];
  const says = ['namespace', 'pod'].some((label) => labelOf(at.alert, label) !== undefined);
  return says ? [] : everything(index, at.site);
}

function underPod(alert: About, around: Around): On {
  return podAt(alert, labelOf(alert, 'namespace'), around)?.on.filter(isShared) ?? [];
}

interface Around {
  readonly index: FoundationsIndex;
  readonly site: Site;
}

interface Found {
  readonly subject: Foundation;
  readonly on: On;
}

const WORKLOAD_LABELS = ['deployment', 'statefulset', 'daemonset', 'cronjob', 'job_name', 'workload'];

/** The most exact of its labels counts. */
function subjectOf(alert: About, known: KnownAlert, around: Around): Found {
  const namespace = labelOf(alert, 'namespace');
  const node = known.about === 'node' ? labelOf(alert, 'node') : valueIn(alert.labels, 'exported_node');
  return (
    (known.about === 'instance' ? machineAt(alert, around) : undefined) ??
    claimAt(alert, namespace, around) ??
    podAt(alert, namespace, around) ??
    workloadAt(alert, namespace, around) ??
    (node === undefined ? undefined : found({ kind: 'node', name: node }, around)) ??
    // Of a series of the cluster the instance is the exporter.
    (namespace === undefined ? machineAt(alert, around) : found({ kind: 'namespace', name: namespace }, around)) ??
    found(
      { kind: 'alert', name: [alert.name, labelOf(alert, 'instance')].filter((each) => each !== undefined).join(' ') },
      around,
    )
  );
}

function found(subject: Foundation, around: Around): Found {
  return { subject, on: onOf(subject, around) };
}

function onOf({ kind, name }: Foundation, { index, site }: Around): On {
  switch (kind) {
    case 'claim':
      return valueIn(index.claims, name) ?? [];
    case 'workload':
    case 'database-server':
      return valueIn(index.workloads, name) ?? [];
    case 'namespace':
      return valueIn(index.namespaces, name) ?? [];
    case 'node':
      return valueIn(index.nodes, name) ?? hypervisorOf(site);
    case 'nas':
      return [...hypervisorOf(site), networkOf(site), ...poolsOf(site)];
    default:
      return [];
  }
}

function claimAt(alert: About, namespace: string | undefined, around: Around): Found | undefined {
  const claim = labelOf(alert, 'persistentvolumeclaim');
  return claim === undefined || namespace === undefined
    ? undefined
    : found({ kind: 'claim', name: `${namespace}/${claim}` }, around);
}

/** The pods of one workload are one subject; one that came after the last look is known by its name. */
function podAt(alert: About, namespace: string | undefined, { index }: Around): Found | undefined {
  const pod = labelOf(alert, 'pod');
  if (pod === undefined) return undefined;
  const name = namespace === undefined ? onlyPod(pod, index) : `${namespace}/${pod}`;
  const on = name === undefined ? undefined : valueIn(index.pods, name);
  const workload = on?.find(({ kind }) => kind === 'workload');
  if (on !== undefined && workload !== undefined) return { subject: workload, on };
  const made = name === undefined ? undefined : makerOf(name, index);
  return made === undefined ? undefined : { subject: { kind: 'workload', name: made }, on: valueIn(index.workloads, made) ?? [] };
}

/** Some rules leave the namespace out. */
function onlyPod(pod: string, { pods }: FoundationsIndex): string | undefined {
  const [first, ...more] = Object.keys(pods).filter((name) => name.endsWith(`/${pod}`));
  return more.length === 0 ? first : undefined;
}

/** `immich/server` of `immich/server-7d9f8b6c5-x2x9z`, of `…-0`, or of the Job `…-29381760-abcde`. */
function makerOf(pod: string, { workloads }: FoundationsIndex): string | undefined {
  const parts = pod.split('-');
  return [1, 2]
    .map((cut) => parts.slice(0, -cut).join('-'))
    .find((name) => name !== '' && valueIn(workloads, name) !== undefined);
}

function workloadAt(alert: About, namespace: string | undefined, around: Around): Found | undefined {
  if (namespace === undefined) return undefined;
  const names = WORKLOAD_LABELS.map((label) => labelOf(alert, label)).filter((each) => each !== undefined);
  const known = names
    .flatMap((name) => [name, name.replace(/-\d+$/, '')])
    .map((name) => `${namespace}/${name}`)
    .find((name) => valueIn(around.index.workloads, name) !== undefined);
  const [first] = names;
  const name = known ?? (first === undefined ? undefined : `${namespace}/${first}`);
  return name === undefined ? undefined : found({ kind: 'workload', name }, around);
}

/** What an exporter runs on. */
function machineAt(alert: About, around: Around): Found | undefined {
  const instance = labelOf(alert, 'instance');
  if (instance === undefined) return undefined;
  const { index, site } = around;
  const host = hostOf(instance);
  const node = valueIn(index.addresses, host) ?? (valueIn(index.nodes, host) === undefined ? undefined : host);
  if (node !== undefined) return found({ kind: 'node', name: node }, around);
  if (host === site.nas.host.name || site.nas.nfsAddresses.includes(host)) return found(nasOf(site), around);
  const [hypervisor] = hypervisorOf(site);
  return host === hypervisor?.name ? found(hypervisor, around) : undefined;
}

/** Of an alert that does not say who is affected: any of these may be why. */
function everything({ nodes, namespaces }: FoundationsIndex, site: Site): On {
  const machines = Object.keys(nodes).map((name): Foundation => ({ kind: 'node', name }));
  const shared = Object.values(namespaces).flatMap((on) => on.filter(({ kind }) => kind !== 'namespace'));
  return sorted([...hypervisorOf(site), networkOf(site), nasOf(site), ...poolsOf(site), ...machines, ...shared]);
}
