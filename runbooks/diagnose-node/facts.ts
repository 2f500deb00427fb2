import type { Firing } from '../../src/commands/alerts.ts';
import type { VolumeAttachment } from '../../src/commands/block-attachments.ts';
import type { MonitorAnswer, RuntimeDrive } from '../../src/commands/block-monitor.ts';
import type { UnitActivity } from '../../src/commands/host-units.ts';
import type { NodeState } from '../../src/commands/node-state.ts';
import type { ApiTask } from '../../src/commands/proxmox-tasks.ts';
import type { VmConfig, VmCurrent, VmRate } from '../../src/commands/proxmox-vm.ts';
import type { ThinPool } from '../../src/commands/thin-pool.ts';
import type { Seen } from '../../src/core/reading.ts';
import type { HypervisorApi, Site } from '../../src/core/site.ts';
import type { Backups } from '../../src/repairs/preflight.ts';

export interface Facts {
  readonly site: Site;
  readonly name: string;
  readonly nodes: Seen<readonly NodeState[]>;
  /** Also tells whether its system answers at all. */
  readonly kubelet: Seen<UnitActivity>;
  readonly attachments: Seen<readonly VolumeAttachment[]>;
  readonly alerts: Seen<Firing>;
  /** Absent where the site does not say which machine it is, or how to ask about it. */
  readonly machine?: Machine;
}

/** The virtual machine of the node. */
export interface Machine {
  readonly api: HypervisorApi;
  readonly vmid: number;
  readonly current: Seen<VmCurrent>;
  readonly config: Seen<VmConfig>;
  readonly tasks: Seen<readonly ApiTask[]>;
  readonly rates: Seen<readonly VmRate[]>;
  /** The configurations of the other nodes' machines. */
  readonly others: readonly OtherMachine[];
  /** How busy the disk under all machines is, in percent; absent where the site does not name it. */
  readonly diskBusy?: Seen<number>;
  readonly pools: Seen<readonly ThinPool[]>;
  readonly backups: Backups;
  /** What QEMU has, kept as evidence before anything is done to a machine that stands still; read only then. */
  readonly drives?: Seen<MonitorAnswer<RuntimeDrive>>;
}

export interface OtherMachine {
  readonly vmid: number;
  readonly config: Seen<VmConfig>;
}

/** The disks in its configuration by their names without the storage; an empty drive is none. */
export function disksIn({ slots }: VmConfig): readonly string[] {
  const disks = slots.filter(({ options, volume }) => volume.includes(':') && options['media'] !== 'cdrom');
  return disks.map(({ volume }) => volume.slice(Math.max(volume.lastIndexOf(':'), volume.lastIndexOf('/')) + 1));
}

/** All that it can write to: of a machine that runs also what its QEMU has, which keeps what was taken from its configuration alone. */
export function disksOf({ current, config, drives }: Machine): readonly string[] | undefined {
  if (!current.known || !config.known) return undefined;
  if (current.value.status === 'stopped') return disksIn(config.value);
  if (drives?.known !== true || !drives.value.answers) return undefined;
  const opened = drives.value.has.flatMap(({ volume }) => (volume === undefined || volume.endsWith('.iso') ? [] : [volume]));
  return [...new Set([...disksIn(config.value), ...opened])];
}

/** The first of these disks that another machine has as well. */
export function sharedDisk(disks: readonly string[], other: VmConfig): string | undefined {
  return disksIn(other).find((disk) => disks.includes(disk));
}

/** Such a volume of the cluster is this disk of Proxmox: `pvc-…` is `vm-9999-pvc-…`. */
export function isDiskOf(volume: string, disk: string): boolean {
  return disk.endsWith(`-${volume}`);
}

/** Whether the number in the configuration of the bot is that of the node's machine: by its name, and its firmware's UUID where both are told. */
export function isItsMachine({ name, machineUuid }: NodeState, { name: called, raw }: VmConfig): boolean {
  const uuid = /(?:^|,)uuid=([0-9a-f-]+)/i.exec(raw['smbios1'] ?? '')?.[1]?.toLowerCase();
  return called === name && (uuid === undefined || machineUuid === undefined || uuid === machineUuid);
}

/** The disk that it boots from, if its configuration names one that it has. */
export function bootsFrom({ bootSlots: [first], slots }: VmConfig): string | undefined {
  return slots.some(({ slot, options }) => slot === first && options['media'] !== 'cdrom') ? first : undefined;
}

/** So many minutes without a single read or write are a stall; a healthy system writes its log in each. */
export const STALLED_MINUTES = 10;

/** The minutes until now in which nothing at all was read or written; undefined where Proxmox has no figures of the last minutes. */
export function quietMinutes(rates: readonly VmRate[]): number | undefined {
  const filled = rates.findLastIndex(({ diskWriteBytesPerS }) => diskWriteBytesPerS !== undefined);
  if (filled < 0 || rates.length - 1 - filled > 2) return undefined;
  const isBusy = ({ diskReadBytesPerS, diskWriteBytesPerS }: VmRate) => diskReadBytesPerS !== 0 || diskWriteBytesPerS !== 0;
  return filled - rates.slice(0, filled + 1).findLastIndex(isBusy);
}

const OFF: readonly string[] = ['qmstop', 'qmshutdown', 'hastop'];
const PAUSE: readonly string[] = ['qmpause', 'qmsuspend'];
const POWER: readonly string[] = [...OFF, ...PAUSE, 'qmstart', 'qmreset', 'qmreboot', 'qmresume', 'hastart'];

/** The last time that somebody used its power switch, with success or without. */
export function lastPower(tasks: readonly ApiTask[]): ApiTask | undefined {
  return tasks.find(({ type }) => POWER.includes(type));
}

/** Somebody who looks at its console, and a disk that the block driver attaches: neither suffers from what is done to a machine that stands still. */
const NO_WORK: readonly string[] = ['vncproxy', 'spiceproxy', 'termproxy', 'qmconfig'];

/** What is being done with it now: its power switch, a migration, a snapshot … */
export function workOn(tasks: readonly ApiTask[]): ApiTask | undefined {
  return tasks.find(({ status, type }) => status === 'RUNNING' && !NO_WORK.includes(type));
}

/** Turned off or paused by a person, or by a program that is not this bot: they meant it. */
export function isMeant({ type, user }: ApiTask, kind: 'off' | 'pause', { changesAs }: HypervisorApi): boolean {
  return (kind === 'off' ? OFF : PAUSE).includes(type) && user !== changesAs;
}
