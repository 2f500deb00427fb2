/** A key of a Kubernetes Secret in the namespace of its database: named in a Job, and never read by the bot. */
export interface SecretKey {
  readonly name: string;
  readonly key: string;
}

/** Where backups lie: on the NAS for the bot to look at, and as a claim for a Job to mount, in the namespace of the database. */
export interface BackupPlace {
  readonly claim: string;
  /** On the NAS: `/mnt/main/postgresql-backup`. */
  readonly path: string;
}

/** Workloads (`namespace/name`) that use each database, besides those that are found by looking. */
export type Dependants = Readonly<Record<string, readonly string[]>>;

/** A resource of Terraform that makes something by a command of its own: to make that anew, the resource is replaced. */
export interface StackResource {
  /** Below the checkout of `site.terraform`: `stacks/dbaas`. */
  readonly stack: string;
  /** `module.dbaas.null_resource.pg_cluster` */
  readonly address: string;
}

/** `module.dbaas.null_resource.pg_cluster`: one resource, without a key that would have to be quoted. */
export const RESOURCE_ADDRESS = /^[A-Za-z_][\w-]*(\[\d+\])?(\.[A-Za-z_][\w-]*(\[\d+\])?)+$/;

/** A cluster of CloudNativePG. */
export interface PostgresSite {
  readonly namespace: string;
  readonly cluster: string;
  /** The service of its primary, as Jobs reach it: `pg-cluster-rw.dbaas`. */
  readonly host: string;
  /** Has psql, pg_dump and gzip, and is no older than the server. */
  readonly image: string;
  /** The superuser's password. */
  readonly secret: SecretKey;
  readonly backups: BackupPlace;
  readonly dependants: Dependants;
  /** What makes the cluster, where Terraform does. */
  readonly stack?: StackResource;
}

/** An InnoDB Cluster of the MySQL operator. */
export interface MysqlSite {
  readonly namespace: string;
  /** Its StatefulSet, of which each pod has a container `mysql`. */
  readonly cluster: string;
  readonly host: string;
  /** Has mysql, mysqldump and gzip. */
  readonly image: string;
  /** Root's password. */
  readonly secret: SecretKey;
  /** Who may look over the socket of the container without a password: the operator's `localroot`. */
  readonly localUser: string;
  readonly backups: BackupPlace;
  readonly dependants: Dependants;
}

/** Redis with replicas, each of which may be asked in its container `redis`. */
export interface RedisSite {
  readonly namespace: string;
  readonly statefulSet: string;
  /** Which master is the right one, is for Sentinel to say: the name it has there. */
  readonly masterName: string;
  readonly dependants: readonly string[];
}

/** An application with its data in one SQLite file. */
export interface SqliteSite {
  /** Its Deployment or StatefulSet. */
  readonly namespace: string;
  readonly workload: string;
  /** The volume of its pods that has the file, by its name in the template. */
  readonly volume: string;
  /** The path of the file in the volume: `db.sqlite3`. */
  readonly file: string;
  /** Tables whose rows tell how much is in it. */
  readonly tables: readonly string[];
  /** Paths beside it that a backup must have, and that are restored with it: `rsa_key.pem`. */
  readonly needs: readonly string[];
  /** Paths that are restored with it where the backup has them: `attachments`. */
  readonly mayHave: readonly string[];
  /** Backups are directories named by their time, with the file under its own name in each. */
  readonly backups?: BackupPlace;
  /** CronJobs of its namespace that use the volume or the backups. */
  readonly cronJobs: readonly string[];
}

export interface DatabaseSites {
  readonly postgres?: PostgresSite;
  readonly mysql?: MysqlSite;
  readonly redis?: RedisSite;
  /** By the word that people use for the service: `vaultwarden`. */
  readonly sqlite: Readonly<Record<string, SqliteSite>>;
}

export const BACKUP_KINDS = ['pg_dumpall', 'mysqldump', 'sqlite', 'rdb', 'etcd', 'raft', 'tar', 'directory'] as const;
export type BackupKind = (typeof BACKUP_KINDS)[number];

/** A job that makes backups. */
export interface BackupJob {
  readonly namespace: string;
  readonly cronJob: string;
  /** What it writes: files of this kind, or directories that each hold one (`sqlite`, `directory`). */
  readonly kind: BackupKind;
  /** Where it writes, on the NAS. */
  readonly path: string;
  /** What the names of its files or directories begin and end with: `dump_`, `.sql.gz`. */
  readonly begins: string;
  readonly ends: string;
  /** Of a directory: the file in it that is looked into. */
  readonly file?: string;
  /** Older than this, the newest backup is stale. */
  readonly staleAfterMs: number;
}
