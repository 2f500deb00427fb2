import { volumeNamed } from '../block.ts';
import { type LabSqlite, type LabSqliteDatabase, type LabSqliteFile, sqliteOnVolume } from '../databases/sqlite.ts';
import { access } from '../nfs.ts';
import type { PodMount } from '../node.ts';
import { type Answer, type Call, fail, lines, ok } from '../shell.ts';
import { kind, text } from '../volumes.ts';

const VERSION = { node: '3.45.1', nas: '3.46.1' } as const;
const VOLUMES = kind('v1', 'persistentvolumes');
const SOFT_S = 12;
const TIB = 2 ** 40;

/** A path in the volume of a database, on the node that has it mounted or on the server that it comes from. */
interface Reached {
  readonly lab: LabSqlite;
  readonly name: string;
  readonly mount?: PodMount;
}

function reach(call: Call, path: string): Reached | undefined {
  const { machine, world } = call;
  if (machine.kind === 'nas') return onServer(call, path);
  if (machine.kind !== 'node') return undefined;
  const mount = machine.node.mounts.find(({ mountPoint }) => path === mountPoint || path.startsWith(`${mountPoint}/`));
  const lab = mount && sqliteOnVolume(world, mount.volume);
  return lab && { lab, name: path.slice(mount.mountPoint.length + 1), mount };
}

function onServer({ world }: Call, path: string): Reached | undefined {
  for (const volume of world.store.list({ resource: VOLUMES })) {
    const above = text(volume, 'spec', 'nfs', 'path') || text(volume, 'spec', 'csi', 'volumeAttributes', 'share');
    const lab = above !== '' && path.startsWith(`${above}/`) ? sqliteOnVolume(world, volume.metadata.name) : undefined;
    if (lab !== undefined) return { lab, name: path.slice(above.length + 1) };
  }
  return undefined;
}

/** What lies in a volume with a database, as the server that it comes from lists it. */
export function listVolume(call: Call, path: string): string[] | undefined {
  const reached = onServer(call, `${path}/`);
  if (reached === undefined || reached.name !== '') return undefined;
  const named = [...reached.lab.files].filter(([name]) => name !== '' && !name.includes('/'));
  return named.map(([name, { bytes, modifiedMs, isDirectory }]) => {
    const mode = isDirectory ? '41ff' : '81a4';
    return `${Math.floor(modifiedMs / 1_000)} ${bytes} ${mode} ./${name}`;
  });
}

/** Why nothing comes back from the mount, if so. */
function silence({ world, machine }: Call, mount: PodMount | undefined): Answer | undefined {
  if (mount === undefined || machine.kind !== 'node') return undefined;
  const { state } = access(world, machine.node, mount);
  if (state === 'answers') return undefined;
  if (state === 'stale') return fail(1, 'Stale file handle');
  const isSoft = mount.hangs === undefined && mount.nfs?.options.includes(',soft,') === true;
  const afterS = isSoft ? SOFT_S : Number.POSITIVE_INFINITY;
  return { ...fail(1, 'Input/output error'), afterS, ...(state === 'unkillable' && { unkillable: true }) };
}

/** `stat --cached=never --format='%s %Y %a %u %g %F|%n' PATH…` */
export function statFiles(call: Call, paths: readonly string[]): Answer {
  const answers = paths.map((path) => statFile(call, path));
  const waits = answers.find(({ afterS = 0 }) => afterS > 0);
  if (waits !== undefined) return waits;
  const [stdout, stderr] = [answers.map((each) => each.stdout).join(''), answers.map((each) => each.stderr).join('')];
  return { exitCode: stderr === '' ? 0 : 1, stdout, stderr };
}

function statFile(call: Call, path: string): Answer {
  const reached = reach(call, path);
  const silent = silence(call, reached?.mount);
  if (silent !== undefined) return { ...silent, stderr: `stat: cannot statx '${path}': ${silent.stderr}` };
  const file = reached?.lab.files.get(reached.name);
  if (file === undefined) return fail(1, `stat: cannot statx '${path}': No such file or directory`);
  const { bytes, modifiedMs, mode, uid, gid, isDirectory } = file;
  const type = isDirectory ? 'directory' : bytes === 0 ? 'regular empty file' : 'regular file';
  return ok(`${bytes} ${Math.floor(modifiedMs / 1_000)} ${mode.toString(8)} ${uid} ${gid} ${type}|${path}\n`);
}

/** The lab does not count what is on disks that come over iSCSI. */
const OVER_ISCSI = { type: 'ext4', sizeBytes: 20 * 2 ** 30, usedBytes: 9 * 2 ** 30, reservedBytes: 0, inodesUsedPercent: 3 };

