import type { Pod } from '../../src/commands/cluster-objects.ts';
import type { Site } from '../../src/core/site.ts';

/** What the configuration calls the application of this pod, where that has its data in SQLite. */
export function sqliteServiceOf({ databases }: Site, { namespace, name }: Pod): string | undefined {
  const services = Object.entries(databases?.sqlite ?? {});
  return services.find(([, each]) => each.namespace === namespace && name.startsWith(`${each.workload}-`))?.[0];
}

/** The words of the runbook that knows the database or the backup which this pod is of. */
export function databaseRunOf(site: Site, pod: Pod): string | undefined {
  const { postgres, mysql, redis } = site.databases ?? {};
  const isOf = (namespace: string, name: string) => pod.namespace === namespace && pod.name.startsWith(`${name}-`);
  if (Object.values(site.backups ?? {}).some(({ namespace, cronJob }) => isOf(namespace, cronJob))) return 'diagnose backups';
  if (postgres !== undefined && isOf(postgres.namespace, postgres.cluster)) return 'diagnose postgres';
  if (mysql !== undefined && isOf(mysql.namespace, mysql.cluster)) return 'diagnose mysql';
  if (redis !== undefined && isOf(redis.namespace, redis.statefulSet)) return 'diagnose redis';
  const service = sqliteServiceOf(site, pod);
  return service === undefined ? undefined : `diagnose sqlite ${service}`;
}
