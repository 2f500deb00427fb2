import * as nfsdThreads from '../../src/commands/nfsd-threads.ts';
import * as trees from '../../src/commands/trees.ts';
import * as zfs from '../../src/commands/zfs.ts';
import * as zfsLoad from '../../src/commands/zfs-load.ts';
import * as zfsSnapshots from '../../src/commands/zfs-snapshots.ts';
import * as zfsStatus from '../../src/commands/zfs-status.ts';
import * as zfsStored from '../../src/commands/zfs-stored.ts';
import type { Host } from '../../src/core/command.ts';
import { flavours, hostilePaths, type Samples } from './sample-arguments.ts';

const snapshot = 'main/immich@auto-2026-04-03_00-00';

export function ofPools(host: Host): Samples {
  return {
    'zfs.ts': {
      datasets: flavours.map((flavour) => zfs.datasets(host, flavour)),
      pools: flavours.map((flavour) => zfs.pools(host, flavour)),
      mountDataset: [zfs.mountDataset(host, 'main/immich')],
      unmountDataset: [zfs.unmountDataset(host, 'main/immich')],
    },
    'zfs-load.ts': {
      poolTraffic: flavours.map((flavour) => zfsLoad.poolTraffic(host, flavour)),
      poolSpace: flavours.map((flavour) => zfsLoad.poolSpace(host, flavour)),
      cacheHits: flavours.map((flavour) => zfsLoad.cacheHits(host, flavour)),
    },
    'nfsd-threads.ts': {
      nfsdThreads: [nfsdThreads.nfsdThreads(host)],
      setNfsdThreads: [nfsdThreads.setNfsdThreads(host, 8)],
    },
    'zfs-status.ts': {
      poolStatuses: flavours.map((flavour) => zfsStatus.poolStatuses(host, flavour)),
      scrub: [zfsStatus.scrub(host, 'main')],
      pauseScrub: [zfsStatus.pauseScrub(host, 'main')],
      stopScrub: [zfsStatus.stopScrub(host, 'main')],
    },
    'zfs-snapshots.ts': {
      snapshotsOf: [zfsSnapshots.snapshotsOf(host, 'main'), zfsSnapshots.snapshotsOf(host, 'main/immich')],
      bookmarksOf: [zfsSnapshots.bookmarksOf(host, 'main/immich')],
      takeSnapshot: [zfsSnapshots.takeSnapshot(host, 'main/immich', 'storagebot-3f2a9c81d0-1-kept')],
      destroySnapshot: [zfsSnapshots.destroySnapshot(host, 'main/immich', 'storagebot-3f2a9c81d0-1-kept')],
    },
    'zfs-stored.ts': {
      storedDatasets: flavours.map((flavour) => zfsStored.storedDatasets(host, flavour)),
      cloneSnapshot: [zfsStored.cloneSnapshot(host, snapshot, 'main/immich-storagebot-3f2a9c81d0-1-clone')],
      destroyClone: [zfsStored.destroyClone(host, 'main/immich-storagebot-3f2a9c81d0-1-clone')],
      rollbackTo: [zfsStored.rollbackTo(host, snapshot)],
      changedSince: [zfsStored.changedSince(host, snapshot)],
    },
    'trees.ts': {
      entriesAt: [trees.entriesAt(host, hostilePaths), ...hostilePaths.map((path) => trees.entriesAt(host, [path]))],
      treeAt: hostilePaths.flatMap((path) => [trees.treeAt(host, path), trees.treeAt(host, path, 600)]),
    },
  };
}
