import * as mysql from '../../src/commands/mysql.ts';
import * as databases from '../../src/commands/mysql-databases.ts';
import type { Host } from '../../src/core/command.ts';
import type { Samples } from './sample-arguments.ts';

/** Of MySQL, asked in its containers. */
export function ofMysql(node: Host): Samples {
  const server = { container: { node, id: '5f0a6f0e3d0c4a1f9a5e0a2c1f7b1111'.repeat(2) }, localUser: 'localroot' };
  return {
    'mysql.ts': {
      mysqlState: [mysql.mysqlState(server)],
      groupMembers: [mysql.groupMembers(server)],
      mysqlSessions: [mysql.mysqlSessions(server)],
      mysqlDataSpace: [mysql.mysqlDataSpace(server)],
    },
    'mysql-databases.ts': {
      mysqlDatabases: [databases.mysqlDatabases(server)],
      mysqlTableCounts: ['codimd', 'With-Dash_1'].map((name) => databases.mysqlTableCounts(server, name)),
      mysqlPrograms: ['codimd', 'With-Dash_1'].map((name) => databases.mysqlPrograms(server, name)),
      restoredFrom: [databases.restoredFrom(server, 'codimd_storagebot-3f2a9c81d0-1-restore')],
    },
  };
}
