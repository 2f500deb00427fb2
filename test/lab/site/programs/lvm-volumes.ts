import { type LabVolume, openIn, volumeNamed } from '../block.ts';
import type { Hypervisor } from '../hypervisor.ts';
import { uidOf } from '../ids.ts';
import { type Answer, always, type Call, fail, ok, type Program } from '../shell.ts';

// Words and exit codes are those of LVM 2.03.

/** What lvs, vgs, lvrename, lvcreate and lvchange do with the volumes of the hypervisor. */
export const lvmVolumes: Readonly<Record<'vgs' | 'lvrename' | 'lvcreate' | 'lvchange', Program>> = {
  vgs: { run: asRoot(runVgs) },
  lvrename: { run: asRoot(runLvrename), changes: always },
  lvcreate: { run: asRoot(runLvcreate), changes: always },
  lvchange: { run: asRoot(runLvchange), changes: always },
};

type Run = (call: Call, args: readonly string[]) => Answer;

function asRoot(run: Run): Run {
  return (call, args) =>
    call.isRoot
      ? run(call, args)
      : fail(5, "  /run/lock/lvm/P_global:aux: open failed: Permission denied\n  Can't get lock for (global).");
}

const LVS =
  '--reportformat json --units b -a -o vg_name,lv_name,lv_uuid,lv_attr,lv_size,pool_lv,origin,data_percent,metadata_percent,lv_device_open,lv_time,lv_tags ';

/** All volumes of one group; undefined for other arguments. */
export function listVolumes({ world: { hypervisor } }: Call, args: readonly string[]): Answer | undefined {
  const line = args.join(' ');
  if (!line.startsWith(LVS)) return undefined;
  const vg = line.slice(LVS.length);
  if (!hypervisor.groups.some(({ name }) => name === vg))
    return fail(5, `  Volume group "${vg}" not found\n  Cannot process volume group ${vg}`);
  const own = hypervisor.volumes.filter((each) => each.vg === vg).map((each) => volumeRow(hypervisor, each));
  const rows = [...own, ...(vg === 'pve' ? poolRows(hypervisor) : [])];
  return ok(
    report(
      'lv',
      rows.toSorted((a, b) => (bare(a) < bare(b) ? -1 : 1)),
    ),
  );
}

type Row = Readonly<Record<string, string>>;

function bare(row: Row): string {
  return (row['lv_name'] ?? '').replace('[', '');
}

/** As LVM lays out its JSON. */
export function report(key: 'lv' | 'vg', rows: readonly Row[]): string {
  const texts = rows.map((row) => `                  ${JSON.stringify(row).replaceAll('","', '", "')}`);
  return `  {\n      "report": [\n          {\n              "${key}": [\n${texts.join(',\n')}\n              ]\n          }\n      ]\n  }\n`;
}

function volumeRow(hypervisor: Hypervisor, volume: LabVolume): Row {
  const { vg, name, sizeBytes, pool = '', origin = '', active, skipActivation, usedPercent, failed } = volume;
  const isMounted = hypervisor.hostMounts.some((each) => each.volume === name);
  const isOpen = isMounted || openIn(hypervisor, volume).length > 0;
  const state = `${active ? 'a' : '-'}${isOpen ? 'o' : '-'}`;
  const kind = pool === '' ? `-wi-${state}----` : `Vwi-${state}tz${failed === true ? 'F' : '-'}${skipActivation ? 'k' : '-'}`;
  return {
    vg_name: vg,
    lv_name: name,
    lv_uuid: uuidOf(volume),
    lv_attr: kind,
    lv_size: `${sizeBytes}B`,
    pool_lv: pool,
    origin,
    data_percent: pool === '' || !active ? '' : usedPercent.toFixed(2),
    metadata_percent: '',
    lv_device_open: active ? (isOpen ? 'open' : '') : 'unknown',
    lv_time: hostTime(volume.createdMs),
    lv_tags: [...volume.tags].toSorted().join(','),
  };
}

/** It stays when the volume is renamed. */
function uuidOf({ vg, name, uuid }: LabVolume): string {
  return uuid ?? lvmUuid(`lv/${vg}/${name}`);
}

function lvmUuid(seed: string): string {
  const text = uidOf(seed).replaceAll('-', '');
  const ends = [0, 6, 10, 14, 18, 22, 26, 32];
  return ends
    .slice(1)
    .map((end, index) => text.slice(ends[index], end))
    .join('-');
}

/** The host's own time is three hours ahead. */
function hostTime(atMs: number): string {
  const shifted = new Date(atMs + 3 * 3_600_000).toISOString();
  return `${shifted.slice(0, 10)} ${shifted.slice(11, 19)} +0300`;
}

const POOL_MADE_MS = Date.UTC(2025, 1, 14, 10, 0, 0);

/** The pool, and the volumes that LVM keeps for it. */
function poolRows({ thinPool }: Hypervisor): readonly Row[] {
  const { attributes, sizeBytes, metadataSizeBytes, dataPercent, metadataPercent } = thinPool;
  const row = (name: string, lv_attr: string, bytes: number, figures: readonly [data: string, metadata: string] = ['', '']) => ({
    vg_name: 'pve',
    lv_name: name,
    lv_uuid: lvmUuid(`lv/pve/${name}`),
    lv_attr,
    lv_size: `${bytes}B`,
    pool_lv: '',
    origin: '',
    data_percent: figures[0],
    metadata_percent: figures[1],
    lv_device_open: lv_attr[5] === 'o' ? 'open' : lv_attr[4] === 'a' ? '' : 'unknown',
    lv_time: hostTime(POOL_MADE_MS),
    lv_tags: '',
  });
  return [
    row('data', attributes, sizeBytes, [dataPercent.toFixed(2), metadataPercent.toFixed(2)]),
    row('[data_tdata]', 'Twi-ao----', sizeBytes),
    row('[data_tmeta]', 'ewi-ao----', metadataSizeBytes),
    row('[lvol0_pmspare]', 'ewi-------', metadataSizeBytes),
  ];
}

