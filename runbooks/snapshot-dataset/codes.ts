import { ZFS_CODES } from '../../src/topology/zfs-findings.ts';

export const CODES = {
  unprotected: 'Something was written since the newest snapshot, so that no snapshot has it.',
  ...ZFS_CODES,
} as const;
export type Code = keyof typeof CODES;
