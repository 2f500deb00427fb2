import * as cluster from '../../src/commands/cluster.ts';
import * as clusterChanges from '../../src/commands/cluster-changes.ts';
import * as exports from '../../src/commands/exports.ts';
import * as middleware from '../../src/commands/middleware.ts';
import * as nas from '../../src/commands/nas.ts';
import * as nfsClient from '../../src/commands/nfs-client.ts';
import * as nodeSystem from '../../src/commands/node-system.ts';
import * as proxmoxHost from '../../src/commands/proxmox-host.ts';
import * as workJob from '../../src/commands/work-job.ts';
import * as workTask from '../../src/commands/work-task.ts';
import * as workUnit from '../../src/commands/work-unit.ts';
import * as zfs from '../../src/commands/zfs.ts';
import type { Change, Host, Read, SshCommand } from '../../src/core/command.ts';

type Any = Read<unknown> | Change;

/** Paths that a careless shell would take apart, cut short, or run. */
export const hostilePaths = [
  '/mnt/main/immich',
  "/mnt/main/it's here",
  '/mnt/main/two  blanks "and quotes" ',
  '/mnt/main/$(touch x) `touch y` ${HOME}',
  '/mnt/main/a;touch x&&touch y|touch z>w',
  '/mnt/main/*?[a-z]{1,2}~!#\\',
  "/'\\'''\\\\''",
  '/mnt/main/größe/写真',
  '/-delete',
] as const;

/** A file of exports can name these. */
const exportablePaths = hostilePaths.filter((path) => !/["\\]/.test(path));

const pod = { namespace: 'immich', name: 'immich-server-0', uid: '0d6f7f0a-3c1e-4f0e-9a54-1f6c7f9f0001' };
const flavours = ['core', 'scale', 'debian'] as const;
const services = ['nfsd', 'mountd'] as const;
const addresses = ['10.0.10.15', 'nas.example.net', 'fd00::15'] as const;
const versions = ['3', '4', '4.0', '4.1', '4.2', '4,rw', 'unknown'] as const;
const script = '/usr/local/sbin/make exports';

const vmTask = { vmid: 202, type: 'qmreset' } as const;
const work = { name: 'storagebot-3f2a9c81d0-1-copy', deadlineS: 3_600, risk: 'high' } as const;

/** Everything that can be sent for work: its start, its state and its stop. */
function commandsOf({ change, work: { state, stop } }: workUnit.StartedWork): readonly Any[] {
  return [change, state, stop];
}

type Samples = Readonly<Record<string, Readonly<Record<string, readonly Any[]>>>>;

const ofCluster: Samples = {
  'cluster.ts': {
    nodes: [cluster.nodes()],
    pods: [cluster.pods()],
    persistentVolumes: [cluster.persistentVolumes()],
    persistentVolumeClaims: [cluster.persistentVolumeClaims()],
    csiNodes: [cluster.csiNodes()],
    deployments: [cluster.deployments()],
    statefulSets: [cluster.statefulSets()],
    daemonSets: [cluster.daemonSets()],
    cronJobs: [cluster.cronJobs()],
    eventsOf: [cluster.eventsOf('immich')],
    podsOfNamespace: [cluster.podsOfNamespace('immich')],
    nodeNamed: [cluster.nodeNamed('k8s-node2')],
  },
  'cluster-changes.ts': {
    deletePod: [clusterChanges.deletePod(pod)],
    evictPod: [clusterChanges.evictPod(pod)],
    setCordon: [clusterChanges.setCordon('k8s-node2', true), clusterChanges.setCordon('k8s-node2', false)],
  },
  'work-job.ts': {
    jobWork: commandsOf(workJob.jobWork({ ...work, namespace: 'immich', pod: { containers: [] } })),
  },
};

function ofServer(host: Host): Samples {
  return {
    'exports.ts': {
      exportsFile: [exports.exportsFile(host)],
      exportsFileBeforeFix: [exports.exportsFileBeforeFix(host)],
      exportsDirectory: [exports.exportsDirectory(host)],
      activeExports: flavours.map((flavour) => exports.activeExports(host, flavour)),
      scriptNames: hostilePaths.map((path) => exports.scriptNames(host, script, path)),
      writeExportFile: exportablePaths.map((path) => exports.writeExportFile(host, path, '10.0.20.0/24')),
      removeExportFile: hostilePaths.map((path) => exports.removeExportFile(host, path)),
      dropFsidZero: [exports.dropFsidZero(host)],
      restoreExportsFile: [exports.restoreExportsFile(host)],
      addToScript: [exports.addToScript(host, script, '/mnt/main/immich')],
      runScript: [exports.runScript(host, script)],
    },
    'middleware.ts': {
      shares: [middleware.shares(host)],
      ownerMapping: [middleware.ownerMapping(host)],
      createShare: [middleware.createShare(host, { path: '/mnt/main/immich', network: '10.0.20.0/24', flavour: 'scale' })],
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
    'zfs.ts': {
      datasets: flavours.map((flavour) => zfs.datasets(host, flavour)),
      pools: flavours.map((flavour) => zfs.pools(host, flavour)),
      mountDataset: [zfs.mountDataset(host, 'main/immich')],
      unmountDataset: [zfs.unmountDataset(host, 'main/immich')],
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
      probeMount: hostilePaths.map((path) => nfsClient.probeMount(host, path)),
      testMount: [
        ...addresses.flatMap((server) => hostilePaths.map((path) => nfsClient.testMount(host, server, { path }))),
        ...versions.map((version) => nfsClient.testMount(host, '10.0.10.15', { path: '/mnt/main/immich', version })),
      ],
    },
    'node-system.ts': {
      processesOf: [nodeSystem.processesOf(host)],
      threadsOf: [nodeSystem.threadsOf(host)],
      nfsKernelLines: [nodeSystem.nfsKernelLines(host)],
      clockOf: [nodeSystem.clockOf(host)],
      detachMount: hostilePaths.map((path) => nodeSystem.detachMount(host, path)),
    },
    'proxmox-host.ts': {
      vmStatus: [proxmoxHost.vmStatus(host, 9000)],
      bootDisk: [proxmoxHost.bootDisk(host, 9000)],
      diskBusyPercent: [proxmoxHost.diskBusyPercent(host, 'sdc'), proxmoxHost.diskBusyPercent(host, 'dm-3')],
      startVm: [proxmoxHost.startVm(host, 9000)],
      resetVm: [proxmoxHost.resetVm(host, 9000)],
    },
    'work-task.ts': {
      tasksOf: (['qmreset', 'qmstart'] as const).map((type) => workTask.tasksOf(host, { vmid: 202, type })),
      taskSince: [workTask.taskSince(host, { ...vmTask, known: [] })],
    },
    'work-unit.ts': {
      unitWork: hostilePaths.flatMap((path) => commandsOf(workUnit.unitWork(host, { ...work, argv: ['rsync', path] }))),
    },
  };
}

/** By file and function of src/commands: the commands that each function makes of sample arguments. */
function samplesOn(host: Host): Samples {
  return { ...ofCluster, ...ofServer(host), ...ofMachine(host) };
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
