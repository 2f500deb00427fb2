import type { Directory } from '../disk.ts';
import type { World } from '../world.ts';
import { PG_DATABASES } from './postgres.ts';

export interface LabDumpedDatabase {
  readonly owner: string;
  /** Rows by table, as pg_dump names it: `public.links`. */
  readonly tables: Readonly<Record<string, number>>;
  /** To whom it grants something, besides its owner. */
  readonly grantsTo?: readonly string[];
}

/** What is wrong with a packed file. */
interface Damage {
  /** It ends before its end; in the middle of its last table. */
  readonly isTruncated?: true;
  /** gzip cannot unpack it to its end. */
  readonly brokenGzip?: true;
}

export type LabBackupContent =
  | ({
      readonly kind: 'pg_dumpall';
      readonly serverVersion: string;
      readonly databases: Readonly<Record<string, LabDumpedDatabase>>;
      /** Made with --schema-only. */
      readonly isSchemaOnly?: true;
    } & Damage)
  | ({
      readonly kind: 'mysqldump';
      readonly serverVersion: string;
      /** Rows by database and table. */
      readonly databases: Readonly<Record<string, Readonly<Record<string, number>>>>;
      /** Views, triggers, routines and events by database: `view latest`. */
      readonly programs?: Readonly<Record<string, readonly string[]>>;
      readonly setsGtid?: true;
    } & Damage)
  /** A directory with a database. */
  | {
      readonly kind: 'sqlite';
      readonly file: string;
      readonly integrity: string;
      readonly tables: Readonly<Record<string, number>>;
      /** Names in it, the database's among them. */
      readonly files: readonly string[];
    }
  | { readonly kind: 'directory'; readonly files: number }
  | { readonly kind: 'rdb' | 'etcd' | 'raft' | 'tar'; readonly isTruncated?: true };

/** A backup on the NAS. Its directory says whether it is there: one that another dataset hides is not. */
export interface LabBackup {
  readonly path: string;
  /** Of the file; of the database where it is a directory. */
  readonly bytes: number;
  readonly writtenMs: number;
  readonly content: LabBackupContent;
}

/** Puts backups where they belong, in place of what the healthy world has there. */
export function addBackups(world: World, list: readonly LabBackup[]): void {
  const backups = (world.databases.backups ??= new Map());
  for (const backup of list) {
    const [directory, name] = [backup.path.slice(0, backup.path.lastIndexOf('/')), nameOf(backup.path)];
    const above = world.nas.disk.at(directory) ?? world.nas.disk.make(directory, { mode: 0o777 });
    above.entries = [...above.entries.filter((each) => each !== 'data' && each !== name), name];
    backups.set(backup.path, backup);
  }
}

export function removeBackups(world: World, paths: readonly string[]): void {
  for (const path of paths) {
    world.databases.backups?.delete(path);
    const above = world.nas.disk.at(path.slice(0, path.lastIndexOf('/')));
    if (above !== undefined) above.entries = above.entries.filter((each) => each !== nameOf(path));
  }
}

/** What lies in a directory, as far as it is a backup. */
export function backupsIn({ databases }: World, { path, entries }: Directory): LabBackup[] {
  return entries.flatMap((name) => databases.backups?.get(`${path}/${name}`) ?? []);
}

function nameOf(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}

const DAY_MS = 86_400_000;

/** `2026_04_03_00_00` */
function stamp(ms: number): string {
  return new Date(ms).toISOString().slice(0, 16).replaceAll(/[-T:]/g, '_');
}

/** Times of the last runs of a job, the newest first: every so often, so long after midnight. */
function runsBefore(nowMs: number, { everyMs, afterMs, count }: { everyMs: number; afterMs: number; count: number }): number[] {
  const newest = Math.floor((nowMs - afterMs) / everyMs) * everyMs + afterMs;
  return Array.from({ length: count }, (_, index) => newest - index * everyMs);
}

