import { CHOICE_CODES } from '../../src/topology/zfs-choice.ts';
import { ZFS_CODES } from '../../src/topology/zfs-findings.ts';

export const CODES = {
  'changed-since': 'Files of the dataset differ from the snapshot.',
  'newer-snapshots': 'There are newer snapshots or bookmarks, which a rollback would destroy.',
  'child-datasets': 'The dataset holds others, which would stay as they are.',
  'in-use': 'Pods mount it, or a path above or below it, or a workload that is to run would.',
  'not-mounted': 'The dataset is not mounted at a path that ZFS knows: its users and what would be lost cannot be seen.',
  ...CHOICE_CODES,
  ...ZFS_CODES,
} as const;
export type Code = keyof typeof CODES;
