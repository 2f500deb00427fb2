import { DEFAULTS, drop, login, logout } from '../site/iscsi.ts';
import type { LabNode } from '../site/node.ts';
import type { World } from '../site/world.ts';
import { addClaim, ago, BOOKS, declineDigests, deleteClaim, removeTarget, use } from './iscsi-changes.ts';
import type { Scenario } from './scenario.ts';
import { poolOf } from './zfs-changes.ts';

/** What a restart of a session meets. */
export const iscsiRestarts: readonly Scenario[] = [
  {
    name: 'iscsi-of-operator',
    says: 'An operator runs the database on a target whose record and session have the defaults.',
    prepare: (world) => {
      addClaim(world, 'dbaas', 'old-pg-1');
      use(world, {
        claim: ['dbaas', 'old-pg-1'],
        node: 'k8s-node2',
        settings: DEFAULTS,
        workload: { kind: 'Cluster', name: 'old-pg' },
      });
    },
  },
  {
    name: 'iscsi-of-daemon-set',
    says: 'A DaemonSet uses a target with the defaults.',
    prepare: (world) => void use(world, { ...BOOKS, settings: DEFAULTS, workload: { kind: 'DaemonSet', name: 'book-indexer' } }),
  },
  {
    name: 'iscsi-mounted-by-hand',
    says: 'Somebody has mounted a disk with the defaults by hand.',
    prepare: (world) => {
      const { node, session } = use(world, { ...BOOKS, settings: DEFAULTS });
      node.ownMounts.push(`/dev/${session.disks[0]?.name} /mnt/rescue ext4 rw,relatime 0 0`);
    },
  },
  {
    name: 'iscsi-disk-open',
    says: 'A process copies from the disk itself.',
    prepare: (world) => {
      const { session } = use(world, { ...BOOKS, settings: DEFAULTS, workload: undefined });
      session.disks[0]?.openers.push(40_122);
    },
  },
  {
    name: 'iscsi-on-two-nodes',
    says: 'Two nodes are logged in to one target.',
    prepare: (world) => {
      use(world, { ...BOOKS, settings: DEFAULTS });
      const twin = use(world, { ...BOOKS, node: 'k8s-node3', settings: DEFAULTS, workload: undefined });
      removeTarget(world, twin.target);
    },
  },
  {
    name: 'iscsi-mounted-in-container',
    says: 'The bot stopped the writers, and a container still has the file system mounted in a namespace of its own.',
    prepare: (world) => {
      const { session } = use(world, { ...BOOKS, settings: DEFAULTS });
      stopAsTheBot(world);
      for (const disk of session.disks) disk.mountedElsewhere = true;
    },
  },
  {
    name: 'iscsi-two-paths',
    says: 'One node has two sessions to one target, at two portals.',
    prepare: (world) => {
      const { node, session } = use(world, { ...BOOKS, settings: DEFAULTS });
      node.iscsi.sessions.push({ ...session, sid: session.sid + 1, portal: '10.0.10.16:3260' });
    },
  },
  {
    name: 'iscsi-no-record',
    says: 'Somebody deleted the record of a target that a pod uses.',
    prepare: (world) => use(world, BOOKS).node.iscsi.records.clear(),
  },
  {
    name: 'iscsi-driver-logged-out',
    says: 'The bot stopped the writers, and the driver logged out and deleted the record as it unstaged the volume.',
    prepare: (world) => {
      const { node } = use(world, BOOKS);
      world.time.every(1_000, () => unstage(world, node));
      stopAsTheBot(world);
    },
  },
  {
    name: 'iscsi-restart-stopped',
    says: 'The bot stopped the writers of a dead session and was interrupted.',
    prepare: (world) => {
      const { node, session } = use(world, { ...BOOKS, settings: DEFAULTS });
      stopAsTheBot(world);
      drop(node, session, ago(world, 20));
    },
  },
  {
    name: 'iscsi-restart-pool-full',
    says: 'The bot stopped the writers of a session with the defaults, and the pool under its volume is full.',
    prepare: (world) => {
      use(world, { ...BOOKS, settings: DEFAULTS });
      stopAsTheBot(world);
      poolOf(world).usedPercent = 100;
    },
  },
  {
    name: 'iscsi-renewed-without-digests',
    says: 'The bot stopped the writers and renewed the session, and the server agrees to no digests.',
    prepare: (world) => {
      const { node, target } = declineDigests(world);
      stopAsTheBot(world);
      logout(world, node, target.iqn);
      login(world, node, target.iqn);
    },
  },
  {
    name: 'iscsi-claim-going',
    says: 'Somebody deleted the claim of a session with the defaults, and its pod runs still.',
    prepare: (world) => {
      use(world, { ...BOOKS, settings: DEFAULTS });
      deleteClaim(world, BOOKS.claim);
    },
  },
  {
    name: 'iscsi-fsck-first',
    says: 'The bot stopped the writers of a file system that had given up, and nobody has checked it.',
    prepare: (world) => {
      const { target } = use(world, BOOKS);
      stopAsTheBot(world);
      target.fileSystem.needsRecovery = true;
    },
  },
  {
    name: 'iscsi-checked',
    says: 'The bot stopped the writers, and somebody checked and repaired the file system.',
    prepare: (world) => {
      use(world, BOOKS);
      stopAsTheBot(world);
    },
  },
];

/** As the driver does when no pod mounts the volume any more. */
function unstage(world: World, node: LabNode): void {
  for (const { iqn, disks } of node.iscsi.sessions.slice()) {
    if (node.mounts.some(({ device }) => disks.some(({ name }) => device === `/dev/${name}`))) continue;
    logout(world, node, iqn);
    node.iscsi.records.delete(iqn);
  }
}

function stopAsTheBot(world: World): void {
  const [namespace] = BOOKS.claim;
  const resource = { apiVersion: 'apps/v1', plural: 'deployments', namespaced: true };
  const patch = { metadata: { annotations: { 'storagebot/ran-before': '1' } }, spec: { replicas: 0 } };
  world.store.patch({ resource, namespace, name: BOOKS.workload.name }, patch);
  world.time.advance(60_000);
}
