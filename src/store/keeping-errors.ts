import { z } from 'zod';

/** The state directory or its database cannot be relied on; the message says why and what to do. */
export class StoreUnusable extends Error {
  override readonly name = 'StoreUnusable';
  readonly code = 'STORE_UNUSABLE';
}

/** A file of the state is not what was written into it; the message says what was seen and how to go back to a copy. */
export class StateDamaged extends Error {
  override readonly name = 'StateDamaged';
  readonly code = 'STATE_DAMAGED';
}

/** In which way the disk under the state, or a file on it, fails. */
export type DiskFault = 'full' | 'unreliable' | 'damaged' | 'read-only';

const SQLITE_FAULTS = new Map<number, DiskFault>([
  [8, 'read-only'], // SQLITE_READONLY
  [10, 'unreliable'], // SQLITE_IOERR
  [11, 'damaged'], // SQLITE_CORRUPT
  [13, 'full'], // SQLITE_FULL
  [26, 'damaged'], // SQLITE_NOTADB
]);

const SYSTEM_FAULTS = new Map<string, DiskFault>([
  ['ENOSPC', 'full'],
  ['EDQUOT', 'full'],
  ['EIO', 'unreliable'],
  ['EROFS', 'read-only'],
]);

const SqliteError = z.object({ errcode: z.number() });
const SystemError = z.object({ code: z.string() });

/** SQLITE_BUSY and SQLITE_LOCKED: another process or connection writes at this moment. */
const BUSY = [5, 6];

/** Whether what failed may work a little later: the disk, or somebody else who writes. */
export function mayPass(error: unknown): boolean {
  const { data } = SqliteError.safeParse(error);
  return diskFaultOf(error) !== undefined || (data !== undefined && BUSY.includes(data.errcode & 0xff));
}

/** What an error of SQLite or of the file system says about the disk; undefined for any other error. */
export function diskFaultOf(error: unknown): DiskFault | undefined {
  const { data: sqlite } = SqliteError.safeParse(error);
  // The low byte is the kind of failure; what stands above it is a detail.
  if (sqlite !== undefined) return SQLITE_FAULTS.get(sqlite.errcode & 0xff);
  const { data: system } = SystemError.safeParse(error);
  return system && SYSTEM_FAULTS.get(system.code);
}

/** The fault as a person must hear it: what it means for changes, and what to do. */
export function showDiskFault(fault: DiskFault, directory: string): string {
  switch (fault) {
    case 'full':
      return `The disk under ${directory} is full: the bot could not write its journal. Nothing is changed until there is room; then it goes on by itself.`;
    case 'read-only':
      return `${directory} cannot be written: it is mounted read-only, or it belongs to another user. Nothing is changed until it can be written again.`;
    case 'unreliable':
      return `The disk under ${directory} reports read or write errors (see the kernel's log). Nothing is changed. Replace the disk, then restart the bot: it looks at its state again.`;
    case 'damaged':
      return `The state in ${directory} is damaged. Nothing is changed. Restart the bot: it looks at its state and names the copy to go back to.`;
  }
}
