import {
  exportsText,
  ownExportText,
  removeExportLine,
  restoreExportFile,
  restoreExportLine,
} from '../../../src/commands/export-removal.ts';
import {
  activeExports,
  addToScript,
  dropFsidZero,
  exportsDirectory,
  exportsFile,
  removeExportFile,
  restoreExportsFile,
  runScript,
  scriptIsWhole,
  scriptNames,
  writeExportFile,
} from '../../../src/commands/exports.ts';
import { diskLoad, loadAverage, virtualMachines, vmMinutes } from '../../../src/commands/host-load.ts';
import { createShare, deleteShare, ownerMapping, restoreShare, setSharePaths, shares } from '../../../src/commands/middleware.ts';
import {
  directories,
  giveDirectory,
  hasMiddleware,
  isEmptyDirectory,
  kernelOf,
  makeDirectory,
  reloadExports,
  removeEmptyDirectory,
  serverLog,
  serviceRuns,
  startService,
} from '../../../src/commands/nas.ts';
import { exportsOf, mountList, mountsOf, nullCall, portState, probeMount, testMount } from '../../../src/commands/nfs-client.ts';
import { probeMounts } from '../../../src/commands/nfs-probes.ts';
import { mountRates } from '../../../src/commands/nfs-rates.ts';
import { nfsdThreads, setNfsdThreads } from '../../../src/commands/nfsd-threads.ts';
import { clockOf, detachMount, nfsKernelLines, processesOf, threadsOf } from '../../../src/commands/node-system.ts';
import { podTraffic } from '../../../src/commands/pod-traffic.ts';
import { listenersOf, ownerOfProcess, restartKubelet } from '../../../src/commands/port-holders.ts';
import { bootDisk, diskBusyPercent, resetVm, startVm, vmStatus } from '../../../src/commands/proxmox-host.ts';
import { applyPlan, checkoutOf, planFiles, savePlan, saveReplacingPlan } from '../../../src/commands/terraform.ts';
import { diskErrors, thinPools } from '../../../src/commands/thin-pool.ts';
import { thinPoolLines, trimFileSystem } from '../../../src/commands/thin-pool-repairs.ts';
import { entriesAt, treeAt } from '../../../src/commands/trees.ts';
import { daemonWork } from '../../../src/commands/work-daemon.ts';
import { jobWork } from '../../../src/commands/work-job.ts';
import { taskSince, tasksOf } from '../../../src/commands/work-task.ts';
import { unitWork } from '../../../src/commands/work-unit.ts';
import { filesWritten } from '../../../src/commands/written-files.ts';
import { datasets, mountDataset, pools, unmountDataset } from '../../../src/commands/zfs.ts';
import { cacheHits, poolSpace, poolTraffic } from '../../../src/commands/zfs-load.ts';
import {
  childrenOf,
  copyDataset,
  inheritReadOnly,
  propertiesOf,
  setReadOnly,
  updateCopy,
  writtenSince,
} from '../../../src/commands/zfs-send.ts';
import { bookmarksOf, destroySnapshot, snapshotsOf, takeSnapshot } from '../../../src/commands/zfs-snapshots.ts';
import { pauseScrub, poolStatuses, scrub, stopScrub } from '../../../src/commands/zfs-status.ts';
import { changedSince, cloneSnapshot, destroyClone, rollbackTo, storedDatasets } from '../../../src/commands/zfs-stored.ts';
import type { Change, Host, Read } from '../../../src/core/command.ts';
import { backupReads } from './catalogue-backups.ts';
import { blockChanges, blockReads } from './catalogue-block.ts';
import { clusterReads } from './catalogue-cluster.ts';
import { iscsiChanges, iscsiReads, iscsiServerReads } from './catalogue-iscsi.ts';
import { mysqlReads } from './catalogue-mysql.ts';
import { postgresReads } from './catalogue-postgres.ts';
import { sqliteReads } from './catalogue-sqlite.ts';
import { volumeChanges, volumeReads } from './catalogue-volumes.ts';
import { CLIENT_NETWORK, EXPORTS_SCRIPT } from './nas.ts';
import { CHECKOUT, PLANS, STACKS } from './workstation.ts';
import type { World } from './world.ts';

const LIBRARY = '/mnt/main/immich/library';

const NAS: Host = { name: 'truenas', sudo: false };
const PVE: Host = { name: 'pve', sudo: false };
const UNIT = { name: 'storagebot-1-copy', argv: ['rsync', '--archive', '/a/', '/b/'], deadlineS: 3_600, risk: 'high' } as const;
const COPY = { ...UNIT, source: 'main', short: 'storagebot-1-full', target: 'ssd/main' } as const;
const JOB = { name: 'storagebot-1-check', namespace: 'immich', pod: { containers: [] }, deadlineS: 3_600, risk: 'high' } as const;
const STACK = {
  terraform: { host: { name: 'devvm', sudo: false }, directory: CHECKOUT, plans: PLANS, stacks: STACKS },
  stack: STACKS['nfs.csi.k8s.io'],
};
const nodeHost = (name: string): Host => ({ name, sudo: true });

