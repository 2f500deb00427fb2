import * as exportRemoval from '../../src/commands/export-removal.ts';
import * as exports from '../../src/commands/exports.ts';
import * as hostLoad from '../../src/commands/host-load.ts';
import * as middleware from '../../src/commands/middleware.ts';
import * as nas from '../../src/commands/nas.ts';
import * as nfsClient from '../../src/commands/nfs-client.ts';
import * as nfsProbes from '../../src/commands/nfs-probes.ts';
import * as nfsRates from '../../src/commands/nfs-rates.ts';
import * as nodeSystem from '../../src/commands/node-system.ts';
import * as podTraffic from '../../src/commands/pod-traffic.ts';
import * as portHolders from '../../src/commands/port-holders.ts';
import * as proxmoxHost from '../../src/commands/proxmox-host.ts';
import * as proxmoxStorage from '../../src/commands/proxmox-storage.ts';
import * as proxmoxTasks from '../../src/commands/proxmox-tasks.ts';
import * as proxmoxVm from '../../src/commands/proxmox-vm.ts';
import * as thinPool from '../../src/commands/thin-pool.ts';
import * as workDaemon from '../../src/commands/work-daemon.ts';
import * as workTask from '../../src/commands/work-task.ts';
import * as workUnit from '../../src/commands/work-unit.ts';
import * as writtenFiles from '../../src/commands/written-files.ts';
import * as zfsSend from '../../src/commands/zfs-send.ts';
import type { Host, SshCommand } from '../../src/core/command.ts';
import { type Any, commandsOf, exportablePaths, flavours, hostilePaths, type Samples, work } from './sample-arguments.ts';
import { ofAlertmanager } from './samples-alertmanager.ts';
import { ofBackups } from './samples-backups.ts';
import { ofBlock } from './samples-block.ts';
import { ofCapacity } from './samples-capacity.ts';
import { ofCluster } from './samples-cluster.ts';
import { ofCopies } from './samples-copies.ts';
import { ofCsi } from './samples-csi.ts';
import { ofIscsi } from './samples-iscsi.ts';
import { ofMysql } from './samples-mysql.ts';
import { ofPools } from './samples-pools.ts';
import { ofPostgres } from './samples-postgres.ts';
import { ofRedis } from './samples-redis.ts';
import { ofSqlite } from './samples-sqlite.ts';
import { ofSqliteScripts } from './samples-sqlite-scripts.ts';
import { ofVolumes } from './samples-volumes.ts';

const share = { path: '/mnt/main/it\'s "here"', networks: [], hosts: [], enabled: true, ro: false, comment: 'größe; $(touch x)' };
const services = ['nfsd', 'mountd'] as const;
const addresses = ['10.0.10.15', 'nas.example.net', 'fd00::15'] as const;
const versions = ['3', '4', '4.0', '4.1', '4.2', '4,rw', 'unknown'] as const;
const script = '/usr/local/sbin/make exports';

const vmTask = { vmid: 202, type: 'qmreset' } as const;

const copy = { source: 'main/immich', short: 'storagebot-3f2a9c81d0-1-full', target: 'ssd/immich' } as const;

