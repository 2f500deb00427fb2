import type { KubeObject } from '../kubernetes/store.ts';
import { uidOf } from '../site/ids.ts';
import { addWorkload } from '../site/populate.ts';
import { timestamp } from '../site/time.ts';
import { kind } from '../site/volumes.ts';
import { nodeOf, type World } from '../site/world.ts';
import { podOf } from './changes.ts';
import type { Scenario } from './scenario.ts';

type Said = readonly [reason: string, message: string];

const REDIS = { namespace: 'immich', name: 'immich-redis' } as const;
const VAULTWARDEN = { namespace: 'vaultwarden', name: 'vaultwarden' } as const;
const NAVIDROME = { namespace: 'navidrome', name: 'navidrome' } as const;
const UPTIME = { namespace: 'uptime-kuma', name: 'uptime-kuma' } as const;

/** The workload's pod is made anew and waits, and this was said of it, a minute apart each. */
function waits(
  world: World,
  workload: { readonly namespace: string; readonly name: string },
  ...said: readonly Said[]
): KubeObject {
  const pod = podOf(world, workload);
  const progress = world.cluster.progressOf(pod);
  if (progress === undefined) throw new Error(`The lab does not run ${workload.name}`);
  world.cluster.report(pod, 'starting');
  progress.nextMs = Number.POSITIVE_INFINITY;
  for (const [reason, message] of said) {
    world.time.advance(60_000);
    world.cluster.events.warn(pod, reason, message);
  }
  return pod;
}

function blockVolume(claim: string): string {
  return `pvc-${uidOf(`claim/${claim}`)}`;
}

const REDIS_VOLUME = blockVolume('immich/immich-redis-data-proxmox');
const VAULTWARDEN_VOLUME = blockVolume('vaultwarden/vaultwarden-data-proxmox');

/** An event of something else than a pod. */
function says(
  world: World,
  involvedObject: { kind: string; namespace: string; name: string },
  event: { type: string; reason: string; message: string },
): void {
  const { namespace, name } = involvedObject;
  const at = timestamp(world.time.nowMs);
  world.store.create({
    apiVersion: 'v1',
    kind: 'Event',
    metadata: { name: `${name}.${uidOf(event.message).slice(0, 8)}`, namespace, uid: uidOf(`event/${name}/${event.message}`) },
    involvedObject,
    ...event,
    count: 1,
    firstTimestamp: at,
    lastTimestamp: at,
    source: { component: 'controller-manager' },
  });
}

const ALREADY = (volume: string): Said => [
  'FailedMount',
  `MountVolume.SetUp failed for volume "${volume}" : rpc error: code = Aborted desc = An operation with the given Volume ID ${volume} already exists`,
];
const DENIED = (volume: string, place: string): Said => [
  'FailedMount',
  `MountVolume.SetUp failed for volume "${volume}" : rpc error: code = Internal desc = mount failed: exit status 32\nMounting command: mount\nMounting arguments: -t nfs -o soft ${place} /var/lib/kubelet/x\nOutput: mount.nfs: access denied by server while mounting ${place}\n`,
];
const TIMED_OUT = (volume: string): Said => [
  'FailedMount',
  `MountVolume.SetUp failed for volume "${volume}" : rpc error: code = Internal desc = time out`,
];

const SILENT_VOLUMES = [
  [NAVIDROME, 'navidrome-data'],
  [UPTIME, 'uptime-kuma-data'],
  [{ namespace: 'audiobookshelf', name: 'audiobookshelf' }, 'audiobookshelf-config'],
] as const;

const of = (name: string, matter: string, prepare: (world: World) => void): Scenario => ({ name, says: matter, prepare });

