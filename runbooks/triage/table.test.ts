import { describe, expect, it } from 'vitest';
import { harmlessOf, routeOf } from './cause.ts';

const event = (message: string) => ({
  about: { kind: 'Pod', namespace: 'immich', name: 'server-0', uid: 'u' },
  type: 'Warning',
  warning: true,
  reason: 'FailedMount',
  count: 1,
  message,
});

const MOUNT = 'MountVolume.SetUp failed for volume "pvc-1" : ';
const RPC = `${MOUNT}rpc error: code = Internal desc = mount failed: exit status 32 Output: `;

/** Every row of the table by which people route stuck pods, in its words: where it leads. */
const TABLE = [
  [`${MOUNT}driver name nfs.csi.k8s.io not found in the list of registered CSI drivers`, 'nfs-driver', 'diagnose csi'],
  [
    `${MOUNT}driver name csi.proxmox.sinextra.dev not found in the list of registered CSI drivers`,
    'block-driver',
    'diagnose csi',
  ],
  [`${RPC}mount.nfs: access denied by server while mounting 10.0.10.15:/mnt/main/x`, 'nfs-path', 'diagnose nfs'],
  [`${RPC}mount.nfs: Protocol not supported`, 'nfs-path', 'diagnose nfs'],
  [
    `${RPC}mount.nfs: mounting 192.168.1.127:/srv/nfs/x failed, reason given by server: No such file or directory`,
    'nfs-path',
    'diagnose nfs',
  ],
  [`${RPC}mount.nfs: Connection timed out`, 'nfs-silent', 'diagnose nfs'],
  [`${MOUNT}rpc error: code = Internal desc = time out`, 'nfs-silent', 'diagnose nfs'],
  [`${RPC}mount.nfs: Stale file handle`, 'nfs-handle', 'diagnose nfs'],
  [
    'AttachVolume.Attach failed for volume "pvc-1" : rpc error: code = Internal desc = failed to attach: no free lun found',
    'no-free-slot',
    'diagnose block',
  ],
  ['Multi-Attach error for volume "pvc-1" Volume is already used by pod(s) nextcloud-7d', 'multi-attach', 'diagnose block'],
  [
    'Multi-Attach error for volume "pvc-1" Volume is already exclusively attached to one node and can\'t be attached to another',
    'multi-attach',
    'diagnose block',
  ],
  [
    'MountVolume.MountDevice failed for volume "pvc-1" : rpc error: code = Internal desc = device /dev/disk/by-id/wwn-0x5056432d49443032 is not found',
    'device-missing',
    'diagnose block',
  ],
  [`${RPC}mount: /var/lib/kubelet/x: wrong fs type, bad option, bad superblock on /dev/sdc`, 'file-system', 'restore pvc'],
  [`${RPC}fsck found errors: /dev/sdc: UNEXPECTED INCONSISTENCY; RUN fsck MANUALLY`, 'file-system', 'restore pvc'],
  [`${MOUNT}applyFSGroup failed for vol immich-library: lchown: input/output error`, 'slow-ownership', 'diagnose nfs'],
  ['database disk image is malformed', 'database', 'diagnose sqlite'],
  ['pods "x" is forbidden: exceeded quota: tier-quota', 'not-storage', 'a person'],
  ['pods "x" is forbidden: failed quota: tier-quota: must specify limits.memory', 'not-storage', 'a person'],
] as const;

describe('an event of a stuck pod', () => {
  it.each(TABLE)('%s', (message, code, leads) => {
    const route = routeOf(event(message));
    const next = route?.next?.words.join(' ') ?? (route?.byHand === undefined ? 'diagnose nfs' : 'a person');
    expect([route?.code, next]).toEqual([code, leads]);
  });

  it.each([
    'waiting for first consumer to be created before binding',
    `${MOUNT}rpc error: code = Aborted desc = An operation with the given Volume ID pvc-1 already exists`,
  ])('leads nowhere, because it is no cause: %s', (message) => {
    expect([routeOf(event(message)), harmlessOf(event(message)) === undefined]).toEqual([undefined, false]);
  });
});
