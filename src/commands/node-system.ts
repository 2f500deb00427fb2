import type { Host } from '../core/command.ts';
import { asRoot, defineChange, defineRead, on, operand } from '../core/command.ts';
import { linesOf } from './bounded.ts';

export interface Process {
  /** R, S, D, Z … : D waits for the kernel and cannot be ended. */
  readonly state: string;
  readonly pid: number;
  /** Seconds since it began; 0 where ps does not know it, as of what has ended on FreeBSD. */
  readonly ageS: number;
  /** Where in the kernel it waits. */
  readonly waitsIn: string;
  readonly program: string;
}

/** Programs without their arguments, which may hold passwords. */
export function processesOf(host: Host) {
  return defineRead<readonly Process[]>({
    asks: `What do the processes of ${host.name} wait for?`,
    command: on(host, 7_000, 'ps', '-eo', 'state,pid,etimes,wchan:32,comm'),
    answers: [0],
    parse: ({ stdout }) => parsePs(stdout),
  });
}

/** The same on FreeBSD, where each thread of the NFS server is a row of its own. */
export function threadsOf(host: Host) {
  return defineRead<readonly Process[]>({
    asks: `What do the threads of ${host.name} wait for?`,
    command: on(host, 7_000, 'ps', '-axH', '-o', 'state,pid,etimes,wchan,comm'),
    answers: [0],
    parse: ({ stdout }) => parsePs(stdout),
  });
}

export function parsePs(text: string): Process[] {
  const [header, ...rows] = linesOf(text);
  if (header === undefined || !/PID/.test(header)) throw new Error('no table of processes');
  return rows.map((row) => {
    const match = /^\s*(\S+)\s+(\d+)\s+(\d+|-)\s+(\S+)(?:\s+(.*))?$/.exec(row);
    // A program may have taken its own name away.
    const [, state, pid, age, waitsIn, program = ''] = match ?? [];
    if (state === undefined || waitsIn === undefined) throw new Error(`not a process: ${row}`);
    return { state: state.slice(0, 1), pid: Number(pid), ageS: age === '-' ? 0 : Number(age), waitsIn, program: program.trim() };
  });
}

/** Processes that wait inside the kernel for a mount to be made: a node with one cannot make another. */
export function stuckMounters(processes: readonly Process[]): readonly Process[] {
  return processes.filter(({ state, program }) => state === 'D' && program.startsWith('mount.nfs'));
}

export interface NfsKernelLine {
  readonly server: string;
  /** `retries`: hard mount. `gives-up`: soft mount. */
  readonly says: 'retries' | 'gives-up' | 'ok';
  /** Seconds since 1970 by the node's clock; absent where the line has no date. */
  readonly atS?: number;
}

/** What the kernel lately said about NFS servers, oldest first. */
export function nfsKernelLines(node: Host) {
  return defineRead<readonly NfsKernelLine[]>({
    asks: `What did the kernel of ${node.name} say about NFS servers?`,
    command: asRoot(node, 7_000, 'journalctl', '--dmesg', '--lines=300', '--no-pager', '--output=short-iso'),
    answers: [0],
    parse: ({ stdout }) => parseNfsKernelLines(stdout),
  });
}

export function parseNfsKernelLines(text: string): NfsKernelLine[] {
  if (text.trim() === '') throw new Error('journalctl says "-- No entries --" where there are none, and it said nothing');
  return linesOf(text).flatMap((line) => {
    const match = /nfs: server (\S+) (not responding, still trying|not responding, timed out|OK)/.exec(line);
    if (match?.[1] === undefined) return [];
    const says = match[2] === 'OK' ? 'ok' : match[2] === 'not responding, still trying' ? 'retries' : 'gives-up';
    const atS = secondsOf(line);
    return [{ server: match[1], says, ...(atS !== undefined && { atS }) }];
  });
}

/** `2026-04-03T09:00:00+0000 k8s-node2 kernel: …`; newer versions of journalctl write the zone with a colon. */
export function secondsOf(line: string): number | undefined {
  const [, time, hours, minutes] = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)([+-]\d\d):?(\d\d) /.exec(line) ?? [];
  return time === undefined ? undefined : Date.parse(`${time}${hours}:${minutes}`) / 1000;
}

/** Seconds since 1970 by the host's clock. */
export function clockOf(host: Host) {
  return defineRead<number>({
    asks: `What time is it on ${host.name}?`,
    command: on(host, 7_000, 'date', '-u', '+%s'),
    answers: [0],
    parse: ({ stdout }) => {
      if (!/^\d{9,11}\s*$/.test(stdout)) throw new Error(stdout);
      return Number(stdout);
    },
  });
}

/** Takes one mount point out of the tree now; the kernel cleans up when its last user lets go. */
export function detachMount(node: Host, mountPoint: string) {
  return defineChange({ command: asRoot(node, 15_000, 'umount', '--lazy', operand(mountPoint)), risk: 'high' });
}
