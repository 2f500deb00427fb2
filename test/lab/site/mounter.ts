import type { KubeObject } from '../kubernetes/store.ts';
import type { Cluster } from './cluster.ts';
import { ISCSI_DRIVER, mountIscsi } from './iscsi-driver.ts';
import { kernelOptions, tryMount } from './nfs.ts';
import type { LabNode, NfsHandle } from './node.ts';
import { mountBlock, type WAITS } from './stager.ts';
import { type PodVolume, PROXMOX_DRIVER } from './volumes.ts';

/** Why a volume could not be mounted, as kubelet's event says it, and how long it took to know. */
export interface MountProblem {
  readonly reason: 'FailedMount' | 'FailedAttachVolume';
  readonly says: string;
  readonly afterS: number;
}

/** The NFS driver gives up a mount after 110 seconds. */
const DRIVER_GIVES_UP_S = 110;

export function mountVolume(
  cluster: Cluster,
  node: LabNode,
  { pod, volume }: { pod: KubeObject; volume: PodVolume },
): MountProblem | typeof WAITS | undefined {
  if (volume.driver === PROXMOX_DRIVER) return mountBlock(cluster, node, { pod, volume });
  if (volume.driver !== '' && !cluster.driversOf(node.name).includes(volume.driver)) return driverMissing(volume);
  if (volume.driver === ISCSI_DRIVER) return mountIscsi(cluster, node, { pod, volume });
  if (volume.nfs === undefined) return attach(cluster, node, { pod, volume });
  const { server, path, options } = volume.nfs;
  const vers = options.map((option) => /^(?:nfs)?vers=(.+)$/.exec(option)?.[1]).find((found) => found !== undefined);
  const attempt = tryMount(cluster.parts, node, { server, path, ...(vers === undefined ? {} : { vers }) });
  if (!attempt.mounted) return mountFailed(volume, attempt);
  const { directory, version } = attempt;
  const shown = sharedOptions(cluster.parts, node, {
    server,
    path,
    options: kernelOptions(node, { server, version }, options),
  });
  const nfs = { server, path, directory: directory?.id, version, options: shown };
  const beganMs = cluster.nowMs;
  node.mounts.push({ podUid: pod.metadata.uid, volume: volume.volume, mountPoint: volume.mountPoint, beganMs, nfs });
  return undefined;
}

/**
 * Mounts of one file system whose options differ in nothing but time-outs are one file system to the kernel, which keeps those of
 * the first (nfs_compare_mount_options does not compare them).
 */
function sharedOptions(
  { nas }: Pick<Cluster['parts'], 'nas'>,
  { mounts }: LabNode,
  { server, path, options }: Pick<NfsHandle, 'server' | 'path' | 'options'>,
): string {
  const compared = (all: string) => all.replaceAll(/,(timeo|retrans)=\d+/g, '');
  const fileSystem = (of: Pick<NfsHandle, 'server' | 'path'>) =>
    of.server === nas.address ? nas.disk.holder(of.path).name : `${of.server}:${of.path}`;
  const here = mounts.flatMap(({ nfs }) => (nfs === undefined ? [] : [nfs]));
  const first = here.find(
    (other) => fileSystem(other) === fileSystem({ server, path }) && compared(other.options) === compared(options),
  );
  return first?.options ?? options;
}

/** A volume over iSCSI is on one node at a time. */
function attach(
  cluster: Cluster,
  node: LabNode,
  { pod, volume }: { pod: KubeObject; volume: PodVolume },
): MountProblem | undefined {
  const others = [...cluster.parts.nodes.values()].filter((other) => other !== node);
  const held = others.flatMap(({ mounts }) => mounts).find((mount) => mount.volume === volume.volume);
  if (held === undefined) {
    node.mounts.push({ podUid: pod.metadata.uid, volume: volume.volume, mountPoint: volume.mountPoint, beganMs: cluster.nowMs });
    return undefined;
  }
  const says = `Multi-Attach error for volume "${volume.volume}" Volume is already used by pod(s) ${cluster.podNamed(held.podUid)}`;
  return { reason: 'FailedAttachVolume', says, afterS: 0 };
}

function driverMissing({ volume, driver }: PodVolume): MountProblem {
  const why = `driver name ${driver} not found in the list of registered CSI drivers`;
  const says = `MountVolume.SetUp failed for volume "${volume}" : kubernetes.io/csi: mounter.SetUpAt failed to get CSI client: ${why}`;
  return { reason: 'FailedMount', says, afterS: 0 };
}

function mountFailed(
  { volume, mountPoint, nfs, driver }: PodVolume,
  attempt: { readonly says: string; readonly afterS: number },
): MountProblem {
  const failed = `MountVolume.SetUp failed for volume "${volume}" : `;
  if (attempt.afterS >= DRIVER_GIVES_UP_S) {
    return { reason: 'FailedMount', says: `${failed}rpc error: code = Internal desc = time out`, afterS: DRIVER_GIVES_UP_S };
  }
  const options = (nfs?.options ?? []).toSorted().join(',');
  const command = `Mounting arguments: -t nfs ${options === '' ? '' : `-o ${options} `}${nfs?.server}:${nfs?.path} ${mountPoint}`;
  const output = `mount failed: exit status 32\nMounting command: mount\n${command}\nOutput: ${attempt.says}\n`;
  return {
    reason: 'FailedMount',
    says: `${failed}${driver === '' ? '' : 'rpc error: code = Internal desc = '}${output}`,
    afterS: attempt.afterS,
  };
}
