import { at } from '../kubernetes/store.ts';
import { uidOf } from '../site/ids.ts';
import { blockName } from '../site/populate-block.ts';
import { power } from '../site/power.ts';
import { scheduleJob } from '../site/scheduled-job.ts';
import { timestamp } from '../site/time.ts';
import { kind } from '../site/volumes.ts';
import type { World } from '../site/world.ts';
import {
  addGhosts,
  addOwnDisks,
  diskOf,
  fillNode,
  movePod,
  NOVEL_APP,
  PLOTTING,
  silenceNode,
  takeDown,
  VAULT,
  vmOf,
} from './block-changes.ts';
import { csiScenarios } from './csi.ts';
import type { Scenario } from './scenario.ts';

/** Long enough for the pods of a node that does not report to be asked to end, and for their successors to wait. */
const GIVEN_UP_MS = 420_000;

function turnOff(world: World, node: string): void {
  power(world, vmOf(world, node), { action: 'stop', user: 'root@pam' });
  world.time.advance(GIVEN_UP_MS);
}

/** Its object was deleted, and its machine is off: what ran there runs elsewhere, or waits there for its disks. */
function removeNode(world: World, name: string): void {
  turnOff(world, name);
  const { store } = world;
  for (const { spec, metadata } of store.list({ resource: kind('v1', 'pods') }))
    if (at(spec, 'nodeName') === name)
      store.delete(
        { resource: kind('v1', 'pods'), namespace: metadata.namespace ?? '', name: metadata.name },
        { gracePeriodSeconds: 0 },
      );
  for (const resource of [kind('v1', 'nodes'), kind('storage.k8s.io/v1', 'csinodes')]) store.delete({ resource, name });
  world.time.advance(GIVEN_UP_MS);
}

/** A node of which the inventory knows nothing, with a pod of the driver that does not run, and a pod that waits there. */
function zombie(world: World): void {
  const name = 'k8s-node6';
  const { store, time } = world;
  const at = timestamp(time.nowMs - 3_600_000);
  const condition = { type: 'Ready', status: 'True', lastHeartbeatTime: at, lastTransitionTime: at };
  store.create({
    apiVersion: 'v1',
    kind: 'Node',
    metadata: { name, uid: uidOf(`node/${name}`), creationTimestamp: at, labels: { 'kubernetes.io/hostname': name } },
    spec: {},
    status: {
      conditions: [condition],
      addresses: [{ type: 'InternalIP', address: '10.0.20.106' }],
      nodeInfo: { bootID: uidOf(`boot/${name}`), kubeletVersion: 'v1.34.2' },
    },
  });
  store.create({
    apiVersion: 'storage.k8s.io/v1',
    kind: 'CSINode',
    metadata: { name, uid: uidOf(`csinode/${name}`), creationTimestamp: at },
    spec: { drivers: [{ name: 'nfs.csi.k8s.io', nodeID: name, topologyKeys: [] }] },
  });
  movePod(world, PLOTTING, name);
}

/** The job's pod came to another node than the one where the claim's own pod runs, and waits there for a day. */
function jobElsewhere(world: World): void {
  const name = 'nextcloud-backup-29252340';
  const claims = ['nextcloud-data-proxmox', 'nextcloud-backup'];
  scheduleJob(world, { namespace: 'nextcloud', name, claims, cronJob: 'nextcloud-backup', node: 'k8s-node4' });
  world.time.advance(60_000);
}

