import { closeSync, constants, fchownSync, fstatSync, openSync, readdirSync, type Stats } from 'node:fs';
import { codeOf } from '../connectors/network-error.ts';

const { O_RDONLY, O_NOFOLLOW, O_NONBLOCK } = constants;

/** What root made in the directory of another user becomes that user's, or the bot could not read its own state. */
export function giveBack(directory: string): void {
  if (process.geteuid?.() !== 0) return;
  withOpen(directory, (descriptor, owner) => {
    if (owner.isDirectory() && owner.uid !== 0) giveAllIn(descriptor, owner);
  });
}

/** By open descriptors alone: the owner of the directory could put a link in the place of what was just looked at. */
function giveAllIn(directory: number, owner: Stats): void {
  for (const name of readdirSync(`/proc/self/fd/${directory}`)) {
    withOpen(`/proc/self/fd/${directory}/${name}`, (descriptor, found) => {
      // A file with a second name may belong to somebody else's directory.
      const isOurs = found.isDirectory() || (found.isFile() && found.nlink === 1);
      if (isOurs && found.uid === 0) fchownSync(descriptor, owner.uid, owner.gid);
      if (found.isDirectory()) giveAllIn(descriptor, owner);
    });
  }
}

function withOpen(path: string, work: (descriptor: number, found: Stats) => void): void {
  const descriptor = openIfReal(path);
  if (descriptor === undefined) return;
  try {
    work(descriptor, fstatSync(descriptor));
  } finally {
    closeSync(descriptor);
  }
}

/** Undefined for a link, and for what is gone by now. */
function openIfReal(path: string): number | undefined {
  try {
    return openSync(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK);
  } catch (error) {
    if (['ELOOP', 'ENOENT', 'ENXIO'].includes(codeOf(error))) return undefined;
    throw error;
  }
}
