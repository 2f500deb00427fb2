import * as scripts from '../../src/commands/sqlite-scripts.ts';
import type { Maker } from './maker.ts';

const name = 'storagebot-3f2a9c81d0-1-restore';
const work = { namespace: 'word', name, deadlineS: 60, image: 'word', claim: 'word', file: 'word', stamp: name };
const restore = { ...work, backupClaim: 'backup', from: 'word', rows: {}, needs: [], mayHave: [] };

/** Of the Jobs that change databases: what the configuration names, and what a backup is called. */
export const ofSqliteScripts: Readonly<Record<string, readonly Maker[]>> = {
  restoreSqlite: [
    (from) => scripts.restoreSqlite({ ...restore, from }).change,
    (file) => scripts.restoreSqlite({ ...restore, file }).change,
    (path) => scripts.restoreSqlite({ ...restore, needs: [path], mayHave: [path] }).change,
    (backupClaim) => scripts.restoreSqlite({ ...restore, backupClaim }).change,
  ],
  putSqliteBack: [
    (stamp) => scripts.putSqliteBack({ ...work, stamp }).change,
    (namespace) => scripts.putSqliteBack({ ...work, namespace }).change,
  ],
  reindexSqlite: [(table) => scripts.reindexSqlite({ ...work, tables: [table] }).change],
  sqliteJobs: [(namespace) => scripts.sqliteJobs(namespace)],
  sqliteJobsWithoutEffect: [(namespace) => scripts.sqliteJobsWithoutEffect(namespace)],
};
