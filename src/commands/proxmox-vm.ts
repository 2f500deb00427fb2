import { z } from 'zod';
import { defineChange, defineRead, proxmox } from '../core/command.ts';
import { Refusal } from '../core/errors.ts';
import type { HypervisorApi } from '../core/site.ts';

// From the schema of Proxmox VE 8's API and answers that others published; never seen run against a Proxmox VE.

/** A disk of a virtual machine, as its configuration names it. */
export interface VmSlot {
  /** `scsi2` */
  readonly slot: string;
  /** `local-lvm:vm-9999-pvc-…`; `none` for an empty drive. */
  readonly volume: string;
  readonly options: Readonly<Record<string, string>>;
}

export interface VmConfig {
  readonly name?: string;
  readonly slots: readonly VmSlot[];
  /** The disks that it boots from, the first one first; empty where the configuration does not say. */
  readonly bootSlots: readonly string[];
  readonly scsihw?: string;
  readonly raw: Readonly<Record<string, string>>;
}

export interface VmCurrent {
  readonly status: 'running' | 'stopped';
  /** What QEMU says of itself: `running`, `paused`, `io-error`, `internal-error` … */
  readonly qmpStatus: string;
  /** `backup`, `migrate`, `snapshot` …: Proxmox refuses most changes meanwhile. */
  readonly lock?: string;
}

/** The configuration in force: without `current`, Proxmox shows changes that only wait for the next start as if they were made. */
export function vmConfig(api: HypervisorApi, vmid: number) {
  return defineRead<VmConfig>({
    asks: `Which disks has virtual machine ${vmid} in its configuration?`,
    command: proxmox({ method: 'GET', path: `${pathOf(api, vmid)}/config`, parameters: { current: '1' } }),
    answers: [0],
    parse: ({ stdout }) => parseVmConfig(stdout),
  });
}

export function vmCurrent(api: HypervisorApi, vmid: number) {
  return defineRead<VmCurrent>({
    asks: `In which state is virtual machine ${vmid}, and what does its QEMU say?`,
    command: proxmox({ method: 'GET', path: `${pathOf(api, vmid)}/status/current` }),
    answers: [0],
    parse: ({ stdout }) => parseVmCurrent(stdout, vmid),
  });
}

const Config = z.record(z.string(), z.union([z.string(), z.number().transform(String)]));

export function parseVmConfig(text: string): VmConfig {
  const raw = Config.parse(JSON.parse(text));
  if (raw['digest'] === undefined) throw new Error('a configuration has a digest');
  const { name, scsihw } = raw;
  const slots = Object.entries(raw).flatMap(([key, value]) => (DISK.test(key) ? [parseSlot(key, value)] : []));
  return {
    ...(name === undefined ? {} : { name }),
    slots: slots.toSorted((a, b) => a.slot.localeCompare(b.slot, 'en', { numeric: true })),
    bootSlots: parseBoot(raw),
    ...(scsihw === undefined ? {} : { scsihw }),
    raw,
  };
}

const DISK = /^(?:scsi|virtio|sata|ide)\d+$/;

function parseSlot(slot: string, text: string): VmSlot {
  const [first = '', ...more] = text.split(',');
  const volume = first.replace(/^file=/, '');
  if (volume === '' || volume.includes('=')) throw new Error(`${slot} names no volume: ${text}`);
  const options = more.map((option) => {
    const [, key, value] = /^([a-z][\w-]*)=(.+)$/.exec(option) ?? [];
    if (key === undefined || value === undefined) throw new Error(`an option of ${slot} is of no known form: ${option}`);
    return [key, value] as const;
  });
  return { slot, volume, options: Object.fromEntries(options) };
}

function parseBoot({ boot = '', bootdisk }: Readonly<Record<string, string>>): string[] {
  const order = /(?:^|,)order=([^,]+)/.exec(boot)?.[1]?.split(';') ?? [];
  const disks = order.filter((device) => DISK.test(device));
  return disks.length > 0 || bootdisk === undefined ? disks : [bootdisk];
}

const Current = z.object({
  vmid: z.coerce.number().int(),
  status: z.enum(['running', 'stopped']),
  qmpstatus: z.string().regex(/^[a-z]+(-[a-z]+)*$/, 'is no state of QEMU'),
  lock: z.string().min(1).optional(),
});

export function parseVmCurrent(text: string, vmid: number): VmCurrent {
  const current = Current.parse(JSON.parse(text));
  if (current.vmid !== vmid) throw new Error(`this is virtual machine ${current.vmid}`);
  const { status, qmpstatus: qmpStatus, lock } = current;
  return { status, qmpStatus, ...(lock === undefined ? {} : { lock }) };
}