/** Attachments that stand in the way, and such that only seem to. */
export const blockAttach: readonly Scenario[] = [
  {
    name: 'block-node-off',
    says: 'The machine of k8s-node4 is off. Its pods are waited for elsewhere, and its disks still count as attached there.',
    prepare: (world) => turnOff(world, 'k8s-node4'),
  },
  {
    name: 'block-node-silent',
    says: 'k8s-node4 does not report, while its machine runs and writes: pods wait elsewhere for its disks.',
    prepare: (world) => {
      silenceNode(world, 'k8s-node4');
      world.time.advance(GIVEN_UP_MS);
    },
  },
  {
    name: 'block-stale-attachment',
    says: 'k8s-node4 is well and let go of the disk of vaultwarden, which still counts as attached there. Its pod waits elsewhere.',
    prepare: (world) => {
      world.cluster.abandoned.add(diskOf(world, VAULT).persistent);
      movePod(world, VAULT, 'k8s-node2');
    },
  },
  {
    name: 'block-job-elsewhere',
    says: 'A backup job of nextcloud waits on k8s-node4 for a disk that the healthy nextcloud uses on k8s-node3.',
    prepare: jobElsewhere,
  },
  {
    name: 'block-slot-cap',
    says: 'Every slot of the machine of k8s-node1 is taken by a disk that is in use, and the plotting book waits there.',
    prepare: (world) => {
      addOwnDisks(world, 'k8s-node1', 2);
      fillNode(world, 'k8s-node1', 23);
      movePod(world, PLOTTING, 'k8s-node1');
    },
  },
  {
    name: 'block-slot-cap-ghosts',
    says: 'k8s-node4 is off, its pods came to k8s-node1, and five disks that nobody uses take the last slots there.',
    prepare: (world) => {
      fillNode(world, 'k8s-node1', 20);
      addGhosts(world, 'k8s-node1', 5);
      movePod(world, VAULT, 'k8s-node1');
      turnOff(world, 'k8s-node4');
    },
  },
  {
    name: 'block-token-forbidden',
    says: 'The token of the driver lost its role: nothing can be attached anywhere, and what is mounted works.',
    prepare: (world) => refuseToken(world, 'forbidden'),
  },
  {
    name: 'block-token-invalid',
    says: 'The token of the driver is not known to Proxmox any more.',
    prepare: (world) => refuseToken(world, 'invalid'),
  },
  {
    name: 'block-network-down',
    says: 'k8s-node1 restarted without its pod network and so without the block driver; a disk that nobody uses there still counts as attached to it.',
    prepare: (world) => {
      world.cluster.abandoned.add(blockName({ namespace: 'ebooks', claim: 'ebooks-calibre-config-proxmox' }));
      movePod(world, { namespace: 'ebooks', name: 'calibre-web-automated' }, 'k8s-node2');
      csiScenarios.find(({ name }) => name === 'csi-network-down')?.prepare(world);
    },
  },
  {
    name: 'block-zombie-node',
    says: 'A node registered that the inventory does not have, and the plotting book waits there for its disk.',
    prepare: zombie,
  },
  {
    name: 'block-node-gone',
    says: 'k8s-node4 was deleted from the cluster and its machine is off. The driver cannot take its disks back (proxmox-csi #371).',
    prepare: (world) => removeNode(world, 'k8s-node4'),
  },
  {
    name: 'block-claim-waits',
    says: 'A claim waits for its first pod, as it should.',
    prepare: claimWaits,
  },
  {
    name: 'block-machine-locked',
    says: 'A backup holds the lock on the machine of k8s-node3, and a pod waits there for its disk.',
    prepare: (world) => {
      vmOf(world, 'k8s-node3').lock = 'backup';
      movePod(world, PLOTTING, 'k8s-node3');
    },
  },
];

/** Two pods on two nodes are made anew once the token is refused. Their disks were let go of before. */
function refuseToken(world: World, driverToken: 'forbidden' | 'invalid'): void {
  const [plotting, novel] = [takeDown(world, PLOTTING), takeDown(world, NOVEL_APP)];
  world.hypervisor.driverToken = driverToken;
  plotting('k8s-node2');
  novel('k8s-node3');
  world.time.advance(60_000);
}

function claimWaits({ store, time }: World): void {
  const [namespace, name] = ['ebooks', 'ebooks-shelf-data'];
  const uid = uidOf(`claim/${namespace}/${name}`);
  store.create({
    apiVersion: 'v1',
    kind: 'PersistentVolumeClaim',
    metadata: { name, namespace, uid },
    spec: { accessModes: ['ReadWriteOnce'], storageClassName: 'proxmox-lvm', resources: { requests: { storage: '1Gi' } } },
    status: { phase: 'Pending' },
  });
  const lastTimestamp = timestamp(time.nowMs);
  store.create({
    apiVersion: 'v1',
    kind: 'Event',
    metadata: { name: `${name}.18a2`, namespace, uid: uidOf(`event/${name}`) },
    involvedObject: { kind: 'PersistentVolumeClaim', apiVersion: 'v1', name, namespace, uid },
    type: 'Normal',
    reason: 'WaitForFirstConsumer',
    message: 'waiting for first consumer to be created before binding',
    count: 42,
    firstTimestamp: lastTimestamp,
    lastTimestamp,
    source: { component: 'persistentvolume-controller' },
  });
  time.advance(1_000);
}
