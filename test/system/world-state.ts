import { stateOf as stateOfSilence } from '../lab/site/alerts.ts';
import { attachmentsOf } from '../lab/site/attachments.ts';
import type { World } from '../lab/site/index.ts';
import type { LabNode } from '../lab/site/node.ts';
import { fullName } from '../lab/site/snapshots.ts';
import { text } from '../lab/site/volumes.ts';

const NODES = { apiVersion: 'v1', plural: 'nodes', namespaced: false };
const VOLUMES = { apiVersion: 'v1', plural: 'persistentvolumes', namespaced: false };
const CRON_JOBS = { apiVersion: 'batch/v1', plural: 'cronjobs', namespaced: true };
const DEPLOYMENTS = { apiVersion: 'apps/v1', plural: 'deployments', namespaced: true };
const STATEFUL_SETS = { apiVersion: 'apps/v1', plural: 'statefulsets', namespaced: true };
const JOBS = { apiVersion: 'batch/v1', plural: 'jobs', namespaced: true };
const PODS = { apiVersion: 'v1', plural: 'pods', namespaced: true };

/** Paths that only the cases of new exports name. */
const NEW_PATHS = ['/mnt/main/paperless', '/mnt/ssd/models'];

/** But for the one that is to stay when a migration is taken back: that the new claim was used. */
function notesOf({ 'storagebot/moved-to': _stays, ...notes }: Readonly<Record<string, string>> = {}) {
  return notes;
}

/** What repairs change of NAS and nodes, as the site itself has it; but for a dataset that is meant to be left, and its export. */
export function stateOf({ nas, store, hypervisor, nodes, databases, alerting, time }: World, left = 'none'): unknown {
  const kept = keptVolumes(store);
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
    held: datasets.map((each) => [each.name, each.origin, each.writtenBytes ?? 0, nas.disk.content(each).map(withoutCopies)]),
    directories: paths.map((path) => ({ path, ...rightsOf(nas.disk.at(path)) })),
    scrubs: nas.pools.map(({ name, status }) => `${name} ${scrubOf(status?.scan.is)}`),
    mountOptions: store
      .list({ resource: VOLUMES })
      .filter(({ metadata }) => !kept.includes(metadata.name))
      .map(({ metadata, spec }) => [metadata.name, mountOptionsOf(spec)]),
    logicalVolumes: hypervisor.volumes
      // Kept on purpose: each may alone hold what was written.
      .filter(({ name }) => !/_storagebot[a-z0-9-]*-undone$/.test(name) && !kept.includes(name.replace('vm-9999-', '')))
      .map(({ vg, name, origin, sizeBytes, tags, fileSystem }) => [
        `${vg}/${name}`,
        origin,
        sizeBytes,
        [...tags],
        [...(fileSystem?.content ?? [])],
      ])
      .toSorted(([a], [b]) => (`${a}` < `${b}` ? -1 : 1)),
    workloads: [DEPLOYMENTS, STATEFUL_SETS]
      .flatMap((resource) => store.list({ resource }))
      .map(({ metadata, spec }) => [metadata.name, notesOf(metadata.annotations), spec]),
    ghosts: ghostsIn({ store, hypervisor, nodes }),
    sqlite: [...(databases.sqlite ?? [])].map(([service, { files }]) => [service, ...filesOf(files)]),
    threads: nas.threads.total,
    silences: alerting.silences
      .filter((silence) => stateOfSilence(silence, time.nowMs) !== 'expired')
      .map(({ createdBy, matchers }) => [createdBy, matchers]),
    postgres: postgresOf(databases),
    mysql: mysqlOf(databases),
    iscsi: [...nodes.values()].map(iscsiOf),
    suspended: [JOBS, CRON_JOBS].flatMap((resource) =>
      store.list({ resource }).flatMap(({ kind, metadata, spec }) => (isSuspended(spec) ? [`${kind} ${metadata.name}`] : [])),
    ),
    cordoned: store.list({ resource: NODES }).flatMap(({ metadata, spec }) => (isCordoned(spec) ? [metadata.name] : [])),
  };
}

/** The volumes of claims that took the place of others. */
function keptVolumes(store: World['store']): readonly string[] {
  const isNew = (spec: unknown) => text(spec, 'claimRef', 'name').endsWith('-storagebot-lvm');
  return store.list({ resource: VOLUMES }).flatMap(({ metadata, spec }) => (isNew(spec) ? [metadata.name] : []));
}

/** What was kept of a database before anything was changed is left on purpose. */
function withoutCopies<T extends { readonly entries: readonly string[] }>(directory: T): T {
  return { ...directory, entries: directory.entries.filter((name) => !name.startsWith('pre_restore_')) };
}

/** Databases that are restored beside, or were and are put aside again, are left on purpose: only people drop them. */
function postgresOf({ postgres }: World['databases']): unknown {
  const used = [...(postgres?.databases ?? [])].filter(([name]) => !/_storagebot[\w-]*-(restore|undone)$/.test(name));
  return used.toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([name, each]) => [name, { ...each, tables: { ...each.tables } }]);
}

function mysqlOf({ mysql }: World['databases']): unknown {
  const used = [...(mysql?.databases ?? [])].filter(([name]) => !/_storagebot-([\w-]+-)?(restore|before)$/.test(name));
  return used.toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([name, { tables }]) => [name, { ...tables }]);
}

/** But for what a restore keeps. */
function filesOf(files: ReadonlyMap<string, unknown>): readonly unknown[] {
  const own = [...files].filter(([path]) => !path.startsWith('.storagebot-'));
  return structuredClone(own).toSorted(([a], [b]) => (a < b ? -1 : 1));
}

/** Disks in slots of machines that are attached to none of their nodes: those of attached ones move with their pods. */
function ghostsIn({ store, hypervisor, nodes }: Pick<World, 'store' | 'hypervisor' | 'nodes'>): unknown {
  const attached = attachmentsOf(store);
  return [...nodes.values()].flatMap(({ name, vmid }) =>
    [...(hypervisor.vms.get(vmid)?.config ?? [])]
      .filter(([slot, value]) => /^scsi\d+$/.test(slot) && value.includes('vm-9999-pvc-'))
      .filter(([, value]) => !attached.some(({ node, volume }) => node === name && value.includes(volume)))
      .toSorted(([a], [b]) => (a < b ? -1 : 1)),
  );
}

/** Records and sessions with what they were given; whether the server answers a session is nobody's to take back. */
function iscsiOf({ name, iscsi }: LabNode): unknown {
  const records = [...iscsi.records].map(([iqn, { settings }]) => [iqn, { ...settings }]);
  return [name, records, iscsi.sessions.map(({ iqn, recoveryS, pings, digests }) => ({ iqn, recoveryS, pings, digests }))];
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
