import * as attachments from '../../src/commands/block-attachments.ts';
import * as claims from '../../src/commands/claims.ts';
import * as cluster from '../../src/commands/cluster.ts';
import * as clusterChanges from '../../src/commands/cluster-changes.ts';
import * as clusterJobs from '../../src/commands/cluster-jobs.ts';
import * as exportRemoval from '../../src/commands/export-removal.ts';
import * as exports from '../../src/commands/exports.ts';
import * as hostLoad from '../../src/commands/host-load.ts';
import * as hostUnits from '../../src/commands/host-units.ts';
import * as iscsiNode from '../../src/commands/iscsi-node.ts';
import * as iscsiPortals from '../../src/commands/iscsi-portals.ts';
import * as iscsiRecords from '../../src/commands/iscsi-records.ts';
import * as logicalVolumes from '../../src/commands/logical-volumes.ts';
import * as middleware from '../../src/commands/middleware.ts';
import * as nas from '../../src/commands/nas.ts';
import * as nfsClient from '../../src/commands/nfs-client.ts';
import * as nfsProbes from '../../src/commands/nfs-probes.ts';
import * as nodeState from '../../src/commands/node-state.ts';
import * as nodeSystem from '../../src/commands/node-system.ts';
import * as proxmoxHost from '../../src/commands/proxmox-host.ts';
import * as proxmoxTasks from '../../src/commands/proxmox-tasks.ts';
import * as proxmoxVm from '../../src/commands/proxmox-vm.ts';
import * as pvcCopies from '../../src/commands/pvc-copies.ts';
import * as redis from '../../src/commands/redis.ts';
import * as thinPoolRepairs from '../../src/commands/thin-pool-repairs.ts';
import * as trees from '../../src/commands/trees.ts';
import * as workDaemon from '../../src/commands/work-daemon.ts';
import * as workJob from '../../src/commands/work-job.ts';
import * as workUnit from '../../src/commands/work-unit.ts';
import * as workloadVolumes from '../../src/commands/workload-volumes.ts';
import * as writtenFiles from '../../src/commands/written-files.ts';
import * as zfs from '../../src/commands/zfs.ts';
import * as zfsSend from '../../src/commands/zfs-send.ts';
import * as zfsSnapshots from '../../src/commands/zfs-snapshots.ts';
import * as zfsStatus from '../../src/commands/zfs-status.ts';
import * as zfsStored from '../../src/commands/zfs-stored.ts';
import type { Maker } from './maker.ts';
import { ofAlertmanager } from './makers-alertmanager.ts';
import { ofBackups } from './makers-backups.ts';
import { ofCopies } from './makers-copies.ts';
import { ofCsi } from './makers-csi.ts';
import { ofMysql } from './makers-mysql.ts';
import { ofPostgres } from './makers-postgres.ts';
import { ofSqlite } from './makers-sqlite.ts';
import { ofSqliteScripts } from './makers-sqlite-scripts.ts';

const api = { node: 'pve' };
const host = { name: 'nas', sudo: true };
const pod = { namespace: 'immich', name: 'server-0', uid: 'u-1' };
const script = '/usr/local/sbin/make-exports';
const work = { name: 'storagebot-3f2a9c81d0-1-copy', deadlineS: 3_600, risk: 'high' } as const;
const job = { ...work, namespace: 'immich', pod: { containers: [] } };
const kept = 'storagebot-3f2a9c81d0-1-kept';
const network = '10.0.20.0/24';
const ISCSI = { iqn: 'iqn.2005-10.org.example:a', portal: '10.0.10.15:3260' } as const;
const RECORD = { name: 'node.session.timeo.replacement_timeout', value: '300' } as const;

const copy = {
  ...work,
  source: 'main/immich',
  short: 'storagebot-1-full',
  since: 'storagebot-0-full',
  target: 'ssd/immich',
  own: [],
};