const INODE_BYTES = 16_384;
const HEADER = 'Type    1B-blocks       Avail   Inodes    IFree';

/** `df --block-size=1 --output=fstype,size,avail,itotal,iavail DIRECTORY` */
export function dfOf(call: Call, path: string): Answer {
  const { world, machine } = call;
  const mount = machine.kind === 'node' ? machine.node.mounts.find(({ mountPoint }) => mountPoint === path) : undefined;
  if (mount === undefined) return fail(1, `df: ${path}: No such file or directory`);
  const silent = silence(call, mount);
  if (silent !== undefined) return { ...silent, stderr: `df: ${path}: ${silent.stderr}` };
  if (mount.nfs !== undefined) {
    const pool = world.nas.pools.find(({ name }) => mount.nfs?.path.startsWith(`/mnt/${name}`));
    const free = Math.round(12 * TIB * (1 - (pool?.usedPercent ?? 71) / 100));
    return ok(
      lines([
        HEADER,
        `${mount.nfs.version === '3' ? 'nfs' : 'nfs4'} ${12 * TIB} ${free} ${Math.round(free / 512)} ${Math.round(free / 520)}`,
      ]),
    );
  }
  const fileSystem = volumeNamed(world.hypervisor, mount.block?.volume ?? '')?.fileSystem ?? OVER_ISCSI;
  const { type, sizeBytes, usedBytes, reservedBytes = 0, inodesUsedPercent } = fileSystem;
  const inodes = Math.round(sizeBytes / INODE_BYTES);
  const free = inodes - Math.round((inodes * inodesUsedPercent) / 100);
  return ok(lines([HEADER, `${type} ${sizeBytes} ${Math.max(0, sizeBytes - usedBytes - reservedBytes)} ${inodes} ${free}`]));
}

const MOST_HELD_BYTES = 67_108_864;

/** The script that looks into a database, with the names of its tables. */
export function checkDatabase(call: Call, [path = '', words = '']: readonly string[]): Answer {
  const tables = words.split(' ').filter(Boolean);
  const reached = reach(call, path);
  const silent = silence(call, reached?.mount);
  if (silent !== undefined && silent.afterS !== undefined) return silent;
  if (reached?.lab.hasNoTool) return fail(127, 'sqlite3: not found');
  const file = silent === undefined ? reached?.lab.files.get(reached.name) : undefined;
  if (file === undefined || reached === undefined) {
    return fail(
      1,
      `Error: unable to open database "file:${path}?mode=ro&readonly_shm=1": unable to open database file`,
      'format \n',
    );
  }
  if (file.database === undefined)
    return fail(26, 'Error: in prepare, file is not a database (26)', `format 105\n${version(call)}`);
  return answerOf(call, { ...reached, file, database: file.database }, tables);
}

interface Looked extends Reached {
  readonly file: LabSqliteFile;
  readonly database: LabSqliteDatabase;
}

function version({ machine }: Call): string {
  return `version ${VERSION[machine.kind === 'nas' ? 'nas' : 'node']}\n`;
}

function answerOf(call: Call, { lab, name, file, database }: Looked, tables: readonly string[]): Answer {
  const { journal, integrity, fails, brokenKeys } = database;
  if (file.bytes === 0) return noTable(`format \n${version(call)}integrity ok\nkeys 0\n`, tables);
  const hasLog = lab.files.has(`${name}-wal`);
  if (journal === 'rollback' && !hasLog && file.bytes > MOST_HELD_BYTES) return fail(65, 'too large');
  const begun = `format ${journal === 'wal' ? 2 : 1}\n${version(call)}`;
  if (hasLog && !lab.files.has(`${name}-shm`)) return fail(14, 'Error: in prepare, unable to open database file (14)', begun);
  const found = lines(integrity.map((line) => `integrity ${line}`));
  if (fails !== undefined) {
    const goesThrough = fails.code === 11 && integrity[0] !== 'ok';
    return fail(
      fails.code & 0xff,
      `Error: ${goesThrough ? 'stepping' : 'in prepare'}, ${fails.says} (${fails.code})`,
      begun + (goesThrough ? found : ''),
    );
  }
  const all = `${begun}${found}keys ${brokenKeys}\n`;
  const known = tables.filter((table) => Object.hasOwn(database.tables, table));
  const rows = lines(known.map((table) => `rows ${table} ${database.tables[table]}`));
  const absent = tables.filter((table) => !known.includes(table));
  return absent.length > 0 ? noTable(all + rows, absent) : ok(`${all}${rows}end\n`);
}

function noTable(stdout: string, [table]: readonly string[]): Answer {
  return table === undefined ? ok(`${stdout}end\n`) : fail(1, `Error: in prepare, no such table: ${table}`, stdout);
}
