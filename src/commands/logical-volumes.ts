import { z } from 'zod';
import type { Host } from '../core/command.ts';
import { asRoot, defineChange, defineRead } from '../core/command.ts';
import { Refusal } from '../core/errors.ts';
import { boundedAsRoot } from './bounded.ts';

/** A logical volume as LVM lists it; those that LVM keeps for itself (`data_tdata`) are among them. */
export interface LogicalVolume {
  readonly name: string;
  readonly vg: string;
  /** Stays when the volume is renamed. */
  readonly uuid: string;
  /** The ten letters of lvs(8): `Vwi-aotz--`. */
  readonly attributes: string;
  readonly sizeBytes: number;
  /** The thin pool that it is in. */
  readonly pool?: string;
  /** What it is a snapshot of; LVM changes it when that is renamed, and takes it away when that is removed. */
  readonly origin?: string;
  /** Of a thin volume that is not active nobody knows it. */
  readonly dataPercent?: number;
  readonly metadataPercent?: number;
  /** Whether a program has its device open, as QEMU does while the volume is attached to a running machine. */
  readonly isOpen: boolean;
  /** Seconds since 1970; absent where LVM does not know. */
  readonly createdAt?: number;
  readonly tags: readonly string[];
}

const COLUMNS =
  'vg_name,lv_name,lv_uuid,lv_attr,lv_size,pool_lv,origin,data_percent,metadata_percent,lv_device_open,lv_time,lv_tags';

export function logicalVolumes(hypervisor: Host, vg: string) {
  const argv = ['lvs', '--reportformat', 'json', '--units', 'b', '-a', '-o', COLUMNS, lvmName(vg)] as const;
  return defineRead<readonly LogicalVolume[]>({
    asks: `Which logical volumes does ${vg} on ${hypervisor.name} have?`,
    command: boundedAsRoot(hypervisor, 8, argv),
    answers: [0],
    parse: ({ stdout }) => parseLogicalVolumes(stdout),
  });
}

/** LVM writes the decimal sign of the host's language, and nothing where it does not know. */
const Percent = z
  .string()
  .regex(/^(\d+([.,]\d+)?)?$/, 'is no percentage')
  .transform((text) => (text === '' ? undefined : Number(text.replace(',', '.'))));

const Bytes = z
  .string()
  .regex(/^\d+B$/, 'is no size in bytes')
  .transform((text) => Number(text.slice(0, -1)));

const Name = z.string().transform((text) => (text === '' ? undefined : text.replace(/^\[(.+)\]$/, '$1')));

/** `2026-04-07 03:00:12 +0300` */
const Time = z
  .string()
  .regex(/^(\d{4}-\d\d-\d\d \d\d:\d\d:\d\d [+-]\d{4})?$/, 'is no time')
  .transform((text) => (text === '' ? undefined : secondsOf(text)));

function secondsOf(text: string): number {
  const [day, time, zone = ''] = text.split(' ');
  return Date.parse(`${day}T${time}${zone.slice(0, 3)}:${zone.slice(3)}`) / 1000;
}

const Row = z
  .object({
    vg_name: z.string().min(1),
    lv_name: z.string().min(1),
    lv_uuid: z.string().min(1),
    lv_attr: z.string().regex(/^[-a-zA-Z]{10}$/, 'is no attributes of a logical volume'),
    lv_size: Bytes,
    pool_lv: Name,
    origin: Name,
    data_percent: Percent,
    metadata_percent: Percent,
    lv_device_open: z.enum(['open', '', 'unknown']),
    lv_time: Time,
    lv_tags: z.string(),
  })
  .transform((row): LogicalVolume => {
    const { lv_name: name, pool_lv: pool, origin, data_percent: data, metadata_percent: metadata, lv_time: createdAt } = row;
    return {
      name: name.replace(/^\[(.+)\]$/, '$1'),
      vg: row.vg_name,
      uuid: row.lv_uuid,
      attributes: row.lv_attr,
      sizeBytes: row.lv_size,
      ...(pool !== undefined && { pool }),
      ...(origin !== undefined && { origin }),
      ...(data !== undefined && { dataPercent: data }),
      ...(metadata !== undefined && { metadataPercent: metadata }),
      isOpen: isOpen(row.lv_device_open, row.lv_attr),
      ...(createdAt !== undefined && { createdAt }),
      tags: row.lv_tags === '' ? [] : row.lv_tags.split(','),
    };
  });

