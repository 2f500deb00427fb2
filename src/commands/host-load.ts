import { z } from 'zod';
import type { Host } from '../core/command.ts';
import { asRoot, defineRead, on, operand } from '../core/command.ts';
import { linesOf } from './bounded.ts';

export interface DiskLoad {
  readonly busyPercent: number;
  readonly readKBPerS: number;
  readonly writeKBPerS: number;
  readonly readWaitMs: number;
  readonly writeWaitMs: number;
  /** Requests that wait or are being served, on average. */
  readonly queue: number;
}

/** Two seconds of one disk; `-y` leaves out the report since the boot. */
export function diskLoad(host: Host, disk: string) {
  return defineRead<DiskLoad>({
    asks: `How much does disk ${disk} of ${host.name} do?`,
    command: on(host, 7_000, 'iostat', '-d', '-x', '-y', operand(disk), '2', '1'),
    answers: [0],
    parse: ({ stdout }) => parseDiskLoad(stdout, disk),
  });
}

export function parseDiskLoad(text: string, disk: string): DiskLoad {
  const rows = linesOf(text).map((line) => line.trim().split(/\s+/));
  const header = rows.find(([first]) => first === 'Device' || first === 'Device:');
  const row = rows.find(([first]) => first === disk);
  const figure = (...names: string[]) => {
    const column = header?.findIndex((name) => names.includes(name)) ?? -1;
    const number = Number((column < 0 ? '' : (row?.[column] ?? '')).replace(',', '.') || Number.NaN);
    if (Number.isNaN(number)) throw new Error(`no ${names[0]} of ${disk}`);
    return number;
  };
  return {
    busyPercent: figure('%util'),
    readKBPerS: figure('rkB/s'),
    writeKBPerS: figure('wkB/s'),
    readWaitMs: figure('r_await'),
    writeWaitMs: figure('w_await'),
    queue: figure('aqu-sz', 'avgqu-sz'),
  };
}

/** Programs that run or wait for the kernel, on average of the last minute. */
export function loadAverage(host: Host) {
  return defineRead<number>({
    asks: `How loaded is ${host.name}?`,
    command: on(host, 7_000, 'cat', '/proc/loadavg'),
    answers: [0],
    parse: ({ stdout }) => {
      const load = /^(\d+\.\d\d) \d+\.\d\d \d+\.\d\d \d+\/\d+ \d+\s*$/.exec(stdout)?.[1];
      if (load === undefined) throw new Error(stdout);
      return Number(load);
    },
  });
}

const VirtualMachine = z.object({ vmid: z.coerce.number(), name: z.string(), status: z.string(), uptime: z.number().default(0) });
export type VirtualMachine = z.output<typeof VirtualMachine>;

export function virtualMachines(hypervisor: Host) {
  return defineRead<readonly VirtualMachine[]>({
    asks: `Which virtual machines does ${hypervisor.name} have?`,
    command: asRoot(hypervisor, 6_000, 'pvesh', 'get', '/nodes/localhost/qemu', '--output-format', 'json'),
    answers: [0],
    parse: ({ stdout }) => {
      const machines = z.array(VirtualMachine).parse(JSON.parse(stdout));
      if (machines.length === 0) throw new Error('it names no virtual machine');
      return machines.toSorted((a, b) => a.vmid - b.vmid);
    },
  });
}

/** The mean of one minute, in bytes for each second; figures are missing for a minute of which none were kept. */
const Minute = z
  .object({ time: z.number(), diskread: z.number().optional(), diskwrite: z.number().optional() })
  .transform(({ time, diskread, diskwrite }) => ({ time, readBytesPerS: diskread, writeBytesPerS: diskwrite }));
export type Minute = z.output<typeof Minute>;

/** What the machine's disks did in the last hour, minute by minute, the oldest first. */
export function vmMinutes(hypervisor: Host, vmid: number) {
  const path = `/nodes/localhost/qemu/${vmid}/rrddata`;
  return defineRead<readonly Minute[]>({
    asks: `What did virtual machine ${vmid} read and write in the last hour?`,
    command: asRoot(hypervisor, 8_000, 'pvesh', 'get', path, '--timeframe', 'hour', '--output-format', 'json'),
    answers: [0],
    parse: ({ stdout }) => {
      const minutes = z.array(Minute).parse(JSON.parse(stdout));
      if (!minutes.some(({ writeBytesPerS }) => writeBytesPerS !== undefined)) throw new Error('it has no figures');
      return minutes.toSorted((a, b) => a.time - b.time);
    },
  });
}
