import * as mysql from '../../../src/commands/mysql.ts';
import * as databases from '../../../src/commands/mysql-databases.ts';
import type { Read } from '../../../src/core/command.ts';
import { at } from '../kubernetes/store.ts';
import { containerIdOf, containerNamed } from './databases/containers.ts';
import type { World } from './world.ts';

/** What the bot can ask of MySQL: of servers that answer, where the site has any. */
export function mysqlReads(world: World): readonly Read<unknown>[] {
  const { mysql: lab } = world.databases;
  if (lab === undefined) return [];
  return [...lab.members].flatMap(([name, { stopped }]) => {
    const pod = world.cluster.pods().find(({ metadata }) => metadata.name === name);
    const node = { name: String(at(pod, 'spec', 'nodeName')), sudo: true };
    const id = containerIdOf(pod?.metadata.uid ?? '', 'mysql');
    if (stopped || containerNamed(world, node.name, id) === undefined) return [];
    const server = { container: { node, id }, localUser: 'localroot' };
    return [
      mysql.mysqlState(server),
      mysql.groupMembers(server),
      databases.mysqlDatabases(server),
      mysql.mysqlSessions(server),
      mysql.mysqlDataSpace(server),
      ...[...lab.databases].map(([database]) => databases.mysqlTableCounts(server, database)),
      ...[...lab.databases].map(([database]) => databases.mysqlPrograms(server, database)),
      ...[...lab.databases].flatMap(([database, { madeOf }]) =>
        madeOf === undefined ? [] : [databases.restoredFrom(server, database)],
      ),
    ];
  });
}
