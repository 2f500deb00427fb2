import { kind, text } from '../volumes.ts';
import type { World } from '../world.ts';
import { DATABASES } from './settings.ts';

/** What SQLite finds in a file. */
export interface LabSqliteDatabase {
  journal: 'wal' | 'rollback';
  /** `ok` alone, or what is wrong. */
  integrity: readonly string[];
  brokenKeys: number;
  tables: Record<string, number>;
  /** What SQLite says instead of opening it, or on its way through it. */
  fails?: { readonly code: number; readonly says: string };
}

/** A file or a directory of a volume. */
export interface LabSqliteFile {
  bytes: number;
  modifiedMs: number;
  mode: number;
  uid: number;
  gid: number;
  readonly isDirectory?: true;
  readonly database?: LabSqliteDatabase;
}

/** The volume of an application with its data in one SQLite file. */
export interface LabSqlite {
  readonly namespace: string;
  readonly claim: string;
  /** By their paths in the volume; `` is its root. */
  readonly files: Map<string, LabSqliteFile>;
  /** What the application wrote last. */
  log: readonly string[];
  /** Its node lacks the program sqlite3. */
  hasNoTool?: true;
}

const CLAIMS = kind('v1', 'persistentvolumeclaims');

const MINUTE_MS = 60_000;

interface Given {
  readonly journal: LabSqliteDatabase['journal'];
  readonly bytes: number;
  readonly walBytes?: number;
  readonly tables: Readonly<Record<string, number>>;
  readonly others?: Readonly<Record<string, number>>;
}

const GIVEN: Readonly<Record<keyof typeof DATABASES.sqlite, Given>> = {
  vaultwarden: {
    journal: 'wal',
    bytes: 8_523_776,
    walBytes: 4_152_992,
    tables: { users: 4, ciphers: 1_212 },
    others: { 'rsa_key.pem': 1_679, 'config.json': 2_204 },
  },
  headscale: { journal: 'wal', bytes: 217_088, walBytes: 82_432, tables: { users: 3, nodes: 19 } },
};

/** Healthy databases of the services that the configuration names, with a log that somebody has open. */
export function addSqlite(world: World): Map<string, LabSqlite> {
  const all = new Map(Object.entries(GIVEN).map(([service, given]) => [service, newSqlite(world, service, given)]));
  world.databases.sqlite = all;
  const { logs } = world.store;
  world.store.logs = (pod, wanted) => {
    const own = [...all].find(([service]) => pod.metadata.labels?.['app'] === service && pod.metadata.namespace === service);
    return own === undefined || wanted.previous ? logs?.(pod, wanted) : own[1].log;
  };
  return all;
}

function newSqlite({ time }: World, service: string, { journal, bytes, walBytes, tables, others = {} }: Given): LabSqlite {
  const { namespace, volume: claim, file } = settingsOf(service);
  const modifiedMs = time.nowMs - 11 * MINUTE_MS;
  const fileOf = (size: number, at = modifiedMs): LabSqliteFile => ({ bytes: size, modifiedMs: at, mode: 0o644, uid: 0, gid: 0 });
  const files = new Map<string, LabSqliteFile>([
    ['', { ...fileOf(4_096), mode: 0o755, isDirectory: true }],
    [file, { ...fileOf(bytes), database: { journal, integrity: ['ok'], brokenKeys: 0, tables: { ...tables } } }],
    ...Object.entries(others).map(([name, size]) => [name, fileOf(size)] as const),
  ]);
  if (walBytes !== undefined) {
    files.set(`${file}-wal`, fileOf(walBytes, time.nowMs - 2 * MINUTE_MS));
    files.set(`${file}-shm`, fileOf(32_768, time.nowMs - 2 * MINUTE_MS));
  }
  return { namespace, claim, files, log: ['[2026-04-03 08:00:04.118][start][INFO] started'] };
}

function settingsOf(service: string) {
  const found = Object.entries(DATABASES.sqlite).find(([name]) => name === service)?.[1];
  if (found === undefined) throw new Error(`The lab has no SQLite database of ${service}`);
  return found;
}

/** The set-up one of a service, and its database file. */
export function sqliteOf(world: World, service: string) {
  const lab = world.databases.sqlite?.get(service);
  const { file: name } = settingsOf(service);
  const file = lab?.files.get(name);
  if (lab === undefined || file?.database === undefined) throw new Error(`The lab has no SQLite database of ${service} now`);
  return { lab, name, file, database: file.database };
}

/** The database whose volume is this one now. */
export function sqliteOnVolume({ databases, store }: World, volume: string): LabSqlite | undefined {
  return [...(databases.sqlite?.values() ?? [])].find(
    ({ namespace, claim }) => text(store.get({ resource: CLAIMS, namespace, name: claim }), 'spec', 'volumeName') === volume,
  );
}
