import { expect, it } from 'vitest';
import { ELSEWHERE, HARMLESS, meaningOf } from './pod-events.ts';

// The texts of RB-00, as kubelet, the attacher and the scheduler write them.
it.each([
  ['driver name nfs.csi.k8s.io not found in the list of registered CSI drivers', 'nfs-driver-not-registered'],
  [
    'kubernetes.io/csi: mounter.SetUpAt failed: driver name csi.proxmox.sinextra.dev not found in the list of registered CSI drivers',
    'block-driver-not-registered',
  ],
  ['mount.nfs: access denied by server while mounting 10.0.10.15:/mnt/main/x', 'nfs-access-denied'],
  ['Output: mount.nfs: Protocol not supported', 'nfs-no-such-path'],
  ['mount.nfs: mounting 192.168.1.127:/srv/nfs/x failed, reason given by server: No such file or directory', 'nfs-no-such-path'],
  ['mount.nfs: Connection timed out', 'nfs-timed-out'],
  ['MountVolume.SetUp failed for volume "x" : rpc error: code = Internal desc = time out', 'nfs-timed-out'],
  [
    'MountVolume.SetUp failed for volume "x" : rpc error: code = DeadlineExceeded desc = context deadline: timed out',
    'nfs-timed-out',
  ],
  [
    'MountVolume.SetUp failed for volume "x" : rpc error: code = DeadlineExceeded desc = context deadline exceeded',
    'nfs-timed-out',
  ],
  ['an operation with the given Volume ID x already exists', 'attempt-still-running'],
  ['mount.nfs: Stale file handle', 'nfs-stale'],
  ['Output: mount.nfs: mount(2): Input/output error', 'nfs-io-error'],
  [
    'Setting volume ownership for a/volumes/b is taking longer than expected, consider using OnRootMismatch',
    'slow-ownership-change',
  ],
  ['AttachVolume.Attach failed for volume "x" : rpc error: code = Internal desc = no free lun found', 'no-free-slot'],
  ['Multi-Attach error for volume "x" Volume is already used by pod(s) y', 'multi-attach'],
  ["Volume is already exclusively attached to one node and can't be attached to another", 'multi-attach'],
  ['MountVolume.MountDevice failed: device /dev/disk/by-id/wwn-0x5056432d49443032 is not found', 'device-not-found'],
  ['mount: wrong fs type, bad option, bad superblock on /dev/sdc', 'file-system-damaged'],
  ['mount: /var/lib/kubelet/x: wrong fs type, bad option, bad superblock on 10.0.10.15:/mnt/main/x, missing helper', undefined],
  ['fsck found errors: UNEXPECTED INCONSISTENCY; RUN fsck MANUALLY', 'file-system-damaged'],
  ['waiting for first consumer to be created before binding', 'waiting-for-consumer'],
  ['MountVolume.SetUp failed: applyFSGroup failed for vol x', 'slow-ownership-change'],
  ['rpc error: code = ResourceExhausted desc = write /data/x: no space left on device', 'no-space'],
  ['Error: database disk image is malformed', 'database-malformed'],
  ['pods "x" is forbidden: exceeded quota: dbaas-quota', 'quota'],
  ['Back-off restarting failed container', undefined],
])('%s means %s', (message, meaning) => {
  expect(meaningOf({ message })).toBe(meaning);
});

it('every cause that is not the NFS path is sent somewhere', () => {
  for (const says of Object.values(ELSEWHERE)) expect(says).toMatch(/^[A-Z].{30,}\.$/);
});

it('what is harmless is sent nowhere', () => {
  expect(Object.keys(HARMLESS).filter((meaning) => meaning in ELSEWHERE)).toEqual([]);
});
