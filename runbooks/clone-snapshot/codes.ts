import { CHOICE_CODES } from '../../src/topology/zfs-choice.ts';
import { ZFS_CODES } from '../../src/topology/zfs-findings.ts';

export const CODES = {
  'not-cloned': 'The bot has made no clone of the snapshot that is still there.',
  'nowhere-to-appear': 'The dataset below which the clone would appear is not mounted at a path that ZFS knows.',
  ...CHOICE_CODES,
  ...ZFS_CODES,
} as const;
export type Code = keyof typeof CODES;
