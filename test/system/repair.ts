import { show } from '../../src/core/command.ts';
import type { Verdict } from '../../src/core/finding.ts';
import { verdictOf } from '../../src/core/finding.ts';
import type { Step } from '../../src/core/plan.ts';
import { previewStep, stepsOf, within } from '../../src/core/plan.ts';
import type { Engine } from '../../src/core/ports.ts';
import type { RunView, StepStatus } from '../../src/core/run.ts';
import type { Look, Runbook } from '../../src/core/runbook.ts';
import { createEngine } from '../../src/engine/engine.ts';
import { approver, onOffer, operator, secondApprover, temporaryDirectory } from '../../src/engine/fixtures/harness.ts';
import { createStore } from '../../src/store/store.ts';
import type { Case } from '../contract.ts';
import { scenarioNamed } from '../lab/scenarios/index.ts';
import { labSite, labTargets, type World, worldOf } from '../lab/site/index.ts';

/** A simulated site, the real engine over it, and two people who approve all that is offered. */
export interface Workshop extends AsyncDisposable {
  readonly world: World;
  /** Asks, approves every step, and returns the run at its end. */
  readonly repair: () => Promise<RunView>;
  /** Takes the steps back, last first; then reloads where a step's undo says so. */
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
      const undos = steps.toReversed().flatMap(({ undo }) => ('none' in undo ? [] : [undo]));
      const again = steps.flatMap(({ undo, change }) => ('none' in undo && undo.none.includes('reload again') ? [change] : []));
      for (const { command } of [...undos, ...again]) await targets.change(command);
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
    for (const actor of [approver, secondApprover]) await engine.decide({ ...onOffer(view), run, actor, verdict: 'approve' });
  }
}

const PATIENCE_MS = 600;

/** The lab lets a minute pass after each change, so a verification that does not hold by then never will. */
function impatient(runbook: Runbook): Runbook {
  const hurried = (step: Step): Step => ({ ...step, after: within(Math.min(step.after.withinMs, PATIENCE_MS), step.after) });
  const soon = (look: Look): Look => {
    const [first, ...more] = stepsOf(look.plan).map(hurried);
    return first === undefined ? look : { ...look, plan: { steps: [first, ...more] } };
  };
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

const NODES = { apiVersion: 'v1', plural: 'nodes', namespaced: false };

/** Paths that only the cases of new exports name. */
const NEW_PATHS = ['/mnt/main/paperless', '/mnt/ssd/models'];

/** What repairs change of NAS and nodes, as the site itself has it. */
export function stateOf({ nas, store }: World): unknown {
  const paths = [...nas.active.map(({ path }) => path), ...NEW_PATHS].toSorted();
  return {
    exports: nas.active.map(({ path, network, options }) => `${path} ${network} ${options.join(',')}`).toSorted(),
    files: [...nas.files].filter(([name]) => !name.endsWith('.before-fsid-fix')).toSorted(([a], [b]) => (a < b ? -1 : 1)),
    shares: structuredClone(nas.shares),
    settings: { ...nas.settings },
    datasets: nas.disk.datasets.map(({ name, mounted }) => `${name} ${mounted ? 'mounted' : 'not mounted'}`),
    directories: paths.map((path) => ({ path, ...rightsOf(nas.disk.at(path)) })),
    cordoned: store.list({ resource: NODES }).flatMap(({ metadata, spec }) => (isCordoned(spec) ? [metadata.name] : [])),
  };
}

function rightsOf(directory: ReturnType<World['nas']['disk']['at']>) {
  return directory && { uid: directory.uid, gid: directory.gid, mode: directory.mode };
}

function isCordoned(spec: unknown): boolean {
  return typeof spec === 'object' && spec !== null && 'unschedulable' in spec && spec.unschedulable === true;
}
