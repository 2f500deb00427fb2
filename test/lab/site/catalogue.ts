import {
  cronJobs,
  csiNodes,
  daemonSets,
  deployments,
  eventsOf,
  nodeNamed,
  nodes,
  persistentVolumeClaims,
  persistentVolumes,
  pods,
  statefulSets,
} from '../../../src/commands/cluster.ts';
import {
  activeExports,
  addToScript,
  dropFsidZero,
  exportsDirectory,
  exportsFile,
  removeExportFile,
  restoreExportsFile,
  runScript,
  scriptNames,
  writeExportFile,
} from '../../../src/commands/exports.ts';
import { createShare, ownerMapping, setSharePaths, shares } from '../../../src/commands/middleware.ts';
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
import { exportsOf, mountsOf, nullCall, portState, probeMount, testMount } from '../../../src/commands/nfs-client.ts';
import { clockOf, detachMount, nfsKernelLines, processesOf, threadsOf } from '../../../src/commands/node-system.ts';
import { bootDisk, diskBusyPercent, resetVm, startVm, vmStatus } from '../../../src/commands/proxmox-host.ts';
import { jobWork } from '../../../src/commands/work-job.ts';
import { taskSince, tasksOf } from '../../../src/commands/work-task.ts';
import { unitWork } from '../../../src/commands/work-unit.ts';
import { datasets, mountDataset, pools, unmountDataset } from '../../../src/commands/zfs.ts';
import type { Change, Host, Read } from '../../../src/core/command.ts';
import { CLIENT_NETWORK, EXPORTS_SCRIPT } from './nas.ts';
import type { World } from './world.ts';

const LIBRARY = '/mnt/main/immich/library';

const NAS: Host = { name: 'truenas', sudo: false };
const PVE: Host = { name: 'pve', sudo: false };
const UNIT = { name: 'storagebot-1-copy', argv: ['rsync', '--archive', '/a/', '/b/'], deadlineS: 3_600, risk: 'high' } as const;
const JOB = { name: 'storagebot-1-check', namespace: 'immich', pod: { containers: [] }, deadlineS: 3_600, risk: 'high' } as const;
const nodeHost = (name: string): Host => ({ name, sudo: true });

/** Every read of the catalogue that makes sense in this world. */
export function allReads(world: World): readonly Read<unknown>[] {
  const { flavour, middleware } = world.nas;
  const own = [...world.nodes.keys()].flatMap((name) => nodeReads(world, name));
  const onNas = [
    kernelOf(NAS),
    hasMiddleware(NAS),
    clockOf(NAS),
    exportsFile(NAS),
    activeExports(NAS, flavour),
    serverLog(NAS, flavour),
    ...(['nfsd', 'mountd'] as const).map((service) => serviceRuns(NAS, flavour, service)),
    datasets(NAS, flavour),
    pools(NAS, flavour),
    flavour === 'core' ? threadsOf(NAS) : processesOf(NAS),
    directories(NAS, [LIBRARY, '/mnt/ssd/immich/thumbs', '/mnt/main/nowhere']),
    scriptNames(NAS, EXPORTS_SCRIPT, LIBRARY),
    ...(flavour === 'core' ? [] : [exportsDirectory(NAS)]),
    ...(middleware ? [shares(NAS), ownerMapping(NAS)] : []),
    isEmptyDirectory(NAS, '/mnt/main/forgejo'),
  ];
  const reset = { vmid: 202, type: 'qmreset' } as const;
  const tasks = [tasksOf(PVE, reset), taskSince(PVE, { ...reset, known: [] })];
  const states = [jobWork(JOB).work.state, ...linuxHosts(world).map((host) => unitWork(host, UNIT).work.state)];
  const onHypervisor = [vmStatus(PVE, 9000), bootDisk(PVE, 202), diskBusyPercent(PVE, 'sdc'), clockOf(PVE)];
  const lists = [
    nodes(),
    pods(),
    persistentVolumes(),
    persistentVolumeClaims(),
    csiNodes(),
    deployments(),
    statefulSets(),
    daemonSets(),
    cronJobs(),
  ];
  return [...own, ...onNas, ...onHypervisor, ...tasks, ...states, ...lists, eventsOf('immich'), nodeNamed('k8s-node2')];
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
    processesOf(host),
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
    startService(NAS, flavour, 'nfsd'),
    startService(NAS, flavour, 'mountd'),
    mountDataset(NAS, 'main'),
    unmountDataset(NAS, 'main'),
    makeDirectory(NAS, '/mnt/main/new'),
    removeEmptyDirectory(NAS, '/mnt/main/new'),
    giveDirectory(NAS, LIBRARY, {
      uid: 1,
      gid: 1,
    }),
    detachMount(node, '/mnt'),
    startVm(PVE, 9e3),
    resetVm(PVE, 202),
    ...linuxHosts(world).flatMap((host) => [unitWork(host, UNIT).change, unitWork(host, UNIT).work.stop]),
  ];
}
