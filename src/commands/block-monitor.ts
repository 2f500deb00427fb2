import type { Host } from '../core/command.ts';
import { asRoot, defineChange, defineRead } from '../core/command.ts';
import type { Output } from '../core/output.ts';
import { boundedAsRoot, ENDED_BY_TIMEOUT, endedByTimeout, linesOf } from './bounded.ts';

// From the sources of qemu-server (PVE/CLI/qm.pm) and QEMU (block/monitor, qom/qom-hmp-cmds.c); never seen run against a Proxmox VE.

/** What the machine's QEMU has, whatever its configuration says; `silent` where QEMU itself does not answer. */
export type MonitorAnswer<T> =
  | { readonly answers: true; readonly has: readonly T[] }
  | { readonly answers: false; readonly says: string };

export interface RuntimeDrive {
  /** `scsi2`, `ide2`, `efidisk0` … */
  readonly slot: string;
  /** The volume it opened, by its own name: `vm-9999-pvc-…`; absent for an empty drive. */
  readonly volume?: string;
  /** False for one that no device of the guest uses: its disk was unplugged, or never arrived. */
  readonly attached: boolean;
}

/** The drives that QEMU holds open. */
export function monitorBlock(hypervisor: Host, vmid: number) {
  return defineRead<MonitorAnswer<RuntimeDrive>>({
    asks: `Which drives does the running machine ${vmid} have?`,
    command: ask(hypervisor, vmid, 'echo "info block" | qm monitor "$1"'),
    answers: ANSWERS,
    parse: (output) => answerOf(output, parseDrives),
  });
}

/** The names of QEMU's objects: `throttle-drive-scsi2` blocks slot scsi2 for the next disk. */
export function monitorObjects(hypervisor: Host, vmid: number) {
  return defineRead<MonitorAnswer<string>>({
    asks: `Which objects does the running machine ${vmid} have?`,
    command: ask(hypervisor, vmid, 'echo "qom-list /objects" | qm monitor "$1"'),
    answers: ANSWERS,
    parse: (output) => answerOf(output, parseObjects),
  });
}

const ANSWERS = [0, ...ENDED_BY_TIMEOUT];

/** The reading key has no standard input, so the question is part of a constant script. */
function ask(hypervisor: Host, vmid: number, script: string) {
  return boundedAsRoot(hypervisor, 8, ['sh', '-c', script, 'storagebot', `${vmid}`]);
}

/** The program ends with 0 when QEMU refused or did not answer, and says so. */
function answerOf<T>(output: Output, parse: (lines: readonly string[]) => readonly T[]): MonitorAnswer<T> {
  if (endedByTimeout(output)) return { answers: false, says: 'qm monitor did not end within 8 seconds' };
  const [banner = '', ...rest] = output.stdout.split('\n');
  if (!/^Entering QEMU Monitor for VM \d+/i.test(banner)) throw new Error('not the output of qm monitor');
  const lines = linesOf(
    rest
      .join('\n')
      .replaceAll('\r', '')
      .replaceAll(/^(qm> ?)+/gm, ''),
  );
  const error = lines.find((line) => line.startsWith('ERROR: '));
  if (error === undefined) return { answers: true, has: parse(lines) };
  if (/got timeout|timeout after \d+ retries|not running/.test(error))
    return { answers: false, says: error.slice('ERROR: '.length) };
  throw new Error(error);
}

/** `drive-scsi2 (#block412): /dev/pve/vm-9999-pvc-… (raw)`; since QEMU 10 the file stands in a JSON of the throttle filter. */
export function parseDrives(lines: readonly string[]): RuntimeDrive[] {
  const drives: RuntimeDrive[] = [];
  for (const line of lines) {
    const last = drives.at(-1);
    if (/^\s/.test(line)) {
      const device = /^\s+Attached to:\s+(\S+)/.exec(line)?.[1];
      if (device !== undefined && last !== undefined) drives[drives.length - 1] = { ...last, attached: true };
      continue;
    }
    drives.push(driveOf(line));
  }
  if (drives.length === 0) throw new Error('the machine has no drive at all');
  return drives;
}

function driveOf(line: string): RuntimeDrive {
  const [, name, rest = ''] = /^(?:drive-)?([a-z]+\d+)(?: \(#block\d+\))?: (.+)$/.exec(line) ?? [];
  if (name === undefined) throw new Error(`not a drive: ${line}`);
  if (rest === '[not inserted]') return { slot: name, attached: false };
  const file = /"filename":\s*"([^"]+)"/.exec(rest)?.[1] ?? /^(\/\S+) \(/.exec(rest)?.[1];
  if (file === undefined) throw new Error(`no file of the drive: ${line}`);
  return { slot: name, volume: volumeOf(file), attached: false };
}

/** LVM's device mapper doubles the hyphens of its names: `/dev/mapper/pve-vm--9999--pvc--…` is `vm-9999-pvc-…` of `pve`. */
function volumeOf(file: string): string {
  const base = file.slice(file.lastIndexOf('/') + 1);
  if (!file.startsWith('/dev/mapper/')) return base;
  const group = /^(?:[^-]|--)+-(?!-)/.exec(base)?.[0] ?? '';
  return base.slice(group.length).replaceAll('--', '-');
}

/** `throttle-drive-scsi2 (child<throttle-group>)` */
export function parseObjects(lines: readonly string[]): string[] {
  if (lines.length === 0) throw new Error('the machine has no object at all');
  return lines.map((line) => {
    const name = /^(\S+) \(\S+\)$/.exec(line.trim())?.[1];
    if (name === undefined) throw new Error(`not an object: ${line}`);
    return name;
  });
}

/** Before its drive is gone QEMU says that the object is in use. */
export const DROP_SCRIPT = 'printf "drive_del drive-scsi%s\\nobject_del throttle-drive-scsi%s\\n" "$2" "$2" | qm monitor "$1"';

/** Of a slot that nothing uses: the drive that was left behind, which QEMU lists nowhere, and then the throttle object that it belongs to. */
export function dropLeftovers(hypervisor: Host, vmid: number, slot: number) {
  const argv = ['sh', '-c', DROP_SCRIPT, 'storagebot', `${vmid}`, `${slot}`] as const;
  return defineChange({ command: asRoot(hypervisor, 15_000, ...argv), risk: 'high' });
}
