import type { World } from '../lab/site/index.ts';

const NODES = { apiVersion: 'v1', plural: 'nodes', namespaced: false };
const PODS = { apiVersion: 'v1', plural: 'pods', namespaced: true };

/** Paths that only the cases of new exports name. */
const NEW_PATHS = ['/mnt/main/paperless', '/mnt/ssd/models'];

/** What repairs change of NAS and nodes, as the site itself has it. */
export function stateOf({ nas, store }: World): unknown {
  const paths = [...nas.active.map(({ path }) => path), ...NEW_PATHS].toSorted();
  return {
    exports: nas.active.map(({ path, network, options }) => `${path} ${network} ${options.join(',')}`).toSorted(),
    files: [...nas.files].filter(([name]) => !name.endsWith('.before-fsid-fix')).toSorted(([a], [b]) => (a < b ? -1 : 1)),
    shares: structuredClone(nas.shares),
    settings: { ...nas.settings },
    datasets: nas.disk.datasets.map(({ name, mounted }) => `${name} ${mounted ? 'mounted' : 'not mounted'}`),
    directories: paths.map((path) => ({ path, ...rightsOf(nas.disk.at(path)) })),
    cordoned: store.list({ resource: NODES }).flatMap(({ metadata, spec }) => (isCordoned(spec) ? [metadata.name] : [])),
  };
}

function rightsOf(directory: ReturnType<World['nas']['disk']['at']>) {
  return directory && { uid: directory.uid, gid: directory.gid, mode: directory.mode };
}

function isCordoned(spec: unknown): boolean {
  return typeof spec === 'object' && spec !== null && 'unschedulable' in spec && spec.unschedulable === true;
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