/** Every read of the catalogue that makes sense in this world. */
export function allReads(world: World): readonly Read<unknown>[] {
  const own = [...world.nodes.keys()].flatMap((name) => nodeReads(world, name));
  const reset = { vmid: 202, type: 'qmreset' } as const;
  const tasks = [tasksOf(PVE, reset), taskSince(PVE, { ...reset, known: [] })];
  const states = [
    jobWork(JOB).work.state,
    ...linuxHosts(world).map((host) => unitWork(host, UNIT).work.state),
    daemonWork(NAS, UNIT).work.state,
  ];
  const onHypervisor = [
    vmStatus(PVE, 9000),
    bootDisk(PVE, 202),
    mountsOf(PVE),
    processesOf(PVE),
    diskBusyPercent(PVE, 'sdc'),
    diskLoad(PVE, 'sdc'),
    loadAverage(PVE),
    virtualMachines(PVE),
    vmMinutes(PVE, 202),
    thinPools(PVE),
    diskErrors(PVE),
    thinPoolLines(PVE),
    clockOf(PVE),
    ...volumeReads(world),
    ...blockReads(world),
  ];
  const stacks = [checkoutOf(STACK), planFiles(STACK, '9722db814f1c')];
  return [
    ...own,
    ...nasReads(world),
    ...onHypervisor,
    ...tasks,
    ...states,
    ...clusterReads(world),
    ...mysqlReads(world),
    ...postgresReads(world),
    ...stacks,
  ];
}

function nasReads(world: World): Read<unknown>[] {
  const { flavour, middleware } = world.nas;
  return [
    kernelOf(NAS),
    hasMiddleware(NAS),
    clockOf(NAS),
    exportsFile(NAS),
    exportsText(NAS),
    ownExportText(NAS, LIBRARY),
    mountList(NAS),
    activeExports(NAS, flavour),
    serverLog(NAS, flavour),
    ...(['nfsd', 'mountd'] as const).map((service) => serviceRuns(NAS, flavour, service)),
    datasets(NAS, flavour),
    pools(NAS, flavour),
    poolStatuses(NAS, flavour),
    poolTraffic(NAS, flavour),
    poolSpace(NAS, flavour),
    cacheHits(NAS, flavour),
    ...(flavour === 'core' ? [] : [nfsdThreads(NAS)]),
    storedDatasets(NAS, flavour),
    ...iscsiServerReads(NAS, flavour),
    ...world.nas.disk.datasets.flatMap(({ name }) => [snapshotsOf(NAS, name), bookmarksOf(NAS, name)]),
    ...world.nas.disk.datasets.flatMap(({ name }) => [propertiesOf(NAS, name), childrenOf(NAS, name)]),
    ...world.nas.disk.snapshots.slice(-1).map(({ dataset, short }) => writtenSince(NAS, dataset, short)),
    ...world.nas.disk.snapshots.slice(-1).map(({ dataset, short }) => changedSince(NAS, `${dataset}@${short}`)),
    entriesAt(NAS, [LIBRARY, `${LIBRARY}/data`, '/mnt/main/nowhere']),
    ...(world.nas.disk.at(LIBRARY) === undefined ? [] : [treeAt(NAS, LIBRARY)]),
    flavour === 'core' ? threadsOf(NAS) : processesOf(NAS),
    directories(NAS, [LIBRARY, '/mnt/ssd/immich/thumbs', '/mnt/main/nowhere']),
    scriptNames(NAS, EXPORTS_SCRIPT, LIBRARY),
    scriptIsWhole(NAS, EXPORTS_SCRIPT),
    ...(flavour === 'core' ? [] : [exportsDirectory(NAS)]),
    ...(middleware ? [shares(NAS), ownerMapping(NAS)] : []),
    isEmptyDirectory(NAS, '/mnt/main/forgejo'),
    ...backupReads(world),
    filesWritten(NAS, '/mnt/main/forgejo', { fromS: 1_775_206_810, toS: 1_775_206_930 }),
  ];
}

/** One of each kind that has a systemd. */
function linuxHosts({ nas: { flavour } }: World): readonly Host[] {
  return [...(flavour === 'core' ? [] : [NAS]), PVE, nodeHost('k8s-node2')];
}

