import type { LabSession, LabTarget, RecordSettings } from '../site/iscsi.ts';
import { HARD, iqnOf, login, PORTAL } from '../site/iscsi.ts';
import { detachUnused } from '../site/iscsi-driver.ts';
import type { LabNode } from '../site/node.ts';
import { addWorkload } from '../site/populate.ts';
import { blockName, blockObjects } from '../site/populate-block.ts';
import { kind } from '../site/volumes.ts';
import type { Workload } from '../site/workload.ts';
import { nodeOf, type World } from '../site/world.ts';

/** What scenarios do to iSCSI. */
export interface InUse {
  readonly claim: readonly [namespace: string, name: string];
  readonly node: string;
  /** Of the record, from which the session began. */
  readonly settings?: RecordSettings;
  /** Nothing runs on it unless given. */
  readonly workload?: Pick<Workload, 'kind' | 'name'> | undefined;
}

export const BOOKS = {
  claim: ['ebooks', 'ebooks-calibre-config-iscsi'],
  node: 'k8s-node2',
  workload: { kind: 'Deployment', name: 'calibre-old' },
} as const;
export const NOVEL = {
  claim: ['novelapp', 'novelapp-data'],
  node: 'k8s-node2',
  workload: { kind: 'Deployment', name: 'novelapp-old' },
} as const;
export const CLOUD = {
  claim: ['nextcloud', 'nextcloud-data-iscsi'],
  node: 'k8s-node4',
  workload: { kind: 'Deployment', name: 'nextcloud-old' },
} as const;

export const MINUTE_MS = 60_000;

export interface Used {
  readonly node: LabNode;
  readonly target: LabTarget;
  readonly session: LabSession;
}

/** The NAS has the target, the node logged in an hour and a half ago, and the workload mounts it. */
export function use(world: World, { claim: [namespace, claim], node: name, settings = HARD, workload }: InUse): Used {
  const node = nodeOf(world, name);
  const volume = blockName({ namespace, claim });
  const target = addTarget(world, volume);
  node.iscsi.records.set(target.iqn, { portal: PORTAL, settings: { ...settings } });
  login({ ...world, time: { nowMs: world.time.nowMs - 90 * MINUTE_MS } }, node, target.iqn);
  if (workload !== undefined)
    addWorkload(world, { ...workload, namespace, nodes: [name], claims: workload.kind === 'Cluster' ? [] : [claim] });
  world.time.every(1_000, () => detachUnused(world));
  const session = node.iscsi.sessions.find(({ iqn }) => iqn === target.iqn);
  if (session === undefined) throw new Error(`${name} did not log in to ${target.iqn}`);
  return { node, target, session };
}

/** A target with its extent and its volume. */
export function addTarget({ nas }: World, volume: string): LabTarget {
  const name = `csi-${volume}`;
  const isZfs = nas.flavour !== 'debian';
  const path = isZfs ? `/dev/zvol/main/iscsi/${name}` : `/srv/iscsi/${name}.img`;
  if (isZfs)
    nas.disk.datasets.push({ name: `main/iscsi/${name}`, mountPoint: '-', mounted: false, canMount: 'on', isVolume: true });
  const fileSystem = { needsRecovery: false, hasErrors: false };
  const target = { iqn: iqnOf(volume), name, path, hasDevice: true, hiddenFrom: new Set<string>(), refuses: false, fileSystem };
  nas.iscsi.targets.push(target);
  return target;
}

export function removeTarget({ nas }: World, target: LabTarget): void {
  nas.iscsi.targets.splice(nas.iscsi.targets.indexOf(target), 1);
}

/** A claim of the old driver that the healthy site does not have. */
export function addClaim({ store }: World, namespace: string, claim: string): void {
  const about = { namespace, claim, driver: 'org.democratic-csi.iscsi', sizeGib: 1, usedPercent: 20, files: 10 } as const;
  for (const object of blockObjects(about)) store.create(object);
}

/** Its pods keep it until the last of them is gone. */
export function deleteClaim({ store }: World, [namespace, name]: InUse['claim']): void {
  const claim = { resource: kind('v1', 'persistentvolumeclaims'), namespace, name };
  store.patch(claim, { metadata: { finalizers: ['kubernetes.io/pvc-protection'] } });
  store.delete(claim);
}

/** A claim for which nobody has made a volume yet. */
export function claimWaits({ store }: World, storageClassName: string): void {
  store.create({
    apiVersion: 'v1',
    kind: 'PersistentVolumeClaim',
    metadata: { name: 'storage-loki-0', namespace: 'monitoring' },
    spec: { accessModes: ['ReadWriteOnce'], storageClassName, resources: { requests: { storage: '50Gi' } } },
    status: { phase: 'Pending' },
  });
}

const DEPLOYMENTS = { apiVersion: 'apps/v1', plural: 'deployments', namespaced: true } as const;

/** How often the workload of the books is to run. */
export function findBooks({ store }: World): { readonly replicas: unknown } {
  const { spec } = store.get({ resource: DEPLOYMENTS, namespace: BOOKS.claim[0], name: BOOKS.workload.name });
  return { replicas: typeof spec === 'object' && spec !== null && 'replicas' in spec ? spec.replicas : undefined };
}

/** The node has logged in with a hardened record to a server that agrees to no digests. */
export function declineDigests(world: World): Used {
  const used = use(world, BOOKS);
  const digests = { header: false, data: false };
  const session = { ...used.session, digests };
  used.node.iscsi.sessions.splice(used.node.iscsi.sessions.indexOf(used.session), 1, session);
  used.target.declinesDigests = true;
  return { ...used, session };
}

/** So many minutes before now, for what happened then. */
export function ago(world: World, minutes: number) {
  return { atMs: world.time.nowMs - minutes * MINUTE_MS, nowMs: world.time.nowMs };
}
