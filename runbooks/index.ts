import type { Runbook } from '../src/core/runbook.ts';
import addExport from './add-export/index.ts';
import diagnoseNfs from './diagnose-nfs/index.ts';
import restartNfs from './restart-nfs/index.ts';

/** Every runbook, in the order in which help lists them. A test compares this list with the folders. */
export const runbooks: readonly Runbook[] = [diagnoseNfs, addExport, restartNfs];
