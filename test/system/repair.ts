import { show } from '../../src/core/command.ts';
import type { Verdict } from '../../src/core/finding.ts';
import { verdictOf } from '../../src/core/finding.ts';
import type { Step, Verification } from '../../src/core/plan.ts';
import { stepsOf, within } from '../../src/core/plan.ts';
import type { Engine } from '../../src/core/ports.ts';
import type { Actor, RunView, StepStatus } from '../../src/core/run.ts';
import type { Look, Runbook } from '../../src/core/runbook.ts';
import { createEngine } from '../../src/engine/engine.ts';
import { approver, onOffer, operator, secondApprover, temporaryDirectory } from '../../src/engine/fixtures/harness.ts';
import { createStore } from '../../src/store/store.ts';
import type { Case } from '../contract.ts';
import { scenarioNamed } from '../lab/scenarios/index.ts';
import { labSite, labTargets, type World, worldOf } from '../lab/site/index.ts';

/** A world, the real engine over it, and two people who approve all that is offered. */
export interface Workshop extends AsyncDisposable {
  readonly world: World;
  /** Asks, approves every step, and returns the run at its end. */
  readonly repair: () => Promise<RunView>;
  /** Runs the undos of these steps, last first. */
  readonly undo: (steps: readonly Step[]) => Promise<void>;
}

const approvers = [approver.id, secondApprover.id];
const policy = {
  tiers: {
    normal: { approvers, count: 1, selfApproval: false },
    high: { approvers, count: 2, selfApproval: false },
    destructive: { approvers, count: 2, selfApproval: false },
  },
  expiresAfterMs: 60_000,
};

export async function openWorkshop(runbook: Runbook, { scenario, nas, words }: Case): Promise<Workshop> {
  const world = worldOf({ scenario: scenarioNamed(scenario), hangScale: 0.001, ...(nas && { flavour: nas }) });
  const targets = labTargets(world);
  const directory = temporaryDirectory();
  const engine = await createEngine({
    runbooks: [impatient(runbook)],
    site: labSite(world),
    targets,
    store: createStore(directory.path),
    stateDirectory: directory.path,
    policy,
    report: async () => undefined,
    buildVersion: '1',
  });
  const request = { runbook: runbook.id, arguments: words, requester: operator, origin: { kind: 'cli' } } as const;
  return {
    world,
    repair: async () => toItsEnd(engine, await engine.start(request)),
    undo: async (steps) => {
      for (const { undo } of steps.toReversed()) if (!('none' in undo)) await targets.change(undo.command);
    },
    async [Symbol.asyncDispose]() {
      await engine.stop();
      directory.remove();
    },
  };
}

async function toItsEnd(engine: Engine, run: string): Promise<RunView> {
  for (;;) {
    const view = await engine.settled(run);
    if (view.status !== 'waiting') return view;
    for (const actor of [approver, secondApprover]) await decide(engine, view, actor);
  }
}

/** Where one approval is enough, the second comes too late, and the engine says so. */
async function decide(engine: Engine, view: RunView, actor: Actor): Promise<void> {
  await engine.decide({ ...onOffer(view), run: view.id, actor, verdict: 'approve' });
}

/** The lab lets a minute pass after each change, so a verification that does not hold soon never will. */
function impatient(runbook: Runbook): Runbook {
  const hurried = (after: Verification) => within(Math.min(after.withinMs, 600), after);
  const soon = (look: Look): Look => {
    const [first, ...more] = stepsOf(look.plan).map((step) => ({ ...step, after: hurried(step.after) }));
    return first === undefined ? look : { ...look, plan: { steps: [first, ...more] } };
  };
  return { ...runbook, look: async (...asked) => soon(await runbook.look(...asked)) };
}

/** Every step of the run whose change was sent, in order. */
export function stepsTried(view: RunView): readonly Step[] {
  const sent: readonly StepStatus[] = ['done', 'failed', 'unknown'];
  return view.rounds.flatMap(({ plan, steps }) =>
    stepsOf(plan).filter((_step, index) => sent.includes(steps[index]?.status ?? 'waiting')),
  );
}

export function linesOf(steps: readonly Step[]): readonly string[] {
  return steps.map(({ change }) => show(change.command));
}

export function statusesOf({ rounds }: RunView): readonly StepStatus[] {
  return rounds.flatMap(({ steps }) => steps.map(({ status }) => status));
}

export function verdictAtEnd({ rounds }: RunView): Verdict | undefined {
  const last = rounds.at(-1);
  return last && verdictOf(last.diagnosis);
}
