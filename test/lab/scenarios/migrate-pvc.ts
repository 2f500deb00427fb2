import { addSqlite, sqliteOf } from '../site/databases/sqlite.ts';
import { uidOf } from '../site/ids.ts';
import { addVolume, addWorkload } from '../site/populate.ts';
import { logicalName } from '../site/populate-block.ts';
import { kind, text } from '../site/volumes.ts';
import type { World } from '../site/world.ts';
import { addGhosts } from './block-changes.ts';
import { notReady } from './changes.ts';
import { BOOKS, use } from './iscsi-changes.ts';
import {
  APP,
  APP_NAME,
  CLAIM,
  CLASSES,
  copied,
  copyFailed,
  copying,
  DEPLOYMENTS,
  halfSwitched,
  makeTarget,
  NAMESPACE,
  NEW_CLAIM,
  NODES,
  notCopiedOver,
  PATH,
  prepare,
  stopped,
  switched,
  TARGET,
  takenBack,
  volumesOn,
} from './migrate-changes.ts';
import type { Scenario } from './scenario.ts';

function where(name: string, says: string, change: (world: World) => void, before = prepare): Scenario {
  return {
    name: `migrate-${name}`,
    says,
    prepare: (world) => {
      before(world);
      change(world);
    },
  };
}

function as(name: string, says: string, make: (world: World) => void): Scenario {
  return { name: `migrate-${name}`, says, prepare: make };
}

function inOwnPod({ store }: World, name: string, ownerReferences: readonly Record<string, unknown>[]): void {
  const spec = { volumes: volumesOn(CLAIM), containers: [{ name: 'looks' }], nodeName: 'k8s-node4' };
  const metadata = { name, namespace: NAMESPACE, uid: uidOf(`pod/${name}`), ownerReferences };
  store.create({ apiVersion: 'v1', kind: 'Pod', metadata, spec, status: { phase: 'Running' } });
}

function fromIscsi(world: World): void {
  use(world, BOOKS);
  world.store.patch({ resource: DEPLOYMENTS, namespace: 'ebooks', name: BOOKS.workload.name }, { metadata: { generation: 1 } });
  world.longWork.runsMs = 30_000;
}