function ofServer(host: Host): Samples {
  return {
    'exports.ts': {
      exportsFile: [exports.exportsFile(host)],
      exportsFileBeforeFix: [exports.exportsFileBeforeFix(host)],
      exportsDirectory: [exports.exportsDirectory(host)],
      activeExports: flavours.map((flavour) => exports.activeExports(host, flavour)),
      scriptIsWhole: [exports.scriptIsWhole(host, script)],
      scriptNames: hostilePaths.map((path) => exports.scriptNames(host, script, path)),
      writeExportFile: exportablePaths.map((path) => exports.writeExportFile(host, path, '10.0.20.0/24')),
      removeExportFile: hostilePaths.map((path) => exports.removeExportFile(host, path)),
      dropFsidZero: [exports.dropFsidZero(host)],
      restoreExportsFile: [exports.restoreExportsFile(host)],
      addToScript: [exports.addToScript(host, script, '/mnt/main/immich')],
      runScript: [exports.runScript(host, script)],
    },
    'export-removal.ts': {
      exportsText: [exportRemoval.exportsText(host)],
      ownExportText: hostilePaths.map((path) => exportRemoval.ownExportText(host, path)),
      exportsTextBeforeRemoval: [exportRemoval.exportsTextBeforeRemoval(host)],
      restoreExportFile: exportablePaths.map((path) => exportRemoval.restoreExportFile(host, path, '/mnt/main/immich *(ro)')),
      removeExportLine: [exportRemoval.removeExportLine(host, '/mnt/main/immich.old')],
      restoreExportLine: [exportRemoval.restoreExportLine(host)],
    },
    'middleware.ts': {
      shares: [middleware.shares(host)],
      ownerMapping: [middleware.ownerMapping(host)],
      createShare: [middleware.createShare(host, { path: '/mnt/main/immich', network: '10.0.20.0/24', flavour: 'scale' })],
      restoreShare: [middleware.restoreShare(host, share)],
      deleteShare: [middleware.deleteShare(host, 3)],
      setSharePaths: [middleware.setSharePaths(host, 3, ['/mnt/main/immich'])],
    },
    'nas.ts': {
      kernelOf: [nas.kernelOf(host)],
      hasMiddleware: [nas.hasMiddleware(host)],
      serviceRuns: flavours.flatMap((flavour) => services.map((service) => nas.serviceRuns(host, flavour, service))),
      serverLog: flavours.map((flavour) => nas.serverLog(host, flavour)),
      directories: [...hostilePaths.map((path) => nas.directories(host, [path])), nas.directories(host, hostilePaths)],
      isEmptyDirectory: hostilePaths.map((path) => nas.isEmptyDirectory(host, path)),
      startService: flavours.flatMap((flavour) => services.map((service) => nas.startService(host, flavour, service))),
      reloadExports: flavours.map((flavour) => nas.reloadExports(host, flavour)),
      makeDirectory: hostilePaths.map((path) => nas.makeDirectory(host, path)),
      removeEmptyDirectory: hostilePaths.map((path) => nas.removeEmptyDirectory(host, path)),
      giveDirectory: hostilePaths.map((path) => nas.giveDirectory(host, path, { uid: 999, gid: 999 })),
    },
    'written-files.ts': {
      filesWritten: hostilePaths.map((path) =>
        writtenFiles.filesWritten(host, path, { fromS: 1_775_206_810, toS: 1_775_206_930 }),
      ),
    },
  };
}

function ofMachine(host: Host): Samples {
  return {
    'nfs-client.ts': {
      portState: addresses.map((address) => nfsClient.portState(host, address, 2049)),
      exportsOf: addresses.map((address) => nfsClient.exportsOf(host, address)),
      nullCall: addresses.flatMap((address) => [nfsClient.nullCall(host, address, 3), nfsClient.nullCall(host, address, 4)]),
      mountsOf: [nfsClient.mountsOf(host)],
      mountList: [nfsClient.mountList(host)],
      probeMount: hostilePaths.map((path) => nfsClient.probeMount(host, path)),
      testMount: [
        ...addresses.flatMap((server) => hostilePaths.map((path) => nfsClient.testMount(host, server, { path }))),
        ...versions.map((version) => nfsClient.testMount(host, '10.0.10.15', { path: '/mnt/main/immich', version })),
      ],
    },
    'nfs-probes.ts': {
      probeMounts: [nfsProbes.probeMounts(host, hostilePaths), nfsProbes.probeMounts(host, ['/mnt/main'])],
    },
    'node-system.ts': {
      processesOf: [nodeSystem.processesOf(host)],
      threadsOf: [nodeSystem.threadsOf(host)],
      nfsKernelLines: [nodeSystem.nfsKernelLines(host)],
      clockOf: [nodeSystem.clockOf(host)],
      detachMount: hostilePaths.map((path) => nodeSystem.detachMount(host, path)),
    },
    'port-holders.ts': {
      listenersOf: [portHolders.listenersOf(host)],
      ownerOfProcess: [portHolders.ownerOfProcess(host, 1816)],
      restartKubelet: [portHolders.restartKubelet(host)],
    },
    'nfs-rates.ts': { mountRates: [nfsRates.mountRates(host)] },
    'pod-traffic.ts': { podTraffic: [podTraffic.podTraffic(host)] },
    'host-load.ts': {
      diskLoad: [hostLoad.diskLoad(host, 'sdc'), hostLoad.diskLoad(host, 'dm-3')],
      loadAverage: [hostLoad.loadAverage(host)],
      virtualMachines: [hostLoad.virtualMachines(host)],
      vmMinutes: [hostLoad.vmMinutes(host, 9000)],
    },
  };
}

const api = { node: 'pve' };
const upid = 'UPID:pve:000133AF:00133AF0:69CF8190:qmstop:203:storagebot@pve!change:';

