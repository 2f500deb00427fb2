import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { z } from 'zod';

export type Task = z.output<typeof Task>;
export const Task = z.object({
  do: z.enum(['check', 'copy']),
  directory: z.string(),
  /** Milliseconds since 1970. */
  now: z.number(),
});

export type TaskResult = z.output<typeof TaskResult>;
const TaskResult = z.discriminatedUnion('ok', [
  /** `made`: the path of a new copy. */
  z.object({ ok: z.literal(true), made: z.string().exactOptional() }),
  z.object({
    ok: z.literal(false),
    says: z.string(),
    fault: z.enum(['full', 'unreliable', 'damaged', 'read-only']).exactOptional(),
  }),
]);

/** Does it on a thread of its own. Rejects only when there can be no such thread. */
export async function perform(task: Task): Promise<TaskResult> {
  const worker = new Worker(new URL('./keeping-worker.ts', import.meta.url), { workerData: task });
  const [result]: unknown[] = await once(worker, 'message');
  return TaskResult.parse(result);
}
