import { parentPort, workerData } from 'node:worker_threads';
import { messageOf } from '../core/errors.ts';
import { checkFile, checkState } from './keeping-check.ts';
import { copyJournal } from './keeping-copies.ts';
import { reportDamage } from './keeping-damage.ts';
import { diskFaultOf, StateDamaged } from './keeping-errors.ts';
import type { TaskResult } from './keeping-tasks.ts';
import { Task } from './keeping-tasks.ts';

// Reads whole files: on a thread of its own, so that Slack and health checks are answered meanwhile.
async function perform({ do: what, directory, now }: Task): Promise<string | undefined> {
  if (what === 'copy') return copyJournal(directory, now, checkFile);
  const damages = checkState(directory);
  if (damages.length > 0) throw new StateDamaged(reportDamage(directory, damages, now));
  return undefined;
}

async function resultOf(task: Task): Promise<TaskResult> {
  try {
    const made = await perform(task);
    return { ok: true, ...(made === undefined ? {} : { made }) };
  } catch (error) {
    const fault = error instanceof StateDamaged ? 'damaged' : diskFaultOf(error);
    return { ok: false, says: messageOf(error), ...(fault === undefined ? {} : { fault }) };
  }
}

parentPort?.postMessage(await resultOf(Task.parse(workerData)));
