import { type LabVolume, newVolume, volumeNamed } from '../site/block.ts';
import { uidOf } from '../site/ids.ts';
import { addWorkload } from '../site/populate.ts';
import { logicalName } from '../site/populate-block.ts';
import type { LabCopy } from '../site/pvc-copies.ts';
import { execute, machineNamed } from '../site/run.ts';
import { kind } from '../site/volumes.ts';
import type { World } from '../site/world.ts';
import { podOf } from './changes.ts';
import type { Scenario } from './scenario.ts';

const CLAIM = { namespace: 'vaultwarden', claim: 'vaultwarden-data-proxmox' } as const;
const DISK = logicalName(CLAIM);
const TODAY = '20260403_0300';
const SNAPSHOT = `${DISK}_snap_${TODAY}`;
const KEPT = `${DISK}_storagebot-3f2a9c81d0-2-before`;
const BESIDE = `${DISK}_storagebot-3f2a9c81d0-2-new`;

const DEPLOYMENTS = kind('apps/v1', 'deployments');
const CRON_JOBS = kind('batch/v1', 'cronjobs');
const PODS = kind('v1', 'pods');
const CLAIMS = kind('v1', 'persistentvolumeclaims');
const STATEFUL_SETS = kind('apps/v1', 'statefulsets');
const VOLUMES = kind('v1', 'persistentvolumes');

const APP = { resource: DEPLOYMENTS, namespace: 'vaultwarden', name: 'vaultwarden' };
const BACKUP = { resource: CRON_JOBS, namespace: 'vaultwarden', name: 'vaultwarden-backup' };
const NOTE = 'storagebot/ran-before';

function volume({ hypervisor }: World, name: string): LabVolume {
  const found = volumeNamed(hypervisor, name);
  if (found === undefined) throw new Error(`The lab has no volume ${name}`);
  return found;
}

/** What the nightly job makes: a snapshot that is not active, named after the host's own time. */
function addSnapshot(
  world: World,
  disk: string,
  { stamp, createdMs }: { readonly stamp: string; readonly createdMs: number },
): LabVolume {
  const { sizeBytes, usedPercent, fileSystem } = volume(world, disk);
  const made = newVolume({ name: `${disk}_snap_${stamp}`, sizeBytes, usedPercent, createdMs });
  const snapshot = Object.assign(made, { origin: disk, ...(fileSystem && { fileSystem: structuredClone(fileSystem) }) });
  snapshot.fileSystem?.content.set('db.sqlite3', `as of ${stamp}`);
  world.hypervisor.volumes.push(snapshot);
  return snapshot;
}

const COPY: LabCopy = {
  ...CLAIM,
  week: '2026-14',
  files: 161,
  bytes: 204_800_000,
  content: new Map([['db.sqlite3', 'of the week']]),
};

/** Snapshots of two nights and copies of two weeks of the passwords, snapshots of one database and of another service. */
function prepare(world: World): void {
  const night = (day: number) => Date.UTC(2026, 3, day, 0, 0, 12);
  for (const disk of [
    DISK,
    logicalName({ namespace: 'dbaas', claim: 'pg-cluster-1' }),
    logicalName({ namespace: 'redis', claim: 'redis-data-redis-node-0' }),
    logicalName({ namespace: 'dbaas', claim: 'datadir-mysql-cluster-0' }),
  ])
    for (const day of [2, 3]) addSnapshot(world, disk, { stamp: `2026040${day}_0300`, createdMs: night(day) });
  volume(world, DISK).fileSystem?.content.set('db.sqlite3', 'as it is now, and malformed');
  world.hypervisor.copies.push(
    { ...COPY, week: '2026-13', files: 158 },
    { ...COPY },
    { ...COPY, claim: 'nextcloud-data-proxmox', namespace: 'nextcloud' },
  );
  world.longWork.runsMs = 30_000;
}

function onHost(world: World, ...argv: string[]): void {
  const machine = machineNamed(world, world.hypervisor.name);
  if (machine === undefined) throw new Error('The lab has no hypervisor');
  const { exitCode, stderr } = execute(world, machine, { argv });
  if (exitCode !== 0) throw new Error(stderr);
}

/** As the first round leaves it: nobody runs, and the volume is detached. */
function stopped(world: World): void {
  prepare(world);
  world.store.patch(BACKUP, { metadata: { annotations: { [NOTE]: '1' } }, spec: { suspend: true } });
  world.store.patch(APP, { metadata: { annotations: { [NOTE]: '1' } }, spec: { replicas: 0 } });
  world.time.advance(60_000);
}

function putAside(world: World): void {
  stopped(world);
  onHost(world, 'lvrename', `pve/${DISK}`, `pve/${KEPT}`);
}

function copyBeside(world: World): void {
  onHost(world, 'lvcreate', '-s', '-kn', '-n', BESIDE, `pve/${DISK}`);
}

function filledBeside(world: World): void {
  copyBeside(world);
  onHost(world, 'lvchange', '--addtag', 'storagebot-files-2026-14', `pve/${BESIDE}`);
}

