import * as cnpg from '../../src/commands/cnpg.ts';
import * as postgres from '../../src/commands/postgres.ts';
import type { Host } from '../../src/core/command.ts';
import { hostilePaths, type Samples } from './sample-arguments.ts';

const UID = '1f365428-58cf-4f69-a3e0-f62aba6d9339';

/** Names that SQL, a connection string or a careless shell would take apart. */
const databases = [
  'linkwarden',
  'Odd "name\'s',
  'host=elsewhere user=x',
  'postgresql://elsewhere/x',
  '-d',
  '$(touch x);`y` &|<>*?',
];

/** Of PostgreSQL and its operator. */
export function ofPostgres(node: Host): Samples {
  const container = { node, id: '5f0a6f0e3d0c4a1f9a5e0a2c1f7b1111'.repeat(2) };
  return {
    'postgres.ts': {
      serverState: [postgres.serverState(container)],
      postgresDatabases: [postgres.postgresDatabases(container)],
      tableCounts: databases.map((name) => postgres.tableCounts(container, name)),
      databaseFill: databases.map((name) => postgres.databaseFill(container, name)),
      postgresSessions: [postgres.postgresSessions(container)],
      sessionsOf: [postgres.sessionsOf(container, 'linkwarden')],
      postgresRoles: [postgres.postgresRoles(container)],
      replicationOf: [postgres.replicationOf(container)],
      dataSpaceOnNode: hostilePaths.map((path) => postgres.dataSpaceOnNode(node, path)),
      dataSpace: [postgres.dataSpace(container)],
    },
    'cnpg.ts': {
      postgresClusters: [cnpg.postgresClusters()],
      deletePostgresCluster: [cnpg.deletePostgresCluster({ namespace: 'dbaas', name: 'pg-cluster', uid: UID })],
    },
  };
}
