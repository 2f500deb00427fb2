import { isDeepStrictEqual } from 'node:util';
import { describe, expect, it } from 'vitest';
import { cases as addExportCases } from '../../runbooks/add-export/cases.ts';
import addExport from '../../runbooks/add-export/index.ts';
import { cases as diagnoseNfsCases } from '../../runbooks/diagnose-nfs/cases.ts';
import diagnoseNfs from '../../runbooks/diagnose-nfs/index.ts';
import type { Step } from '../../src/core/plan.ts';
import { stepsOf } from '../../src/core/plan.ts';
import type { Runbook } from '../../src/core/runbook.ts';
import type { Case } from '../contract.ts';
import { changeLines, openWorkshop, shownLines, stateOf, statuses, stepsSent, verdictAtEnd } from './repair.ts';

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

const planning = recorded.flatMap(([runbook, cases]) => {
  const more = runbook === addExport ? forAddExport : onOtherServers;
  return [...cases.filter(({ changes }) => changes !== undefined && changes.length > 0), ...more].map((each) =>
    entry(runbook, each),
  );
});
const idle = recorded.flatMap(([runbook, cases]) =>
  cases.filter(({ changes }) => changes?.length === 0).map((each) => entry(runbook, each)),
);

function entry(runbook: Runbook, each: Repair) {
  const whole: Case = { verdict: 'ill', findings: [], changes: [], ...each };
  return { title: `${runbook.words.join(' ')}: ${each.name ?? each.scenario}`, runbook, each: whole, planned: each.changes };
}

/** These take back all they did. A new share's id is known only afterwards; pods, machines, starts and reloads have nothing to take back. */
const REVERSIBLE: readonly string[] = [
  'add export: new-service',
  'add export: new-service-on-debian',
  'add export: path-on-ssd',
  'add export: export-missing',
  'add export: export-missing-on-debian',
  'add export: blind-kubernetes',
  'diagnose nfs: client-wedged',
  'diagnose nfs: dataset-not-mounted',
  'diagnose nfs: dataset-not-mounted-on-scale',
  'diagnose nfs: dataset-not-mounted-on-debian',
  'diagnose nfs: export-missing',
  'diagnose nfs: export-missing-on-debian',
  'diagnose nfs: fsid-zero',
  'diagnose nfs: owners-unmapped',
  'diagnose nfs: write-denied',
];

describe.each(planning)('$title', ({ title, runbook, each, planned }) => {
  it('is repaired by exactly the approved lines, is well, plans nothing when asked again, and can be undone as it says', async () => {
    await using workshop = await openWorkshop(runbook, each);
    const { world } = workshop;
    const before = stateOf(world);
    const run = await workshop.repair();
    const repaired = stateOf(world);
    const executed = [...world.executed];
    const sent = stepsSent(run);
    expect(run.status).toBe('finished');
    expect(new Set(statuses(run).map(([status]) => status))).toEqual(new Set(['done']));
    expect(executed).toEqual(shownLines(sent));
    const firstPlan = changeLines(stepsOf(run.rounds[0]!.plan));
    expect(firstPlan).toEqual(planned ?? firstPlan);
    expect(verdictAtEnd(run), JSON.stringify(run.rounds.at(-1)?.diagnosis.findings)).toBe('well');

    const again = await workshop.repair();
    expect(again.rounds.map(({ plan }) => stepsOf(plan))).toEqual([[]]);
    expect(verdictAtEnd(again)).toBe('well');
    expect(world.executed).toEqual(executed);
    expect(stateOf(world)).toEqual(repaired);

    expect(isReversible(sent), 'listed above as one that takes back all it did').toBe(REVERSIBLE.includes(title));
    if (!isReversible(sent)) return;
    await workshop.undo(sent);
    expect(stateOf(world)).toEqual(before);
    // Within its repair a node is cordoned and opened again, which leaves nothing that could be told apart.
    expect(isDeepStrictEqual(repaired, before)).toBe(each.scenario === 'client-wedged');
  });
});

/** Some step names a change as its undo, and no step says that a person must take something back by hand. */
function isReversible(steps: readonly Step[]): boolean {
  const byHand = steps.some(({ undo }) => 'none' in undo && !/^Not needed|reload again|restart cannot be/.test(undo.none));
  return !byHand && steps.some(({ undo }) => !('none' in undo));
}

describe.each(idle)('$title', ({ runbook, each }) => {
  it('plans nothing, and nothing runs', async () => {
    await using workshop = await openWorkshop(runbook, each);
    const run = await workshop.repair();
    expect(run.status).toBe('finished');
    expect(run.rounds.map(({ plan }) => stepsOf(plan))).toEqual([[]]);
    expect(workshop.world.executed).toEqual([]);
  });
});

describe('a machine that ignores its reset', () => {
  it('is not given back: its step failed, and the node stays cordoned for a person', async () => {
    const each: Case = { scenario: 'reset-ignored', words: ['immich'], verdict: 'ill', findings: [], changes: [] };
    await using workshop = await openWorkshop(diagnoseNfs, each);
    const run = await workshop.repair();
    expect(run.status).toBe('finished');
    expect(statuses(run).slice(-2)).toEqual([
      ['failed', 'pve$ qm reset 202'],
      ['waiting', expect.stringContaining('"unschedulable":false')],
    ]);
    expect(workshop.world.executed).toEqual(shownLines(stepsSent(run)));
    expect(workshop.world.executed.at(-1)).toBe('pve$ qm reset 202');
    expect(workshop.world.executed.filter((line) => line.includes('qm reset'))).toHaveLength(1);
    expect(verdictAtEnd(run)).not.toBe('well');
    expect(stateOf(workshop.world)).toMatchObject({ cordoned: ['k8s-node2'] });
  });
});