function copied(world: World): void {
  putAside(world);
  onHost(world, 'lvcreate', '-s', '-kn', '--addtag', `storagebot-from-${TODAY}`, '-n', DISK, `pve/${SNAPSHOT}`);
}

function restored(world: World): void {
  copied(world);
  world.store.patch(BACKUP, { metadata: { annotations: { [NOTE]: null } }, spec: { suspend: false } });
  world.store.patch(APP, { metadata: { annotations: { [NOTE]: null } }, spec: { replicas: 1 } });
  world.time.advance(60_000);
}

function encrypted(world: World): void {
  volume(world, DISK).isEncrypted = true;
}

function scenario(name: string, says: string, make: (world: World) => void): Scenario {
  return { name: `restore-${name}`, says, prepare: make };
}

/** Reads as a change of the world with snapshots and copies. */
function where(name: string, says: string, change: (world: World) => void, before = prepare): Scenario {
  return scenario(name, says, (world) => {
    before(world);
    change(world);
  });
}

function inOwnPod({ store }: World, name: string, ownerReferences: readonly Record<string, unknown>[]): void {
  const volumes = [{ name: 'data', persistentVolumeClaim: { claimName: CLAIM.claim } }];
  const spec = { volumes, containers: [{ name: 'looks' }], nodeName: 'k8s-node4' };
  const metadata = { name, namespace: CLAIM.namespace, uid: uidOf(`pod/${name}`), ownerReferences };
  store.create({ apiVersion: 'v1', kind: 'Pod', metadata, spec, status: { phase: 'Running' } });
}

