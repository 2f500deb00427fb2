import { createHash } from 'node:crypto';
import type { KubeObject } from '../kubernetes/store.ts';
import type { Cluster } from './cluster.ts';
import { iqnOf, type LabSession, login, PORTAL } from './iscsi.ts';
import type { MountProblem } from './mounter.ts';
import type { LabNode } from './node.ts';
import { kind, type PodVolume, text } from './volumes.ts';
import type { World } from './world.ts';

export const ISCSI_DRIVER = 'org.democratic-csi.iscsi';

const ATTACHMENTS = kind('storage.k8s.io/v1', 'volumeattachments');

/** Stages and mounts a volume of the iSCSI driver: it makes record and session where they are missing. */
export function mountIscsi(
  cluster: Cluster,
  node: LabNode,
  { pod, volume }: { pod: KubeObject; volume: PodVolume },
): MountProblem | undefined {
  const iqn = iqnOf(volume.volume);
  const others = [...cluster.parts.nodes.values()].filter((other) => other !== node);
  const holder = others.flatMap(({ mounts }) => mounts).find((mount) => mount.volume === volume.volume);
  if (holder !== undefined)
    return {
      reason: 'FailedAttachVolume',
      says: `Multi-Attach error for volume "${volume.volume}" Volume is already used by pod(s) ${cluster.podNamed(holder.podUid)}`,
      afterS: 0,
    };
  attach(cluster, node, volume);
  if (!node.iscsi.records.has(iqn)) node.iscsi.records.set(iqn, { portal: PORTAL, settings: { ...node.iscsi.conf } });
  const own = () => node.iscsi.sessions.find((session) => session.iqn === iqn);
  const done = own() === undefined ? login(cluster.parts, node, iqn) : 'present';
  const disk = usableDisk(own());
  if (disk === undefined)
    return failed(volume, done === 'refused' ? 'iSCSI login failed due to authorization failure' : 'failed to find the device');
  const { mountPoint, volume: name } = volume;
  const target = cluster.parts.nas.iscsi.targets.find((each) => each.iqn === iqn);
  if (target !== undefined) target.fileSystem.needsRecovery = false;
  node.mounts.push({ podUid: pod.metadata.uid, volume: name, mountPoint, beganMs: cluster.nowMs, device: `/dev/${disk}` });
  return undefined;
}

function usableDisk(session: LabSession | undefined): string | undefined {
  const [disk] = session?.state === 'LOGGED_IN' ? session.disks : [];
  return disk?.state === 'running' ? disk.name : undefined;
}

function failed({ volume }: PodVolume, why: string): MountProblem {
  const says = `MountVolume.MountDevice failed for volume "${volume}" : rpc error: code = Unknown desc = ${why}`;
  return { reason: 'FailedMount', says, afterS: 0 };
}

function attach({ parts: { store } }: Cluster, node: LabNode, { volume, handle = '' }: PodVolume): void {
  const name = `csi-${createHash('sha256').update(`${handle}${ISCSI_DRIVER}${node.name}`).digest('hex')}`;
  if (store.find({ resource: ATTACHMENTS, name }) !== undefined) return;
  store.create({
    apiVersion: 'storage.k8s.io/v1',
    kind: 'VolumeAttachment',
    metadata: { name },
    spec: { attacher: ISCSI_DRIVER, source: { persistentVolumeName: volume }, nodeName: node.name },
    status: { attached: true },
  });
}

/** The attacher of the driver: an attachment goes once nothing on its node mounts the volume any more. */
export function detachUnused({ store, nodes, cluster }: World): void {
  for (const object of store.list({ resource: ATTACHMENTS })) {
    if (text(object, 'spec', 'attacher') !== ISCSI_DRIVER) continue;
    const volume = text(object, 'spec', 'source', 'persistentVolumeName');
    const node = nodes.get(text(object, 'spec', 'nodeName'));
    const isMounted = node?.mounts.some((mount) => mount.volume === volume) ?? false;
    const isWanted = cluster.pods().some((pod) => cluster.nodeOf(pod) === node && usesClaimOf(pod, store, volume));
    const { name, uid } = object.metadata;
    if (!isMounted && !isWanted) store.delete({ resource: ATTACHMENTS, name }, { uid });
  }
}

const VOLUMES = kind('v1', 'persistentvolumes');

function usesClaimOf(pod: KubeObject, store: World['store'], volume: string): boolean {
  const claim = text(store.get({ resource: VOLUMES, name: volume }), 'spec', 'claimRef', 'name');
  return JSON.stringify(pod['spec']).includes(`"claimName":"${claim}"`);
}