function ofHypervisor(host: Host): Samples {
  return {
    'proxmox-host.ts': {
      vmStatus: [proxmoxHost.vmStatus(host, 9000)],
      bootDisk: [proxmoxHost.bootDisk(host, 9000)],
      diskBusyPercent: [proxmoxHost.diskBusyPercent(host, 'sdc'), proxmoxHost.diskBusyPercent(host, 'dm-3')],
      startVm: [proxmoxHost.startVm(host, 9000)],
      resetVm: [proxmoxHost.resetVm(host, 9000)],
    },
    'proxmox-vm.ts': {
      vmConfig: [proxmoxVm.vmConfig(api, 203)],
      vmCurrent: [proxmoxVm.vmCurrent(api, 203)],
      vmRates: [proxmoxVm.vmRates(api, 203)],
      unlinkSlot: [proxmoxVm.unlinkSlot(api, 203, 'scsi2')],
      attachSlot: [
        proxmoxVm.attachSlot(api, 203, { slot: 'scsi2', volume: 'local-lvm:vm-9999-pvc-1', options: { backup: '0' } }),
      ],
      stopVmByApi: [proxmoxVm.stopVmByApi(api, 203)],
      startVmByApi: [proxmoxVm.startVmByApi(api, 203)],
      resetVmByApi: [proxmoxVm.resetVmByApi(api, 203)],
      resumeVmByApi: [proxmoxVm.resumeVmByApi(api, 203)],
    },
    'proxmox-tasks.ts': {
      vmTasks: [proxmoxTasks.vmTasks(api, 203)],
      backupTasks: [proxmoxTasks.backupTasks(api)],
      taskStatus: [proxmoxTasks.taskStatus(api, upid)],
      taskLog: [proxmoxTasks.taskLog(api, upid)],
    },
    'proxmox-storage.ts': { storages: [proxmoxStorage.storages()] },
    'thin-pool.ts': {
      thinPools: [thinPool.thinPools(host)],
      diskErrors: [thinPool.diskErrors(host)],
    },
    'work-task.ts': {
      tasksOf: (['qmreset', 'qmstart'] as const).map((type) => workTask.tasksOf(host, { vmid: 202, type })),
      taskSince: [workTask.taskSince(host, { ...vmTask, known: [] })],
    },
    'work-daemon.ts': {
      daemonWork: hostilePaths.flatMap((path) => commandsOf(workDaemon.daemonWork(host, { ...work, argv: ['rsync', path] }))),
    },
    'zfs-send.ts': {
      propertiesOf: [zfsSend.propertiesOf(host, 'main/immich')],
      childrenOf: [zfsSend.childrenOf(host, 'main/immich')],
      writtenSince: [zfsSend.writtenSince(host, 'main/immich', 'storagebot-3f2a9c81d0-1-full')],
      copyDataset: flavours.flatMap((flavour) =>
        commandsOf(zfsSend.copyDataset(host, flavour, { ...work, ...copy, own: ['recordsize=1048576'] })),
      ),
      updateCopy: flavours.flatMap((flavour) =>
        commandsOf(zfsSend.updateCopy(host, flavour, { ...work, ...copy, since: copy.short })),
      ),
      setReadOnly: [zfsSend.setReadOnly(host, 'main/immich', true), zfsSend.setReadOnly(host, 'main/immich', false)],
      inheritReadOnly: [zfsSend.inheritReadOnly(host, 'main/immich')],
    },
    'work-unit.ts': {
      unitWork: hostilePaths.flatMap((path) => commandsOf(workUnit.unitWork(host, { ...work, argv: ['rsync', path] }))),
    },
  };
}

/** By file and function of src/commands: the commands that each function makes of sample arguments. */
function samplesOn(host: Host): Samples {
  return {
    ...ofCluster,
    ...ofCopies,
    ...ofSqliteScripts,
    ...ofServer(host),
    ...ofPools(host),
    ...ofAlertmanager,
    ...ofBackups(host),
    ...ofBlock(host),
    ...ofIscsi(host),
    ...ofCsi(host),
    ...ofMachine(host),
    ...ofHypervisor(host),
    ...ofMysql(host),
    ...ofVolumes(host),
    ...ofCapacity(host),
    ...ofSqlite(host),
    ...ofPostgres(host),
    ...ofRedis(host),
  };
}

export const samples = samplesOn({ name: 'nas', sudo: false });

/** All of them, on a host where the login user is root and on one where root's commands need sudo. */
const all = [samples, samplesOn({ name: 'nas', sudo: true })].flatMap((files) =>
  Object.values(files).flatMap((functions) => Object.values(functions).flat()),
);

/** Each command line once. */
export const sshReads = sshCommands('read');
export const sshChanges = sshCommands('change');
export const kubernetesReads = kubernetesRequests('read');
export const kubernetesChanges = kubernetesRequests('change');

function sshCommands(kind: Any['kind']): readonly SshCommand[] {
  const commands = all.filter((each) => each.kind === kind).map(({ command }) => command);
  const overSsh = commands.filter((command) => command.via === 'ssh');
  return [...new Map(overSsh.map((command) => [command.argv.join('\0'), command])).values()];
}

function kubernetesRequests(kind: Any['kind']) {
  return all
    .filter((each) => each.kind === kind)
    .map(({ command }) => command)
    .filter((command) => command.via === 'kubernetes')
    .map(({ request }) => request);
}