/** Pods that wait for one of the causes that the triage knows, as their events tell. */
export const waitingPods: readonly Scenario[] = [
  of('waits-for-slot', 'A node has no slot for another disk.', (world) => {
    waits(world, REDIS, [
      'FailedAttachVolume',
      `AttachVolume.Attach failed for volume "${REDIS_VOLUME}" : rpc error: code = Internal desc = no free lun found`,
    ]);
  }),
  of('waits-for-device', 'A disk was attached by name and is not in the guest.', (world) => {
    waits(world, REDIS, [
      'FailedMount',
      `MountVolume.MountDevice failed for volume "${REDIS_VOLUME}" : rpc error: code = Internal desc = device /dev/disk/by-id/wwn-0x5056432d49443032 is not found`,
    ]);
  }),
  of('waits-for-block-driver', 'The driver of block volumes is not registered on a node.', (world) => {
    const said: Said = [
      'FailedAttachVolume',
      'MountVolume.MountDevice failed for volume "x" : kubernetes.io/csi: attacher.MountDevice failed to create newCsiDriverClient: driver name csi.proxmox.sinextra.dev not found in the list of registered CSI drivers',
    ];
    waits(world, REDIS, said);
    waits(world, { namespace: 'nextcloud', name: 'nextcloud' }, said);
  }),
  of('waits-for-fsck', 'The file system of a block volume is damaged.', (world) => {
    waits(world, REDIS, [
      'FailedMount',
      `MountVolume.MountDevice failed for volume "${REDIS_VOLUME}" : rpc error: code = Internal desc = 'fsck' found errors on device /dev/sdc but could not correct them: /dev/sdc: UNEXPECTED INCONSISTENCY; RUN fsck MANUALLY.`,
    ]);
  }),
  of('waits-for-owners', 'The kubelet changes the owner of every file of a large volume.', (world) => {
    waits(world, UPTIME, [
      'FailedMount',
      'MountVolume.SetUp failed for volume "uptime-kuma-data" : applyFSGroup failed for vol uptime-kuma-data: context deadline exceeded',
    ]);
  }),
  of('waits-for-database', 'A program says that its database is damaged.', (world) => {
    const pod = waits(world, VAULTWARDEN, ['BackOff', 'Back-off restarting failed container vaultwarden in pod vaultwarden']);
    world.cluster.report(pod, 'crashing');
    world.cluster.events.warn(pod, 'Unhealthy', 'Readiness probe failed: database disk image is malformed');
  }),
  of('waits-for-quota', 'The quota of a namespace refuses a pod.', (world) => {
    says(
      world,
      { kind: 'ReplicaSet', namespace: 'navidrome', name: 'navidrome-6c5f9d7b48' },
      {
        type: 'Warning',
        reason: 'FailedCreate',
        message:
          'Error creating: pods "navidrome-6c5f9d7b48-x2x7l" is forbidden: exceeded quota: memory, requested: limits.memory=4Gi, used: limits.memory=14Gi, limited: limits.memory=16Gi',
      },
    );
  }),
  of('waits-for-handle', 'The server does not know the directory of a new mount any more.', (world) => {
    waits(world, NAVIDROME, [
      'FailedMount',
      'MountVolume.SetUp failed for volume "navidrome-data" : rpc error: code = Internal desc = mount failed: exit status 32\nOutput: mount.nfs: Stale file handle\n',
    ]);
  }),
  of('claim-waits-for-its-pod', 'A claim is not bound because no pod uses it yet, which is as it should be.', (world) => {
    const claim = { kind: 'PersistentVolumeClaim', namespace: 'immich', name: 'new-data' };
    world.store.create({
      apiVersion: 'v1',
      kind: claim.kind,
      metadata: { name: claim.name, namespace: claim.namespace, uid: uidOf('claim/immich/new-data') },
      spec: { accessModes: ['ReadWriteOnce'], storageClassName: 'proxmox-lvm', resources: { requests: { storage: '1Gi' } } },
      status: { phase: 'Pending' },
    });
    says(world, claim, {
      type: 'Normal',
      reason: 'WaitForFirstConsumer',
      message: 'waiting for first consumer to be created before binding',
    });
  }),
  of(
    'waits-for-the-first-error',
    'A pod is denied its volume, and was told before that an earlier attempt still runs.',
    (world) => {
      const place = '10.0.10.15:/mnt/main/navidrome';
      waits(world, NAVIDROME, ALREADY('navidrome-data'), DENIED('navidrome-data', place));
    },
  ),
  of('waits-for-an-echo', 'Of a pod that waits nothing is said but that an earlier attempt still runs.', (world) => {
    waits(world, NAVIDROME, ALREADY('navidrome-data'));
  }),
  of('waits-in-silence', 'A pod waits, and the events that said why are gone.', (world) => {
    waits(world, NAVIDROME);
  }),
  of('waits-for-another-nas', 'A pod is denied a volume of a server that is not the NAS of the site.', (world) => {
    waits(world, NAVIDROME, DENIED('navidrome-music', '192.168.1.13:/volume1/music'));
  }),
  of('waits-on-many-nodes', 'Pods on two nodes get no answer to their mounts.', (world) => {
    for (const [workload, volume] of SILENT_VOLUMES) waits(world, workload, TIMED_OUT(volume));
  }),
  of('waits-on-one-node', 'Pods on one node get no answer to their mounts, others do.', (world) => {
    for (const [workload, volume] of SILENT_VOLUMES.slice(1)) waits(world, workload, TIMED_OUT(volume));
  }),
  of(
    'waits-for-two-causes',
    'Two pods wait, each for something else; a third has an event of which nothing is known.',
    (world) => {
      waits(world, REDIS, [
        'FailedAttachVolume',
        `Multi-Attach error for volume "${REDIS_VOLUME}" Volume is already used by pod(s) immich-redis-0`,
      ]);
      waits(world, NAVIDROME, DENIED('navidrome-data', '10.0.10.15:/mnt/main/navidrome'));
      waits(world, VAULTWARDEN, ['FailedMount', `MountVolume.SetUp failed for volume "${VAULTWARDEN_VOLUME}" : something new`]);
    },
  ),
  of('waits-for-many-paths', 'Three pods are each denied their own path of the NAS.', (world) => {
    for (const [workload, volume] of SILENT_VOLUMES) waits(world, workload, DENIED(volume, `10.0.10.15:/mnt/main/${volume}`));
  }),
  of('triage-blind-events', 'A pod waits, and the API server does not show its events.', (world) => {
    waits(world, NAVIDROME, TIMED_OUT('navidrome-data'));
    world.api.forbidden.add(kind('v1', 'events').plural);
  }),
  of('waits-for-block-in-time', 'The disk of a pod is not mounted in time.', (world) => {
    waits(world, REDIS, [
      'FailedMount',
      `MountVolume.MountDevice failed for volume "${REDIS_VOLUME}" : rpc error: code = DeadlineExceeded desc = context deadline exceeded`,
    ]);
  }),
  of('waits-for-iscsi', 'A pod still uses a disk over iSCSI, which is not mounted in time.', (world) => {
    const old = { namespace: 'novelapp', name: 'novelapp-old' };
    addWorkload(world, { ...old, kind: 'Deployment', nodes: ['k8s-node2'], claims: ['novelapp-data'] });
    waits(world, old, [
      'FailedMount',
      `MountVolume.MountDevice failed for volume "${blockVolume('novelapp/novelapp-data')}" : rpc error: code = DeadlineExceeded desc = context deadline exceeded`,
    ]);
  }),
  of('waits-for-space', 'A pod cannot start because something is full.', (world) => {
    waits(world, REDIS, [
      'FailedMount',
      `MountVolume.SetUp failed for volume "${REDIS_VOLUME}" : rpc error: code = Internal desc = mkdir /var/lib/kubelet/pods/x: no space left on device`,
    ]);
  }),
  of('waits-for-iscsi-driver', 'The iSCSI driver is not registered where a pod still uses it.', (world) => {
    const old = { namespace: 'novelapp', name: 'novelapp-old' };
    addWorkload(world, { ...old, kind: 'Deployment', nodes: ['k8s-node2'], claims: ['novelapp-data'] });
    waits(world, old, [
      'FailedMount',
      `MountVolume.MountDevice failed for volume "${blockVolume('novelapp/novelapp-data')}" : kubernetes.io/csi: attacher.MountDevice failed to create newCsiDriverClient: driver name org.democratic-csi.iscsi not found in the list of registered CSI drivers`,
    ]);
  }),
  of('waits-for-node', 'The kubelet of k8s-node4 has stopped to report, and its pods are not ready any more.', (world) => {
    const { cluster } = world;
    const node = nodeOf(world, 'k8s-node4');
    cluster.setReady(node, 'Unknown');
    node.isUp = false;
    for (const pod of cluster.pods().filter((one) => cluster.nodeOf(one) === node)) cluster.report(pod, 'not-ready');
  }),
];
