export const CODES = {
  'not-expanded': 'The claim has less than was asked for, and may grow.',
  'expansion-pending': 'The claim asks for this size already and does not have it yet.',
  'file-system-behind': 'The claim has this size, and the file system in it is smaller.',
  'would-shrink': 'The claim is larger than what was asked for: a claim cannot shrink.',
  'not-bound': 'The claim has no volume, or is being deleted.',
  'on-nfs': 'The claim is on NFS: its size is a number that nobody enforces.',
  'class-forbids': 'The storage class does not let its claims grow.',
  'driver-deprecated': 'The claim is on the iSCSI driver, which is being retired.',
  'driver-unknown': 'The claim is on a driver whose disks the bot cannot see.',
  'volume-twice': 'Another volume of the cluster stands on the same disk.',
  'owned-by-cnpg': 'The claim belongs to a cluster of CloudNativePG, which sets its size.',
  'owned-by-operator': 'The claim belongs to an operator, which sets its size.',
  'owned-by-stateful-set': 'The claim was made from the template of a StatefulSet, which cannot be changed.',
  'owned-by-helm': 'The claim belongs to a Helm release, whose values have its size.',
  'owned-by-terraform': 'The claim belongs to Terraform, which would set its size back.',
  'pool-short': 'The thin pool under the claim has no room for this.',
} as const;
export type Code = keyof typeof CODES;
