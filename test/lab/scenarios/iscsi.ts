import { NAS_ADDRESS } from '../site/addresses.ts';
import { abort, DEFAULTS, daemonSays, drop, HARD, recover } from '../site/iscsi.ts';
import { kernelSays } from '../site/node.ts';
import { addWorkload } from '../site/populate.ts';
import { blockName } from '../site/populate-block.ts';
import { nodeOf, type World } from '../site/world.ts';
import { podOf } from './changes.ts';
import {
  addTarget,
  ago,
  BOOKS,
  CLOUD,
  claimWaits,
  declineDigests,
  MINUTE_MS,
  NOVEL,
  removeTarget,
  use,
} from './iscsi-changes.ts';
import { iscsiRestarts } from './iscsi-restarts.ts';
import type { Scenario } from './scenario.ts';
import { poolOf } from './zfs-changes.ts';

const CONTROLLER = { namespace: 'iscsi-csi', name: 'democratic-csi-iscsi-controller' };

const states: readonly Scenario[] = [
  {
    name: 'iscsi-used',
    says: 'Two nodes use iSCSI, hardened and sound.',
    prepare: (world) => [BOOKS, CLOUD].forEach((each) => use(world, each)),
  },
  {
    name: 'iscsi-portal-down',
    says: 'The iSCSI service of the NAS is stopped, and every session waits for it.',
    prepare: (world) => {
      const used = [BOOKS, CLOUD].map((each) => use(world, each));
      world.nas.iscsi.runs = false;
      for (const { node, session } of used) drop(node, session, { ...ago(world, 2), code: 1020 });
    },
  },
  {
    name: 'iscsi-node-cut-off',
    says: 'Packets of one node to the NAS vanish, and its sessions wait.',
    prepare: (world) => {
      const { node, session } = use(world, BOOKS);
      use(world, CLOUD);
      node.cutFrom.add(NAS_ADDRESS);
      drop(node, session, ago(world, 2));
    },
  },
  {
    name: 'iscsi-node-sessions-failed',
    says: 'Both sessions of one node are dead although it reaches the portal, and another node works.',
    prepare: (world) => {
      for (const each of [BOOKS, NOVEL]) {
        const { node, session } = use(world, each);
        drop(node, session, ago(world, 20));
      }
      use(world, CLOUD);
    },
  },
  {
    name: 'iscsi-target-vanished',
    says: 'Somebody deleted a target on the NAS that a pod uses.',
    prepare: (world) => {
      const { node, target, session } = use(world, BOOKS);
      use(world, CLOUD);
      removeTarget(world, target);
      drop(node, session, { ...ago(world, 20), code: 1020 });
    },
  },
  {
    name: 'iscsi-extent-gone',
    says: 'The volume under a target was destroyed, and its session is dead.',
    prepare: (world) => {
      const { node, target, session } = use(world, BOOKS);
      use(world, CLOUD);
      const { datasets } = world.nas.disk;
      datasets.splice(
        datasets.findIndex(({ name }) => name === `main/iscsi/${target.name}`),
        1,
      );
      drop(node, session, { ...ago(world, 20), code: 1020 });
    },
  },
  {
    name: 'iscsi-extent-removed',
    says: 'The extent was taken off its target, and its session is dead.',
    prepare: (world) => {
      const { node, target, session } = use(world, BOOKS);
      use(world, CLOUD);
      target.hasDevice = false;
      drop(node, session, { ...ago(world, 20), code: 1020 });
    },
  },
  {
    name: 'iscsi-login-refused',
    says: 'A session was lost, and CHAP does not let the node in again.',
    prepare: (world) => {
      const { node, target, session } = use(world, BOOKS);
      use(world, CLOUD);
      target.refuses = true;
      drop(node, session, ago(world, 20));
      daemonSays(node, world.time.nowMs, `Login failed to authenticate with target ${target.iqn}`);
    },
  },
  {
    name: 'iscsi-not-in-group',
    says: 'Somebody took the node out of the group of initiators of its target.',
    prepare: (world) => {
      const { node, target, session } = use(world, BOOKS);
      use(world, CLOUD);
      target.hiddenFrom.add(node.name);
      drop(node, session, ago(world, 20));
    },
  },
  {
    name: 'iscsi-session-failed',
    says: 'One session stays dead although the server offers its target.',
    prepare: (world) => {
      const { node, session, target } = use(world, BOOKS);
      use(world, CLOUD);
      drop(node, session, ago(world, 20));
      abort(node, world.time.nowMs - 10 * MINUTE_MS, session.disks[0]?.name ?? '', target);
    },
  },
  {
    name: 'iscsi-session-missing',
    says: 'A pod waits for its volume, and its node was never logged in to the target.',
    prepare: (world) => {
      const { node } = use(world, CLOUD);
      const [namespace, claim] = BOOKS.claim;
      const target = addTarget(world, blockName({ namespace, claim }));
      target.hasDevice = false;
      addWorkload(world, { ...BOOKS.workload, namespace, nodes: [BOOKS.node], claims: [claim] });
      target.hasDevice = true;
      nodeOf(world, BOOKS.node).iscsi.sessions.length = 0;
      if (node.name === BOOKS.node) throw new Error('both are on one node');
    },
  },
  {
    name: 'iscsi-leaked-session',
    says: 'A volume was deleted, and the session to its target stayed and reconnects for ever.',
    prepare: (world) => {
      const { node, target, session } = use(world, { ...BOOKS, workload: undefined });
      use(world, CLOUD);
      removeTarget(world, target);
      drop(node, session, { ...ago(world, 40), code: 1020 });
    },
  },
  {
    name: 'iscsi-leaked-lately',
    says: 'A session that nothing needs died a few minutes ago.',
    prepare: (world) => {
      const { node, target, session } = use(world, { ...BOOKS, workload: undefined });
      use(world, CLOUD);
      removeTarget(world, target);
      drop(node, session, { ...ago(world, 6), code: 1020 });
    },
  },
  {
    name: 'iscsi-session-without-disk',
    says: 'A session that nothing needs has lost its disk, by which the driver would find it.',
    prepare: (world) => {
      const { session } = use(world, { ...BOOKS, workload: undefined });
      use(world, CLOUD);
      session.disks.length = 0;
    },
  },
];