const VGS = '--reportformat json --units b -o vg_name,vg_attr,vg_size,vg_free';

function runVgs({ world: { hypervisor } }: Call, args: readonly string[]): Answer {
  if (args.join(' ') !== VGS) return fail(3, "  Invalid argument for --options\n  Run `vgs --help' for more information.");
  const rows = hypervisor.groups.map(({ name, sizeBytes, freeBytes }) => ({
    vg_name: name,
    vg_attr: 'wz--n-',
    vg_size: `${Math.round(sizeBytes)}B`,
    vg_free: `${Math.round(freeBytes)}B`,
  }));
  return ok(report('vg', rows));
}

/** `pve/vm-9999-pvc-…` */
function parted(path: string): { readonly vg: string; readonly name: string } {
  const [vg = '', name = ''] = path.split('/');
  return { vg, name };
}

/** What has it open goes on with it under the new name; its snapshots name the new one as their origin. */
function runLvrename({ world: { hypervisor } }: Call, [from = '', to = '', ...more]: readonly string[]): Answer {
  const [old, next] = [parted(from), parted(to)];
  if (more.length > 0 || next.name === '') return fail(3, '  Old and new logical volume names required');
  const volume = volumeNamed(hypervisor, old.name, old.vg);
  if (volume === undefined) return fail(5, `  Existing logical volume "${old.name}" not found in volume group "${old.vg}"`);
  if (volumeNamed(hypervisor, next.name, next.vg) !== undefined)
    return fail(5, `  Logical volume "${next.name}" already exists in volume group "${next.vg}"`);
  const users = openIn(hypervisor, volume).flatMap(({ runtime }) =>
    [...runtime.drives]
      .filter(([, drive]) => drive.volume === old.name && drive.vg === old.vg)
      .map(([slot]) => ({ runtime, slot })),
  );
  for (const { runtime, slot } of users) {
    const drive = runtime.drives.get(slot);
    if (drive !== undefined) runtime.drives.set(slot, { ...drive, volume: next.name });
  }
  for (const each of hypervisor.volumes) if (each.origin === old.name && each.vg === old.vg) each.origin = next.name;
  Object.assign(volume, { uuid: uuidOf(volume), name: next.name });
  return ok(`  Renamed "${old.name}" to "${next.name}" in volume group "${old.vg}"\n`);
}

const POOL_IS_FULL = '  Free space in pool pve/data is above threshold, new volumes are not allowed.';

/** `lvcreate -s -kn [--addtag TAG] -n NAME VG/ORIGIN` of a thin volume: what is in it is in the new one. */
function runLvcreate({ world }: Call, args: readonly string[]): Answer {
  const { hypervisor, time } = world;
  const [, tag, name = '', path = ''] = /^-s -kn (?:--addtag (\S+) )?-n (\S+) (\S+)$/.exec(args.join(' ')) ?? [];
  if (path === '') return fail(3, "  Run `lvcreate --help' for more information.");
  const from = parted(path);
  const origin = volumeNamed(hypervisor, from.name, from.vg);
  if (origin === undefined) return fail(5, `  Failed to find logical volume "${path}"`);
  if (origin.pool === undefined) return fail(5, '  Please specify either size or extents with snapshots.');
  if (volumeNamed(hypervisor, name, from.vg) !== undefined)
    return fail(5, `  Logical Volume "${name}" already exists in volume group "${from.vg}"`);
  const { dataPercent, metadataPercent } = hypervisor.thinPool;
  if (dataPercent >= 100 || metadataPercent >= 100) return fail(5, POOL_IS_FULL);
  const { fileSystem, isEncrypted, sizeBytes, usedPercent, pool } = origin;
  hypervisor.volumes.push({
    vg: from.vg,
    name,
    sizeBytes,
    pool,
    origin: from.name,
    usedPercent,
    active: true,
    skipActivation: false,
    createdMs: time.nowMs,
    tags: new Set(tag === undefined ? [] : [tag]),
    uuid: lvmUuid(`lv/${from.vg}/${name}/${time.nowMs}`),
    ...(fileSystem && { fileSystem: structuredClone(fileSystem) }),
    ...(isEncrypted && { isEncrypted }),
  });
  return ok(`  Logical volume "${name}" created.\n`);
}

function runLvchange({ world: { hypervisor } }: Call, args: readonly string[]): Answer {
  const path = parted(args.at(-1) ?? '');
  const volume = volumeNamed(hypervisor, path.name, path.vg);
  const [action, tag] = args;
  if (volume === undefined) return fail(5, `  Failed to find logical volume "${path.vg}/${path.name}"`);
  if (action === '-ay' && args.length === 2) {
    if (!volume.skipActivation) volume.active = true;
    return ok();
  }
  if (action === '-an' && args.length === 2) {
    if (openIn(hypervisor, volume).length > 0) return fail(5, `  Logical volume ${path.vg}/${path.name} in use.`);
    volume.active = false;
    return ok();
  }
  if (args.length !== 3 || tag === undefined || (action !== '--addtag' && action !== '--deltag'))
    return fail(3, "  Run `lvchange --help' for more information.");
  if (action === '--addtag') volume.tags.add(tag);
  else volume.tags.delete(tag);
  return ok(`  Logical volume ${path.vg}/${path.name} changed.\n`);
}
