import * as cluster from '../../src/commands/cluster.ts';
import * as clusterChanges from '../../src/commands/cluster-changes.ts';
import * as exports from '../../src/commands/exports.ts';
import * as middleware from '../../src/commands/middleware.ts';
import * as nas from '../../src/commands/nas.ts';
import * as nfsClient from '../../src/commands/nfs-client.ts';
import * as nodeSystem from '../../src/commands/node-system.ts';
import * as proxmoxHost from '../../src/commands/proxmox-host.ts';
import * as workJob from '../../src/commands/work-job.ts';
import * as workUnit from '../../src/commands/work-unit.ts';
import * as zfs from '../../src/commands/zfs.ts';
import type { Change, Read } from '../../src/core/command.ts';

/** Makes a command with this text as one of its parameters. */
export type Maker = (text: string) => Read<unknown> | Change;

const host = { name: 'nas', sudo: true };
const pod = { namespace: 'immich', name: 'server-0', uid: 'u-1' };
const script = '/usr/local/sbin/make-exports';
const work = { name: 'storagebot-3f2a9c81d0-1-copy', deadlineS: 3_600, risk: 'high' } as const;
const job = { ...work, namespace: 'immich', pod: { containers: [] } };
const network = '10.0.20.0/24';

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
  setCordon: [(node) => clusterChanges.setCordon(node, true)],
  scriptNames: [(path) => exports.scriptNames(host, script, path)],
  writeExportFile: [(path) => exports.writeExportFile(host, path, network)],
  removeExportFile: [(path) => exports.removeExportFile(host, path)],
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
  portState: [(address) => nfsClient.portState(host, address, 2049)],
  exportsOf: [(server) => nfsClient.exportsOf(host, server)],
  nullCall: [(server) => nfsClient.nullCall(host, server, 4)],
  probeMount: [(path) => nfsClient.probeMount(host, path)],
  testMount: [
    (path) => nfsClient.testMount(host, '10.0.10.15', { path }),
    (server) => nfsClient.testMount(host, server, { path: '/mnt/main' }),
    (version) => nfsClient.testMount(host, '10.0.10.15', { path: '/mnt/main', version }),
  ],
  detachMount: [(path) => nodeSystem.detachMount(host, path)],
  jobWork: [
    (namespace) => workJob.jobWork({ ...job, namespace }).change,
    (namespace) => workJob.jobWork({ ...job, namespace }).work.stop,
    (name) => workJob.jobWork({ ...job, name }).work.state,
    (argument) => workJob.jobWork({ ...job, pod: { containers: [{ command: ['fsck', argument] }] } }).change,
  ],
  unitWork: [
    (path) => workUnit.unitWork(host, { ...work, argv: ['rsync', path] }).change,
    (name) => workUnit.unitWork(host, { ...work, name, argv: ['rsync'] }).work.stop,
  ],
  diskBusyPercent: [(disk) => proxmoxHost.diskBusyPercent(host, disk)],
};
