import type { Evidence } from '../core/finding.ts';
import { notSeen } from '../core/finding.ts';
import { isPrintable } from '../core/quote.ts';
import { partOf } from '../core/reading.ts';
import type { ClusterLook } from './cluster-look.ts';
import type { NfsVolume } from './volumes.ts';

const LONGEST_PATH_BYTES = 4_096;

/** Whether a program can be given the path: attributes of a CSI volume are any text, and one must hide nothing but itself. */
export function isAskable({ backing: { path } }: NfsVolume): boolean {
  return path.startsWith('/') && isPrintable(path) && Buffer.byteLength(path) <= LONGEST_PATH_BYTES;
}

/** "Could not look" for each volume of which nothing was asked. */
export function notAsked(all: readonly NfsVolume[], { pods, volumes }: Pick<ClusterLook, 'pods' | 'volumes'>): Evidence[] {
  return all
    .filter((volume) => !isAskable(volume))
    .flatMap(({ namespace, name, backing: { path, inline } }) =>
      notSeen(`Volume ${namespace}/${name}`, [
        partOf<unknown, never>(inline ? pods : volumes, () => ({
          why: {
            failed: 'unreadable',
            says: `Its path ${JSON.stringify(path.slice(0, 200))} is none that a program could be given.`,
            toDo: 'Put the path of the volume right: it begins with a slash and has letters that can be seen.',
          },
        })),
      ]),
    );
}
