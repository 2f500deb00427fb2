import type { Answer, DecisionRequest, FollowUp, RunRequest } from '../../src/core/ports.ts';
import type { Follows, RunView } from '../../src/core/run.ts';
import type { Runbook } from '../../src/core/runbook.ts';
import { advance } from '../../src/engine/advance.ts';
import type { Context } from '../../src/engine/context.ts';
import { decide } from '../../src/engine/decide.ts';
import { site, switches } from '../../src/engine/fixtures/switches.ts';
import { follow } from '../../src/engine/follow.ts';
import { createKillSwitch, frozenWords } from '../../src/engine/freeze.ts';
import { createInterventions } from '../../src/engine/interventions.ts';
import { createLooks } from '../../src/engine/looks.ts';
import type { Pause } from '../../src/engine/pause.ts';
import { requireSense } from '../../src/engine/request.ts';
import { undoRunbook } from '../../src/engine/undo.ts';
import { viewOf } from '../../src/engine/view.ts';
import type { Store } from '../../src/store/store.ts';
import type { Bench } from './bench.ts';
import type { Bug, Part } from './bugs.ts';
import type { Build } from './commands.ts';
import type { Gates, Mortal } from './gates.ts';
import { Killed } from './gates.ts';
import type { Fused } from './mortal-store.ts';
import { mortal, mortalStore } from './mortal-store.ts';
import type { Oracle } from './oracle.ts';
import type { Groups } from './people.ts';
import { policyOf } from './people.ts';
import type { Time } from './time.ts';
import type { World } from './world.ts';

export interface LifeParts {
  readonly bench: Bench;
  readonly gates: Gates;
  readonly time: Time;
  readonly world: World;
  readonly groups: Groups;
  readonly selfApproval: boolean;
  readonly bug: Bug | undefined;
  readonly oracle: Pick<Oracle, 'onOffer' | 'onPlanned' | 'onTakeOver'>;
  readonly newId: () => string;
  readonly broke: (error: unknown) => void;
}

/** One life of the bot, from its start to its being killed: the real parts of the engine over gates instead of openworkflow. */
export interface Life extends Fused {
  readonly decide: (request: DecisionRequest) => Promise<Answer>;
  readonly interventions: ReturnType<typeof createInterventions>;
  readonly follow: (request: FollowUp) => Promise<Answer & { readonly run?: string }>;
  readonly start: (request: RunRequest & { readonly follows?: Follows }) => Promise<string>;
  readonly view: (run: string) => Promise<RunView | undefined>;
  /** Lets runs go on whose time has come. */
  readonly tick: () => void;
}

export function startLife(parts: LifeParts, build: Build): Life {
  const { bug, world } = parts;
  const self: Fused = { build, dead: false, fuse: undefined };
  const context = contextOf(parts, self);
  const contextFor = (part: Part) => ({ ...context, ...bug?.context?.(context, part) });
  const advancing = contextFor('advance');
  const deciding = contextFor('decide');
  const workers = createWorkers(parts, self, (run) => {
    const targets = world.targetsOf(self, run);
    return advance({ ...advancing, targets: bug?.targets?.(targets) ?? targets }, run);
  });
  const start: Life['start'] = async (request) => {
    requireSense(context.runbooks, request);
    const fresh = parts.newId();
    const id = context.store.addRun({ ...request, id: fresh, buildVersion: build, startedAt: context.clock() });
    if (id === fresh) workers.wake(id);
    return id;
  };
  for (const run of context.store.unfinished()) workers.wake(run);
  return Object.assign(self, {
    start,
    interventions: createInterventions(contextFor('intervene'), workers.wake),
    follow: (request: FollowUp) => follow(context, start, request),
    view: (run: string) => viewOf(context, run),
    tick: workers.tick,
    async decide(request: DecisionRequest) {
      const { answer, wakes } = await decide(deciding, bug?.request?.(request, context.store) ?? request);
      if (wakes) workers.wake(request.run);
      return answer;
    },
  });
}

const runbookOf: Readonly<Record<Build, Runbook>> = {
  '1': switches({ withinMs: 0 }),
  '2': switches({ withinMs: 0, verb: 'press' }),
  '3': switches({ withinMs: 0 }),
};

function contextOf({ bench, bug, time, groups, gates, selfApproval, oracle, world }: LifeParts, self: Fused): Context {
  const { build } = self;
  const whole = mortalStore({ ...bench.store, ...heard(bench.store, oracle, build) }, self);
  const store = { ...whole, ...bug?.store?.(whole) };
  const runbooks = new Map([['switches', runbookOf[build]]]);
  const looks = createLooks({ runbooks, site, store });
  const undo = undoRunbook({ store, looks, buildVersion: build });
  const killSwitch = mortal(createKillSwitch(bench.directory), self);
  return {
    runbooks: runbooks.set(undo.id, undo),
    site,
    store,
    looks,
    killSwitch,
    targets: world.targetsOf(self, ''),
    policy: policyOf(selfApproval),
    guard: () => undefined,
    autoApply: [],
    buildVersion: build,
    membersOf: (group) => gates.pass(self, () => groups.members(group)),
    clock: time.now,
    obstacles: () => [killSwitch.state()].flatMap((word) => (word === undefined ? [] : [frozenWords(word)])),
    lookedAt: new Map(),
    recheckMs: 60_000,
    clean: (text) => text,
    stopping: () => false,
    log: { warn: () => undefined, error: () => undefined },
    boundary: () => undefined,
  };
}

/** The model hears of these in the moment in which they are written. */
function heard(store: Store, oracle: LifeParts['oracle'], build: Build): Pick<Store, 'addRound' | 'offer' | 'takeOver'> {
  return {
    addRound(round) {
      oracle.onPlanned(round.run, round.number, build);
      store.addRound(round);
    },
    offer(...values) {
      oracle.onOffer(values[0]);
      store.offer(...values);
    },
    takeOver(word) {
      oracle.onTakeOver(word.run);
      store.takeOver(word);
    },
  };
}

/** What openworkflow does for the engine: one worker for each run, woken by signals and by time. */
function createWorkers({ gates, time, broke }: LifeParts, self: Mortal, work: (run: string) => Promise<Pause | null>) {
  const busy = new Map<string, 'called' | 'working' | 'called again'>();
  const parked = new Map<string, number>();
  const wake = (run: string) => {
    if (busy.get(run) === 'working') busy.set(run, 'called again');
    if (busy.has(run) || self.dead) return;
    busy.set(run, 'called');
    parked.delete(run);
    turn(run).catch((error: unknown) => {
      if (!(error instanceof Killed)) broke(error);
    });
  };
  const turn = async (run: string) => {
    await gates.pass(self, () => undefined);
    busy.set(run, 'working');
    const pause = await work(run);
    const again = busy.get(run) === 'called again';
    busy.delete(run);
    if (again) wake(run);
    else if (pause !== null) parked.set(run, pause.until);
  };
  return {
    wake,
    tick() {
      for (const [run, until] of parked) if (until <= time.now()) wake(run);
    },
  };
}
