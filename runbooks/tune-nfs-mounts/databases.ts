import type { Pod } from '../../src/commands/cluster-objects.ts';

const DATABASES = new Set([
  'clickhouse',
  'cockroach',
  'cockroachdb',
  'couchdb',
  'etcd',
  'influxdb',
  'mariadb',
  'mongo',
  'mongodb',
  'mysql',
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

/** The database that the pod runs, by the names of its images, containers and owner. That a program keeps SQLite cannot be seen. */
export function databaseIn({ name, owner, spec }: Pod): string | undefined {
  const images = spec.containers.flatMap(({ image = '' }) => /([^/:@]+)(?:[:@][^/]*)?$/.exec(image)?.[1] ?? []);
  const names = [...images, ...spec.containers.map((each) => each.name), owner?.name ?? name];
  return names.flatMap((each) => each.toLowerCase().split(/[^a-z0-9]+/)).find((word) => DATABASES.has(word.replace(/\d+$/, '')));
}
