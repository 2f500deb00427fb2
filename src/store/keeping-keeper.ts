import { existsSync } from 'node:fs';
import { open, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { messageOf } from '../core/errors.ts';
import { type DiskFault, diskFaultOf, showDiskFault } from './keeping-errors.ts';
import { roomFor } from './keeping-place.ts';
import { perform } from './keeping-tasks.ts';

export interface KeeperLog {
  readonly info: (fields: Readonly<Record<string, unknown>>, message: string) => void;
  readonly error: (fields: Readonly<Record<string, unknown>>, message: string) => void;
}

export interface KeeperOptions {
  readonly directory: string;
  readonly log: KeeperLog;
  /** False for a state that is thrown away. */
  readonly copies?: boolean;
  /** Milliseconds since 1970. */
  readonly clock?: () => number;
  /** How often it is tried whether the disk can be written again. */
  readonly probeMs?: number;
}

/** Watches over the state while the bot runs. */
export interface Keeper {
  /** Why nothing may be changed now; undefined while the outcome of a change can be written down. Cheap. */
  readonly problem: () => string | undefined;
  /** What needs a person and keeps nothing from being done: that the last copy failed. */
  readonly notice: () => string | undefined;
  /** Hears of every error of a write. True when it was the disk's: then the write may work later. */
  readonly noteFailure: (error: unknown) => boolean;
  /** Makes a copy now, and resolves whatever becomes of it. */
  readonly copy: () => Promise<void>;
  /** Makes a copy each day from now on. */
  readonly start: () => void;
  /** Makes a last copy. Call it when nothing is written any more and before the lock is given back. */
  readonly stop: () => Promise<void>;
}

const DAY_MS = 86_400_000;
const PROBE_MS = 5_000;
const PROBE_BYTES = 65_536;

/** From the least to the worst: a worse one is not forgotten over a lesser one. The first two can pass. */
const SEVERITY: readonly DiskFault[] = ['full', 'read-only', 'unreliable', 'damaged'];

export function createKeeper(options: KeeperOptions): Keeper {
  const { directory, log, probeMs = PROBE_MS } = options;
  const disk = watchDisk(directory, log);
  const copying = createCopying(options, disk);
  let timers: readonly NodeJS.Timeout[] = [];
  return {
    problem: () => roomFor(directory) ?? disk.problem(),
    notice: copying.notice,
    noteFailure: disk.noteFailure,
    copy: copying.copy,
    start() {
      timers = [setInterval(() => void copying.copy(), DAY_MS), setInterval(() => void disk.probe(), probeMs)];
      for (const timer of timers) timer.unref();
    },
    async stop() {
      for (const timer of timers) clearInterval(timer);
      await copying.copy();
    },
  };
}

interface Disk {
  readonly problem: () => string | undefined;
  readonly noteFailure: (error: unknown) => boolean;
  readonly note: (fault: DiskFault) => void;
  /** Looks whether a fault that can pass has passed. Never rejects. */
  readonly probe: () => Promise<void>;
}

function watchDisk(directory: string, log: KeeperLog): Disk {
  let fault: DiskFault | undefined;
  const note = (found: DiskFault) => {
    if (fault !== undefined && SEVERITY.indexOf(found) <= SEVERITY.indexOf(fault)) return;
    fault = found;
    log.error({ fault }, showDiskFault(fault, directory));
  };
  const noteFailure = (error: unknown) => {
    const found = diskFaultOf(error);
    if (found !== undefined) note(found);
    return found !== undefined;
  };
  return {
    problem: () => fault && showDiskFault(fault, directory),
    note,
    noteFailure,
    async probe() {
      if ((fault !== 'full' && fault !== 'read-only') || roomFor(directory) !== undefined) return;
      try {
        await writeAndForget(join(directory, 'write-probe'));
        // Another probe may have been quicker.
        if (fault === undefined) return;
        log.info({ was: fault }, 'the state can be written again');
        fault = undefined;
      } catch (error) {
        if (!noteFailure(error)) log.error({ err: error }, 'it could not be tried whether the state can be written again');
      }
    },
  };
}

async function writeAndForget(path: string): Promise<void> {
  const file = await open(path, 'w', 0o600);
  try {
    await file.writeFile(Buffer.alloc(PROBE_BYTES, 1));
    await file.sync();
  } finally {
    await file.close();
    await rm(path, { force: true });
  }
}

function createCopying({ directory, log, copies = true, clock = Date.now }: KeeperOptions, disk: Disk) {
  let failed: string | undefined;
  let last: Promise<void> = Promise.resolve();
  const copy = async () => {
    if (!copies || !existsSync(join(directory, 'storagebot.db'))) return;
    try {
      const result = await perform({ do: 'copy', directory, now: clock() });
      failed = result.ok ? undefined : result.says;
      if (!result.ok && result.fault === 'damaged') disk.note('damaged');
    } catch (error) {
      failed = messageOf(error);
    }
    if (failed !== undefined) log.error({ reason: failed }, 'the state could not be copied');
  };
  return {
    copy: () => (last = last.then(copy)),
    notice: () => failed && `The last copy of the state failed: ${failed}`,
  };
}