/** The pg_dumpall of one night, so many nights ago: the tables of the running cluster, with a few rows less on each night before. */
export function postgresDumpOf(nightsAgo: number): Extract<LabBackupContent, { kind: 'pg_dumpall' }> {
  const less = (rows: number) => rows - Math.floor((rows * nightsAgo) / 500);
  const databases = PG_DATABASES.map(([name, , tables]): [string, LabDumpedDatabase] => [
    name,
    { owner: name, tables: Object.fromEntries(Object.entries(tables).map(([table, rows]) => [table, less(rows)])) },
  ]);
  return { kind: 'pg_dumpall', serverVersion: '16.9 (Debian 16.9-1.pgdg110+1)', databases: Object.fromEntries(databases) };
}

/** 14 nights of pg_dumpall, written in eleven minutes from midnight on. */
export function postgresNights({ time }: World): LabBackup[] {
  const nights = runsBefore(time.nowMs, { everyMs: DAY_MS, afterMs: 0, count: 14 });
  return nights.map((ms, ago) => ({
    path: `/mnt/main/postgresql-backup/dump_${stamp(ms)}.sql.gz`,
    bytes: 11_540_112 - ago * 23_211,
    writtenMs: ms + 41_000,
    content: postgresDumpOf(ago),
  }));
}

/** The mysqldump of one night, so many nights ago. */
export function mysqlDumpOf(nightsAgo: number): Extract<LabBackupContent, { kind: 'mysqldump' }> {
  return {
    kind: 'mysqldump',
    serverVersion: '8.4.4',
    databases: {
      codimd: { Notes: 912 - nightsAgo, Users: 6, SequelizeMeta: 31 },
      speedtest: { results: 20_411 - nightsAgo * 24 },
      mysql: { user: 9, db: 4 },
    },
    setsGtid: true,
  };
}

/** 14 nights of mysqldump, half an hour after midnight. */
export function mysqlNights({ time }: World): LabBackup[] {
  const nights = runsBefore(time.nowMs, { everyMs: DAY_MS, afterMs: 1_800_000, count: 14 });
  return nights.map((ms, ago) => ({
    path: `/mnt/main/mysql-backup/dump_${stamp(ms)}.sql.gz`,
    bytes: 3_811_904 - ago * 4_102,
    writtenMs: ms + 19_000,
    content: mysqlDumpOf(ago),
  }));
}

export const VAULTWARDEN_FILES = ['attachments', 'config.json', 'db.sqlite3', 'rsa_key.pem', 'rsa_key.pub.pem', 'sends'];

/** Every six hours: a directory with what Vaultwarden needs. */
export function vaultwardenBackups({ time }: World): LabBackup[] {
  const runs = runsBefore(time.nowMs, { everyMs: DAY_MS / 4, afterMs: 0, count: 14 });
  return runs.map((ms, ago) => ({
    path: `/mnt/main/vaultwarden-backup/${stamp(ms)}`,
    bytes: 4_308_992 - ago * 4_096,
    writtenMs: ms + 12_000,
    content: {
      kind: 'sqlite',
      file: 'db.sqlite3',
      integrity: 'ok',
      tables: { users: 4, ciphers: 1_204 - ago },
      files: VAULTWARDEN_FILES,
    },
  }));
}

/** Sundays at 03:00: copies of all files. */
export function nextcloudBackups({ time }: World): LabBackup[] {
  const sunday = 3 * DAY_MS; // the first of January of 1970 was a Thursday
  const runs = runsBefore(time.nowMs, { everyMs: 7 * DAY_MS, afterMs: sunday + 3 * 3_600_000, count: 7 });
  return runs.map((ms, ago) => ({
    path: `/mnt/main/nextcloud-backup/${new Date(ms).toISOString().slice(0, 19).replaceAll(/[-:]/g, '').replace('T', '_')}`,
    bytes: 9_811_402_112 - ago * 61_004_800,
    writtenMs: ms + 1_920_000,
    content: { kind: 'directory', files: 38_211 - ago * 120 },
  }));
}

/** Everything that the site's jobs have left, well and in time. */
export function addUsualBackups(world: World): void {
  addBackups(world, [...postgresNights(world), ...mysqlNights(world), ...vaultwardenBackups(world), ...nextcloudBackups(world)]);
}