/** Averages over a minute, the oldest first. */
export interface VmRate {
  /** Milliseconds since 1970. */
  readonly atMs: number;
  /** Absent where Proxmox has no figure: of the minute that is not over, of a machine that was off. */
  readonly diskReadBytesPerS?: number;
  readonly diskWriteBytesPerS?: number;
}

/** The last hour. */
export function vmRates(api: HypervisorApi, vmid: number) {
  const parameters = { timeframe: 'hour', cf: 'AVERAGE' };
  return defineRead<readonly VmRate[]>({
    asks: `What did virtual machine ${vmid} read and write in the last hour?`,
    command: proxmox({ method: 'GET', path: `${pathOf(api, vmid)}/rrddata`, parameters }),
    answers: [0],
    parse: ({ stdout }) => parseVmRates(stdout),
  });
}

const Rates = z
  .array(
    z.object({
      time: z.number().int().positive(),
      diskread: z.number().nonnegative().nullish(),
      diskwrite: z.number().nonnegative().nullish(),
    }),
  )
  .min(1);

export function parseVmRates(text: string): VmRate[] {
  const rows = Rates.parse(JSON.parse(text)).toSorted((a, b) => a.time - b.time);
  return rows.map(({ time, diskread, diskwrite }) => ({
    atMs: time * 1_000,
    ...(typeof diskread === 'number' && { diskReadBytesPerS: diskread }),
    ...(typeof diskwrite === 'number' && { diskWriteBytesPerS: diskwrite }),
  }));
}

/** Takes a disk out of the configuration and, of a running machine, out of its QEMU. The volume itself stays. */
export function unlinkSlot(api: HypervisorApi, vmid: number, slot: string) {
  const parameters = { delete: requireSlot(slot) };
  return defineChange({
    command: proxmox({ method: 'PUT', path: `${pathOf(api, vmid)}/config`, parameters }, 60_000),
    risk: 'high',
  });
}

export function attachSlot(api: HypervisorApi, vmid: number, { slot, volume, options }: VmSlot) {
  const words = Object.entries(options).map(([key, option]) => `${requirePart(key)}=${requirePart(option)}`);
  const parameters = { [requireSlot(slot)]: [requireVolume(volume), ...words].join(',') };
  return defineChange({
    command: proxmox({ method: 'PUT', path: `${pathOf(api, vmid)}/config`, parameters }, 60_000),
    risk: 'high',
  });
}

/** The virtual power switch off: nothing that the machine has not written yet is kept. */
export const stopVmByApi = (api: HypervisorApi, vmid: number) => power(api, vmid, 'stop');
export const startVmByApi = (api: HypervisorApi, vmid: number) => power(api, vmid, 'start');
/** It has ended well and done nothing: the verification must prove the restart. */
export const resetVmByApi = (api: HypervisorApi, vmid: number) => power(api, vmid, 'reset');
export const resumeVmByApi = (api: HypervisorApi, vmid: number) => power(api, vmid, 'resume');

function power(api: HypervisorApi, vmid: number, action: 'start' | 'stop' | 'reset' | 'resume') {
  return defineChange({
    command: proxmox({ method: 'POST', path: `${pathOf(api, vmid)}/status/${action}` }, 120_000),
    risk: 'high',
  });
}

function pathOf({ node }: HypervisorApi, vmid: number): `/${string}` {
  if (!Number.isSafeInteger(vmid) || vmid < 100) throw new Refusal('bad-request', `${vmid} is no virtual machine of Proxmox`);
  return `/nodes/${requireNode(node)}/qemu/${vmid}`;
}

function requireSlot(slot: string): string {
  if (/^scsi\d{1,2}$/.test(slot)) return slot;
  throw new Refusal('bad-request', `${JSON.stringify(slot.slice(0, 300))} is no slot of a SCSI disk`);
}

function requireVolume(volume: string): string {
  if (/^[A-Za-z][\w.-]*:[A-Za-z0-9][\w./-]*$/.test(volume)) return volume;
  throw new Refusal('bad-request', `${JSON.stringify(volume.slice(0, 300))} is no volume on a storage of Proxmox`);
}

/** With a comma or an equals sign it would be another option. */
function requirePart(part: string): string {
  if (/^[\w.:/-]+$/.test(part)) return part;
  throw new Refusal('bad-request', `${JSON.stringify(part.slice(0, 300))} cannot stand in the options of a disk`);
}

/** A name that stands in a path of the API. */
export function requireNode(node: string): string {
  if (/^[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?$/.test(node)) return node;
  throw new Refusal('bad-request', `${JSON.stringify(node.slice(0, 300))} is no node of Proxmox`);
}
