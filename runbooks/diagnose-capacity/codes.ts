export const CODES = {
  'thin-pool-failed': 'A thin pool has failed, needs a check of its metadata, or LVM does not know how it is.',
  'thin-metadata-full': 'The metadata of a thin pool is full: it is read-only, however much space for data is free.',
  'thin-metadata-critical': 'The metadata of a thin pool is at least 90 % full.',
  'thin-metadata-high': 'The metadata of a thin pool is at least 75 % full.',
  'thin-data-full': 'A thin pool has no space for data: all machines that write to it stop or get errors.',
  'thin-data-critical': 'A thin pool is at least 90 % full of data.',
  'thin-data-high': 'A thin pool is at least 80 % full of data.',
  'pool-fills': 'At the pace of the last week the thin pool is full within two weeks.',
  'host-volume-full': 'A file system of the hypervisor, as the one that it exports over NFS, is at least 85 % full.',
  'machine-stopped': 'QEMU has stopped a machine after an I/O error, and no thin pool is short of space.',
  'slots-nearly-full': 'A node has so many block volumes that soon no other can be attached there.',
  'claim-full': 'The file system of a claim is more than 95 % full.',
  'claim-inodes': 'The file system of a claim has no more inodes: nothing can be made in it though there is space.',
  'claim-fills': 'At the pace of the last day the file system of a claim is full within four days.',
  'server-full': 'The file system of the NAS under NFS claims is more than 95 % full.',
} as const;
export type Code = keyof typeof CODES;
