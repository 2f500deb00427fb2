import { deletePostgresCluster } from '../../src/commands/cnpg.ts';
import * as postgres from '../../src/commands/postgres.ts';
import type { Maker } from './maker.ts';

const node = { name: 'k8s-node3', sudo: true };
const id = '5f0a6f0e3d0c';
const container = { node, id };

/** Of PostgreSQL: what a container is called, and what a database. */
export const ofPostgres: Readonly<Record<string, readonly Maker[]>> = {
  tableCounts: [(name) => postgres.tableCounts(container, name)],
  databaseFill: [(name) => postgres.databaseFill(container, name)],
  dataSpaceOnNode: [(path) => postgres.dataSpaceOnNode(node, path)],
  deletePostgresCluster: [
    (namespace) => deletePostgresCluster({ namespace, name: 'pg-cluster', uid: 'u' }),
    (name) => deletePostgresCluster({ namespace: 'dbaas', name, uid: 'u' }),
    (uid) => deletePostgresCluster({ namespace: 'dbaas', name: 'pg-cluster', uid }),
  ],
  sessionsOf: [(name) => postgres.sessionsOf(container, name)],
};
