import type { Hypervisor, LabTask, Vm } from './hypervisor.ts';
import { pidOf } from './ids.ts';
import type { Timeline } from './time.ts';

/** Every action on a machine is a task of the hypervisor, which it keeps. */
export function writeTask(
  { hypervisor, time }: { readonly hypervisor: Hypervisor; readonly time: Timeline },
  { vmid }: { readonly vmid: Vm['vmid'] | '' },
  { type, user, status }: Pick<LabTask, 'type' | 'user' | 'status'>,
): LabTask {
  const hex = (number: number) => number.toString(16).toUpperCase().padStart(8, '0');
  const starttime = Math.floor(time.nowMs / 1_000);
  const pid = pidOf(`${type}/${vmid}/${hypervisor.tasks.length}`);
  const about = { node: hypervisor.name, type, id: `${vmid}`, user };
  const upid = `UPID:${about.node}:${hex(pid)}:${hex(pid * 16)}:${hex(starttime)}:${type}:${vmid}:${user}:`;
  const task = { upid, ...about, starttime, endtime: starttime, status };
  hypervisor.tasks.unshift(task);
  return task;
}
