import { fsyncSync, readSync } from 'node:fs';
import { writeAll } from './files.ts';
import type { AuditTrail } from './trail.ts';

/** Somebody else has been at the file: it is evidence now, and nothing here mends it. */
export class MirrorTouched extends Error {
  override readonly name = 'MirrorTouched';
  readonly code = 'MIRROR_TOUCHED';
  constructor(how: string) {
    super(
      `${how} Run storagebot audit verify. Put the file back as it was, or keep it elsewhere as evidence, remove it and ` +
        'restart: it is then written anew from the database.',
    );
  }
}

export interface MirrorFile {
  readonly fd: number;
  readonly bytes: number;
  readonly trail: AuditTrail;
}

/** Completes a line that a crash cut off. Returns the number of the last line; throws where the end is not the trail's. */
export function mend({ fd, bytes, trail }: MirrorFile): number {
  const { last, fragment } = endOf(fd, bytes);
  const seq = last === undefined ? 0 : requireLine(last, trail);
  if (fragment.length === 0) return seq;
  const row = trail.linesSince(seq)[0];
  const line = Buffer.from(row?.line ?? '');
  if (row === undefined || !line.subarray(0, fragment.length).equals(fragment)) {
    throw new MirrorTouched(`after seq ${seq} it goes on with something that is not the next line of the trail.`);
  }
  writeAll(fd, Buffer.concat([line.subarray(fragment.length), Buffer.from('\n')]));
  fsyncSync(fd);
  return row.seq;
}

function requireLine(last: Buffer, trail: AuditTrail): number {
  const seq = Number(/^\{"seq":(\d{1,15}),/.exec(last.toString('latin1', 0, 32))?.[1] ?? 0);
  const row = seq === 0 ? undefined : trail.linesSince(seq - 1)[0];
  if (row?.seq === seq && Buffer.from(row.line).equals(last)) return seq;
  throw new MirrorTouched('its last line is not the one that the database has.');
}

const WINDOW_BYTES = 64 * 1024;
const LINE_FEED = 0x0a;

/** The last whole line, and what stands after it without a line feed. */
function endOf(fd: number, bytes: number): { last: Buffer | undefined; fragment: Buffer } {
  for (let window = WINDOW_BYTES; ; window *= 4) {
    const start = Math.max(0, bytes - window);
    const text = readAt(fd, start, bytes - start);
    const end = text.lastIndexOf(LINE_FEED);
    const begin = end < 1 ? -1 : text.lastIndexOf(LINE_FEED, end - 1);
    if (begin >= 0 || start === 0) {
      return { last: end < 0 ? undefined : text.subarray(begin + 1, end), fragment: text.subarray(end + 1) };
    }
  }
}

function readAt(fd: number, position: number, length: number): Buffer {
  const buffer = Buffer.alloc(length);
  let filled = 0;
  while (filled < length) {
    const read = readSync(fd, buffer, filled, length - filled, position + filled);
    if (read === 0) break;
    filled += read;
  }
  return buffer.subarray(0, filled);
}
