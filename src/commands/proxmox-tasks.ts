import { z } from 'zod';
import { defineRead, proxmox } from '../core/command.ts';
import { Refusal } from '../core/errors.ts';
import type { HypervisorApi } from '../core/site.ts';
import { requireNode } from './proxmox-vm.ts';
import { told } from './work.ts';
import { parseUpid, type Upid } from './work-task.ts';

// From the source of pve-manager (PVE/API2/Tasks.pm); never seen run against a Proxmox VE.

/** A task of Proxmox VE; its type says what it does: `qmstop`, `qmstart`, `qmconfig` … */
export interface ApiTask extends Upid {
  /** `RUNNING`, `OK`, `WARNINGS: 1`, or what went wrong. */
  readonly status: string;
}

/** As many as are asked for at once: each disk that the block driver attaches or detaches is a task as well. */
const LIMIT = 500;

/** The last 500 tasks about one virtual machine, running ones included, the latest first. */
export function vmTasks({ node }: HypervisorApi, vmid: number) {
  return defineRead<readonly ApiTask[]>({
    asks: `What did Proxmox do with virtual machine ${vmid} lately?`,
    command: listTasks(node, vmid),
    answers: [0],
    parse: ({ stdout }) => parseApiTasks(stdout, vmid),
  });
}

/** By default Proxmox lists only tasks that have ended. */
function listTasks(node: string, vmid: number) {
  const parameters = { vmid: `${vmid}`, source: 'all', limit: `${LIMIT}` };
  return proxmox({ method: 'GET', path: `/nodes/${requireNode(node)}/tasks`, parameters });
}

/** Backups of machines that run or ended lately, the latest first. */
export function backupTasks({ node }: HypervisorApi) {
  const parameters = { typefilter: 'vzdump', source: 'active', limit: `${LIMIT}` };
  return defineRead<readonly ApiTask[]>({
    asks: 'Does Proxmox back up machines now?',
    command: proxmox({ method: 'GET', path: `/nodes/${requireNode(node)}/tasks`, parameters }),
    answers: [0],
    parse: ({ stdout }) => parseBackupTasks(stdout),
  });
}

/** One of several machines has no id. */
export function parseBackupTasks(text: string): ApiTask[] {
  const tasks = tasksIn(text);
  const other = tasks.find(({ type }) => type !== 'vzdump');
  if (other !== undefined) throw new Error(`not a backup: ${other.upid}`);
  return tasks;
}

const Tasks = z.array(z.object({ upid: z.string(), status: z.string().min(1).optional(), endtime: z.number().optional() }));

/** A task that the filter should have left out means that it was not understood: that throws. */
export function parseApiTasks(text: string, vmid: number): ApiTask[] {
  const tasks = tasksIn(text);
  const other = tasks.find(({ id }) => id !== `${vmid}`);
  if (other !== undefined) throw new Error(`not a task of ${vmid}: ${other.upid}`);
  return tasks;
}

function tasksIn(text: string): ApiTask[] {
  const tasks = Tasks.parse(JSON.parse(text)).map(({ upid, status, endtime }) => {
    if (status === undefined && endtime !== undefined) throw new Error(`it does not say how ${upid} ended`);
    return { ...parseUpid(upid), status: status ?? 'RUNNING' };
  });
  return tasks.toSorted((a, b) => b.startedMs - a.startedMs);
}

/** What Proxmox writes of a task that did what it was to do. */
export function endedWell(status: string): boolean {
  return status === 'OK' || status.startsWith('WARNINGS: ');
}

/** `running`, or how it ended. */
export function taskStatus(api: HypervisorApi, upid: string) {
  return defineRead<string>({
    asks: `How did ${upid} end?`,
    command: proxmox({ method: 'GET', path: `${taskPath(api, upid)}/status` }),
    answers: [0],
    parse: ({ stdout }) => parseTaskStatus(stdout, upid),
  });
}

const Status = z.union([
  z.object({ upid: z.string(), status: z.literal('running') }),
  z.object({ upid: z.string(), status: z.literal('stopped'), exitstatus: z.string().min(1) }),
]);

export function parseTaskStatus(text: string, upid: string): string {
  const status = Status.parse(JSON.parse(text));
  if (status.upid !== upid) throw new Error(`this is ${status.upid}`);
  return status.status === 'running' ? 'running' : status.exitstatus;
}

/** The first 500 lines that a task printed, which are all of any that the bot starts. */
export function taskLog(api: HypervisorApi, upid: string) {
  return defineRead<readonly string[]>({
    asks: `What did ${upid} print?`,
    command: proxmox({ method: 'GET', path: `${taskPath(api, upid)}/log`, parameters: { limit: '500' } }),
    answers: [0],
    parse: ({ stdout }) => parseTaskLog(stdout),
  });
}

const Log = z.array(z.object({ n: z.number().int().positive(), t: z.string() }));

export function parseTaskLog(text: string): string[] {
  return Log.parse(JSON.parse(text)).map(({ t }) => told(t));
}

function taskPath({ node }: HypervisorApi, upid: string): `/${string}` {
  try {
    parseUpid(upid);
  } catch {
    throw new Refusal('bad-request', `${JSON.stringify(upid.slice(0, 300))} is no task of Proxmox`);
  }
  if (/[/?#%\\]/.test(upid)) throw new Refusal('bad-request', `${JSON.stringify(upid.slice(0, 300))} cannot stand in a path`);
  return `/nodes/${requireNode(node)}/tasks/${upid}`;
}
