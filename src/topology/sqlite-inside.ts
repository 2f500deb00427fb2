import { backupFiles } from '../commands/backup-files.ts';
import { blockMounts } from '../commands/block-devices.ts';
import type { Pod } from '../commands/cluster-objects.ts';
import { mountsOf } from '../commands/nfs-client.ts';
import type { SqliteCheck } from '../commands/sqlite.ts';
import { sqliteCheck } from '../commands/sqlite.ts';
import type { Space, SqliteFiles } from '../commands/sqlite-files.ts';
import { spaceAt, sqliteFiles } from '../commands/sqlite-files.ts';
import type { Host } from '../core/command.ts';
import type { Failure } from '../core/output.ts';
import type { Reader, Seen } from '../core/reading.ts';
import { partOf } from '../core/reading.ts';

/**
 * Where the database can be looked at with the same kernel that its users have, so that its locks hold: the node of a pod that has it
 * mounted, or the NAS while no pod runs.
 */
export interface SqlitePlace {
  readonly host: Host;
  /** The root of the volume. */
  readonly directory: string;
  /** Of the database. */
  readonly path: string;
  /** Absent on the NAS. */
  readonly pod?: Pod;
}

export interface SqliteInside {
  readonly files: Seen<SqliteFiles>;
  /** Of the node that has it mounted; absent on the NAS, as its room is. */
  readonly mount?: Seen<SqliteMount>;
  readonly space?: Seen<Space>;
  readonly check: Seen<Exclude<SqliteCheck, { readonly result: 'not-looked' }>>;
}

export interface SqliteMount {
  readonly mounted: boolean;
  readonly readOnly: boolean;
}

/** What lies in the volume, and what SQLite says of the database in it. */
export async function lookInside(
  read: Reader,
  place: SqlitePlace,
  { isOnNfs, tables }: { readonly isOnNfs: boolean; readonly tables: readonly string[] },
): Promise<SqliteInside> {
  const { host, directory, path, pod } = place;
  const checking = read(sqliteCheck(host, path, tables));
  if (pod === undefined) return { files: await filesOnNas(read, place), check: looked(await checking) };
  const [mount, files, space, check] = await Promise.all([
    (isOnNfs ? nfsMountAt : diskMountAt)(read, host, directory),
    read(sqliteFiles(host, path)),
    read(spaceAt(host, directory)),
    checking,
  ]);
  return { mount, files, space, check: looked(check) };
}

async function filesOnNas(read: Reader, { host, path }: SqlitePlace): Promise<Seen<SqliteFiles>> {
  const slash = path.lastIndexOf('/');
  const base = path.slice(slash + 1);
  const seen = await read(backupFiles(host, { path: path.slice(0, slash), begins: base, ends: '' }));
  return partOf(seen, (all) => {
    const named = (name: string) => all.find((each) => each.name === name && !each.isDirectory);
    const [database, wal, shm, journal] = ['', '-wal', '-shm', '-journal'].map((end) => named(`${base}${end}`));
    return { value: { ...(database && { database }), ...(wal && { wal }), ...(shm && { shm }), ...(journal && { journal }) } };
  });
}

const NOT_MOUNTED: SqliteMount = { mounted: false, readOnly: false };

async function nfsMountAt(read: Reader, host: Host, directory: string): Promise<Seen<SqliteMount>> {
  return partOf(await read(mountsOf(host)), (all): { value: SqliteMount } => {
    const mount = all.findLast(({ mountPoint }) => mountPoint === directory);
    return { value: mount === undefined ? NOT_MOUNTED : { mounted: true, readOnly: mount.options.includes('ro') } };
  });
}

async function diskMountAt(read: Reader, host: Host, directory: string): Promise<Seen<SqliteMount>> {
  return partOf(await read(blockMounts(host)), (all): { value: SqliteMount } => {
    const mount = all.findLast(({ mountPoint }) => mountPoint === directory);
    if (mount === undefined) return { value: NOT_MOUNTED };
    return { value: { mounted: true, readOnly: mount.readOnly || mount.fileSystemReadOnly } };
  });
}

/** A check that did not come about is a "could not look", with its own reason. */
function looked(check: Seen<SqliteCheck>): SqliteInside['check'] {
  return partOf(check, (value) =>
    value.result === 'not-looked'
      ? { why: { failed: 'unexpected-exit', says: value.says, toDo: value.toDo } satisfies Failure }
      : { value },
  );
}
