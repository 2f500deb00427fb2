import { readdirSync } from 'node:fs';
import { z } from 'zod';
import { lockState } from '../engine/lock.ts';
import { type DiskFault, diskFaultOf, StateDamaged, StoreUnusable, showDiskFault } from './keeping-errors.ts';
import type { Keeper, KeeperOptions } from './keeping-keeper.ts';
import { createKeeper } from './keeping-keeper.ts';
import { prepareDirectory, roomFor } from './keeping-place.ts';
import { perform } from './keeping-tasks.ts';

export { StateDamaged, StoreUnusable } from './keeping-errors.ts';
export type { Keeper } from './keeping-keeper.ts';

export interface OpenState {
  readonly keeper: Keeper;
  /** Lets another process have the directory. */
  readonly release: () => void;
}

/**
 * Takes the state directory for this process, looks whether what is in it is sound, and copies it, before anything writes to it.
 * Throws `StoreUnusable`, `StateInUse` or `StateDamaged`; then nothing is held.
 */
export async function openState(options: KeeperOptions): Promise<OpenState> {
  const { directory, clock = Date.now } = options;
  prepareDirectory(directory);
  const lock = lockOrSay(directory);
  try {
    const keeper = createKeeper(options);
    // A directory that is new holds nothing to look at, and a thread takes a while to start.
    if (!readdirSync(directory).every((name) => name === 'engine.lock')) {
      const result = await perform({ do: 'check', directory, now: clock() });
      if (!result.ok) throw refusalOf(directory, result);
      await keeper.copy();
    }
    return { keeper, release: lock.release };
  } catch (error) {
    lock.release();
    throw error;
  }
}

const Cause = z.object({ cause: z.unknown() });

/** A lock fails also where the disk does, and then nobody else is to blame. */
function lockOrSay(directory: string): { readonly release: () => void } {
  try {
    return lockState(directory);
  } catch (error) {
    const fault = diskFaultOf(Cause.safeParse(error).data?.cause) ?? diskFaultOf(error);
    if (fault === undefined) throw error;
    throw new StoreUnusable(roomFor(directory) ?? showDiskFault(fault, directory), { cause: error });
  }
}

function refusalOf(directory: string, { fault, says }: { readonly fault?: DiskFault; readonly says: string }): Error {
  if (fault === 'damaged') return new StateDamaged(says);
  return new StoreUnusable(roomFor(directory) ?? `The state in ${directory} cannot be looked at: ${says}`);
}
