import { setTimeout as sleep } from 'node:timers/promises';
import { endedWell, parseTaskLog, parseTaskStatus } from '../../commands/proxmox-tasks.ts';
import { parseUpid } from '../../commands/work-task.ts';
import type { Output } from '../../core/output.ts';
import type { ProxmoxRequest } from '../../core/proxmox.ts';
import { codeOf } from '../network-error.ts';

/** Asks with GET; resolves to `data`. */
export type Get = (request: ProxmoxRequest & { readonly method: 'GET' }) => Promise<unknown>;

/** The UPID, where that is what a change answered. */
export function upidOf(data: unknown): string | undefined {
  if (typeof data !== 'string' || !data.startsWith('UPID:')) return undefined;
  return parseUpid(data).upid;
}

/** The task's end as pvesh prints it: its log, and the exit code by how it ended. Polls until then or until the signal. */
export async function follow(
  upid: string,
  get: Get,
  { signal, pollMs }: { signal: AbortSignal; pollMs: number },
): Promise<Output> {
  const path: `/${string}` = `/nodes/${parseUpid(upid).node}/tasks/${upid}`;
  let status = 'running';
  while (status === 'running') {
    status = parseTaskStatus(JSON.stringify(await get({ method: 'GET', path: `${path}/status` })), upid);
    if (status === 'running') await sleep(pollMs, undefined, { signal });
  }
  const log = await logAt(`${path}/log`, get);
  const isWell = endedWell(status);
  const printed = isWell ? log : [...log, status];
  return { exitCode: isWell ? 0 : 1, stdout: `${JSON.stringify(upid)}\n`, stderr: printed.map((line) => `${line}\n`).join('') };
}

/** How the task ended is known by now, and stays known where its log cannot be read. */
async function logAt(path: `/${string}`, get: Get): Promise<readonly string[]> {
  try {
    return parseTaskLog(JSON.stringify(await get({ method: 'GET', path, parameters: { limit: '500' } })));
  } catch (error) {
    return [`Its log could not be read: ${codeOf(error)}`];
  }
}
