import { mkdirSync, statfsSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { messageOf } from '../core/errors.ts';
import { StoreUnusable } from './keeping-errors.ts';

/** So much must be free before a change is begun, so that its outcome can be written down. */
export const RESERVE_BYTES = 32 * 2 ** 20;

/** Creates the state directory, readable by its owner alone, and refuses one on a network file system before it is touched. */
export function prepareDirectory(directory: string): void {
  // A file in it may be a link or a mount that leads elsewhere.
  for (const part of ['', 'copies', 'storagebot.db', 'engine.db', 'audit.jsonl']) requireLocal(join(resolve(directory), part));
  try {
    mkdirSync(directory, { recursive: true, mode: 0o700 });
  } catch (error) {
    throw new StoreUnusable(`The state directory ${directory} cannot be made: ${messageOf(error)}`, { cause: error });
  }
}

function requireLocal(path: string): void {
  const kind = networkFileSystem(magicUnder(path));
  if (kind === undefined) return;
  throw new StoreUnusable(
    `The state directory ${path} is on ${kind}. The bot must work while network storage does not, and locks and fsync are only sure on a local disk: use one.`,
  );
}

/** Of the directory itself, or of the nearest one above it that can be looked at. */
function magicUnder(path: string): number {
  try {
    return statfsSync(path).type;
  } catch (error) {
    if (dirname(path) === path) throw error;
    return magicUnder(dirname(path));
  }
}

/** File systems that need a network, a user's process or another machine, by the number that statfs(2) gives (linux/magic.h and theirs). */
const NETWORK_FILE_SYSTEMS: ReadonlyMap<number, string> = new Map([
  [0x6969, 'NFS'],
  [0x517b, 'SMB'],
  [0xff534d42, 'CIFS'],
  [0xfe534d42, 'SMB'],
  [0x65735546, 'FUSE (sshfs, GlusterFS, s3fs, mergerfs, virtiofs …)'],
  [0x00c36400, 'CephFS'],
  [0x01021997, '9P'],
  [0x5346414f, 'AFS'],
  [0x6b414653, 'AFS'],
  [0x73757245, 'Coda'],
  [0x564c, 'NCP'],
  [0x0bd00bd0, 'Lustre'],
  [0x47504653, 'GPFS'],
  [0x7461636f, 'OCFS2'],
  [0x01161970, 'GFS2'],
  [0x19830326, 'BeeGFS'],
  [0x20030528, 'OrangeFS'],
  [0xaad7aaea, 'PanFS'],
  [0xbeefdead, 'StorNext'],
  [0x61636673, 'ACFS'],
  [0x013111a8, 'IBRIX'],
  [0x786f4256, 'a VirtualBox shared folder'],
  [0xbacbacbc, 'a VMware shared folder'],
  [0x7c7c6673, 'a Parallels shared folder'],
]);

/** The name of the file system that has this number where it is none of this machine's own disks; undefined for any other. */
export function networkFileSystem(magic: number): string | undefined {
  return NETWORK_FILE_SYSTEMS.get(magic >>> 0);
}

/** Undefined while a change may be begun; else the sentence that says why there is no room for its outcome. */
export function roomFor(directory: string): string | undefined {
  try {
    const { bavail, bsize } = statfsSync(directory);
    const free = bavail * bsize;
    if (free >= RESERVE_BYTES) return undefined;
    return `The disk under ${directory} is full: ${mebibytes(free)} MiB are free, and ${mebibytes(RESERVE_BYTES)} MiB must be, so that the outcome of a change can be written down. Nothing is changed until there is room; then the bot goes on by itself.`;
  } catch (error) {
    return `The disk under ${directory} cannot be looked at: ${messageOf(error)}. Nothing is changed.`;
  }
}

function mebibytes(bytes: number): number {
  return Math.floor(bytes / 2 ** 20);
}
