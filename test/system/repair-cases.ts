import { cases as addExportCases } from '../../runbooks/add-export/cases.ts';
import addExport from '../../runbooks/add-export/index.ts';
import { cases as applyTerraformCases } from '../../runbooks/apply-terraform/cases.ts';
import applyTerraform from '../../runbooks/apply-terraform/index.ts';
import { cases as checkExportsCases } from '../../runbooks/check-exports/cases.ts';
import checkExports from '../../runbooks/check-exports/index.ts';
import { cases as cloneSnapshotCases } from '../../runbooks/clone-snapshot/cases.ts';
import cloneSnapshot from '../../runbooks/clone-snapshot/index.ts';
import { cases as diagnoseBlockCases } from '../../runbooks/diagnose-block/cases.ts';
import diagnoseBlock from '../../runbooks/diagnose-block/index.ts';
import { cases as diagnoseCapacityCases } from '../../runbooks/diagnose-capacity/cases.ts';
import diagnoseCapacity from '../../runbooks/diagnose-capacity/index.ts';
import { cases as diagnoseCsiCases } from '../../runbooks/diagnose-csi/cases.ts';
import diagnoseCsi from '../../runbooks/diagnose-csi/index.ts';
import { cases as diagnoseIscsiCases } from '../../runbooks/diagnose-iscsi/cases.ts';
import diagnoseIscsi from '../../runbooks/diagnose-iscsi/index.ts';
import { cases as diagnoseMysqlCases } from '../../runbooks/diagnose-mysql/cases.ts';
import diagnoseMysql from '../../runbooks/diagnose-mysql/index.ts';
import { cases as diagnoseNfsCases } from '../../runbooks/diagnose-nfs/cases.ts';
import diagnoseNfs from '../../runbooks/diagnose-nfs/index.ts';
import { cases as diagnoseNodeCases } from '../../runbooks/diagnose-node/cases.ts';
import diagnoseNode from '../../runbooks/diagnose-node/index.ts';
import { cases as diagnoseSlowNfsCases } from '../../runbooks/diagnose-slow-nfs/cases.ts';
import diagnoseSlowNfs from '../../runbooks/diagnose-slow-nfs/index.ts';
import { cases as diagnoseZfsCases } from '../../runbooks/diagnose-zfs/cases.ts';
import diagnoseZfs from '../../runbooks/diagnose-zfs/index.ts';
import { cases as expandPvcCases } from '../../runbooks/expand-pvc/cases.ts';
import expandPvc from '../../runbooks/expand-pvc/index.ts';
import { cases as migratePvcCases } from '../../runbooks/migrate-pvc/cases.ts';
import migratePvc from '../../runbooks/migrate-pvc/index.ts';
import { cases as moveDatasetCases } from '../../runbooks/move-dataset/cases.ts';
import moveDataset from '../../runbooks/move-dataset/index.ts';
import { cases as rebuildPostgresCases } from '../../runbooks/rebuild-postgres/cases.ts';
import rebuildPostgres from '../../runbooks/rebuild-postgres/index.ts';
import { cases as removeExportCases } from '../../runbooks/remove-export/cases.ts';
import removeExport from '../../runbooks/remove-export/index.ts';
import { cases as restartIscsiCases } from '../../runbooks/restart-iscsi/cases.ts';
import restartIscsi from '../../runbooks/restart-iscsi/index.ts';
import { cases as restoreFilesCases } from '../../runbooks/restore-files/cases.ts';
import restoreFiles from '../../runbooks/restore-files/index.ts';
import { cases as restoreMysqlCases } from '../../runbooks/restore-mysql/cases.ts';
import restoreMysql from '../../runbooks/restore-mysql/index.ts';
import { cases as restorePostgresCases } from '../../runbooks/restore-postgres/cases.ts';
import restorePostgres from '../../runbooks/restore-postgres/index.ts';
import { cases as restorePvcCases } from '../../runbooks/restore-pvc/cases.ts';
import restorePvc from '../../runbooks/restore-pvc/index.ts';
import { cases as restoreSqliteCases } from '../../runbooks/restore-sqlite/cases.ts';
import restoreSqlite from '../../runbooks/restore-sqlite/index.ts';
import { cases as rollbackDatasetCases } from '../../runbooks/rollback-dataset/cases.ts';
import rollbackDataset from '../../runbooks/rollback-dataset/index.ts';
import { cases as runBackupCases } from '../../runbooks/run-backup/cases.ts';
import runBackup from '../../runbooks/run-backup/index.ts';
import { cases as silenceCases } from '../../runbooks/silence/cases.ts';
import silence from '../../runbooks/silence/index.ts';
import { cases as snapshotDatasetCases } from '../../runbooks/snapshot-dataset/cases.ts';
import snapshotDataset from '../../runbooks/snapshot-dataset/index.ts';
import { cases as tuneNfsMountsCases } from '../../runbooks/tune-nfs-mounts/cases.ts';
import tuneNfsMounts from '../../runbooks/tune-nfs-mounts/index.ts';
import { cases as unsilenceCases } from '../../runbooks/unsilence/cases.ts';
import unsilence from '../../runbooks/unsilence/index.ts';
import type { Runbook } from '../../src/core/runbook.ts';
import type { Case } from '../contract.ts';

