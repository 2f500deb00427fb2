import { BLOCK_DRIVER } from '../commands/block-attachments.ts';
import type { Foundation } from '../core/foundation.ts';
import { type CsiDriver, csiDrivers } from '../topology/csi-drivers.ts';
import { hypervisorOf, NFS_DRIVER, nasOf, poolsOf, underDriver, underNas } from '../topology/foundation-names.ts';
import { ISCSI_DRIVER } from '../topology/iscsi-look.ts';
import type { AlertAt, KnownAlert, KnownAlerts } from './known-alert.ts';
import { claimOf, nodeOf, words } from './known-alert.ts';
import { labelOf } from './labels.ts';

const NAS_WITH_POOLS = ({ site }: AlertAt): readonly Foundation[] => [...underNas(site), ...poolsOf(site)];

/** The share is what a node's client waits for, whatever the series says of the node. */
const OF_NFS: KnownAlert = { kind: 'unavailable', standsOn: NAS_WITH_POOLS, run: words('diagnose', 'nfs', 'all') };

const SLOW: Pick<KnownAlert, 'kind' | 'standsOn' | 'run'> = {
  kind: 'unavailable',
  standsOn: NAS_WITH_POOLS,
  run: words('diagnose', 'slow', 'nfs'),
};

/** That it is missing on one node is no reason to call it ill on all of them: the diagnosis says on how many. */
function ofDriver(name: string): Pick<KnownAlert, 'kind' | 'standsOn' | 'subject' | 'run'> {
  return {
    kind: 'unavailable',
    standsOn: ({ site }) => underDriver(name, site),
    subject: () => ({ kind: 'driver', name }),
    run: ({ site }) => ['diagnose', 'csi', csiDrivers(site).find((each) => each.name === name)?.alias ?? name],
  };
}

/** Volumes that are mounted go on without it: it explains no other alert. */
function ofController(name: string): Pick<KnownAlert, 'kind' | 'standsOn' | 'subject' | 'run'> {
  return {
    ...ofDriver(name),
    subject: ({ site }) => {
      const driver = csiDrivers(site).find((each) => each.name === name);
      return driver && { kind: 'workload', name: `${driver.namespace}/${driver.controller}` };
    },
  };
}

/** The driver whose namespace the alert has. */
function driverAt({ alert, site }: AlertAt): CsiDriver | undefined {
  const namespace = labelOf(alert, 'namespace');
  return csiDrivers(site).find((each) => each.namespace === namespace);
}

const OF_ITS_DRIVER: Pick<KnownAlert, 'partOf' | 'standsOn' | 'run'> = {
  partOf: (at) => {
    const driver = driverAt(at);
    const isOfNode = driver !== undefined && labelOf(at.alert, 'pod')?.startsWith(`${driver.daemonSet}-`) === true;
    return isOfNode ? { kind: 'driver', name: driver.name } : undefined;
  },
  standsOn: (at) => {
    const driver = driverAt(at);
    return driver === undefined ? [] : underDriver(driver.name, at.site);
  },
  run: (at) => {
    const driver = driverAt(at);
    return driver === undefined ? undefined : ['diagnose', 'csi', driver.alias];
  },
};

const FULL: KnownAlert = {
  kind: 'own',
  run: (at) => {
    const claim = claimOf(at);
    return ['diagnose', 'capacity', ...(claim === undefined ? [] : [claim])];
  },
  ignore: (at) => {
    const claim = claimOf(at);
    const isKnown = claim !== undefined && at.site.capacity?.knownFull.includes(claim) === true;
    return isKnown ? `${claim} is full and may be: the configuration has it in site.capacity.knownFull` : undefined;
  },
};

const SLOTS: KnownAlert = { kind: 'own', about: 'node', run: (at) => ['diagnose', 'block', ...(nodeOf(at) ?? ['all'])] };

const ISCSI_GONE =
  'Where the driver was taken out of service, the alert is noise: the diagnosis says whether anything still uses it.';

export const STORAGE_ALERTS: KnownAlerts = {
  NFSServerUnresponsive: {
    ...OF_NFS,
    names: ({ site }) => [nasOf(site)],
    subject: ({ site }) => nasOf(site),
    caveat: 'It counts nodes whose NFS requests change: it is blind to one node, to one export, and to mounts that fail.',
  },
  NFSMountFailures: { ...OF_NFS, about: 'instance' },
  NFSHighRPCRetransmissions: { ...SLOW, about: 'instance' },
  NFSCSIControllerDown: {
    ...ofController(NFS_DRIVER),
    caveat: 'Mounts of static volumes need the pods of the driver on the nodes, and not its controller.',
  },
  NFSCSINodeDown: ofDriver(NFS_DRIVER),
  ISCSICSIControllerDown: { ...ofController(ISCSI_DRIVER), caveat: ISCSI_GONE },
  ProxmoxCSIControllerDown: ofController(BLOCK_DRIVER),
  CSIDriverCrashLoop: {
    ...OF_ITS_DRIVER,
    kind: 'unavailable',
    caveat: 'Rules up to 2026-04-05 do not watch the driver of block volumes: where they are in force its silence says nothing.',
  },
  ContainerOOMKilled: { ...OF_ITS_DRIVER, kind: 'unavailable' },
  NodeHighIOWait: { ...SLOW, about: 'instance' },
  HDDHighWriteRate: { ...SLOW, subject: ({ site }) => hypervisorOf(site)[0] },
  PVFillingUp: FULL,
  PVPredictedFull: FULL,
  KubePersistentVolumeFillingUp: FULL,
  KubePersistentVolumeInodesFillingUp: FULL,
  NodeFilesystemFull: { kind: 'own', about: 'instance', run: words('diagnose', 'capacity') },
  BackupDiskFull: { kind: 'own', run: words('diagnose', 'capacity') },
  LVMThinPoolLow: { kind: 'own', run: words('diagnose', 'capacity') },
  ProxmoxCSILunUsageHigh: SLOTS,
  ProxmoxCSILunUsageCritical: SLOTS,
  ProxmoxCSILunCritical: SLOTS,
  ProxmoxCSILunCapReached: SLOTS,
  PVCStuckPending: { kind: 'unavailable' },
  KubePersistentVolumeErrors: { kind: 'unavailable' },
};
