export const CODES = {
  'not-restored': 'The volume is not what was asked for.',
  'half-restored':
    'A restore was interrupted: the copy that is to take the place of the volume is not there, or waits beside it.',
  'not-started': 'The volume is restored, and who uses it is still stopped.',
  'no-such-claim': 'There is no claim of this name.',
  'not-on-lvm': 'The claim is bound to no volume of the Proxmox driver.',
  'chain-broken': 'From the claim to the logical volume, one link is missing or contradicts another.',
  'being-deleted': 'Somebody deleted the claim: it goes when its last pod is stopped.',
  'nothing-kept': 'There is neither a snapshot of the volume nor a copy of its files.',
  'no-such-copy': 'There is no snapshot or copy of this name.',
  'other-origin': 'The snapshot has the name of this volume, and LVM does not say that it is one of it.',
  'snapshot-unfit': 'The snapshot is damaged, no thin volume, or smaller than the volume is now.',
  'copy-empty': 'The copy of the files holds no file.',
  'copy-too-large': 'The copy of the files holds more than the volume is large.',
  'not-ext4': 'What is on the volume is no plain ext4: files cannot be copied into it.',
  'attached-elsewhere': 'A machine or a node has the volume on which no pod uses it.',
  'machine-unknown': 'Which machine a node is that uses the volume, the configuration does not say.',
  'volume-open': 'Something on the hypervisor has the volume open, and no pod uses it.',
  'operator-owned': 'An operator looks after it, and nobody else stops or starts it.',
  'cannot-stop': 'Something uses it that cannot be stopped and started again.',
  'backup-running': 'A backup or another job works on it now.',
  'pool-unfit': 'The thin pool is ill, or too full for another copy.',
} as const;
export type Code = keyof typeof CODES;

/** What a restore has got to; everything else is in its way. */
export const PROGRESS: readonly Code[] = ['not-restored', 'half-restored', 'not-started'];
