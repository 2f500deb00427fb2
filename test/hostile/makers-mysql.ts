import * as mysql from '../../src/commands/mysql.ts';
import * as databases from '../../src/commands/mysql-databases.ts';
import type { Maker } from './maker.ts';

const container = { node: { name: 'k8s-node3', sudo: true }, id: '5f0a6f0e3d0c' };
const server = { container, localUser: 'localroot' };

/** Of MySQL: who asks, and what a database is called. */
export const ofMysql: Readonly<Record<string, readonly Maker[]>> = {
  mysqlState: [(localUser) => mysql.mysqlState({ container, localUser })],
  groupMembers: [(localUser) => mysql.groupMembers({ container, localUser })],
  mysqlDatabases: [(localUser) => databases.mysqlDatabases({ container, localUser })],
  mysqlSessions: [(localUser) => mysql.mysqlSessions({ container, localUser })],
  mysqlTableCounts: [(name) => databases.mysqlTableCounts(server, name)],
  mysqlPrograms: [(name) => databases.mysqlPrograms(server, name)],
  restoredFrom: [(name) => databases.restoredFrom(server, name)],
  mysqlDataSpace: [(id) => mysql.mysqlDataSpace({ container: { ...container, id }, localUser: 'localroot' })],
};
