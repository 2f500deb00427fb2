import { sqliteCheck } from '../../../src/commands/sqlite.ts';
import { spaceAt, sqliteFiles } from '../../../src/commands/sqlite-files.ts';
import type { Host, Read } from '../../../src/core/command.ts';
import type { World } from './world.ts';

/** What the bot can ask about a database on a disk of this node; whether there is one, is for the answers to say. */
export function sqliteReads({ nodes }: World, host: Host): readonly Read<unknown>[] {
  const mount = nodes.get(host.name)?.mounts.find(({ device }) => device !== undefined);
  if (mount === undefined) return [];
  const path = `${mount.mountPoint}/db.sqlite3`;
  return [sqliteFiles(host, path), spaceAt(host, mount.mountPoint), sqliteCheck(host, path, ['users'])];
}
