import type { KubeEvent } from './cluster-objects.ts';

/** What an event of a stuck pod means. The text tells, not the pod's phase. */
export type EventMeaning =
  | 'nfs-driver-not-registered'
  | 'block-driver-not-registered'
  | 'nfs-access-denied'
  | 'nfs-no-such-path'
  | 'nfs-timed-out'
  | 'nfs-stale'
  | 'nfs-io-error'
  | 'no-free-slot'
  | 'multi-attach'
  | 'device-not-found'
  | 'file-system-damaged'
  | 'slow-ownership-change'
  | 'waiting-for-consumer'
  | 'attempt-still-running'
  | 'database-malformed'
  | 'no-space'
  | 'quota';

interface Meaning {
  readonly meaning: EventMeaning;
  readonly text: RegExp;
}

/** In this order: the first text that matches counts. */
const MEANINGS: readonly Meaning[] = [
  { meaning: 'nfs-driver-not-registered', text: /driver name nfs\.csi\.k8s\.io not found in the list of registered CSI drivers/ },
  { meaning: 'block-driver-not-registered', text: /driver name \S+ not found in the list of registered CSI drivers/ },
  { meaning: 'nfs-access-denied', text: /mount\.nfs4?: access denied by server/ },
  { meaning: 'nfs-no-such-path', text: /mount\.nfs4?: .*(Protocol not supported|No such file or directory)/ },
  { meaning: 'nfs-stale', text: /mount\.nfs4?: .*Stale file handle/ },
  { meaning: 'nfs-io-error', text: /mount\.nfs4?: .*Input\/output error/ },
  {
    meaning: 'nfs-timed-out',
    text: /mount\.nfs4?: .*(timed out|No route to host)|MountVolume.*code = (Internal .*time(d)? ?out|DeadlineExceeded )/i,
  },
  { meaning: 'no-free-slot', text: /no free lun found/ },
  { meaning: 'multi-attach', text: /Multi-Attach error for volume|already exclusively attached to one node/ },
  { meaning: 'device-not-found', text: /device \S+ (is )?not found/ },
  {
    meaning: 'file-system-damaged', // Said of a share, it means that the node lacks mount.nfs.
    text: /wrong fs type, bad option, bad superblock(?! on \S+:\/)|UNEXPECTED INCONSISTENCY/,
  },
  { meaning: 'slow-ownership-change', text: /applyFSGroup failed|Setting volume ownership for .* is taking longer/ },
  { meaning: 'waiting-for-consumer', text: /waiting for first consumer to be created before binding/ },
  { meaning: 'attempt-still-running', text: /operation with the given Volume ID .* already exists/ },
  { meaning: 'database-malformed', text: /database disk image is malformed|file is not a database/ },
  { meaning: 'no-space', text: /no space left on device|\bENOSPC\b|not enough free space|insufficient free space/i },
  { meaning: 'quota', text: /exceeded quota|must specify limits\.memory/ },
];

/** Who may write events can make one of a mebibyte, over which these expressions would take hours. */
const MAX_MESSAGE = 2_000;

/** undefined: a text that this table does not know. */
export function meaningOf(event: Pick<KubeEvent, 'message'>): EventMeaning | undefined {
  const message = event.message.slice(0, MAX_MESSAGE);
  return MEANINGS.find(({ text }) => text.test(message))?.meaning;
}

/** The PersistentVolume that an event names, or the inline volume of its pod. */
export function volumeIn({ message }: Pick<KubeEvent, 'message'>): string | undefined {
  return /volume "([^"]{1,253})"/.exec(message.slice(0, MAX_MESSAGE))?.[1];
}

/** What a pod may be told while all is well, or as an echo of an earlier failure: no cause of anything. */
export const HARMLESS: Partial<Record<EventMeaning, string>> = {
  'waiting-for-consumer': 'healthy: the volume is made when the first pod uses it',
  'attempt-still-running': 'an earlier attempt still runs; the first error is what counts',
};

/** Where each meaning that is not the NFS path's is dealt with. */
export const ELSEWHERE: Partial<Record<EventMeaning, string>> = {
  'block-driver-not-registered':
    'The block driver is not registered on that node. After a node reboot look at the network plug-in (Calico) first, then at the driver.',
  'no-free-slot': "The node's virtual machine has no free disk slot. Look for ghost disks; do not touch the volume.",
  'multi-attach': 'The volume is attached to another node. Leave a healthy holder alone; move or delete the waiting pod.',
  'device-not-found':
    'The disk was attached by name and is not in the guest. Prove the identity chain before detaching anything.',
  'file-system-damaged':
    'The file system is damaged. No automatic fsck: stop the pod and let a person decide whether to mend it or to restore it.',
  'no-space': 'Something is full: the volume, its inodes, or the pool beneath all volumes. Find out which before anything grows.',
  'database-malformed':
    'The application says that its database is damaged. Diagnose the database on a copy before restoring. Runbook: integrity of a database.',
  quota: "The namespace's quota or limits refuse the pod. This is not storage.",
};