const disks: readonly Scenario[] = [
  {
    name: 'iscsi-pool-full',
    says: 'The pool under a volume is full: its disk fails writes while its session is sound.',
    prepare: (world) => {
      const { node, session } = use(world, BOOKS);
      poolOf(world).usedPercent = 100;
      const error = `critical space allocation error, dev ${session.disks[0]?.name}, sector 4196352 op 0x1:(WRITE) flags 0x800 phys_seg 1 prio class 0`;
      kernelSays(node, world.time.nowMs, `blk_update_request: ${error}`);
    },
  },
  {
    name: 'iscsi-io-errors',
    says: 'A disk fails reads while its session is sound and its pool has room.',
    prepare: (world) => {
      const { node, session } = use(world, BOOKS);
      kernelSays(
        node,
        world.time.nowMs,
        `I/O error, dev ${session.disks[0]?.name}, sector 2048 op 0x0:(READ) flags 0x0 phys_seg 1 prio class 2`,
      );
    },
  },
  {
    name: 'iscsi-filesystem-aborted',
    says: 'A session came back after a cut, and the file system on its disk had given up.',
    prepare: (world) => {
      const { node, session, target } = use(world, BOOKS);
      drop(node, session, ago(world, 30));
      abort(node, world.time.nowMs - 20 * MINUTE_MS, session.disks[0]?.name ?? '', target);
      recover(node, session, world.time.nowMs - 10 * MINUTE_MS);
    },
  },
  {
    name: 'iscsi-stacked-devices',
    says: 'Two disks are mounted on one staging directory.',
    prepare: (world) => {
      const { node, session } = use(world, BOOKS);
      const point = '/var/lib/kubelet/plugins/kubernetes.io/csi/org.democratic-csi.iscsi/5f0a6f0e3d0c/globalmount';
      for (const disk of ['sdz', session.disks[0]?.name])
        node.ownMounts.push(`/dev/${disk} ${point} ext4 rw,relatime,stripe=8192 0 0`);
    },
  },
];

