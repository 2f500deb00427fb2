import { addSqlite, sqliteOf } from '../site/databases/sqlite.ts';
import { uidOf } from '../site/ids.ts';
import { addVolume, addWorkload } from '../site/populate.ts';
import { kind } from '../site/volumes.ts';
import { podSpec } from '../site/workload.ts';
import type { World } from '../site/world.ts';
import { notReady } from './changes.ts';
import { BOOKS, use } from './iscsi-changes.ts';
import type { Scenario } from './scenario.ts';

const NAMESPACE = 'uptime-kuma';
const APP_NAME = 'uptime-kuma';
const CLAIM = 'uptime-kuma-data';
const TARGET = `${CLAIM}-storagebot-lvm`;
const PATH = '/mnt/main/uptime-kuma';
const NOTE = 'storagebot/ran-before';
const SCRIPT = 'migrate-copy';

const DEPLOYMENTS = kind('apps/v1', 'deployments');
const CRON_JOBS = kind('batch/v1', 'cronjobs');

const NODES = kind('v1', 'nodes');

const CLASSES = kind('storage.k8s.io/v1', 'storageclasses');

const APP = { resource: DEPLOYMENTS, namespace: NAMESPACE, name: APP_NAME };
const BACKUP = { resource: CRON_JOBS, namespace: NAMESPACE, name: 'uptime-kuma-backup' };

const GIB = 2 ** 30;

/** The monitor has its data on NFS, and a CronJob that copies them each night. */
function prepare(world: World): void {
  const directory = world.nas.disk.at(PATH);
  if (directory === undefined) throw new Error(`The lab has no ${PATH}`);
  Object.assign(directory, { entries: ['kuma.db', 'kuma.db-wal', 'upload'], sizes: { 'kuma.db': 5 * GIB, 'kuma.db-wal': GIB } });
  world.store.patch(APP, { metadata: { generation: 3 } });
  world.store.create({
    apiVersion: 'batch/v1',
    kind: 'CronJob',
    metadata: { name: BACKUP.name, namespace: NAMESPACE, uid: uidOf('cronjob/uptime-kuma'), generation: 1 },
    spec: {
      schedule: '0 2 * * *',
      suspend: false,
      jobTemplate: {
        spec: {
          template: {
            spec: { ...podSpec({ namespace: NAMESPACE, name: BACKUP.name, claims: [CLAIM] }), restartPolicy: 'Never' },
          },
        },
      },
    },
  });
  world.longWork.runsMs = 30_000;
}

/** As the first round leaves it. */
function stopped(world: World): void {
  prepare(world);
  const { store, time } = world;
  store.create({
    apiVersion: 'v1',
    kind: 'PersistentVolumeClaim',
    metadata: { name: TARGET, namespace: NAMESPACE, labels: { 'app.kubernetes.io/managed-by': 'storagebot' } },
    spec: {
      accessModes: ['ReadWriteOnce'],
      storageClassName: 'proxmox-lvm',
      resources: { requests: { storage: '10Gi' } },
      volumeMode: 'Filesystem',
    },
    status: { phase: 'Pending' },
  });
  store.patch(BACKUP, { metadata: { annotations: { [NOTE]: '1' } }, spec: { suspend: true } });
  store.patch(APP, { metadata: { annotations: { [NOTE]: '1' } }, spec: { replicas: 0 } });
  time.advance(60_000);
}

const JOB = 'storagebot-3f2a9c81d0-2-copy';

/** A Job of an earlier run. */
function startCopy(world: World): void {
  const labels = { 'app.kubernetes.io/managed-by': 'storagebot', 'storagebot/work': JOB };
  const stoppedAs = `CronJob ${NAMESPACE}/${BACKUP.name} 2, Deployment ${NAMESPACE}/${APP_NAME} 4`;
  world.store.create({
    apiVersion: 'batch/v1',
    kind: 'Job',
    metadata: { name: JOB, namespace: NAMESPACE, labels, creationTimestamp: '2026-04-03T08:40:00Z' },
    spec: {
      backoffLimit: 0,
      activeDeadlineSeconds: 4_000,
      template: {
        metadata: { labels },
        spec: {
          restartPolicy: 'Never',
          containers: [
            {
              name: 'work',
              command: [
                '/bin/bash',
                '-euo',
                'pipefail',
                '-c',
                'copies',
                SCRIPT,
                '/source',
                '/target',
                'fresh',
                '1',
                '/dev/termination-log',
              ],
              env: [{ name: 'STOPPED', value: stoppedAs }],
              volumeMounts: [
                { name: CLAIM, mountPath: '/source', readOnly: true },
                { name: TARGET, mountPath: '/target' },
              ],
            },
          ],
          volumes: [CLAIM, TARGET].map((name) => ({ name, persistentVolumeClaim: { claimName: name } })),
        },
      },
    },
  });
}

function copying(world: World): void {
  stopped(world);
  world.longWork.runsMs = 900_000;
  startCopy(world);
  world.time.advance(30_000);
}

function copied(world: World): void {
  stopped(world);
  startCopy(world);
  world.time.advance(60_000);
}

function volumesOn(claimName: string) {
  return [{ name: CLAIM, persistentVolumeClaim: { claimName } }];
}

function halfSwitched(world: World): void {
  copied(world);
  const spec = { replicas: 1, template: { spec: { volumes: volumesOn(TARGET) } } };
  world.store.patch(APP, { metadata: { annotations: { [NOTE]: null } }, spec });
  world.time.advance(60_000);
}

function switched(world: World): void {
  halfSwitched(world);
  const jobTemplate = { spec: { template: { spec: { volumes: volumesOn(TARGET) } } } };
  world.store.patch(BACKUP, { metadata: { annotations: { [NOTE]: null } }, spec: { suspend: false, jobTemplate } });
  world.time.advance(10_000);
}

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
  as('copy-failed', 'The copy failed at a damaged database, and nobody runs.', (world) => {
    stopped(world);
    world.databases.copies = {
      fails:
        'A database is damaged, in the source as in its copy: ./kuma.db: Tree 4 page 4: btreeInitPage() returns error code 11',
    };
    startCopy(world);
    world.time.advance(60_000);
    world.databases.copies = {};
  }),
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
