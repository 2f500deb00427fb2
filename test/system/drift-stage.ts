import { setTimeout as sleep } from 'node:timers/promises';
import { show } from '../../src/core/command.ts';
import type { Outcome } from '../../src/core/output.ts';
import type { Check, Step } from '../../src/core/plan.ts';
import { stepsOf } from '../../src/core/plan.ts';
import type { Engine, Targets } from '../../src/core/ports.ts';
import { readerOver } from '../../src/core/reading.ts';
import type { RunView, StepView } from '../../src/core/run.ts';
import { createEngine } from '../../src/engine/engine.ts';
import { approver, operator, secondApprover, temporaryDirectory } from '../../src/engine/fixtures/harness.ts';
import { lockState } from '../../src/engine/lock.ts';
import { openTestStore } from '../../src/store/fixtures/open-store.ts';
import { scenarioNamed } from '../lab/scenarios/index.ts';
import { labSite, labTargets, type World, worldOf } from '../lab/site/index.ts';
import { confirmed } from './confirmed.ts';
import { hurried } from './hurry.ts';
import type { RepairCase } from './repair-cases.ts';

/** A run of a repair that can be brought from offer to offer, in a world whose answers can be replaced meanwhile. */
export interface Stage extends AsyncDisposable {
  readonly world: World;
  /** The world itself, without what is replaced. */
  readonly targets: Targets;
  /** What the bot reads: what is so, or what it is replaced by. */
  readonly read: Targets['read'];
  /** What the bot reads instead of what is so, by the exact line. */
  readonly replaced: Map<string, Outcome>;
  /** The step that a new run of the same request offers first; undefined where it offers none. */
  readonly ask: () => Promise<Offer | undefined>;
  /** What a run that takes back this one offers first. */
  readonly undo: (run: RunView) => Promise<Offer | undefined>;
  /** Approves this offer; resolves with the run when it is at its end or offers the next step. */
  readonly approve: (offer: Offer) => Promise<RunView>;
  /** Resolves once the offer has ended without anybody's decision. */
  readonly endOf: (offer: Offer) => Promise<RunView>;
}

/** A step that waits for a decision. */
export interface Offer {
  readonly view: RunView;
  readonly step: Step;
  readonly line: string;
}

const approvers = [approver.id, secondApprover.id];
const tier = { approvers, selfApproval: false, differentGroups: false };
const policy = {
  tiers: { read: {}, normal: { ...tier, count: 1 }, high: { ...tier, count: 2 }, destructive: { ...tier, count: 2 } },
  expiresAfterMs: 600_000,
  warnBeforeMs: 0,
};
const PATIENCE_MS = 40;

export interface StageOptions {
  readonly recheckMs?: number;
  /** A world behind real protocols, and the way to it; one in this process unless given. */
  readonly reached?: { readonly world: World; readonly targets: Targets; readonly patienceMs: number };
}

export async function openStage({ runbook, each }: RepairCase, { recheckMs, reached }: StageOptions = {}): Promise<Stage> {
  const { world, targets, patienceMs } = reached ?? inProcess(each);
  const { words } = each;
  const replaced = new Map<string, Outcome>();
  const read: Targets['read'] = async (command) => replaced.get(show(command)) ?? targets.read(command);
  const directory = temporaryDirectory();
  const lock = lockState(directory.path);
  const store = openTestStore(directory.path);
  const engine = await createEngine({
    runbooks: [hurried(runbook, patienceMs)],
    site: labSite(world),
    targets: { ...targets, read },
    store,
    state: { directory: directory.path, release: () => (store.close(), lock.release()) },
    policy,
    report: async () => undefined,
    buildVersion: '1',
    clean: (text) => text,
    ...(recheckMs === undefined ? {} : { recheckMs }),
  });
  const request = { runbook: runbook.id, arguments: words, requester: operator, origin: { kind: 'cli' } } as const;
  return {
    world,
    targets,
    read,
    replaced,
    ask: async () => offerIn(await engine.settled(await engine.start(request))),
    undo: async ({ id }) => {
      const { run, says } = await engine.follow({ run: id, how: 'undo', actor: operator, origin: request.origin });
      if (run === undefined) throw new Error(says);
      return offerIn(await engine.settled(run));
    },
    approve: (offer) => approve(engine, offer),
    endOf: ({ view }) => endOf(engine, view.id),
    async [Symbol.asyncDispose]() {
      await engine.stop();
      directory.remove();
    },
  };
}

function inProcess({ scenario, nas }: RepairCase['each']): Required<StageOptions>['reached'] {
  const world = worldOf({ scenario: scenarioNamed(scenario), hangScale: 0.001, ...(nas && { flavour: nas }) });
  return { world, targets: labTargets(world), patienceMs: PATIENCE_MS };
}

async function approve(engine: Engine, { view }: Offer): Promise<RunView> {
  for (const actor of [approver, secondApprover])
    await engine.decide({ ...confirmed(view), run: view.id, actor, verdict: 'approve' });
  return engine.settled(view.id);
}

async function endOf(engine: Engine, run: string): Promise<RunView> {
  for (const deadline = performance.now() + 20_000; performance.now() < deadline; await sleep(20)) {
    const view = await engine.settled(run);
    if (view.status !== 'waiting') return view;
  }
  throw new Error('The offer still stands.');
}

/** The step that a run offers now. */
export function offerIn(view: RunView): Offer | undefined {
  const round = view.rounds.at(-1);
  const index = view.status === 'waiting' ? (round?.steps.findIndex(({ status }) => status === 'waiting') ?? -1) : -1;
  const step = round && stepsOf(round.plan)[index];
  return step && { view, step, line: show(step.change.command) };
}

/** What became of the step that was on offer. */
export function stateAfter({ view: { rounds } }: Offer, after: RunView): StepView | undefined {
  const round = rounds.at(-1);
  const index = round?.steps.findIndex(({ status }) => status === 'waiting') ?? -1;
  return after.rounds.find(({ number }) => number === round?.number)?.steps[index];
}

/** The conditions of the step that do not hold, or cannot be seen, where this is what is read. */
export async function objecting(step: Step, read: Targets['read']): Promise<readonly (Check & { answer: 'no' | 'unknown' })[]> {
  const found: (Check & { answer: 'no' | 'unknown' })[] = [];
  for (const check of step.before) {
    const { answer } = await check.holds(readerOver(read));
    if (answer !== 'yes') found.push({ ...check, answer });
  }
  return found;
}

/** Brings a new run to its step of this number over all its rounds, from 0; undefined where it has fewer. */
export async function offerNumber(stage: Stage, number: number): Promise<Offer | undefined> {
  let offer = await stage.ask();
  for (let done = 0; done < number && offer !== undefined; done += 1) offer = offerIn(await stage.approve(offer));
  return offer;
}
