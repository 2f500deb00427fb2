import type { Runbook } from '../src/core/runbook.ts';
import addExport from './add-export/index.ts';
import applyTerraform from './apply-terraform/index.ts';
import checkExports from './check-exports/index.ts';
import cloneSnapshot from './clone-snapshot/index.ts';
import diagnoseBlock from './diagnose-block/index.ts';
import diagnoseCapacity from './diagnose-capacity/index.ts';
import diagnoseCsi from './diagnose-csi/index.ts';
import diagnoseIscsi from './diagnose-iscsi/index.ts';
import diagnoseNfs from './diagnose-nfs/index.ts';
import diagnoseNode from './diagnose-node/index.ts';
import diagnoseSlowNfs from './diagnose-slow-nfs/index.ts';
import diagnoseZfs from './diagnose-zfs/index.ts';
import expandPvc from './expand-pvc/index.ts';
import moveDataset from './move-dataset/index.ts';
import removeExport from './remove-export/index.ts';
import restartIscsi from './restart-iscsi/index.ts';
import restartNfs from './restart-nfs/index.ts';
import restoreFiles from './restore-files/index.ts';
import restorePvc from './restore-pvc/index.ts';
import rollbackDataset from './rollback-dataset/index.ts';
import snapshotDataset from './snapshot-dataset/index.ts';
import triage from './triage/index.ts';
import tuneNfsMounts from './tune-nfs-mounts/index.ts';

/** Every runbook, in the order in which help lists them. A test compares this list with the folders. */
export const runbooks: readonly Runbook[] = [
  diagnoseNfs,
  diagnoseSlowNfs,
  diagnoseZfs,
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
  removeExport,
  restartNfs,
  restartIscsi,
  snapshotDataset,
  rollbackDataset,
  cloneSnapshot,
  restoreFiles,
  restorePvc,
  triage,
  tuneNfsMounts,
];
