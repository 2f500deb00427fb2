import { z } from 'zod';
import { BACKUP_KINDS, RESOURCE_ADDRESS } from '../core/databases.ts';
import { AbsolutePath, Address, Duration } from './fields.ts';
import { StackPath } from './terraform-schema.ts';

const ObjectName = z
  .string()
  .max(63, 'is longer than 63 characters')
  .regex(/^[a-z0-9]([a-z0-9-]*[a-z0-9])?$/, 'must be the name of a Kubernetes object')
  .meta({ example: 'dbaas' });

const Workload = z
  .string()
  .regex(/^[a-z0-9]([a-z0-9-]*[a-z0-9])?\/[a-z0-9]([a-z0-9-]*[a-z0-9])?$/, 'must be namespace/name of a workload')
  .meta({ example: 'linkwarden/linkwarden' });

const Image = z
  .string()
  .regex(
    /^[a-z0-9.-]+\.[a-z0-9-]+(:\d+)?(\/[a-z0-9._-]+)+(:[\w.-]+|@sha256:[0-9a-f]{64})$/,
    'must be an image with its registry and its tag or digest',
  )
  .meta({ example: 'docker.io/library/postgres:16.4-bullseye' });

const SecretKey = z
  .strictObject({
    name: ObjectName,
    key: z.string().regex(/^[\w.-]+$/, 'must be a key of a Secret'),
  })
  .meta({ example: { name: 'pg-cluster-superuser', key: 'password' } });

const BackupPlace = z
  .strictObject({ claim: ObjectName, path: AbsolutePath })
  .meta({ example: { claim: 'dbaas-postgresql-backup', path: '/mnt/main/postgresql-backup' } });

const DatabaseName = z
  .string()
  .max(63, 'is longer than 63 characters')
  .regex(/^[A-Za-z_][\w-]*$/, 'must be the plain name of a database')
  .meta({ example: 'linkwarden' });

const Dependants = z
  .record(DatabaseName, z.array(Workload))
  .default({})
  .meta({ example: { linkwarden: ['linkwarden/linkwarden'] } });

/** Inside a volume, so that it cannot lead out of it. */
const InnerPath = z
  .string()
  .regex(/^(?!\.\.?(\/|$))[\w.-]+(\/(?!\.\.?(\/|$))[\w.-]+)*$/, 'must be a path inside the volume')
  .meta({ example: 'db.sqlite3' });

const server = {
  namespace: ObjectName,
  cluster: ObjectName,
  host: Address.meta({ example: 'pg-cluster-rw.dbaas' }),
  image: Image,
};

/** What Terraform makes the cluster with; without it the bot builds none anew. */
const StackResource = z
  .strictObject({
    stack: StackPath.meta({ example: 'stacks/dbaas' }),
    address: z
      .string()
      .max(300, 'is longer than any address of a resource')
      .regex(RESOURCE_ADDRESS, 'must be the address of one resource')
      .meta({ example: 'module.dbaas.null_resource.pg_cluster' }),
  })
  .meta({ example: { stack: 'stacks/dbaas', address: 'module.dbaas.null_resource.pg_cluster' } });

const Postgres = z.strictObject({
  ...server,
  secret: SecretKey,
  backups: BackupPlace,
  dependants: Dependants,
  stack: StackResource.exactOptional(),
});

const Mysql = z.strictObject({
  ...server,
  secret: SecretKey,
  localUser: z
    .string()
    .regex(/^[a-z_]\w*$/, 'must be the plain name of a user')
    .default('localroot'),
  backups: BackupPlace,
  dependants: Dependants,
});

const Redis = z.strictObject({
  namespace: ObjectName,
  statefulSet: ObjectName,
  masterName: z
    .string()
    .regex(/^\w[\w.-]*$/, 'must be the name of a master as Sentinel has it')
    .default('mymaster'),
  dependants: z.array(Workload).default([]),
});

const Sqlite = z.strictObject({
  namespace: ObjectName,
  workload: ObjectName,
  volume: ObjectName.meta({ example: 'data' }),
  file: InnerPath,
  tables: z.array(z.string().regex(/^[A-Za-z_]\w*$/, 'must be the plain name of a table')).default([]),
  needs: z.array(InnerPath).default([]),
  mayHave: z.array(InnerPath).default([]),
  backups: BackupPlace.exactOptional(),
  cronJobs: z.array(ObjectName).default([]),
});

const Service = z.string().regex(/^[a-z0-9]([a-z0-9-]*[a-z0-9])?$/, 'must be the name of a service');

/** The databases that the site serves. */
export const DatabaseSettings = z.strictObject({
  postgres: Postgres.exactOptional(),
  mysql: Mysql.exactOptional(),
  redis: Redis.exactOptional(),
  sqlite: z.record(Service, Sqlite).default({}),
});

const NamePart = z.string().regex(/^[\w.-]*$/, 'must be the plain part of a name');

/** The jobs that make backups, by the words that people use for them. */
export const BackupSettings = z.record(
  Service,
  z
    .strictObject({
      namespace: ObjectName,
      cronJob: ObjectName,
      kind: z.enum(BACKUP_KINDS),
      path: AbsolutePath,
      begins: NamePart.default(''),
      ends: NamePart.default(''),
      file: InnerPath.exactOptional(),
      staleAfter: Duration,
    })
    .transform(({ staleAfter, ...job }) => ({ ...job, staleAfterMs: staleAfter })),
);

/** Has sh, sqlite3, rsync, and GNU's find, cp and sha256sum. */
export const ToolsImage = Image;
