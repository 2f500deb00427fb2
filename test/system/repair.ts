import { show } from '../../src/core/command.ts';
import type { Verdict } from '../../src/core/finding.ts';
import { verdictOf } from '../../src/core/finding.ts';
import type { Plan, Step } from '../../src/core/plan.ts';
import { previewStep, stepsOf, within } from '../../src/core/plan.ts';
import type { Engine, Targets } from '../../src/core/ports.ts';
import type { RunView, StepStatus } from '../../src/core/run.ts';
import type { Look, Runbook } from '../../src/core/runbook.ts';
import { createEngine } from '../../src/engine/engine.ts';
import { approver, operator, secondApprover, temporaryDirectory } from '../../src/engine/fixtures/harness.ts';
import { lockState } from '../../src/engine/lock.ts';
import { openTestStore } from '../../src/store/fixtures/open-store.ts';
import type { Case } from '../contract.ts';
import { scenarioNamed } from '../lab/scenarios/index.ts';
import { labSite, labTargets, type World, worldOf } from '../lab/site/index.ts';
import { confirmed } from './confirmed.ts';

/** A simulated site, the real engine over it, and two people who approve all that is offered. */
export interface Workshop extends AsyncDisposable {
  readonly world: World;
  /** Asks, by the words of the case unless others are given, approves every step, and returns the run at its end. */
  readonly repair: (words?: readonly string[]) => Promise<RunView>;
  /** Asks to take back what the run did, approves every step, and returns the run at its end. */
  readonly undo: (run: RunView) => Promise<RunView>;
}

const approvers = [approver.id, secondApprover.id];
const tier = { approvers, selfApproval: false, differentGroups: false };
const policy = {
  tiers: { read: {}, normal: { ...tier, count: 1 }, high: { ...tier, count: 2 }, destructive: { ...tier, count: 2 } },
  expiresAfterMs: 60_000,
  warnBeforeMs: 0,
};

export async function openWorkshop(
  runbook: Runbook,
  { scenario, nas, words }: Case,
  targetsOf: (world: World) => Targets | Promise<Targets> = labTargets,
): Promise<Workshop> {
  const world = worldOf({ scenario: scenarioNamed(scenario), hangScale: 0.001, ...(nas && { flavour: nas }) });
  const targets = await targetsOf(world);
  const directory = temporaryDirectory();
  const lock = lockState(directory.path);
  const store = openTestStore(directory.path);
  const engine = await createEngine({
    runbooks: [impatient(runbook)],
    site: labSite(world),
    targets,
    store,
    state: { directory: directory.path, release: () => (store.close(), lock.release()) },
    policy,
    report: async () => undefined,
    buildVersion: '1',
    clean: (text) => text,
  });
  const request = { runbook: runbook.id, arguments: words, requester: operator, origin: { kind: 'cli' } } as const;
  return {
    world,
    repair: async (others = words) => toItsEnd(engine, await engine.start({ ...request, arguments: others })),
    undo: async ({ id }) => {
      const { run, says } = await engine.follow({ run: id, how: 'undo', actor: operator, origin: request.origin });
      if (run === undefined) throw new Error(says);
      return toItsEnd(engine, run);
    },
    async [Symbol.asyncDispose]() {
      await engine.stop();
      directory.remove();
    },
  };
}

/** Both people decide on each step; where one approval is enough, the second comes too late. */
async function toItsEnd(engine: Engine, run: string): Promise<RunView> {
  for (;;) {
    const view = await engine.settled(run);
    if (view.status !== 'waiting') return view;
    for (const actor of [approver, secondApprover]) await engine.decide({ ...confirmed(view), run, actor, verdict: 'approve' });
  }
}

const PATIENCE_MS = 600;

/** The lab lets a minute pass after each change, so a verification that does not hold by then never will. */
function impatient(runbook: Runbook): Runbook {
  const hurried = (step: Step): Step => ({ ...step, after: within(Math.min(step.after.withinMs, PATIENCE_MS), step.after) });
  const sooner = (plan: Plan): Plan => {
    const [first, ...more] = stepsOf(plan).map(hurried);
    return first === undefined ? plan : { steps: [first, ...more] };
  };
  const soon = (look: Look): Look => ({ ...look, plan: sooner(look.plan), planAs: (name) => sooner(look.planAs(name)) });
  return { ...runbook, look: async (...asked) => soon(await runbook.look(...asked)) };
}

const SENT: readonly StepStatus[] = ['done', 'failed', 'unknown'];

/** Every step of the run whose change was sent, in order. */
export function stepsSent({ rounds }: RunView): readonly Step[] {
  return rounds.flatMap(({ plan, steps }) =>
    stepsOf(plan).filter((_step, index) => SENT.includes(steps[index]?.status ?? 'waiting')),
  );
}

/** The lines that people read before they approved: what the preview says that runs. */
export function shownLines(steps: readonly Step[]): readonly string[] {
  return steps.map((step) => /^ {2}run {6}(.*)$/m.exec(previewStep(step))?.[1] ?? '');
}

export function changeLines(steps: readonly Step[]): readonly string[] {
  return steps.map(({ change }) => show(change.command));
}

/** Status of every step, with the line of its change. */
export function statuses({ rounds }: RunView): readonly (readonly [StepStatus | undefined, string])[] {
  return rounds.flatMap(({ plan, steps }) =>
    steps.map(({ status }, index) => [status, changeLines(stepsOf(plan).slice(index, index + 1))[0] ?? ''] as const),
  );
}

export function verdictAtEnd({ rounds }: RunView): Verdict | undefined {
  const last = rounds.at(-1);
  return last && verdictOf(last.diagnosis);
}