function nodeReads(world: World, name: string): Read<unknown>[] {
  const host = nodeHost(name);
  const points = world.nodes.get(name)?.mounts.map(({ mountPoint }) => mountPoint) ?? [];
  return [
    mountsOf(host),
    listenersOf(host),
    ownerOfProcess(host, 1033),
    processesOf(host),
    ...(world.nodes.get(name)?.wedged === true ? [] : [mountRates(host)]),
    podTraffic(host),
    nfsKernelLines(host),
    clockOf(host),
    exportsOf(host, '10.0.10.15'),
    portState(host, '10.0.10.15', 2049),
    portState(host, '10.0.10.10', 22),
    portState(host, '10.0.10.15', 9),
    nullCall(host, '10.0.10.15', 3),
    nullCall(host, '10.0.10.15', 4),
    testMount(host, '10.0.10.15', { path: LIBRARY }),
    ...['3', '4.2'].map((version) => testMount(host, '10.0.10.15', { path: LIBRARY, version })),
    testMount(host, '10.0.10.15', { path: '/mnt/main/nowhere' }),
    testMount(host, '192.168.1.13', { path: '/volume1/music' }),
    ...[...points, '/var/lib/kubelet/pods/none'].map((point) => probeMount(host, point)),
    probeMounts(host, ['/var/lib/kubelet/pods/none', ...points]),
    ...iscsiReads(world, host),
    ...sqliteReads(world, host),
  ];
}

/** Every SSH change of the catalogue. */
export function allChanges(world: World): readonly Change[] {
  const { flavour } = world.nas;
  const node = nodeHost('k8s-node2');
  return [
    writeExportFile(NAS, LIBRARY, CLIENT_NETWORK),
    removeExportFile(NAS, LIBRARY),
    dropFsidZero(NAS),
    restoreExportsFile(NAS),
    addToScript(NAS, EXPORTS_SCRIPT, '/mnt/main/new'),
    runScript(NAS, EXPORTS_SCRIPT),
    reloadExports(NAS, flavour),
    createShare(NAS, {
      path: LIBRARY,
      network: CLIENT_NETWORK,
      flavour: flavour === 'core' ? 'core' : 'scale',
    }),
    setSharePaths(NAS, 1, [LIBRARY]),
    restoreShare(NAS, { path: LIBRARY, networks: [CLIENT_NETWORK] }),
    deleteShare(NAS, 1),
    restoreExportFile(NAS, LIBRARY, `${LIBRARY} *(ro)`),
    removeExportLine(NAS, LIBRARY),
    restoreExportLine(NAS),
    startService(NAS, flavour, 'nfsd'),
    startService(NAS, flavour, 'mountd'),
    scrub(NAS, 'main'),
    pauseScrub(NAS, 'main'),
    stopScrub(NAS, 'main'),
    mountDataset(NAS, 'main'),
    unmountDataset(NAS, 'main'),
    takeSnapshot(NAS, 'main', 'storagebot-1-kept'),
    destroySnapshot(NAS, 'main', 'storagebot-1-kept'),
    cloneSnapshot(NAS, 'main@auto', 'main/main-storagebot-1-clone'),
    destroyClone(NAS, 'main/main-storagebot-1-clone'),
    rollbackTo(NAS, 'main/immich@auto'),
    setReadOnly(NAS, 'main', true),
    inheritReadOnly(NAS, 'main'),
    copyDataset(NAS, flavour, { ...COPY, own: ['recordsize=1048576'] }).change,
    updateCopy(NAS, flavour, { ...COPY, since: 'storagebot-0-full' }).change,
    ...(flavour === 'core' ? [daemonWork(NAS, UNIT).work.stop] : []),
    makeDirectory(NAS, '/mnt/main/new'),
    removeEmptyDirectory(NAS, '/mnt/main/new'),
    giveDirectory(NAS, LIBRARY, {
      uid: 1,
      gid: 1,
    }),
    detachMount(node, '/mnt'),
    ...iscsiChanges(node),
    savePlan(STACK, '9722db814f1c'),
    saveReplacingPlan(STACK, '9722db814f1c', 'module.dbaas.null_resource.pg_cluster'),
    applyPlan(STACK, '9722db814f1c', { digest: 'e3b0c442'.repeat(8), destroys: false }),
    restartKubelet(node),
    ...(flavour === 'core' ? [] : [setNfsdThreads(NAS, 8)]),
    startVm(PVE, 9e3),
    resetVm(PVE, 202),
    ...volumeChanges(world),
    ...blockChanges(),
    trimFileSystem(node, '/mnt'),
    ...linuxHosts(world).flatMap((host) => [unitWork(host, UNIT).change, unitWork(host, UNIT).work.stop]),
  ];
}
