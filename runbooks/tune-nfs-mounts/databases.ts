import type { Pod } from '../../src/commands/cluster-objects.ts';

/** A pod, or a workload that has none now. */
export type User = Pick<Pod, 'namespace' | 'name' | 'spec'> & { readonly owner?: Pod['owner'] };

const DATABASES = new Set([
  'cassandra',
  'clickhouse',
  'cockroach',
  'cockroachdb',
  'couchdb',
  'elasticsearch',
  'etcd',
  'influxdb',
  'keydb',
  'mariadb',
  'mongo',
  'mongodb',
  'mysql',
  'neo4j',
  'opensearch',
  'percona',
  'pgvecto',
  'postgis',
  'postgres',
  'postgresql',
  'redis',
  'timescaledb',
  'valkey',
  'vault',
]);

/** The database that it runs, by the names of its images, containers and owner. That a program keeps SQLite cannot be seen. */
export function databaseIn({ name, owner, spec }: User): string | undefined {
  const images = spec.containers.flatMap(({ image = '' }) => /([^/:@]+)(?:[:@][^/]*)?$/.exec(image)?.[1] ?? []);
  const names = [...images, ...spec.containers.map((each) => each.name), owner?.name ?? name];
  return names.flatMap((each) => each.toLowerCase().split(/[^a-z0-9]+/)).find((word) => DATABASES.has(word.replace(/\d+$/, '')));
}
