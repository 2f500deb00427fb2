import { alertingScenarios } from './alerting.ts';
import { scenario as allWell } from './all-well.ts';
import { backupScenarios } from './backups.ts';
import { scenario as bigSite } from './big-site.ts';
import { scenario as blindKubernetes } from './blind-kubernetes.ts';
import { scenario as blindKubernetesSilent } from './blind-kubernetes-silent.ts';
import { scenario as blindNasSsh } from './blind-nas-ssh.ts';
import { scenario as blindNodeSsh } from './blind-node-ssh.ts';
import { scenario as blindStat } from './blind-stat.ts';
import { blockAttach } from './block-attach.ts';
import { blockChain } from './block-chain.ts';
import { blockDisks } from './block-disks.ts';
import { blockFiles } from './block-files.ts';
import { blockMore } from './block-more.ts';
import { scenario as cacheSweptWithoutHarm } from './cache-swept-without-harm.ts';
import { scenarios as capacity } from './capacity.ts';
import { scenario as clientWedged } from './client-wedged.ts';
import { csiScenarios } from './csi.ts';
import { scenario as datasetHidden } from './dataset-hidden.ts';
import { datasetMoves } from './dataset-moves.ts';
import { scenario as datasetNotMounted } from './dataset-not-mounted.ts';
import { scenario as driverNotRegistered } from './driver-not-registered.ts';
import { scenario as driverPodMissing } from './driver-pod-missing.ts';
import { scenario as driverPortForgotten } from './driver-port-forgotten.ts';
import { scenario as driverPortTaken } from './driver-port-taken.ts';
import { scenarios as expansion } from './expansion.ts';
import { scenario as exportLineRefused } from './export-line-refused.ts';
import { scenario as exportMissing } from './export-missing.ts';
import { scenario as exportMissingScript } from './export-missing-script.ts';
import { scenario as exportNotLoaded } from './export-not-loaded.ts';
import { scenario as exportWrongNetwork } from './export-wrong-network.ts';
import { checkedExports } from './exports-checked.ts';
import { exportsToAdd } from './exports-to-add.ts';
import { scenario as fileWithBrokenBlock } from './file-with-broken-block.ts';
import { scenario as filesLost } from './files-lost.ts';
import { scenario as frozenMount } from './frozen-mount.ts';
import { scenario as fsidZero } from './fsid-zero.ts';
import { scenario as ghostClient } from './ghost-client.ts';
import { scenario as ghostClientOnNode } from './ghost-client-on-node.ts';
import { scenario as hardMount } from './hard-mount.ts';
import { scenario as hardMountDatabase } from './hard-mount-database.ts';
import { scenario as hardMountOperator } from './hard-mount-operator.ts';
import { scenario as hardMountOwnerless } from './hard-mount-ownerless.ts';
import { scenario as hardMountShared } from './hard-mount-shared.ts';
import { scenario as hardMountStateful } from './hard-mount-stateful.ts';
import { scenario as hardMountUnseen } from './hard-mount-unseen.ts';
import { iscsiScenarios } from './iscsi.ts';
import { scenario as lossWithoutHarm } from './loss-without-harm.ts';
import { scenario as machineSilentOnBusyDisk } from './machine-silent-on-busy-disk.ts';
import { scenario as machineStalled } from './machine-stalled.ts';
import { migrations } from './migrate-pvc.ts';
import { scenario as mountOptionsOld } from './mount-options-old.ts';
import { scenario as mountdDown } from './mountd-down.ts';
import { scenario as multiAttach } from './multi-attach.ts';
import { mysqlScenarios } from './mysql.ts';
import { mysqlRestores } from './mysql-restores.ts';
import { scenario as nasVmDown } from './nas-vm-down.ts';
import { scenario as nasVmWithoutBootDisk } from './nas-vm-without-boot-disk.ts';
import { scenario as networkPathDown } from './network-path-down.ts';
import { scenario as nfsdStopped } from './nfsd-stopped.ts';
import { scenario as nodeCutOff } from './node-cut-off.ts';
import { nodeScenarios } from './nodes.ts';
import { scenario as ownServerWaitedFor } from './own-server-waited-for.ts';
import { scenario as ownersUnmapped } from './owners-unmapped.ts';
import { scenario as pathMissing } from './path-missing.ts';
import { scenario as poolFull } from './pool-full.ts';
import { scenario as poolOver90 } from './pool-over-90.ts';
import { postgresScenarios } from './postgres.ts';
import { postgresRebuilds } from './postgres-rebuild.ts';
import { postgresRestores } from './postgres-restore.ts';
import { redisScenarios } from './redis.ts';
import { scenario as resetIgnored } from './reset-ignored.ts';
import { pvcRestores } from './restore-pvc.ts';
import { scenario as rsizeLowered } from './rsize-lowered.ts';
import type { Scenario } from './scenario.ts';
import { scenario as scrubWithoutHarm } from './scrub-without-harm.ts';
import { scenario as serverOverloaded } from './server-overloaded.ts';
import { scenario as serverUnreachable } from './server-unreachable.ts';
import { scenario as slowBackupFloods } from './slow-backup-floods.ts';
import { scenario as slowBackupFloodsAlone } from './slow-backup-floods-alone.ts';
import { scenario as slowCacheSwept } from './slow-cache-swept.ts';
import { scenario as slowClientQueueing } from './slow-client-queueing.ts';
import { scenario as slowDatasetHot } from './slow-dataset-hot.ts';
import { scenario as slowDatasetHotNoRoom } from './slow-dataset-hot-no-room.ts';
import { scenario as slowDiskSaturated } from './slow-disk-saturated.ts';
import { scenario as slowJobFloods } from './slow-job-floods.ts';
import { scenario as slowLossEverywhere } from './slow-loss-everywhere.ts';
import { scenario as slowLossOnOneNode } from './slow-loss-on-one-node.ts';
import { scenario as slowMachineFloods } from './slow-machine-floods.ts';
import { scenario as slowNode } from './slow-node.ts';
import { scenario as slowOperatorJobFloods } from './slow-operator-job-floods.ts';
import { scenario as slowOwnershipChange } from './slow-ownership-change.ts';
import { scenario as slowPoolFragmented } from './slow-pool-fragmented.ts';
import { scenario as slowPoolNearlyFull } from './slow-pool-nearly-full.ts';
import { scenario as slowResilverRunning } from './slow-resilver-running.ts';
import { scenario as slowScrubRunning } from './slow-scrub-running.ts';
import { scenario as slowThreadsBusy } from './slow-threads-busy.ts';
import { scenario as slowWithoutCause } from './slow-without-cause.ts';
import { scenario as slowWorkingSet } from './slow-working-set.ts';
import { scenario as slowWorkloadFloods } from './slow-workload-floods.ts';
import { sqliteScenarios } from './sqlite.ts';
import { sqliteRestores } from './sqlite-restores.ts';
import { scenario as staleHandle } from './stale-handle.ts';
import { scenario as stuckTerminating } from './stuck-terminating.ts';
import { terraformScenarios } from './terraform.ts';
import { scenario as timeoutsTakenOver } from './timeouts-taken-over.ts';
import { unusedExports } from './unused.ts';
import { scenario as v3Broken } from './v3-broken.ts';
import { scenario as v42SessionBroken } from './v42-session-broken.ts';
import { waitingPods } from './waiting-pods.ts';
import { scenario as writeDenied } from './write-denied.ts';
import { scenario as writeMaybeLost } from './write-maybe-lost.ts';
import { scenario as zfsDeviceDegraded } from './zfs-device-degraded.ts';
import { scenario as zfsErrorGone } from './zfs-error-gone.ts';
import { scenario as zfsErrorsUnlisted } from './zfs-errors-unlisted.ts';
import { scenario as zfsKnownCount } from './zfs-known-count.ts';
import { scenario as zfsKnownErrors } from './zfs-known-errors.ts';
import { scenario as zfsMoreThanCount } from './zfs-more-than-count.ts';
import { scenario as zfsNewFile } from './zfs-new-file.ts';
import { scenario as zfsNewVolumeBlock } from './zfs-new-volume-block.ts';
import { scenario as zfsNoBaseline } from './zfs-no-baseline.ts';
import { scenario as zfsOtherDiskFails } from './zfs-other-disk-fails.ts';
import { scenario as zfsPoolMissing } from './zfs-pool-missing.ts';
import { scenario as zfsPoolNearlyFull } from './zfs-pool-nearly-full.ts';
import { scenario as zfsScrubDiskBusy } from './zfs-scrub-disk-busy.ts';
import { scenario as zfsScrubNever } from './zfs-scrub-never.ts';
import { scenario as zfsScrubOld } from './zfs-scrub-old.ts';
import { scenario as zfsScrubPaused } from './zfs-scrub-paused.ts';
import { scenario as zfsScrubRunning } from './zfs-scrub-running.ts';
import { scenario as zfsScrubWaits } from './zfs-scrub-waits.ts';
import { scenario as zfsStatusHangs } from './zfs-status-hangs.ts';
import { scenario as zfsSuspended } from './zfs-suspended.ts';
import { scenario as zfsThinMetadataFull } from './zfs-thin-metadata-full.ts';
import { scenario as zfsThinPoolExhausted } from './zfs-thin-pool-exhausted.ts';
import { scenario as zfsThinPoolFills } from './zfs-thin-pool-fills.ts';
import { scenario as zfsVolumesWithoutSpace } from './zfs-volumes-without-space.ts';

