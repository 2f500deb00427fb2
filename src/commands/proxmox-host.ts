import type { Host } from '../core/command.ts';
import { asRoot, defineChange, defineRead, on, operand } from '../core/command.ts';
import { linesOf } from './bounded.ts';
import { parseDiskLoad } from './host-load.ts';

/** `running`, `stopped`, `paused` … as qm prints it. */
export function vmStatus(hypervisor: Host, vmid: number) {
  return defineRead<string>({
    asks: `In which state is virtual machine ${vmid}?`,
    command: asRoot(hypervisor, 10_000, 'qm', 'status', `${vmid}`),
    answers: [0],
    parse: ({ stdout }) => {
      const status = /^status: (\S+)\s*$/.exec(stdout)?.[1];
      if (status === undefined) throw new Error(stdout);
      return status;
    },
  });
}

/** The disk that the machine boots from, and whether its configuration has that disk. */
export interface BootDisk {
  readonly slot: string;
  readonly present: boolean;
  /** The machine's own name, which proves that the number is the right one. */
  readonly vmName?: string;
}

export function bootDisk(hypervisor: Host, vmid: number) {
  return defineRead<BootDisk>({
    asks: `Does virtual machine ${vmid} have the disk it boots from?`,
    command: asRoot(hypervisor, 10_000, 'qm', 'config', `${vmid}`),
    answers: [0],
    parse: ({ stdout }) => parseBootDisk(stdout),
  });
}

export function parseBootDisk(config: string): BootDisk {
  const lines = linesOf(config);
  const boot = lines.find((line) => line.startsWith('boot:'));
  const slot = /order=([a-z]+\d+)/.exec(boot ?? '')?.[1] ?? /^bootdisk: (\S+)/m.exec(config)?.[1];
  if (slot === undefined) throw new Error('the configuration names no boot disk');
  const present = lines.some((line) => line.startsWith(`${slot}: `) && !line.includes('media=cdrom'));
  const vmName = /^name: (\S+)/m.exec(config)?.[1];
  return vmName === undefined ? { slot, present } : { slot, present, vmName };
}

export function startVm(hypervisor: Host, vmid: number) {
  return defineChange({ command: asRoot(hypervisor, 120_000, 'qm', 'start', `${vmid}`), risk: 'high' });
}

/** The virtual power switch off and on. `qm reset` has returned 0 and done nothing: the verification must prove the restart. */
export function resetVm(hypervisor: Host, vmid: number) {
  return defineChange({ command: asRoot(hypervisor, 60_000, 'qm', 'reset', `${vmid}`), risk: 'high' });
}

/** Share of time in which the disk had work, over two seconds, in percent. */
export function diskBusyPercent(hypervisor: Host, disk: string) {
  return defineRead<number>({
    asks: `How busy is disk ${disk} of ${hypervisor.name}?`,
    command: on(hypervisor, 7_000, 'iostat', '-d', '-x', '-y', operand(disk), '2', '1'),
    answers: [0],
    parse: ({ stdout }) => parseDiskLoad(stdout, disk).busyPercent,
  });
}
