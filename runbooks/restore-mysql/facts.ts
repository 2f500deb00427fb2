import type { Firing } from '../../src/commands/alerts.ts';
import type { MysqlDump } from '../../src/commands/backup-dumps.ts';
import type { BackupFile } from '../../src/commands/backup-files.ts';
import type { DataSpace, MysqlSession } from '../../src/commands/mysql.ts';
import type { MysqlDatabase, TableRows } from '../../src/commands/mysql-databases.ts';
import type { Seen } from '../../src/core/reading.ts';
import type { Site } from '../../src/core/site.ts';
import type { Dependants } from '../../src/topology/dependants.ts';
import type { KnownServer, MysqlLook } from '../../src/topology/mysql-look.ts';

export interface Params {
  readonly database: string;
  /** Absent: show what there is. */
  readonly file?: string;
  readonly anyway?: boolean;
}

export interface LookedInto {
  readonly file: BackupFile;
  readonly dump: Seen<MysqlDump>;
}

/** A database beside that a restore made, and the dump that it came out of. */
export interface Beside {
  readonly database: MysqlDatabase;
  /** Absent where nothing marks it as whole. */
  readonly from?: Seen<string>;
}

/** What the primary says, and how full the volumes of all are. */
export interface ServerFacts {
  readonly primary: KnownServer;
  readonly databases: Seen<readonly MysqlDatabase[]>;
  /** By the pod's name, of each member that runs: all of them get what is restored. */
  readonly spaces: ReadonlyMap<string, Seen<DataSpace>>;
  readonly sessions: Seen<readonly MysqlSession[]>;
  readonly besides: readonly Beside[];
  readonly dependants: Dependants;
  /** Of the database that is used, where it has any. */
  readonly programs?: Seen<readonly string[]>;
  /** Rows of the database that is used. */
  readonly now?: Seen<readonly TableRows[]>;
  /** Rows of the restored one that waits beside it. */
  readonly waiting?: Seen<readonly TableRows[]>;
}

export interface Facts {
  readonly site: Site;
  readonly asked: Params;
  readonly look: MysqlLook;
  readonly files: Seen<readonly BackupFile[]>;
  /** On the NAS, for a copy of what is there now. */
  readonly room: Seen<{ readonly bytes: number }>;
  /** All that are shown where nothing was chosen, or the one that was. */
  readonly dumps: readonly LookedInto[];
  /** Only where something would be changed. */
  readonly alerts?: Seen<Firing>;
  readonly server?: ServerFacts;
}