/** A case with a whole name; `planned` are the lines of its first plan, where it is a recorded one. */
export interface RepairCase {
  readonly title: string;
  readonly runbook: Runbook;
  readonly each: Case;
  readonly planned?: readonly string[];
}

type Repair = Pick<Case, 'scenario' | 'name' | 'nas' | 'words'> & Partial<Pick<Case, 'changes'>>;
type Suite = readonly [runbook: Runbook, cases: readonly Repair[]];

/**
 * Where the controllers stand is Terraform's: what is left of their pods is ended, and the driver is as ill after it as before. Four nodes, one
 * in a round, are more than the rounds of a run: a near-miss mends them all.
 */
const driverRepairs = diagnoseCsiCases.filter(({ scenario }) => scenario !== 'csi-chart-drift' && scenario !== 'csi-cascade');

/** Where a file system gave up the writers stay stopped until a person has checked it; a server that declines digests has a test of its own. */
const UNFINISHED = [
  'iscsi-filesystem-aborted',
  'iscsi-session-failed',
  'iscsi-digests-declined',
  'iscsi-renewed-without-digests',
];
const sessionRestarts = restartIscsiCases.filter(({ scenario }) => !UNFINISHED.includes(scenario));

/** Pings and digests of a live session change with its next login, which is another runbook's. */
const sessionRepairs = diagnoseIscsiCases.filter(({ scenario }) => scenario !== 'iscsi-defaults');

/** A scrub finds errors and mends none: where there are new ones, the pool is as ill after it as before. */
const scrubs = diagnoseZfsCases.filter(({ changes, findings }) => changes.length === 0 || findings.length === 1);

/** What a person turned off, or what would not start, stays off: only its pods and volumes get another home. */
const STAYS_OFF = ['node-turned-off', 'node-off-without-boot-disk', 'node-off-sharing-a-disk', 'node-paused-sharing-a-disk'];
const nodesThatReturn = diagnoseNodeCases.filter(({ scenario }) => !STAYS_OFF.includes(scenario));

/** A pool whose metadata was full writes again only after a person has checked it; what snapshots give back of it may not be enough. */
const STAYS_SHORT = ['thin-metadata-read-only', 'thin-metadata-largest-nearly-full'];
const spaceRepairs = diagnoseCapacityCases.filter(({ scenario }) => !STAYS_SHORT.includes(scenario));

/** What else is recorded of a move that was interrupted is the second or third round of these. */
const WHOLE_MOVES = [
  'dataset-to-move',
  'to-move-on-scale',
  'to-move-on-debian',
  'move-two-users',
  'move-stopped',
  'move-mounted-restarted',
];
const moves: readonly Repair[] = moveDatasetCases.filter(
  (each: Repair) => each.changes?.length === 0 || WHOLE_MOVES.includes(each.name ?? each.scenario),
);

/** The copy that an interrupted run had made is not this run's to take back: filling it has no undo of its own. */
const restores = restorePvcCases.filter(({ scenario }) => !scenario.startsWith('restore-unfilled'));

/** A run restores one database of all: the others are the next runs'. One whose name was given back by hand is for people. */
const databaseRestores = restorePostgresCases.filter(
  (each: Repair) => each.name !== 'postgres-restore-all' && each.scenario !== 'postgres-restore-given-back',
);

/** More ghosts than one run takes, a disk that somebody uses, a machine that plugs nothing in any more: the rest is for people. */
export const NOT_WELL_AT_ONCE = [
  'block-ghost-as-device',
  'block-ghost-disks',
  'block-ghost-in-use',
  'block-slot-cap-ghosts',
  'block-wedged-for-good',
];
const diskRepairs = diagnoseBlockCases.filter(({ scenario }) => !NOT_WELL_AT_ONCE.includes(scenario));

