import * as sqlite from '../../src/commands/sqlite.ts';
import * as files from '../../src/commands/sqlite-files.ts';
import type { Maker } from './maker.ts';

const node = { name: 'k8s-node4', sudo: true };
const log = { namespace: 'vaultwarden', pod: 'vaultwarden-1', container: 'vaultwarden' };

/** Of databases of SQLite. */
export const ofSqlite: Readonly<Record<string, readonly Maker[]>> = {
  sqliteCheck: [
    (path) => sqlite.sqliteCheck(node, path, ['users']),
    (table) => sqlite.sqliteCheck(node, '/data/db.sqlite3', ['users', table]),
  ],
  sqliteFiles: [(path) => files.sqliteFiles(node, path)],
  spaceAt: [(directory) => files.spaceAt(node, directory)],
  logSignatures: [
    (namespace) => files.logSignatures({ ...log, namespace }),
    (pod) => files.logSignatures({ ...log, pod }),
    (container) => files.logSignatures({ ...log, container }),
  ],
};
