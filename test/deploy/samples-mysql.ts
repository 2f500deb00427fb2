import * as mysql from '../../src/commands/mysql.ts';
import type { Host } from '../../src/core/command.ts';
import type { Samples } from './sample-arguments.ts';

/** Of MySQL, asked in its containers. */
export function ofMysql(node: Host): Samples {
  const server = { container: { node, id: '5f0a6f0e3d0c4a1f9a5e0a2c1f7b1111'.repeat(2) }, localUser: 'localroot' };
  return {
    'mysql.ts': {
      mysqlState: [mysql.mysqlState(server)],
      groupMembers: [mysql.groupMembers(server)],
      mysqlDatabases: [mysql.mysqlDatabases(server)],
      mysqlTableCounts: ['codimd', 'With-Dash_1'].map((name) => mysql.mysqlTableCounts(server, name)),
      restoredFrom: [mysql.restoredFrom(server, 'codimd_storagebot-3f2a9c81d0-1-restore')],
      mysqlSessions: [mysql.mysqlSessions(server)],
      mysqlDataSpace: [mysql.mysqlDataSpace(server)],
    },
  };
}