const settings: readonly Scenario[] = [
  {
    name: 'iscsi-defaults',
    says: 'Record and live session of a target have the defaults.',
    prepare: (world) => void use(world, { ...BOOKS, settings: DEFAULTS }),
  },
  {
    name: 'iscsi-live-defaults',
    says: 'Somebody let a live session wait two minutes for its server.',
    prepare: (world) => {
      use(world, BOOKS).session.recoveryS = 120;
    },
  },
  {
    name: 'iscsi-record-defaults',
    says: 'A discovery wrote the record of a target anew, with the defaults.',
    prepare: (world) => {
      const { node, target } = use(world, BOOKS);
      Object.assign(node.iscsi.records.get(target.iqn)?.settings ?? {}, DEFAULTS);
    },
  },
  {
    name: 'iscsi-hardened-since-login',
    says: 'The record and the recovery time of a session were hardened after its login, whose pings and digests it keeps.',
    prepare: (world) => {
      const { node, target, session } = use(world, { ...BOOKS, settings: DEFAULTS });
      Object.assign(node.iscsi.records.get(target.iqn)?.settings ?? {}, HARD);
      session.recoveryS = 300;
    },
  },
  {
    name: 'iscsi-digests-declined',
    says: 'The record offers digests, and the server agrees to none.',
    prepare: (world) => declineDigests(world),
  },
  {
    name: 'iscsi-conf-defaults',
    says: 'Records and sessions are hardened, and the file from which a node begins new ones is not.',
    prepare: (world) => void Object.assign(use(world, BOOKS).node.iscsi.conf, DEFAULTS),
  },
];

const driver: readonly Scenario[] = [
  {
    name: 'iscsi-operation-locked',
    says: 'After a restart of the NAS the driver holds the lock of an operation that never ended.',
    prepare: (world) => {
      use(world, CLOUD);
      const [namespace, claim] = BOOKS.claim;
      const volume = blockName({ namespace, claim });
      addTarget(world, volume).hasDevice = false;
      addWorkload(world, { ...BOOKS.workload, namespace, nodes: [BOOKS.node], claims: [claim] });
      const says = `MountVolume.MountDevice failed for volume "${volume}" : rpc error: code = Aborted desc = operation locked due to in progress operation(s): ["volume_id_${volume}"]`;
      world.cluster.events.warn(podOf(world, { namespace, name: BOOKS.workload.name }), 'FailedMount', says);
    },
  },
  {
    name: 'iscsi-controller-down',
    says: 'The controller of the iSCSI driver is gone, and a pod still uses it.',
    prepare: (world) => {
      use(world, BOOKS);
      stopController(world);
    },
  },
  {
    name: 'iscsi-claim-waits',
    says: 'The controller of the iSCSI driver was removed, and a claim of its class still waits for a volume.',
    prepare: (world) => {
      claimWaits(world, 'iscsi-truenas');
      stopController(world);
    },
  },
  {
    name: 'iscsi-controller-decommissioned',
    says: 'The controller of the iSCSI driver was removed, and nothing uses it.',
    prepare: stopController,
  },
];

/** Somebody scaled it to nothing. */
function stopController(world: World): void {
  const { namespace, name } = CONTROLLER;
  world.store.patch(
    { resource: { apiVersion: 'apps/v1', plural: 'deployments', namespaced: true }, namespace, name },
    { spec: { replicas: 0 } },
  );
  world.time.advance(60_000);
}

export const iscsiScenarios: readonly Scenario[] = [...states, ...disks, ...settings, ...driver, ...iscsiRestarts];