export const migrations: readonly Scenario[] = [
  as('offered', 'A service and its CronJob have their data on NFS.', prepare),
  as('from-iscsi', 'The library has its 2380 files on iSCSI.', fromIscsi),
  as('stopped', 'A migration was interrupted when who uses the claim was stopped.', stopped),
  as('copying', 'A Job copies the claim now.', copying),
  as('copied', 'A migration was interrupted when all was copied.', copied),
  as('half-switched', 'A migration was interrupted when the service used the new claim, and its CronJob did not.', halfSwitched),
  as('done', 'A claim was migrated, and everybody uses the new one.', switched),
  where(
    'done-not-ready',
    'A claim was migrated, and the service does not become ready.',
    (world) => notReady(world, APP),
    switched,
  ),
  as('copy-failed', 'The copy failed at a damaged database, and nobody runs.', copyFailed),
  as(
    'taken-back',
    'A copy failed and the next was complete; its Job was deleted once the service used the new claim, and then that was taken back.',
    takenBack,
  ),
  as(
    'not-copied-over',
    'The new claim was used before that was taken back, and a Job that was to copy again found no half copy in it.',
    notCopiedOver,
  ),
  where(
    'restarted',
    'All was copied, and somebody let the service run on the old claim again.',
    ({ store, time }) => {
      store.patch(APP, { spec: { replicas: 1 } });
      time.advance(60_000);
    },
    copied,
  ),
  where(
    'restarted-and-stopped',
    'All was copied, and somebody let the service run on the old claim for a while.',
    ({ store, time }) => {
      store.patch(APP, { spec: { replicas: 1 } });
      time.advance(60_000);
      store.patch(APP, { spec: { replicas: 0 } });
      time.advance(60_000);
    },
    copied,
  ),
  where(
    'made-anew',
    'All was copied; somebody deleted the new claim with its volume, and another of its name was made.',
    (world) => {
      const { store, hypervisor } = world;
      store.delete({ resource: kind('v1', 'persistentvolumes'), name: text(store.get(NEW_CLAIM), 'spec', 'volumeName') }, {});
      store.delete(NEW_CLAIM, {});
      const old = logicalName({ namespace: NAMESPACE, claim: TARGET });
      hypervisor.volumes.splice(
        hypervisor.volumes.findIndex(({ name }) => name === old),
        1,
      );
      makeTarget(world, uidOf('claim/kuma on lvm, anew'));
    },
    copied,
  ),
  where(
    'counts-differ',
    'All was copied, and something that no list of the cluster names wrote another file to the directory.',
    ({ nas }) => void nas.disk.at(PATH)?.entries.push('kuma-late.db'),
    copied,
  ),
  where('shared-directory', 'Another service has the same directory through a volume of its own.', (world) => {
    addVolume(world, { namespace: 'monitoring', name: 'kuma-files', path: PATH });
    addWorkload(world, {
      namespace: 'monitoring',
      kind: 'Deployment',
      name: 'reports',
      nodes: ['k8s-node3'],
      claims: ['kuma-files'],
    });
  }),
  where('autoscaler', 'KEDA says how many pods of the service run, and starts it from 0.', ({ store }) => {
    const ownerReferences = [
      { apiVersion: 'keda.sh/v1alpha1', kind: 'ScaledObject', name: APP_NAME, uid: 'u-2', controller: true },
    ];
    store.create({
      apiVersion: 'autoscaling/v2',
      kind: 'HorizontalPodAutoscaler',
      metadata: { name: `keda-hpa-${APP_NAME}`, namespace: NAMESPACE, uid: uidOf('hpa/kuma'), ownerReferences },
      spec: { scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: APP_NAME }, minReplicas: 1, maxReplicas: 3 },
    });
  }),
  where('two-pods', 'The service runs two pods.', ({ store, time }) => {
    store.patch(APP, { spec: { replicas: 2 } });
    time.advance(60_000);
  }),
  where('operator', "An operator's object made the Deployment.", ({ store }) => {
    const ownerReferences = [{ apiVersion: 'monitors.example/v1', kind: 'Monitor', name: 'kuma', uid: 'u-1' }];
    store.patch(APP, { metadata: { ownerReferences } });
  }),
  where('bare-pod', 'A pod that nothing would start again uses the claim.', (world) => inOwnPod(world, 'looking-around', [])),
  where('cron-running', 'The CronJob of the service runs now.', (world) => {
    inOwnPod(world, 'uptime-kuma-backup-29586780-x7k2p', [
      { apiVersion: 'batch/v1', kind: 'Job', name: 'uptime-kuma-backup-29586780', uid: 'job-1', controller: true },
    ]);
  }),
  as('template', 'A StatefulSet made the claim from its template.', (world) => {
    addVolume(world, { namespace: 'wiki', name: 'data-wiki-0', path: '/mnt/main/wiki' });
    addWorkload(world, { namespace: 'wiki', kind: 'StatefulSet', name: 'wiki', nodes: ['k8s-node2'], claimTemplates: ['data'] });
  }),
  where('target-foreign', 'Somebody else has a claim of the new name.', ({ store }) => {
    const spec = {
      accessModes: ['ReadWriteOnce'],
      storageClassName: 'iscsi-truenas',
      resources: { requests: { storage: '10Gi' } },
    };
    const metadata = { name: TARGET, namespace: NAMESPACE };
    store.create({ apiVersion: 'v1', kind: 'PersistentVolumeClaim', metadata, spec, status: { phase: 'Pending' } });
  }),
  where('pool-full', 'The thin pool is 79.99 % full.', ({ hypervisor }) => void (hypervisor.thinPool.dataPercent = 79.99)),
  where('no-node', 'All nodes are cordoned.', ({ store, nodes }) => {
    for (const name of nodes.keys()) store.patch({ resource: NODES, name }, { spec: { unschedulable: true } });
  }),
  where('ghosts', 'Each machine has 20 disks in its slots that count as attached nowhere.', (world) => {
    for (const { metadata } of world.store.list({ resource: NODES }))
      if (!metadata.name.includes('master')) addGhosts(world, metadata.name, 20);
  }),
  where('class-elsewhere', 'The class names a storage that Proxmox does not have.', ({ store }) => {
    store.patch({ resource: CLASSES, name: 'proxmox-lvm' }, { parameters: { storage: 'local-lvm2' } });
  }),
  where('empty', 'The directory of the claim is empty: its dataset is not mounted.', ({ nas }) => {
    Object.assign(nas.disk.at(PATH) ?? {}, { entries: [] });
  }),
  as('database-damaged', 'The database of a service is on NFS, and damaged.', (world) => {
    addSqlite(world);
    const says = '*** in database main ***\nTree 12 page 12: btreeInitPage() returns error code 11';
    sqliteOf(world, 'headscale').database.integrity = says.split('\n');
  }),
  where('users-unseen', 'The bot may not list pods.', ({ api }) => void api.forbidden.add('pods')),
];
