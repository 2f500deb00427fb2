import type { BackupJob, DatabaseSites } from '../../../../src/core/databases.ts';

/** What the site's configuration says of its databases and backups. */
export const DATABASES = {
  postgres: {
    namespace: 'dbaas',
    cluster: 'pg-cluster',
    host: 'pg-cluster-rw.dbaas',
    image: 'docker.io/library/postgres:16.4-bullseye',
    secret: { name: 'pg-cluster-superuser', key: 'password' },
    backups: { claim: 'dbaas-postgresql-backup', path: '/mnt/main/postgresql-backup' },
    dependants: { linkwarden: ['linkwarden/linkwarden'] },
    stack: { stack: 'stacks/dbaas', address: 'module.dbaas.null_resource.pg_cluster' },
  },
  mysql: {
    namespace: 'dbaas',
    cluster: 'mysql-cluster',
    host: 'mysql.dbaas',
    image: 'docker.io/library/mysql:8.4.4',
    secret: { name: 'cluster-secret', key: 'ROOT_PASSWORD' },
    localUser: 'localroot',
    backups: { claim: 'dbaas-mysql-backup', path: '/mnt/main/mysql-backup' },
    dependants: { codimd: ['hackmd/hackmd'] },
  },
  redis: { namespace: 'redis', statefulSet: 'redis-node', masterName: 'mymaster', dependants: ['immich/immich-server'] },
  sqlite: {
    vaultwarden: {
      namespace: 'vaultwarden',
      workload: 'vaultwarden',
      volume: 'vaultwarden-data-proxmox',
      file: 'db.sqlite3',
      tables: ['users', 'ciphers'],
      needs: ['rsa_key.pem'],
      mayHave: ['rsa_key.pub.pem', 'config.json', 'attachments', 'sends'],
      backups: { claim: 'vaultwarden-backup', path: '/mnt/main/vaultwarden-backup' },
      cronJobs: ['vaultwarden-backup'],
    },
    headscale: {
      namespace: 'headscale',
      workload: 'headscale',
      volume: 'headscale-data',
      file: 'db.sqlite',
      tables: ['users', 'nodes'],
      needs: [],
      mayHave: [],
      cronJobs: [],
    },
  },
} satisfies DatabaseSites;

const HOUR_MS = 3_600_000;

export const BACKUPS = {
  postgresql: {
    namespace: 'dbaas',
    cronJob: 'postgresql-backup',
    kind: 'pg_dumpall',
    path: '/mnt/main/postgresql-backup',
    begins: 'dump_',
    ends: '.sql.gz',
    staleAfterMs: 36 * HOUR_MS,
  },
  vaultwarden: {
    namespace: 'vaultwarden',
    cronJob: 'vaultwarden-backup',
    kind: 'sqlite',
    path: '/mnt/main/vaultwarden-backup',
    begins: '',
    ends: '',
    file: 'db.sqlite3',
    staleAfterMs: 24 * HOUR_MS,
  },
  nextcloud: {
    namespace: 'nextcloud',
    cronJob: 'nextcloud-backup',
    kind: 'directory',
    path: '/mnt/main/nextcloud-backup',
    begins: '',
    ends: '',
    staleAfterMs: 192 * HOUR_MS,
  },
} satisfies Readonly<Record<string, BackupJob>>;

export const TOOLS_IMAGE = 'registry.lab.lan/storagebot-tools:1';