/** LVM says `unknown` of a volume that is not active: that one has no device which could be open. */
function isOpen(said: 'open' | '' | 'unknown', attributes: string): boolean {
  if (said !== 'unknown') return said === 'open';
  if (attributes.slice(4, 6) === '--') return false;
  throw new Error(`whether ${attributes} is open is unknown`);
}

const LvReport = z.object({ report: z.tuple([z.object({ lv: z.array(Row) })]) });

/** A group without any volume prints an empty list; nothing at all is no answer. */
export function parseLogicalVolumes(text: string): LogicalVolume[] {
  return LvReport.parse(JSON.parse(text)).report[0].lv;
}

export interface VolumeGroup {
  readonly name: string;
  /** The six letters of vgs(8): `wz--n-`; the fourth is `p` where a disk is missing. */
  readonly attributes: string;
  readonly sizeBytes: number;
  /** Not given to any volume. */
  readonly freeBytes: number;
}

export function volumeGroups(hypervisor: Host) {
  const argv = ['vgs', '--reportformat', 'json', '--units', 'b', '-o', 'vg_name,vg_attr,vg_size,vg_free'] as const;
  return defineRead<readonly VolumeGroup[]>({
    asks: `Which volume groups does ${hypervisor.name} have?`,
    command: boundedAsRoot(hypervisor, 8, argv),
    answers: [0],
    parse: ({ stdout }) => parseVolumeGroups(stdout),
  });
}

const VgReport = z.object({
  report: z.tuple([
    z.object({
      vg: z.array(
        z.object({ vg_name: z.string().min(1), vg_attr: z.string().regex(/^[-a-z]{6}$/), vg_size: Bytes, vg_free: Bytes }),
      ),
    }),
  ]),
});

export function parseVolumeGroups(text: string): VolumeGroup[] {
  const [{ vg }] = VgReport.parse(JSON.parse(text)).report;
  return vg.map((each) => ({
    name: each.vg_name,
    attributes: each.vg_attr,
    sizeBytes: each.vg_size,
    freeBytes: each.vg_free,
  }));
}

interface VolumeName {
  readonly vg: string;
  readonly name: string;
}

/** LVM renames an open volume too, and its user goes on with it under the new name: that it is closed must be asked before. */
export function renameVolume(hypervisor: Host, from: VolumeName, to: string) {
  const argv = ['lvrename', pathOf(from), pathOf({ ...from, name: to })] as const;
  return defineChange({ command: asRoot(hypervisor, 30_000, ...argv), risk: 'high' });
}

interface NewVolume {
  readonly name: string;
  /** What it is a copy of cannot be told by its origin any more once that is removed. */
  readonly tag?: string;
}

/** A thin volume that begins with what the other one holds. It can be written to, is active, and needs no option to be activated. */
export function copyVolume(hypervisor: Host, from: VolumeName, { name, tag }: NewVolume) {
  const tagged = tag === undefined ? [] : ['--addtag', lvmName(tag)];
  const argv = ['lvcreate', '-s', '-kn', ...tagged, '-n', lvmName(name), pathOf(from)] as const;
  return defineChange({ command: asRoot(hypervisor, 60_000, ...argv), risk: 'high' });
}

function pathOf({ vg, name }: VolumeName): string {
  return `${lvmName(vg)}/${lvmName(name)}`;
}

/** lvm(8): which names it takes. One that begins with a dash would be an option. */
export function lvmName(name: string): string {
  if (name.length <= 127 && /^[A-Za-z0-9+_.][A-Za-z0-9+_.-]*$/.test(name) && !/^\.{1,2}$/.test(name)) return name;
  throw new Refusal('bad-request', `${JSON.stringify(name.slice(0, 300))} is no name of LVM`);
}
