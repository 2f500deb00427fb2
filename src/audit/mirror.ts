import { closeSync, constants, fstatSync, fsyncSync, openSync } from 'node:fs';
import { messageOf } from '../core/errors.ts';
import { isMissing, syncDirectoryOf, writeAll } from './files.ts';
import { MirrorTouched, mend } from './mirror-end.ts';
import type { AuditTrail } from './trail.ts';

/** A copy of the trail as a file of lines, for whoever collects logs; it is only ever appended to. */
export interface Mirror {
  /** Writes what the file lacks and syncs it to disk. Never throws: see `problem`. Call it after each commit. */
  readonly flush: () => void;
  /** Why the file is not whole, and what to do; while there is one, nothing should be changed anywhere. */
  readonly problem: () => string | undefined;
}

/** The file as this process left it. */
interface Left extends Found {
  /** Of its last line; undefined after a write that failed, when only the file itself can tell. */
  readonly seq: number | undefined;
}

interface Found {
  readonly device: number;
  readonly inode: number;
  readonly bytes: number;
}

export function createMirror({ file, trail }: { readonly file: string; readonly trail: AuditTrail }): Mirror {
  let left: Left | undefined;
  let problem: string | undefined;
  const catchUp = () => {
    const fd = open(file, left === undefined);
    try {
      const found = stateOf(fd);
      if (left !== undefined) requireUntouched(left, found);
      const seq = left?.seq ?? mend({ fd, bytes: found.bytes, trail });
      if (left !== undefined) left = { ...left, seq: undefined };
      const last = appendSince(seq, fd, trail);
      left = { ...stateOf(fd), seq: last };
    } finally {
      closeSync(fd);
    }
  };
  return {
    flush() {
      try {
        catchUp();
        problem = undefined;
      } catch (error) {
        problem = `The audit trail cannot be written to ${file}: ${messageOf(error)}`;
      }
    },
    problem: () => problem,
  };
}

function open(file: string, isFirst: boolean): number {
  const flags = constants.O_RDWR | constants.O_APPEND;
  try {
    return openSync(file, flags);
  } catch (error) {
    if (!isMissing(error)) throw error;
    if (!isFirst) throw new MirrorTouched('it is gone.');
  }
  const fd = openSync(file, flags | constants.O_CREAT | constants.O_EXCL, 0o600);
  syncDirectoryOf(file);
  return fd;
}

function stateOf(fd: number): Found {
  const { dev: device, ino: inode, size: bytes } = fstatSync(fd);
  return { device, inode, bytes };
}

function requireUntouched(left: Left, found: Found): void {
  if (found.device !== left.device || found.inode !== left.inode) throw new MirrorTouched('it is another file than before.');
  const isRight = left.seq === undefined ? found.bytes >= left.bytes : found.bytes === left.bytes;
  if (!isRight) throw new MirrorTouched(`it has ${found.bytes} bytes, and the bot left it with ${left.bytes}.`);
}

/** The number of the last line that the file then has. */
function appendSince(seq: number, fd: number, trail: AuditTrail): number {
  let last = seq;
  for (let rows = trail.linesSince(last); rows.length > 0; rows = trail.linesSince(last)) {
    writeAll(fd, rows.map(({ line }) => `${line}\n`).join(''));
    last = rows.at(-1)?.seq ?? last;
  }
  if (last !== seq) fsyncSync(fd);
  return last;
}
