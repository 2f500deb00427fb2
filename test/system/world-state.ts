import type { World } from '../lab/site/index.ts';
import { fullName } from '../lab/site/snapshots.ts';

const NODES = { apiVersion: 'v1', plural: 'nodes', namespaced: false };
const VOLUMES = { apiVersion: 'v1', plural: 'persistentvolumes', namespaced: false };
const CRON_JOBS = { apiVersion: 'batch/v1', plural: 'cronjobs', namespaced: true };
const DEPLOYMENTS = { apiVersion: 'apps/v1', plural: 'deployments', namespaced: true };
const JOBS = { apiVersion: 'batch/v1', plural: 'jobs', namespaced: true };
const PODS = { apiVersion: 'v1', plural: 'pods', namespaced: true };

/** Paths that only the cases of new exports name. */
const NEW_PATHS = ['/mnt/main/paperless', '/mnt/ssd/models'];

/** What repairs change of NAS and nodes, as the site itself has it; but for a dataset that is meant to be left, and its export. */
export function stateOf({ nas, store }: World, left = 'none'): unknown {
  const isLeft = (name: string) => name === left || name.startsWith(`${left}@`) || name === `/mnt/${left}`;
  const active = nas.active.filter(({ path }) => !isLeft(path));
  const datasets = nas.disk.datasets.filter(({ name }) => !isLeft(name));
  const paths = [...active.map(({ path }) => path), ...NEW_PATHS].toSorted();
  return {
    exports: active.map(({ path, network, options }) => `${path} ${network} ${options.join(',')}`).toSorted(),
    files: [...nas.files]
      .filter(([name]) => !/\.before-(fsid-fix|removal)$/.test(name))
      .map(([name, text]) => [name, text.split('\n').filter((line) => !line.split(/[\s"]+/).some(isLeft))] as const)
      .toSorted(([a], [b]) => (a < b ? -1 : 1)),
    shares: structuredClone(nas.shares.filter((share) => !share.paths.some(isLeft))),
    settings: { ...nas.settings },
    datasets: datasets.map(({ name, mounted, readOnly = false }) => ({ name, mounted, readOnly })),
    snapshots: nas.disk.snapshots
      .filter((each) => !isLeft(fullName(each)))
      .map((each) => `${fullName(each)} ${each.writtenBytes} ${each.usedBytes}`)
      .toSorted(),
    held: datasets.map((each) => [each.name, each.origin, each.writtenBytes ?? 0, nas.disk.content(each)]),
    directories: paths.map((path) => ({ path, ...rightsOf(nas.disk.at(path)) })),
    scrubs: nas.pools.map(({ name, status }) => `${name} ${scrubOf(status?.scan.is)}`),
    mountOptions: store.list({ resource: VOLUMES }).map(({ metadata, spec }) => [metadata.name, mountOptionsOf(spec)]),
    workloads: store
      .list({ resource: DEPLOYMENTS })
      .map(({ metadata, spec }) => [metadata.name, metadata.annotations ?? {}, spec]),
    threads: nas.threads.total,
    suspended: [JOBS, CRON_JOBS].flatMap((resource) =>
      store.list({ resource }).flatMap(({ kind, metadata, spec }) => (isSuspended(spec) ? [`${kind} ${metadata.name}`] : [])),
    ),
    cordoned: store.list({ resource: NODES }).flatMap(({ metadata, spec }) => (isCordoned(spec) ? [metadata.name] : [])),
  };
}

/** That a scrub is over and that one was ended are the same state: nothing runs. */
function scrubOf(scan: 'none' | 'running' | 'paused' | 'finished' | 'canceled' = 'none'): string {
  return scan === 'running' || scan === 'paused' ? scan : 'rests';
}

function rightsOf(directory: ReturnType<World['nas']['disk']['at']>) {
  return directory && { uid: directory.uid, gid: directory.gid, mode: directory.mode };
}

function mountOptionsOf(spec: unknown): unknown {
  return typeof spec === 'object' && spec !== null && 'mountOptions' in spec ? spec.mountOptions : undefined;
}

function isCordoned(spec: unknown): boolean {
  return typeof spec === 'object' && spec !== null && 'unschedulable' in spec && spec.unschedulable === true;
}

function isSuspended(spec: unknown): boolean {
  return typeof spec === 'object' && spec !== null && 'suspend' in spec && spec.suspend === true;
}

/** Somebody scales everything in these namespaces down to nothing, and time passes until the pods are gone. */
export function scaleDown({ cluster, store, time }: World, namespaces: readonly string[]): void {
  for (const [index, workload] of cluster.workloads.entries())
    if (namespaces.includes(workload.namespace)) cluster.workloads[index] = { ...workload, nodes: [] };
  for (const { metadata } of cluster.pods()) {
    const { namespace = '', name, uid } = metadata;
    if (namespaces.includes(namespace)) store.delete({ resource: PODS, namespace, name }, { uid, gracePeriodSeconds: 30 });
  }
  time.advance(300_000);
}
