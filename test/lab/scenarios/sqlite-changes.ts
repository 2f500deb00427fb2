import { addUsualBackups } from '../site/databases/backups.ts';
import { addSqlite, type LabSqliteFile, sqliteOf } from '../site/databases/sqlite.ts';
import { timestamp } from '../site/time.ts';
import { kind } from '../site/volumes.ts';
import type { World } from '../site/world.ts';
import type { Scenario } from './scenario.ts';

// What scenarios do to the SQLite databases of the site.

const CRON_JOBS = kind('batch/v1', 'cronjobs');

export const HOUR_MS = 3_600_000;

/** The services with their databases and the backups of the last days, and then something else. */
export function sqlite(name: string, says: string, change: (world: World) => void = () => {}): Scenario {
  return {
    name: `sqlite-${name}`,
    says,
    prepare: (world) => {
      addSqlite(world);
      addUsualBackups(world);
      change(world);
    },
  };
}

/** Pages in the middle of a table make no sense any more, and whatever reads them is refused. */
export function corrupt(world: World, service: string, integrity: readonly string[] = BROKEN): void {
  const { database, lab } = sqliteOf(world, service);
  database.integrity = integrity;
  database.fails = { code: 11, says: 'database disk image is malformed' };
  lab.log = Array.from({ length: 7 }, (_, index) => `[2026-04-03 08:5${index}:12.004][error] database disk image is malformed`);
}

export const BROKEN: readonly string[] = [
  '*** in database main ***',
  'Tree 14 page 1187: btreeInitPage() returns error code 11',
  'row 912 missing from index sqlite_autoindex_ciphers_1',
  'Page 902: never used',
];

/** SQLite refuses to look into it. */
export function refuse(world: World, service: string, code: number, says: string): void {
  const { database, lab } = sqliteOf(world, service);
  database.fails = { code, says };
  lab.log = Array.from({ length: 3 }, (_, index) => `[2026-04-03 08:5${index}:40.118][error] ${says}`);
}

/** The job has begun as always, and did not succeed. */
export function failBackups(world: World, lastSuccessMs: number): void {
  const { nowMs } = world.time;
  world.store.patch(
    { resource: CRON_JOBS, namespace: 'vaultwarden', name: 'vaultwarden-backup' },
    {
      status: {
        lastScheduleTime: timestamp(Math.floor(nowMs / (6 * HOUR_MS)) * 6 * HOUR_MS),
        lastSuccessfulTime: timestamp(lastSuccessMs),
      },
    },
  );
}

/** Takes away backups that are newer, and lets others be damaged. */
export function spoilBackups(
  world: World,
  { isGone, isBad }: { isGone?: (writtenMs: number) => boolean; isBad?: (index: number) => boolean },
) {
  const { backups = new Map() } = world.databases;
  const own = [...backups].filter(([path]) => path.startsWith('/mnt/main/vaultwarden-backup/'));
  own.forEach(([path, backup], index) => {
    if (isGone?.(backup.writtenMs)) {
      const above = world.nas.disk.at('/mnt/main/vaultwarden-backup');
      if (above !== undefined) above.entries = above.entries.filter((entry) => !path.endsWith(`/${entry}`));
      backups.delete(path);
    } else if (isBad?.(index)) {
      const integrity = '*** in database main ***\nTree 14 page 1187: btreeInitPage() returns error code 11';
      backups.set(path, { ...backup, content: { ...backup.content, integrity } });
    }
  });
}

/** Puts a file beside the database, or takes it away. */
export function setFile(world: World, service: string, end: string, bytes: number | undefined): void {
  const { lab, name, file } = sqliteOf(world, service);
  const { database: _content, ...about } = file;
  if (bytes === undefined) lab.files.delete(`${name}${end}`);
  else lab.files.set(`${name}${end}`, { ...about, bytes } satisfies LabSqliteFile);
}