/** Every function of src/commands that takes a text, once for each of its texts, under the function's name. */
export const makers: Readonly<Record<string, readonly Maker[]>> = {
  eventsOf: [cluster.eventsOf],
  podsOfNamespace: [cluster.podsOfNamespace],
  nodeNamed: [cluster.nodeNamed],
  deletePod: [
    (namespace) => clusterChanges.deletePod({ ...pod, namespace }),
    (name) => clusterChanges.deletePod({ ...pod, name }),
    (uid) => clusterChanges.deletePod({ ...pod, uid }),
  ],
  evictPod: [
    (namespace) => clusterChanges.evictPod({ ...pod, namespace }),
    (name) => clusterChanges.evictPod({ ...pod, name }),
    (uid) => clusterChanges.evictPod({ ...pod, uid }),
  ],
  setMountOptions: [
    (volume) => clusterChanges.setMountOptions(volume, ['soft']),
    (option) => clusterChanges.setMountOptions('immich-library', [option]),
  ],
  setTaints: [
    (node) => nodeState.setTaints(node, [nodeState.OUT_OF_SERVICE]),
    (key) => nodeState.setTaints('k8s-node3', [{ key, effect: 'NoSchedule' }]),
  ],
  setCordon: [(node) => clusterChanges.setCordon(node, true)],
  scriptNames: [(path) => exports.scriptNames(host, script, path)],
  writeExportFile: [(path) => exports.writeExportFile(host, path, network)],
  removeExportFile: [(path) => exports.removeExportFile(host, path)],
  ownExportText: [(path) => exportRemoval.ownExportText(host, path)],
  restoreExportFile: [
    (path) => exportRemoval.restoreExportFile(host, path, '/mnt/main *(ro)'),
    (line) => exportRemoval.restoreExportFile(host, '/mnt/main', line),
  ],
  removeExportLine: [(path) => exportRemoval.removeExportLine(host, path)],
  restoreShare: [(comment) => middleware.restoreShare(host, { path: '/mnt/main', networks: [network], comment })],
  addToScript: [(path) => exports.addToScript(host, script, path)],
  createShare: [
    (path) => middleware.createShare(host, { path, network, flavour: 'core' }),
    (path) => middleware.createShare(host, { path, network, flavour: 'scale' }),
  ],
  setSharePaths: [(path) => middleware.setSharePaths(host, 3, ['/mnt/main', path])],
  directories: [(path) => nas.directories(host, [path]), (path) => nas.directories(host, ['/mnt/main', path])],
  isEmptyDirectory: [(path) => nas.isEmptyDirectory(host, path)],
  makeDirectory: [(path) => nas.makeDirectory(host, path)],
  removeEmptyDirectory: [(path) => nas.removeEmptyDirectory(host, path)],
  giveDirectory: [(path) => nas.giveDirectory(host, path, { uid: 999, gid: 999 })],
  mountDataset: [(name) => zfs.mountDataset(host, name)],
  unmountDataset: [(name) => zfs.unmountDataset(host, name)],
  snapshotsOf: [(dataset) => zfsSnapshots.snapshotsOf(host, dataset)],
  bookmarksOf: [(dataset) => zfsSnapshots.bookmarksOf(host, dataset)],
  takeSnapshot: [
    (dataset) => zfsSnapshots.takeSnapshot(host, dataset, kept),
    (short) => zfsSnapshots.takeSnapshot(host, 'main/immich', `storagebot-${short}`),
  ],
  destroySnapshot: [
    (dataset) => zfsSnapshots.destroySnapshot(host, dataset, kept),
    (short) => zfsSnapshots.destroySnapshot(host, 'main/immich', `storagebot-${short}`),
  ],
  cloneSnapshot: [
    (snapshot) => zfsStored.cloneSnapshot(host, `main/immich@${snapshot}`, `main/immich-${kept}`),
    (clone) => zfsStored.cloneSnapshot(host, 'main/immich@a', `main/immich-storagebot-${clone}`),
  ],
  destroyClone: [(clone) => zfsStored.destroyClone(host, `main/immich-storagebot-${clone}`)],
  rollbackTo: [(short) => zfsStored.rollbackTo(host, `main/immich@${short}`)],
  changedSince: [(short) => zfsStored.changedSince(host, `main/immich@${short}`)],
  entriesAt: [(path) => trees.entriesAt(host, [path]), (path) => trees.entriesAt(host, ['/mnt/main', path])],
  treeAt: [(path) => trees.treeAt(host, path)],
  scrub: [(pool) => zfsStatus.scrub(host, pool)],
  pauseScrub: [(pool) => zfsStatus.pauseScrub(host, pool)],
  stopScrub: [(pool) => zfsStatus.stopScrub(host, pool)],
  logicalVolumes: [(vg) => logicalVolumes.logicalVolumes(host, vg)],
  renameVolume: [
    (name) => logicalVolumes.renameVolume(host, { vg: 'pve', name }, 'kept'),
    (to) => logicalVolumes.renameVolume(host, { vg: 'pve', name: 'vm-9999-pvc-1' }, to),
  ],
  copyVolume: [
    (name) => logicalVolumes.copyVolume(host, { vg: 'pve', name }, { name: 'vm-9999-pvc-1' }),
    (name) => logicalVolumes.copyVolume(host, { vg: 'pve', name: 'kept' }, { name }),
    (tag) => logicalVolumes.copyVolume(host, { vg: 'pve', name: 'kept' }, { name: 'vm-9999-pvc-1', tag }),
  ],
  unitActivity: [(unit) => hostUnits.unitActivity(host, unit)],
  copiedWeeks: [
    (root) => pvcCopies.copiedWeeks(host, { root, namespace: 'a', claim: 'b' }),
    (claim) => pvcCopies.copiedWeeks(host, { root: '/mnt/backup', namespace: 'a', claim }),
  ],
  contentOf: [(name) => pvcCopies.contentOf(host, { vg: 'pve', name })],
  fillVolume: [
    (from) => pvcCopies.fillVolume(host, { ...work, vg: 'pve', volume: 'vm-9999-pvc-1', from, tag: 'kept' }).change,
    (tag) => pvcCopies.fillVolume(host, { ...work, vg: 'pve', volume: 'vm-9999-pvc-1', from: '/mnt/backup', tag }).change,
  ],
  portState: [(address) => nfsClient.portState(host, address, 2049)],
  exportsOf: [(server) => nfsClient.exportsOf(host, server)],
  nullCall: [(server) => nfsClient.nullCall(host, server, 4)],
  probeMount: [(path) => nfsClient.probeMount(host, path)],
  probeMounts: [(path) => nfsProbes.probeMounts(host, [path]), (path) => nfsProbes.probeMounts(host, ['/mnt/main', path])],
  testMount: [
    (path) => nfsClient.testMount(host, '10.0.10.15', { path }),
    (server) => nfsClient.testMount(host, server, { path: '/mnt/main' }),
    (version) => nfsClient.testMount(host, '10.0.10.15', { path: '/mnt/main', version }),
  ],
  detachMount: [(path) => nodeSystem.detachMount(host, path)],
  filesWritten: [(path) => writtenFiles.filesWritten(host, path, { fromS: 0, toS: 60 })],
  jobWork: [
    (namespace) => workJob.jobWork({ ...job, namespace }).change,
    (namespace) => workJob.jobWork({ ...job, namespace }).work.stop,
    (name) => workJob.jobWork({ ...job, name }).work.state,
    (argument) => workJob.jobWork({ ...job, pod: { containers: [{ command: ['fsck', argument] }] } }).change,
  ],
  daemonWork: [
    (path) => workDaemon.daemonWork(host, { ...work, argv: ['rsync', path] }).change,
    (name) => workDaemon.daemonWork(host, { ...work, name, argv: ['rsync'] }).work.stop,
  ],
  propertiesOf: [(dataset) => zfsSend.propertiesOf(host, dataset)],
  childrenOf: [(dataset) => zfsSend.childrenOf(host, dataset)],
  writtenSince: [
    (dataset) => zfsSend.writtenSince(host, dataset, kept),
    (short) => zfsSend.writtenSince(host, 'main/immich', `storagebot-${short}`),
  ],
  copyDataset: [
    (source) => zfsSend.copyDataset(host, 'debian', { ...copy, source }).change,
    (target) => zfsSend.copyDataset(host, 'core', { ...copy, target }).change,
    (short) => zfsSend.copyDataset(host, 'debian', { ...copy, short: `storagebot-${short}` }).change,
    (own) => zfsSend.copyDataset(host, 'debian', { ...copy, own: [`quota=${own}`] }).change,
  ],
  updateCopy: [
    (source) => zfsSend.updateCopy(host, 'debian', { ...copy, source }).change,
    (target) => zfsSend.updateCopy(host, 'debian', { ...copy, target }).change,
    (since) => zfsSend.updateCopy(host, 'core', { ...copy, since: `storagebot-${since}` }).change,
  ],
  setReadOnly: [(dataset) => zfsSend.setReadOnly(host, dataset, true)],
  inheritReadOnly: [(dataset) => zfsSend.inheritReadOnly(host, dataset)],
  setUser: [
    (name) => workloadVolumes.setUser({ kind: 'Deployment', namespace: 'immich', name }, { runs: 0, ranBefore: 1 }),
    (namespace) => workloadVolumes.setUser({ kind: 'CronJob', namespace, name: 'prune' }, { runs: 0, ranBefore: 1 }),
    (name) => workloadVolumes.setUser({ kind: 'StatefulSet', namespace: 'immich', name: 'db' }, { runs: 1, volumes: [{ name }] }),
    (stoppedFor) =>
      workloadVolumes.setUser({ kind: 'Deployment', namespace: 'immich', name: 'web' }, { runs: 0, ranBefore: 1, stoppedFor }),
  ],
  createVolume: [
    (name) => workloadVolumes.createVolume(`${name}-storagebot-ssd`, {}),
    (share) => workloadVolumes.createVolume('library-storagebot-ssd', { csi: { volumeAttributes: { share } } }),
  ],
  createClaim: [
    (name) => workloadVolumes.createClaim('immich', `${name}-storagebot-ssd`, {}),
    (namespace) => workloadVolumes.createClaim(namespace, 'library-storagebot-ssd', {}),
  ],
  deleteVolume: [(name) => workloadVolumes.deleteVolume(`${name}-storagebot-ssd`)],
  deleteClaim: [
    (name) => workloadVolumes.deleteClaim('immich', `${name}-storagebot-ssd`),
    (namespace) => workloadVolumes.deleteClaim(namespace, 'library-storagebot-ssd'),
  ],
  unitWork: [
    (path) => workUnit.unitWork(host, { ...work, argv: ['rsync', path] }).change,
    (name) => workUnit.unitWork(host, { ...work, name, argv: ['rsync'] }).work.stop,
  ],
  deleteAttachment: [
    (name) => attachments.deleteAttachment({ name, uid: 'u-1' }),
    (uid) => attachments.deleteAttachment({ name: 'csi-1', uid }),
  ],
  listedTargets: [(portal) => iscsiPortals.listedTargets(host, portal)],
  recordOf: [
    (iqn) => iscsiRecords.recordOf(host, { iqn, portal: '10.0.10.15:3260' }),
    (portal) => iscsiRecords.recordOf(host, { iqn: 'iqn.2005-10.org.example:a', portal }),
  ],
  updateRecord: [
    (iqn) => iscsiRecords.updateRecord(host, { iqn, portal: '10.0.10.15:3260' }, RECORD),
    (portal) => iscsiRecords.updateRecord(host, { iqn: 'iqn.2005-10.org.example:a', portal }, RECORD),
    (value) => iscsiRecords.updateRecord(host, ISCSI, { ...RECORD, value }),
  ],
  logOut: [(iqn) => iscsiRecords.logOut(host, { ...ISCSI, iqn }), (portal) => iscsiRecords.logOut(host, { ...ISCSI, portal })],
  logIn: [(iqn) => iscsiRecords.logIn(host, { ...ISCSI, iqn }), (portal) => iscsiRecords.logIn(host, { ...ISCSI, portal })],
  setRecoveryTimeout: [(iqn) => iscsiRecords.setRecoveryTimeout(host, { sid: 3, iqn }, 300)],
  openersOf: [(disk) => iscsiNode.openersOf(host, disk)],
  fileSystemState: [(disk) => iscsiNode.fileSystemState(host, disk)],
  diskLoad: [(disk) => hostLoad.diskLoad(host, disk)],
  jobNamed: [(namespace) => clusterJobs.jobNamed(namespace, 'import'), (name) => clusterJobs.jobNamed('immich', name)],
  suspendCronJob: [
    (namespace) => clusterJobs.suspendCronJob({ namespace, name: 'dump' }, true),
    (name) => clusterJobs.suspendCronJob({ namespace: 'dbaas', name }, true),
  ],
  suspendJob: [
    (namespace) => clusterJobs.suspendJob({ namespace, name: 'import' }, true),
    (name) => clusterJobs.suspendJob({ namespace: 'immich', name }, true),
  ],
  vmConfig: [(node) => proxmoxVm.vmConfig({ node }, 203)],
  vmCurrent: [(node) => proxmoxVm.vmCurrent({ node }, 203)],
  vmRates: [(node) => proxmoxVm.vmRates({ node }, 203)],
  unlinkSlot: [(node) => proxmoxVm.unlinkSlot({ node }, 203, 'scsi2'), (slot) => proxmoxVm.unlinkSlot(api, 203, slot)],
  attachSlot: [
    (slot) => proxmoxVm.attachSlot(api, 203, { slot, volume: 'local-lvm:a', options: {} }),
    (volume) => proxmoxVm.attachSlot(api, 203, { slot: 'scsi2', volume, options: {} }),
    (option) => proxmoxVm.attachSlot(api, 203, { slot: 'scsi2', volume: 'local-lvm:a', options: { size: option } }),
    (key) => proxmoxVm.attachSlot(api, 203, { slot: 'scsi2', volume: 'local-lvm:a', options: { [key]: '1' } }),
  ],
  stopVmByApi: [(node) => proxmoxVm.stopVmByApi({ node }, 203)],
  startVmByApi: [(node) => proxmoxVm.startVmByApi({ node }, 203)],
  resetVmByApi: [(node) => proxmoxVm.resetVmByApi({ node }, 203)],
  resumeVmByApi: [(node) => proxmoxVm.resumeVmByApi({ node }, 203)],
  vmTasks: [(node) => proxmoxTasks.vmTasks({ node }, 203)],
  backupTasks: [(node) => proxmoxTasks.backupTasks({ node })],
  taskStatus: [(text) => proxmoxTasks.taskStatus(api, text)],
  taskLog: [(text) => proxmoxTasks.taskLog(api, text)],
  diskBusyPercent: [(disk) => proxmoxHost.diskBusyPercent(host, disk)],
  removeSnapshot: [
    (vg) => thinPoolRepairs.removeSnapshot(host, { vg, name: 'vm-9999-pvc-1_snap_20260403_0300' }),
    (name) => thinPoolRepairs.removeSnapshot(host, { vg: 'pve', name }),
  ],
  extendData: [(pool) => thinPoolRepairs.extendData(host, pool, 44)],
  growVolume: [
    (name) => thinPoolRepairs.growVolume(host, { vg: 'pve', name }, 64),
    (vg) => thinPoolRepairs.growVolume(host, { vg, name: 'nfs-data' }, 64),
  ],
  extendMetadata: [(pool) => thinPoolRepairs.extendMetadata(host, pool)],
  trimFileSystem: [(path) => thinPoolRepairs.trimFileSystem(host, path)],
  expandClaim: [
    (namespace) => claims.expandClaim({ namespace, name: 'data' }, '2Gi'),
    (name) => claims.expandClaim({ namespace: 'novelapp', name }, '2Gi'),
    (size) => claims.expandClaim({ namespace: 'novelapp', name: 'data' }, size),
  ],
  ...ofCsi,
  ...ofMysql,
  ...ofAlertmanager,
  ...ofBackups,
  ...ofCopies,
  ...ofPostgres,
  ...ofSqliteScripts,
  sentinelView: [(name) => redis.sentinelView({ node: { name: 'k8s-node1', sudo: true }, id: '5f0a6f0e3d0c' }, name)],
  ...ofSqlite,
};
