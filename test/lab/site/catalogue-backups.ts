import { checkedBackup, copiedDirectory } from '../../../src/commands/backup-contents.ts';
import { mysqlDump, postgresDump, sqliteBackup } from '../../../src/commands/backup-dumps.ts';
import { backupFiles, filesInBackups, freeSpaceAt } from '../../../src/commands/backup-files.ts';
import type { Host, Read } from '../../../src/core/command.ts';
import type { LabBackup } from './databases/backups.ts';
import { DATABASES } from './databases/settings.ts';
import type { World } from './world.ts';

const NAS: Host = { name: 'truenas', sudo: false };
const DIRECTORY = DATABASES.postgres.backups.path;

/** What the bot can ask about the backups of this world. */
export function backupReads({ nas, databases }: World): readonly Read<unknown>[] {
  if (nas.disk.at(DIRECTORY) === undefined) return [];
  const there = [...(databases.backups ?? []).values()].filter(({ path }) => isThere(path));
  const kinds = Map.groupBy(there, ({ content }) => content.kind);
  return [
    backupFiles(NAS, { path: DIRECTORY, begins: '', ends: '' }),
    filesInBackups(NAS, DIRECTORY, 'db.sqlite3'),
    freeSpaceAt(NAS, DIRECTORY),
    ...[...kinds.values()].flatMap(([first]) => (first === undefined ? [] : lookInto(first))),
  ];

  function isThere(path: string): boolean {
    const cut = path.lastIndexOf('/');
    return nas.disk.at(path.slice(0, cut))?.entries.includes(path.slice(cut + 1)) === true;
  }
}

function lookInto({ path, content }: LabBackup): readonly Read<unknown>[] {
  switch (content.kind) {
    case 'pg_dumpall':
      return [postgresDump(NAS, path)];
    case 'mysqldump':
      return [mysqlDump(NAS, path)];
    case 'sqlite':
      return [sqliteBackup(NAS, `${path}/${content.file}`, Object.keys(content.tables))];
    case 'directory':
      return [copiedDirectory(NAS, path)];
    default:
      return [checkedBackup(NAS, path, { kind: content.kind, withinS: 600 })];
  }
}