export type { Scenario } from './scenario.ts';

export const scenarios: readonly Scenario[] = [
  allWell,
  bigSite,
  blindKubernetes,
  blindKubernetesSilent,
  blindNasSsh,
  blindNodeSsh,
  blindStat,
  clientWedged,
  datasetHidden,
  ...datasetMoves,
  datasetNotMounted,
  driverNotRegistered,
  exportLineRefused,
  exportMissing,
  exportMissingScript,
  exportNotLoaded,
  exportWrongNetwork,
  ...checkedExports,
  ...exportsToAdd,
  fileWithBrokenBlock,
  filesLost,
  poolOver90,
  frozenMount,
  fsidZero,
  hardMount,
  hardMountDatabase,
  hardMountOperator,
  hardMountOwnerless,
  hardMountShared,
  hardMountStateful,
  hardMountUnseen,
  mountOptionsOld,
  mountdDown,
  ...mysqlRestores,
  ...mysqlScenarios,
  multiAttach,
  nasVmDown,
  nasVmWithoutBootDisk,
  networkPathDown,
  nfsdStopped,
  nodeCutOff,
  ownersUnmapped,
  pathMissing,
  poolFull,
  resetIgnored,
  rsizeLowered,
  serverOverloaded,
  serverUnreachable,
  staleHandle,
  stuckTerminating,
  ...unusedExports,
  timeoutsTakenOver,
  writeDenied,
  zfsDeviceDegraded,
  zfsErrorGone,
  zfsErrorsUnlisted,
  zfsKnownCount,
  zfsKnownErrors,
  zfsMoreThanCount,
  zfsNewFile,
  zfsNewVolumeBlock,
  zfsNoBaseline,
  zfsOtherDiskFails,
  zfsPoolMissing,
  zfsPoolNearlyFull,
  zfsScrubDiskBusy,
  zfsScrubNever,
  zfsScrubOld,
  zfsScrubPaused,
  zfsScrubRunning,
  zfsScrubWaits,
  zfsStatusHangs,
  zfsSuspended,
  zfsThinMetadataFull,
  zfsThinPoolExhausted,
  zfsThinPoolFills,
  zfsVolumesWithoutSpace,
  driverPodMissing,
  driverPortForgotten,
  driverPortTaken,
  ghostClient,
  ghostClientOnNode,
  slowOwnershipChange,
  v3Broken,
  v42SessionBroken,
  writeMaybeLost,
  slowJobFloods,
  slowBackupFloods,
  slowBackupFloodsAlone,
  slowOperatorJobFloods,
  slowWorkloadFloods,
  slowMachineFloods,
  slowDiskSaturated,
  slowDatasetHot,
  slowDatasetHotNoRoom,
  slowScrubRunning,
  slowResilverRunning,
  scrubWithoutHarm,
  slowPoolNearlyFull,
  slowPoolFragmented,
  slowCacheSwept,
  cacheSweptWithoutHarm,
  slowWithoutCause,
  slowWorkingSet,
  slowThreadsBusy,
  slowClientQueueing,
  slowNode,
  slowLossOnOneNode,
  slowLossEverywhere,
  lossWithoutHarm,
  machineStalled,
  machineSilentOnBusyDisk,
  ownServerWaitedFor,
  ...waitingPods,
  ...blockAttach,
  ...blockChain,
  ...blockDisks,
  ...blockFiles,
  ...blockMore,
  ...csiScenarios,
  ...terraformScenarios,
  ...nodeScenarios,
  ...migrations,
  ...pvcRestores,
  ...redisScenarios,
  ...capacity,
  ...iscsiScenarios,
  ...expansion,
  ...sqliteRestores,
  ...postgresScenarios,
  ...postgresRebuilds,
  ...postgresRestores,
  ...sqliteScenarios,
  ...backupScenarios,
  ...alertingScenarios,
];

export function scenarioNamed(name: string): Scenario {
  const found = scenarios.find((scenario) => scenario.name === name);
  if (found === undefined)
    throw new Error(`There is no scenario ${name}; there are ${scenarios.map((each) => each.name).join(', ')}`);
  return found;
}
