import type { Runbook } from '../src/core/runbook.ts';
import addExport from './add-export/index.ts';
import applyTerraform from './apply-terraform/index.ts';
import checkExports from './check-exports/index.ts';
import cloneSnapshot from './clone-snapshot/index.ts';
import diagnoseBackups from './diagnose-backups/index.ts';
import diagnoseBlock from './diagnose-block/index.ts';
import diagnoseCapacity from './diagnose-capacity/index.ts';
import diagnoseCsi from './diagnose-csi/index.ts';
import diagnoseIscsi from './diagnose-iscsi/index.ts';
import diagnoseMysql from './diagnose-mysql/index.ts';
import diagnoseNfs from './diagnose-nfs/index.ts';
import diagnoseNode from './diagnose-node/index.ts';
import diagnosePostgres from './diagnose-postgres/index.ts';
import diagnoseRedis from './diagnose-redis/index.ts';
import diagnoseSlowNfs from './diagnose-slow-nfs/index.ts';
import diagnoseSqlite from './diagnose-sqlite/index.ts';
import diagnoseZfs from './diagnose-zfs/index.ts';
import expandPvc from './expand-pvc/index.ts';
import migratePvc from './migrate-pvc/index.ts';
import moveDataset from './move-dataset/index.ts';
import rebuildPostgres from './rebuild-postgres/index.ts';
import removeExport from './remove-export/index.ts';
import restartIscsi from './restart-iscsi/index.ts';
import restartNfs from './restart-nfs/index.ts';
import restoreFiles from './restore-files/index.ts';
import restoreMysql from './restore-mysql/index.ts';
import restorePostgres from './restore-postgres/index.ts';
import restorePvc from './restore-pvc/index.ts';
import restoreSqlite from './restore-sqlite/index.ts';
import rollbackDataset from './rollback-dataset/index.ts';
import runBackup from './run-backup/index.ts';
import silence from './silence/index.ts';
import snapshotDataset from './snapshot-dataset/index.ts';
import triage from './triage/index.ts';
import tuneNfsMounts from './tune-nfs-mounts/index.ts';
import unsilence from './unsilence/index.ts';

/** Every runbook, in the order in which help lists them. A test compares this list with the folders. */
export const runbooks: readonly Runbook[] = [
  diagnoseNfs,
  diagnoseSlowNfs,
  diagnoseZfs,
  diagnoseSqlite,
  diagnoseBackups,
  diagnoseBlock,
  diagnoseNode,
  diagnoseCsi,
  applyTerraform,
  diagnoseIscsi,
  diagnoseCapacity,
  expandPvc,
  addExport,
  checkExports,
  moveDataset,
  migratePvc,
  removeExport,
  restartNfs,
  restartIscsi,
  runBackup,
  snapshotDataset,
  rollbackDataset,
  cloneSnapshot,
  restoreFiles,
  restorePvc,
  restorePostgres,
  rebuildPostgres,
  restoreSqlite,
  diagnosePostgres,
  diagnoseMysql,
  restoreMysql,
  diagnoseRedis,
  triage,
  tuneNfsMounts,
  silence,
  unsilence,
];
