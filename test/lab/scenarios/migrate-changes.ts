import { volumeNamed } from '../site/block.ts';
import { uidOf } from '../site/ids.ts';
import { logicalName } from '../site/populate-block.ts';
import { kind } from '../site/volumes.ts';
import { podSpec } from '../site/workload.ts';
import type { World } from '../site/world.ts';

export const NAMESPACE = 'uptime-kuma';
export const APP_NAME = 'uptime-kuma';
export const CLAIM = 'uptime-kuma-data';
export const TARGET = `${CLAIM}-storagebot-lvm`;
export const PATH = '/mnt/main/uptime-kuma';
const NOTE = 'storagebot/ran-before';
const MOVED = 'storagebot/moved-to';
const SCRIPT = 'migrate-copy';

export const DEPLOYMENTS = kind('apps/v1', 'deployments');
const CRON_JOBS = kind('batch/v1', 'cronjobs');

export const NODES = kind('v1', 'nodes');

const JOBS = kind('batch/v1', 'jobs');

export const CLASSES = kind('storage.k8s.io/v1', 'storageclasses');

export const APP = { resource: DEPLOYMENTS, namespace: NAMESPACE, name: APP_NAME };
const BACKUP = { resource: CRON_JOBS, namespace: NAMESPACE, name: 'uptime-kuma-backup' };
export const NEW_CLAIM = { resource: kind('v1', 'persistentvolumeclaims'), namespace: NAMESPACE, name: TARGET };

const GIB = 2 ** 30;

/** The monitor has its data on NFS, and a CronJob that copies them each night. */
export function prepare(world: World): void {
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

export function makeTarget({ store }: World, uid: string): void {
  store.create({
    apiVersion: 'v1',
    kind: 'PersistentVolumeClaim',
    metadata: { name: TARGET, namespace: NAMESPACE, uid, labels: { 'app.kubernetes.io/managed-by': 'storagebot' } },
    spec: {
      accessModes: ['ReadWriteOnce'],
      storageClassName: 'proxmox-lvm',
      resources: { requests: { storage: '10Gi' } },
      volumeMode: 'Filesystem',
    },
    status: { phase: 'Pending' },
  });
}

/** As the first round leaves it. */
export function stopped(world: World): void {
  prepare(world);
  const { store, time } = world;
  makeTarget(world, uidOf('claim/kuma on lvm'));
  store.patch(BACKUP, { metadata: { annotations: { [NOTE]: '1' } }, spec: { suspend: true } });
  store.patch(APP, { metadata: { annotations: { [NOTE]: '1' } }, spec: { replicas: 0 } });
  time.advance(60_000);
}

const JOB = 'storagebot-3f2a9c81d0-2-copy';

/** A Job of an earlier run, and those that it was told had failed. */
export function startCopy(world: World, name = JOB, failed: readonly string[] = []): void {
  const labels = { 'app.kubernetes.io/managed-by': 'storagebot', 'storagebot/work': name };
  const at = new Date(world.time.nowMs - (failed.length > 0 ? 0 : 1_200_000)).toISOString().replace(/\.\d+Z$/, 'Z');
  const all = [BACKUP, APP, NEW_CLAIM, { ...NEW_CLAIM, name: CLAIM }];
  const [cron = '', app = '', into = '', source = ''] = all.map((each) => world.store.get(each).metadata.uid);
  const stoppedAs = `CronJob ${NAMESPACE}/${BACKUP.name} 2 ${cron}, Deployment ${NAMESPACE}/${APP_NAME} 4 ${app}; into ${into}`;
  world.store.create({
    apiVersion: 'batch/v1',
    kind: 'Job',
    metadata: { name, namespace: NAMESPACE, labels, creationTimestamp: at },
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
                '1',
                '/dev/termination-log',
                `${name} of ${source}`,
                failed.length > 0 ? '1775206951' : '0',
                ...failed.map((each) => `${each} of ${source}`),
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

export function copying(world: World): void {
  stopped(world);
  world.longWork.runsMs = 900_000;
  startCopy(world);
  world.time.advance(30_000);
}

export function copied(world: World): void {
  stopped(world);
  startCopy(world);
  world.time.advance(60_000);
}

export function copyFailed(world: World): void {
  stopped(world);
  world.databases.copies = {
    fails: 'A database is damaged, in the source as in its copy: ./kuma.db: Tree 4 page 4: btreeInitPage() returns error code 11',
  };
  startCopy(world);
  world.time.advance(60_000);
  world.databases.copies = {};
}

const SECOND = 'storagebot-77c05d1e42-2-copy';

/** A copy failed and the next was complete; that one's Job was deleted after the switch, and then the migration was taken back. */
export function takenBack(world: World): void {
  copyFailed(world);
  const { store, time, hypervisor } = world;
  startCopy(world, SECOND, [JOB]);
  time.advance(60_000);
  letAppUseNew(world);
  volumeNamed(hypervisor, logicalName({ namespace: NAMESPACE, claim: TARGET }))?.fileSystem?.content.set(
    'kuma.db',
    WRITTEN_SINCE,
  );
  const [job] = store.list({ resource: JOBS, namespace: NAMESPACE }).filter(({ metadata }) => metadata.name === SECOND);
  store.delete({ resource: JOBS, namespace: NAMESPACE, name: SECOND }, { uid: job?.metadata.uid ?? '' });
  const spec = { replicas: 0, template: { spec: { volumes: volumesOn(CLAIM) } } };
  store.patch(APP, { metadata: { annotations: { [NOTE]: '1' } }, spec });
  time.advance(60_000);
}

/** And nothing in the cluster told of that any more, so that the next Job found out. */
export function notCopiedOver(world: World): void {
  takenBack(world);
  withoutNote(world);
  startCopy(world, 'storagebot-b9f4e0a618-2-copy', [JOB]);
  world.time.advance(60_000);
}

/** As the next apply of a Terraform that does not know the note would leave it. */
export function withoutNote({ store }: World): void {
  store.patch(APP, { metadata: { annotations: { [MOVED]: null } } });
}

export const WRITTEN_SINCE = 'what the monitor wrote on the new claim';

export function volumesOn(claimName: string) {
  return [{ name: CLAIM, persistentVolumeClaim: { claimName } }];
}

export function halfSwitched(world: World): void {
  copied(world);
  letAppUseNew(world);
}

function letAppUseNew({ store, time }: World): void {
  const spec = { replicas: 1, template: { spec: { volumes: volumesOn(TARGET) } } };
  store.patch(APP, { metadata: { annotations: { [NOTE]: null, [MOVED]: store.get(NEW_CLAIM).metadata.uid } }, spec });
  time.advance(60_000);
}

export function switched(world: World): void {
  halfSwitched(world);
  const jobTemplate = { spec: { template: { spec: { volumes: volumesOn(TARGET) } } } };
  const annotations = { [NOTE]: null, [MOVED]: world.store.get(NEW_CLAIM).metadata.uid };
  world.store.patch(BACKUP, { metadata: { annotations }, spec: { suspend: false, jobTemplate } });
  world.time.advance(10_000);
}
