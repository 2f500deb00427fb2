import { ZFS_CODES } from '../../src/topology/zfs-findings.ts';

export const CODES = {
  'not-restored': 'The snapshot has it, and it has not been copied out beside what is there now.',
  'no-such-snapshot': 'No snapshot was named, or the dataset has none of that name.',
  'not-mounted': 'It is a block device, or not mounted at a path that ZFS knows: none of its files can be seen.',
  'not-in-snapshot': 'The snapshot has nothing at this path, or a directory without a file.',
  'link-in-the-way': 'A part of the path is a symbolic link, which may lead out of the dataset.',
  'parent-missing': 'The directory that would hold the copy does not exist now.',
  'copy-differs': 'A copy of that name is there already, and is not what the snapshot has.',
  'no-room': 'The dataset has no room for twice as much.',
  'broken-block': 'ZFS cannot read a block of it, which its snapshots share.',
  ...ZFS_CODES,
} as const;
export type Code = keyof typeof CODES;
