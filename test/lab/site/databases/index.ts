import type { LabBackup } from './backups.ts';
import type { LabCopies } from './copies.ts';
import type { LabMysql } from './mysql.ts';
import type { LabPostgres } from './postgres.ts';
import type { LabRedis } from './redis.ts';
import type { LabSqlite } from './sqlite.ts';

/** What the databases of the site hold. Each is set up by the scenarios that need it. */
export interface LabDatabases {
  /** What lies on the NAS, by path. */
  backups?: Map<string, LabBackup>;
  copies?: LabCopies;
  mysql?: LabMysql;
  postgres?: LabPostgres;
  redis?: LabRedis;
  /** By the word that people use for the service. */
  sqlite?: Map<string, LabSqlite>;
}
