import { cases as addExportCases } from '../../runbooks/add-export/cases.ts';
import addExport from '../../runbooks/add-export/index.ts';
import { cases as diagnoseNfsCases } from '../../runbooks/diagnose-nfs/cases.ts';
import diagnoseNfs from '../../runbooks/diagnose-nfs/index.ts';
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

const recorded: readonly Suite[] = [
  [addExport, addExportCases],
  [diagnoseNfs, diagnoseNfsCases],
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
  const more = runbook === addExport ? forAddExport : onOtherServers;
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
