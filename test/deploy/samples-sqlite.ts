import * as sqlite from '../../src/commands/sqlite.ts';
import * as files from '../../src/commands/sqlite-files.ts';
import type { Host } from '../../src/core/command.ts';
import { hostilePaths, type Samples } from './sample-arguments.ts';

const databases = ['/var/lib/kubelet/pods/0b1e/volumes/kubernetes.io~csi/pvc-1/mount/db.sqlite3', "/mnt/main/it's here/data.db"];

/** What lies around a database of SQLite, and what is in it. */
export function ofSqlite(host: Host): Samples {
  return {
    'sqlite.ts': {
      sqliteCheck: databases.flatMap((path) =>
        [[], ['users'], ['users', '_ciphers2']].map((tables) => sqlite.sqliteCheck(host, path, tables)),
      ),
    },
    'sqlite-files.ts': {
      sqliteFiles: hostilePaths.map((path) => files.sqliteFiles(host, path)),
      spaceAt: hostilePaths.map((path) => files.spaceAt(host, path)),
      logSignatures: [files.logSignatures({ namespace: 'vaultwarden', pod: 'vaultwarden-5c9d-x2k4f', container: 'vaultwarden' })],
    },
  };
}
