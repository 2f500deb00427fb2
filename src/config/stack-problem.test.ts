import { expect, test } from 'vitest';
import { changed, refusal, type Written } from '../../test/example-config.ts';

/** Terraform, and a cluster of PostgreSQL that a resource of this stack makes. */
function withStack({ site }: Written, stack: string, address = 'module.dbaas.null_resource.pg_cluster'): void {
  const postgres = {
    namespace: 'dbaas',
    cluster: 'pg-cluster',
    host: 'pg-cluster-rw.dbaas',
    image: 'docker.io/library/postgres:16.4-bullseye',
    secret: { name: 'pg-cluster-superuser', key: 'password' },
    backups: { claim: 'dbaas-postgresql-backup', path: '/mnt/main/postgresql-backup' },
    stack: { stack, address },
  };
  const stacks = { 'nfs.csi.k8s.io': 'stacks/nfs-csi' };
  const terraform = { host: 'devvm', directory: '/srv/infra', plans: '/var/lib/storagebot-plans', stacks };
  Object.assign(site, { terraform, databases: { postgres } });
}

const cases: readonly (readonly [string, (file: Written) => void, string])[] = [
  [
    'a cluster that is made by a resource which nobody can apply',
    (file) => {
      withStack(file, 'stacks/dbaas');
      Reflect.deleteProperty(file.site, 'terraform');
    },
    'site.databases.postgres.stack is planned and applied by nobody: set site.terraform',
  ],
  [
    'a cluster that is made by the stack of a driver',
    (file) => withStack(file, 'stacks/nfs-csi'),
    'site.databases.postgres.stack.stack is the stack of a driver too: their saved plans would take the place of each other',
  ],
  [
    'a resource with more than its address',
    (file) => withStack(file, 'stacks/dbaas', 'module.dbaas -destroy'),
    'site.databases.postgres.stack.address must be the address of one resource; for example module.dbaas.null_resource.pg_cluster',
  ],
];

test.each(cases)('%s is named with its path, its line, what is wrong and a right one', (_name, change, says) => {
  const { problems, message } = refusal(changed(change));
  expect(message).toContain(says);
  expect(problems.filter(({ line }) => line === undefined)).toEqual([]);
});
