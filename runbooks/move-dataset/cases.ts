import { refusals } from './refusals.ts';

const DATASET = 'main/immich/encoded-video';
const asked = { words: [DATASET, 'ssd'] } as const;
const ill = (finding: string) => ({ ...asked, verdict: 'ill', findings: [`${finding} ${DATASET}`] }) as const;

const FIRST = 'truenas$ zfs snapshot main/immich/encoded-video@storagebot-full';
const COPY = `truenas$ sh -c 'mkdir -m 0700 "$1" && date -u +%s > "$1/began" && exec daemon -f sh -c "$2" storagebot "$@"' storagebot /var/run/storagebot-copy 'dir=$1 limit=$3; shift 4; echo "$$" > "$dir/shell"; timeout -k 60 "$limit" "$@" > "$dir/output" 2>&1 < /dev/null & echo "$!" > "$dir/pid"; wait "$!"; echo "$?" > "$dir/exit.new"; mv "$dir/exit.new" "$dir/exit"' 4460 -- sh -c 'from=$1; shift; failed=$( { { zfs send "$from" || echo yes >&3; } | zfs receive -u "$@" >&2; } 3>&1 ) && [ -z "$failed" ]' storagebot main/immich/encoded-video@storagebot-full ssd/immich-encoded-video`;
const COPY_BY_SYSTEMD = `truenas$ systemd-run --no-block --unit=storagebot-copy.service --property=Type=exec --property=RemainAfterExit=yes --property=RuntimeMaxSec=4460 --property=TimeoutStopSec=60 --property=NotifyAccess=all -- sh -c 'from=$$1; shift; failed=$$( { { zfs send "$$from" || echo yes >&3; } | zfs receive -u "$$@" >&2; } 3>&1 ) && [ -z "$$failed" ]' storagebot main/immich/encoded-video@storagebot-full ssd/immich-encoded-video`;
const STOP = `cluster$ kubectl patch deployments.apps/immich-server --namespace=immich --type=merge '--patch={"metadata":{"annotations":{"storagebot/ran-before":"1"}},"spec":{"replicas":0}}' --output=json`;
const PROTECT = 'truenas$ zfs set readonly=on main/immich/encoded-video';
const LAST = 'truenas$ zfs snapshot main/immich/encoded-video@storagebot-last';
const UPDATE = `truenas$ sh -c 'mkdir -m 0700 "$1" && date -u +%s > "$1/began" && exec daemon -f sh -c "$2" storagebot "$@"' storagebot /var/run/storagebot-update 'dir=$1 limit=$3; shift 4; echo "$$" > "$dir/shell"; timeout -k 60 "$limit" "$@" > "$dir/output" 2>&1 < /dev/null & echo "$!" > "$dir/pid"; wait "$!"; echo "$?" > "$dir/exit.new"; mv "$dir/exit.new" "$dir/exit"' 4460 -- sh -c 'failed=$( { { zfs send -i "$1" "$2" || echo yes >&3; } | zfs receive -u "$3" >&2; } 3>&1 ) && [ -z "$failed" ]' storagebot main/immich/encoded-video@storagebot-0-1-full main/immich/encoded-video@storagebot-last ssd/immich-encoded-video`;
const MOUNT = 'truenas$ zfs mount ssd/immich-encoded-video';
const SHARE = `truenas$ midclt call sharing.nfs.create '{"paths":["/mnt/ssd/immich-encoded-video"],"maproot_group":"wheel","networks":["10.0.20.0/24"],"maproot_user":"root","enabled":true}'`;
const VOLUME = `cluster$ kubectl create --raw=/api/v1/persistentvolumes --filename=- <<< '{"apiVersion":"v1","kind":"PersistentVolume","metadata":{"name":"immich-encoded-video-storagebot-ssd","labels":{"app.kubernetes.io/managed-by":"storagebot"}},"spec":{"capacity":{"storage":"10Gi"},"accessModes":["ReadWriteMany"],"storageClassName":"nfs-truenas","mountOptions":["soft","timeo=30","retrans=3","actimeo=5"],"volumeMode":"Filesystem","persistentVolumeReclaimPolicy":"Retain","claimRef":{"apiVersion":"v1","kind":"PersistentVolumeClaim","namespace":"immich","name":"immich-encoded-video-storagebot-ssd"},"csi":{"driver":"nfs.csi.k8s.io","volumeAttributes":{"server":"10.0.10.15","share":"/mnt/ssd/immich-encoded-video"},"volumeHandle":"immich-encoded-video-storagebot-ssd"}}}'`;
const CLAIM = `cluster$ kubectl create --raw=/api/v1/namespaces/immich/persistentvolumeclaims --filename=- <<< '{"apiVersion":"v1","kind":"PersistentVolumeClaim","metadata":{"name":"immich-encoded-video-storagebot-ssd","namespace":"immich","labels":{"app.kubernetes.io/managed-by":"storagebot"}},"spec":{"accessModes":["ReadWriteMany"],"storageClassName":"nfs-truenas","volumeName":"immich-encoded-video-storagebot-ssd","resources":{"requests":{"storage":"10Gi"}},"volumeMode":"Filesystem"}}'`;
const SWITCH = `cluster$ kubectl patch deployments.apps/immich-server --namespace=immich --type=merge '--patch={"metadata":{"annotations":{"storagebot/ran-before":null}},"spec":{"replicas":1,"template":{"spec":{"volumes":[{"name":"immich-upload","persistentVolumeClaim":{"claimName":"immich-upload"}},{"name":"immich-library","persistentVolumeClaim":{"claimName":"immich-library"}},{"name":"immich-encoded-video","persistentVolumeClaim":{"claimName":"immich-encoded-video-storagebot-ssd"}},{"name":"immich-profile","persistentVolumeClaim":{"claimName":"immich-profile"}},{"name":"immich-thumbs","persistentVolumeClaim":{"claimName":"immich-thumbs"}}]}}}}' --output=json`;