const recorded: readonly Suite[] = [
  [addExport, addExportCases],
  [diagnoseNfs, diagnoseNfsCases],
  [diagnoseBlock, diskRepairs],
  [diagnoseIscsi, sessionRepairs],
  [restartIscsi, sessionRestarts],
  [diagnoseCsi, driverRepairs],
  [applyTerraform, applyTerraformCases],
  [diagnoseNode, nodesThatReturn],
  [diagnoseSlowNfs, diagnoseSlowNfsCases],
  [diagnoseZfs, scrubs],
  [diagnoseCapacity, spaceRepairs],
  [expandPvc, expandPvcCases],
  [moveDataset, moves],
  [migratePvc, migratePvcCases],
  [removeExport, removeExportCases],
  [checkExports, checkExportsCases],
  [cloneSnapshot, cloneSnapshotCases],
  [restoreFiles, restoreFilesCases],
  [diagnoseMysql, diagnoseMysqlCases],
  [restoreMysql, restoreMysqlCases],
  [restorePvc, restores],
  [restorePostgres, databaseRestores],
  [rebuildPostgres, rebuildPostgresCases],
  [restoreSqlite, restoreSqliteCases],
  [rollbackDataset, rollbackDatasetCases],
  [runBackup, runBackupCases],
  [snapshotDataset, snapshotDatasetCases],
  [tuneNfsMounts, tuneNfsMountsCases],
  [silence, silenceCases],
  [unsilence, unsilenceCases],
];

/** Situations of exports on the servers for which the recorded cases have none. */
const onOtherServers: readonly Repair[] = (['scale', 'debian'] as const).flatMap((nas) =>
  ['export-missing', 'export-not-loaded', 'dataset-not-mounted'].map((scenario) => ({
    scenario,
    name: `${scenario}-on-${nas}`,
    nas,
    words: ['immich'],
  })),
);
/** The rest is no matter of exports, or recorded already. */
const forAddExport = onOtherServers.filter(({ scenario }) => scenario === 'export-not-loaded');

export const planning: readonly RepairCase[] = recorded.flatMap(([runbook, cases]) => {
  const more = runbook === addExport ? forAddExport : runbook === diagnoseNfs ? onOtherServers : [];
  return [...cases.filter(({ changes }) => changes !== undefined && changes.length > 0), ...more].map((each) =>
    entry(runbook, each),
  );
});

export const idle: readonly RepairCase[] = recorded.flatMap(([runbook, cases]) =>
  cases.filter(({ changes }) => changes?.length === 0).map((each) => entry(runbook, each)),
);

function entry(runbook: Runbook, each: Repair): RepairCase {
  const whole: Case = { verdict: 'ill', findings: [], changes: [], ...each };
  const title = `${runbook.words.join(' ')}: ${each.name ?? each.scenario}`;
  return { title, runbook, each: whole, ...(each.changes && { planned: each.changes }) };
}

/**
 * For what takes minutes a repair: of the recorded plans, from the first, each that has a step of another kind than those before it,
 * and one of every runbook. What they leave out differs in names and numbers.
 */
export const covering: readonly RepairCase[] = planning.filter(
  (() => {
    const seen = new Set<string>();
    return ({ runbook, planned = [] }: RepairCase) => {
      const kinds = planned.length === 0 ? [] : [runbook.id, ...planned.map(kindOf)];
      const isNew = kinds.some((kind) => !seen.has(kind));
      for (const kind of kinds) seen.add(kind);
      return isNew;
    };
  })(),
);

/** The target and the words of a line before its first value: `truenas$ midclt call sharing.nfs.update`. */
function kindOf(line: string): string {
  const words = line.replace(/ sudo --non-interactive /, ' ').split(' ');
  const firstValue = words.findIndex((word, index) => index > 1 && !/^(--)?[a-z][a-z.-]*$/.test(word.replace(/^--raw=.*/, '/')));
  const named = firstValue < 0 ? words : words.slice(0, firstValue);
  return [...named, ...resourceOf(words[firstValue] ?? '')].join(' ');
}

/** Of `nodes/k8s-node2`, and of a path of the API, the kind of object. */
function resourceOf(word: string): readonly string[] {
  const plural = /^--raw=\/\S*\/([a-z]+)\/[^/]+(?:\/eviction)?$|^([a-z][a-z.]*)\/[^/]+$|^\/nodes\/\S+\/([a-z]+)$/.exec(word);
  return plural === null ? [] : [plural[1] ?? plural[2] ?? plural[3] ?? ''];
}
