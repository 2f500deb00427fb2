import * as scripts from '../../src/commands/sqlite-scripts.ts';
import { commandsOf, type Samples } from './sample-arguments.ts';

const work = {
  namespace: 'vaultwarden',
  name: 'storagebot-3f2a9c81d0-1-restore',
  deadlineS: 3_600,
  image: 'registry.example.org/storagebot-tools:1',
  claim: 'vaultwarden-data-proxmox',
  file: 'db.sqlite3',
  stamp: 'storagebot-3f2a9c81d0-1-restore',
} as const;

const restore = {
  ...work,
  backupClaim: 'vaultwarden-backup',
  from: '2026_04_03_06_00',
  rows: { users: 4, ciphers: 1_204 },
  needs: ['rsa_key.pem'],
  mayHave: ['attachments', "it's $(touch x)"],
};

/** The Jobs that change databases, and which there are. */
export const ofSqliteScripts: Samples = {
  'sqlite-scripts.ts': {
    restoreSqlite: commandsOf(scripts.restoreSqlite(restore)),
    putSqliteBack: commandsOf(scripts.putSqliteBack(work)),
    reindexSqlite: commandsOf(scripts.reindexSqlite({ ...work, tables: ['users', 'ciphers'] })),
    sqliteJobs: [scripts.sqliteJobs('vaultwarden')],
    sqliteJobsWithoutEffect: [scripts.sqliteJobsWithoutEffect('vaultwarden')],
  },
};