export const pvcRestores: readonly Scenario[] = [
  scenario('offered', 'The nightly job keeps snapshots of volumes, and the weekly one copies of files.', prepare),
  scenario('stopped', 'A restore was interrupted when who uses the volume was stopped.', stopped),
  scenario('put-aside', 'A restore was interrupted when the volume was put aside.', putAside),
  scenario('copied', 'A restore was interrupted when the copy was in its place.', copied),
  where(
    'expired',
    'A restore was interrupted before the service was started, and the snapshot expired since.',
    (world) => {
      world.hypervisor.volumes.splice(world.hypervisor.volumes.indexOf(volume(world, SNAPSHOT)), 1);
      delete volume(world, DISK).origin;
    },
    copied,
  ),
  scenario('done', 'A volume was restored from a snapshot, and the service runs on it.', restored),
  where('unfilled', 'A restore of files was interrupted before the copy was filled.', copyBeside, stopped),
  where('filled', 'A restore of files was interrupted when the copy was filled.', filledBeside, stopped),
  where(
    'filled-aside',
    'A restore of files was interrupted when the volume was put aside, and the copy not in its place yet.',
    (world) => {
      filledBeside(world);
      onHost(world, 'lvrename', `pve/${DISK}`, `pve/${KEPT}`);
    },
    stopped,
  ),
  where(
    'placed',
    'A restore of files was interrupted before the service was started.',
    (world) => {
      filledBeside(world);
      onHost(world, 'lvrename', `pve/${DISK}`, `pve/${KEPT}`);
      onHost(world, 'lvrename', `pve/${BESIDE}`, `pve/${DISK}`);
    },
    stopped,
  ),
  where(
    'unfilled-inactive',
    'A restore of files was interrupted before the copy was filled, and the host was restarted since.',
    (world) => {
      copyBeside(world);
      volume(world, BESIDE).active = false;
    },
    stopped,
  ),
  where('other-origin', 'A volume has the name of a snapshot, and LVM says that it is one of another volume.', (world) => {
    volume(world, SNAPSHOT).origin = logicalName({ namespace: 'nextcloud', claim: 'nextcloud-data-proxmox' });
  }),
  where('no-origin', 'A volume has the name of a snapshot, and its origin was removed.', (world) => {
    delete volume(world, SNAPSHOT).origin;
  }),
  where('snapshot-failed', 'The pool can no longer read the map of the snapshot.', (world) => {
    volume(world, SNAPSHOT).failed = true;
  }),
  where('snapshot-smaller', 'The volume was made larger since the snapshot.', (world) => {
    volume(world, DISK).sizeBytes *= 2;
  }),
  where('attached-elsewhere', 'The configuration of another machine has the disk too.', ({ hypervisor }) => {
    hypervisor.vms.get(202)?.config.set('scsi9', `local-lvm:${DISK},size=1G`);
  }),
  where('new-node', 'The service runs on a node that the configuration does not name yet.', (world) => {
    const { metadata } = podOf(world, { namespace: 'vaultwarden', name: 'vaultwarden' });
    const pod = { resource: PODS, namespace: 'vaultwarden', name: metadata.name };
    world.store.patch(pod, { spec: { nodeName: 'k8s-node5' } });
  }),
  where(
    'attachment-left',
    'Nobody uses the volume, and an attachment of it was left.',
    (world) => {
      const metadata = { name: 'csi-0123456789abcdef', uid: uidOf('attachment/left'), creationTimestamp: '2026-04-02T08:00:00Z' };
      const source = { persistentVolumeName: DISK.replace('vm-9999-', '') };
      const spec = { attacher: 'csi.proxmox.sinextra.dev', nodeName: 'k8s-node2', source };
      world.store.create({
        apiVersion: 'storage.k8s.io/v1',
        kind: 'VolumeAttachment',
        metadata,
        spec,
        status: { attached: true },
      });
    },
    stopped,
  ),
  where(
    'volume-open',
    'Nobody uses the volume, and the QEMU of a machine still has it, without a line in its configuration.',
    ({ hypervisor }) => {
      hypervisor.vms.get(202)?.runtime.drives.set('scsi9', { volume: DISK, vg: 'pve' });
      for (const each of hypervisor.volumes) if (each.name === DISK) each.active = true;
    },
    stopped,
  ),
  where('bare-pod', 'A pod that nothing would start again uses the volume.', (world) => inOwnPod(world, 'looking-around', [])),
  where('job-running', 'The backup of the service is running.', (world) => {
    inOwnPod(world, 'vaultwarden-backup-29586780-x7k2p', [
      { apiVersion: 'batch/v1', kind: 'Job', name: 'vaultwarden-backup-29586780', uid: 'job-1', controller: true },
    ]);
  }),
  where('daemon-set', 'A DaemonSet uses the volume.', (world) => {
    addWorkload(world, {
      namespace: 'vaultwarden',
      kind: 'DaemonSet',
      name: 'scanner',
      nodes: ['k8s-node4'],
      claims: [CLAIM.claim],
    });
  }),
  where('operator', "An operator's object made the database, and stopped it.", ({ store }) => {
    const ownerReferences = [{ apiVersion: 'postgresql.cnpg.io/v1', kind: 'Cluster', name: 'pg-cluster', uid: 'u-1' }];
    store.patch({ resource: CLAIMS, namespace: 'dbaas', name: 'pg-cluster-1' }, { metadata: { ownerReferences } });
  }),
  where('operator-set', "An operator's object made the StatefulSet.", ({ store }) => {
    const ownerReferences = [{ apiVersion: 'mysql.oracle.com/v2', kind: 'InnoDBCluster', name: 'mysql-cluster', uid: 'u-2' }];
    store.patch({ resource: STATEFUL_SETS, namespace: 'dbaas', name: 'mysql-cluster' }, { metadata: { ownerReferences } });
  }),
  where('snapshot-job-runs', 'The job that makes and removes snapshots is at work.', ({ longWork, time }) => {
    const work = { beganMs: time.nowMs - 20_000, runsMs: 600_000, limitMs: 3_600_000, exitCode: 0, says: '' };
    longWork.units.set('pve/lvm-pvc-snapshot.service', work);
  }),
  where('pool-full', 'The thin pool is 91 % full.', ({ hypervisor }) => void (hypervisor.thinPool.dataPercent = 91.02)),
  where('pool-nearly-full', 'The thin pool is 84 % full.', ({ hypervisor }) => void (hypervisor.thinPool.dataPercent = 84.4)),
  where('metadata-full', 'The metadata of the thin pool is 76 % full, and its data 54 %.', ({ hypervisor }) => {
    hypervisor.thinPool.metadataPercent = 76.2;
  }),
  where('pool-read-only', 'The metadata of the thin pool is read-only.', ({ hypervisor }) => {
    hypervisor.thinPool.attributes = 'twi-aotzM-';
  }),
  where('copy-empty', 'The weekly copy of the files holds no file.', ({ hypervisor }) => {
    for (const each of hypervisor.copies) each.files = 0;
  }),
  where('copy-too-large', 'The weekly copy holds more than the volume is large.', ({ hypervisor }) => {
    for (const each of hypervisor.copies) each.bytes = 3_000_000_000;
  }),
  where('encrypted', 'A LUKS container is on the volume.', encrypted),
  where(
    'encrypted-unfilled',
    'A LUKS container is on a volume that is detached, and a copy of it waits for files that cannot come into it.',
    (world) => {
      encrypted(world);
      copyBeside(world);
      volume(world, DISK).active = false;
    },
    stopped,
  ),
  where('claim-going', 'Somebody deleted the claim: it stays only until its last pod is stopped.', ({ store }) => {
    const metadata = { deletionTimestamp: '2026-04-03T08:58:00Z', finalizers: ['kubernetes.io/pvc-protection'] };
    store.patch({ resource: CLAIMS, namespace: CLAIM.namespace, name: CLAIM.claim }, { metadata });
  }),
  where('storage-unknown', 'The volume names a storage that Proxmox does not have.', ({ store }) => {
    const csi = { volumeHandle: `pve/pve/local-lvm2/${DISK}` };
    store.patch({ resource: VOLUMES, name: DISK.replace('vm-9999-', '') }, { spec: { csi } });
  }),
  where(
    'volume-gone',
    'The logical volume is not there any more.',
    ({ hypervisor }) => {
      hypervisor.volumes.splice(
        hypervisor.volumes.findIndex(({ name }) => name === DISK),
        1,
      );
    },
    stopped,
  ),
  where('users-unseen', 'The bot may not list pods.', ({ api }) => void api.forbidden.add('pods')),
];
