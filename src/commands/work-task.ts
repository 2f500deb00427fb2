import { z } from 'zod';
import type { Host } from '../core/command.ts';
import { asRoot, defineRead } from '../core/command.ts';
import type { WorkState } from '../core/plan.ts';
import { told } from './work.ts';

// From the source of pve-manager (PVE/API2/Tasks.pm) and outputs that others published; never seen run against a Proxmox VE.

/** A task of Proxmox VE, as its UPID names it. */
export interface Upid {
  readonly upid: string;
  readonly node: string;
  readonly pid: number;
  /** Milliseconds since 1970. */
  readonly startedMs: number;
  /** `qmreset`, `qmstart` … */
  readonly type: string;
  /** What it is about: the number of a virtual machine for a `qm…` task. */
  readonly id: string;
  /** `root@pam`, or `user@realm!token`. */
  readonly user: string;
}

const UPID =
  /^UPID:(?<node>[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?):(?<pid>[0-9A-Fa-f]{8}):[0-9A-Fa-f]{8,9}:(?<start>[0-9A-Fa-f]{8}):(?<type>[^:\s]+):(?<id>[^:\s]*):(?<user>[^:\s]+):$/;

/** `UPID:node:pid:start of the process:start in seconds:type:id:user:`, its numbers in hexadecimal. Throws for anything else. */
export function parseUpid(upid: string): Upid {
  const { node, pid, start, type, id, user } = UPID.exec(upid)?.groups ?? {};
  if (node === undefined || pid === undefined || start === undefined || type === undefined)
    throw new Error(`not a UPID: ${upid}`);
  if (id === undefined || user === undefined) throw new Error(`not a UPID: ${upid}`);
  return { upid, node, pid: Number.parseInt(pid, 16), startedMs: Number.parseInt(start, 16) * 1_000, type, id, user };
}

/** For a person: `qmreset of 202 by root@pam at 2026-04-03T09:00:00Z`. */
export function showUpid({ type, id, user, startedMs }: Upid): string {
  const about = id === '' ? '' : ` of ${id}`;
  return told(`${type}${about} by ${user} at ${new Date(startedMs).toISOString().replace('.000Z', 'Z')}`);
}

export type VmTask = 'qmreset' | 'qmstart';

export interface VmTasks {
  readonly vmid: number;
  readonly type: VmTask;
}

export interface Task extends Upid {
  /** `RUNNING`, `OK`, `WARNINGS: 1`, or what went wrong. */
  readonly status: string;
}

const LIMIT = 50;

/** The last 50 tasks of this type about one virtual machine, running ones included. */
export function tasksOf(hypervisor: Host, tasks: VmTasks) {
  return defineRead<readonly Task[]>({
    asks: `Which ${tasks.type} of virtual machine ${tasks.vmid} were there?`,
    command: listTasks(hypervisor, tasks),
    answers: [0],
    parse: ({ stdout }) => parseTasks(stdout, tasks),
  });
}

/** Whether there is such a task besides those whose UPIDs are known, and how it ended: the command line is that of `tasksOf`. */
export function taskSince(hypervisor: Host, { known, ...tasks }: VmTasks & { readonly known: readonly string[] }) {
  return defineRead<WorkState>({
    asks: `Was there a ${tasks.type} of virtual machine ${tasks.vmid} since?`,
    command: listTasks(hypervisor, tasks),
    answers: [0],
    parse: ({ stdout }) => stateOf(parseTasks(stdout, tasks).filter(({ upid }) => !known.includes(upid))),
  });
}

/** By default Proxmox lists only tasks that have ended; the node that is asked is `localhost` to itself. */
function listTasks(hypervisor: Host, { vmid, type }: VmTasks) {
  const filters = ['--vmid', `${vmid}`, '--typefilter', type, '--source', 'all', '--limit', `${LIMIT}`];
  return asRoot(hypervisor, 10_000, 'pvesh', 'get', '/nodes/localhost/tasks', ...filters, '--output-format', 'json');
}

const Tasks = z.array(z.object({ upid: z.string(), status: z.string().min(1) }));

/** A task that the filters should have left out means that they were not understood: that throws. */
export function parseTasks(text: string, { vmid, type }: VmTasks): readonly Task[] {
  const tasks = Tasks.parse(JSON.parse(text)).map(({ upid, status }) => ({ ...parseUpid(upid), status }));
  const other = tasks.find((task) => task.type !== type || task.id !== `${vmid}`);
  if (other !== undefined) throw new Error(`not a ${type} of ${vmid}: ${other.upid}`);
  return tasks;
}

function stateOf(tasks: readonly Task[]): WorkState {
  const running = tasks.find(({ status }) => status === 'RUNNING');
  if (running !== undefined) return { is: 'running', progress: showUpid(running) };
  if (tasks.some(({ status }) => status === 'OK' || status.startsWith('WARNINGS: '))) return { is: 'succeeded' };
  const [failed] = tasks;
  return failed === undefined ? { is: 'absent' } : { is: 'failed', says: `${showUpid(failed)}: ${told(failed.status)}` };
}