/** The volume and claim of the copy, and the users on it. */
const USED = [VOLUME, CLAIM, SWITCH];

/** What each recorded situation must lead to. Scenarios are those of the simulated site. */
export const cases = [
  { scenario: 'dataset-to-move', ...ill('not-moved'), changes: [FIRST, COPY] },
  { scenario: 'dataset-to-move', name: 'to-move-on-scale', nas: 'scale', ...ill('not-moved'), changes: [FIRST, COPY_BY_SYSTEMD] },
  {
    scenario: 'dataset-to-move',
    name: 'to-move-on-debian',
    nas: 'debian',
    ...ill('not-moved'),
    changes: [FIRST, COPY_BY_SYSTEMD],
  },
  { scenario: 'move-two-users', ...ill('not-moved'), changes: [FIRST, COPY] },
  { scenario: 'move-copied', ...ill('half-copied'), changes: [STOP, PROTECT, LAST, UPDATE, MOUNT] },
  {
    scenario: 'move-copied',
    name: 'copied-on-debian',
    nas: 'debian',
    ...ill('half-copied'),
    changes: [
      STOP,
      PROTECT,
      LAST,
      `truenas$ systemd-run --no-block --unit=storagebot-update.service --property=Type=exec --property=RemainAfterExit=yes --property=RuntimeMaxSec=4460 --property=TimeoutStopSec=60 --property=NotifyAccess=all -- sh -c 'failed=$$( { { zfs send -i "$$1" "$$2" || echo yes >&3; } | zfs receive -u "$$3" >&2; } 3>&1 ) && [ -z "$$failed" ]' storagebot main/immich/encoded-video@storagebot-0-1-full main/immich/encoded-video@storagebot-last ssd/immich-encoded-video`,
      MOUNT,
    ],
  },
  { scenario: 'move-stopped', ...ill('half-copied'), changes: [LAST, UPDATE, MOUNT] },
  { scenario: 'move-mounted', ...ill('half-moved'), changes: [SHARE, ...USED] },
  {
    scenario: 'move-mounted',
    name: 'mounted-on-scale',
    nas: 'scale',
    ...ill('half-moved'),
    changes: [
      `truenas$ midclt call sharing.nfs.create '{"path":"/mnt/ssd/immich-encoded-video","maproot_group":"root","networks":["10.0.20.0/24"],"maproot_user":"root","enabled":true}'`,
      ...USED,
    ],
  },
  {
    scenario: 'move-mounted',
    name: 'mounted-on-debian',
    nas: 'debian',
    ...ill('half-moved'),
    changes: [
      `truenas$ tee /etc/exports.d/mnt+ssd+immich-encoded-video.exports <<< '/mnt/ssd/immich-encoded-video 10.0.20.0/24(rw,sync,no_subtree_check,no_root_squash)'`,
      'truenas$ exportfs -ra',
      ...USED,
    ],
  },
  { scenario: 'move-mounted-restarted', ...ill('half-moved'), changes: [STOP, SHARE, ...USED] },
  { scenario: 'move-done', ...asked, verdict: 'well', findings: [], changes: [] },
  {
    scenario: 'move-done-not-ready',
    ...asked,
    verdict: 'ill',
    findings: ['not-ready Deployment immich/immich-server'],
    changes: [],
  },
  {
    scenario: 'dataset-to-move',
    name: 'directory',
    words: ['main/frigate', 'ssd'],
    verdict: 'ill',
    findings: ['no-dataset main/frigate'],
    changes: [],
  },
  {
    scenario: 'dataset-to-move',
    name: 'directory-in-dataset',
    words: ['main/immich/encoded-video/2026', 'ssd'],
    verdict: 'ill',
    findings: ['no-dataset main/immich/encoded-video/2026'],
    changes: [],
  },
  {
    scenario: 'dataset-to-move',
    name: 'holds-others',
    words: ['main/immich', 'ssd'],
    verdict: 'ill',
    findings: [
      'not-movable main/immich',
      'has-children main/immich',
      'target-exists ssd/immich',
      'user-not-movable Deployment immich/immich-postgresql',
      'user-not-movable Deployment immich/immich-server',
    ],
    changes: [],
  },
  {
    scenario: 'move-nearly-no-room',
    ...ill('not-moved'),
    changes: [
      FIRST,
      `truenas$ sh -c 'mkdir -m 0700 "$1" && date -u +%s > "$1/began" && exec daemon -f sh -c "$2" storagebot "$@"' storagebot /var/run/storagebot-copy 'dir=$1 limit=$3; shift 4; echo "$$" > "$dir/shell"; timeout -k 60 "$limit" "$@" > "$dir/output" 2>&1 < /dev/null & echo "$!" > "$dir/pid"; wait "$!"; echo "$?" > "$dir/exit.new"; mv "$dir/exit.new" "$dir/exit"' 20781 -- sh -c 'from=$1; shift; failed=$( { { zfs send "$from" || echo yes >&3; } | zfs receive -u "$@" >&2; } 3>&1 ) && [ -z "$failed" ]' storagebot main/immich/encoded-video@storagebot-full ssd/immich-encoded-video`,
    ],
  },
  { scenario: 'move-users-unseen', ...asked, verdict: 'blind', findings: [], changes: [] },
  { scenario: 'blind-nas-ssh', ...asked, verdict: 'blind', findings: [], changes: [] },
  ...refusals,
] as const;
