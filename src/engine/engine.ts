import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import type { MembersOf } from '../approval/groups.ts';
import type { ApprovalPolicy } from '../approval/policy.ts';
import { validatePolicy } from '../approval/policy.ts';
import { Refusal } from '../core/errors.ts';
import type { DecisionRequest, Engine, Reporter, RunRequest, Targets } from '../core/ports.ts';
import type { Runbook } from '../core/runbook.ts';
import type { Site } from '../core/site.ts';
import type { Store } from '../store/store.ts';
import type { Pause } from './advance.ts';
import { advance } from './advance.ts';
import type { Boundary, Context } from './context.ts';
import { decide } from './decide.ts';
import { lockState } from './lock.ts';
import type { EngineLog } from './log.ts';
import { stderrLog } from './log.ts';
import { createLooks } from './looks.ts';
import type { Reporting } from './reporting.ts';
import { createReporting } from './reporting.ts';
import { requireSense } from './request.ts';
import type { Settling } from './settling.ts';
import { createSettling } from './settling.ts';
import { createTurns } from './turns.ts';
import { viewOf } from './view.ts';
import type { Durable } from './workflow.ts';
import { openDurable } from './workflow.ts';

export interface EngineOptions {
  readonly runbooks: readonly Runbook[];
  readonly site: Site;
  readonly targets: Targets;
  /** Opened on the same state directory. The engine closes it when it stops. */
  readonly store: Store;
  readonly stateDirectory: string;
  readonly policy: ApprovalPolicy;
  /** Needed where the policy names Slack user groups; without it such a group has no members. */
  readonly membersOf?: MembersOf;
  readonly report: Reporter;
  /** Part of every approval: another build cannot honour it. */
  readonly buildVersion: string;
  /** Milliseconds since 1970. */
  readonly clock?: () => number;
  readonly log?: EngineLog;
  /** Called at each point where a crash must be survived; for tests. */
  readonly onBoundary?: (name: Boundary) => void;
}

/** An approval policy that contradicts itself. */
export class PolicyUnusable extends Error {
  override readonly name = 'PolicyUnusable';
  readonly code = 'POLICY_UNUSABLE';
}

const REVIVE_MS = 30_000;

/** Starts the engine and continues the runs that a stop or a crash has left. Throws `StateInUse` where another one runs. */
export async function createEngine(options: EngineOptions): Promise<Engine> {
  const problems = validatePolicy(options.policy);
  if (problems.length > 0) throw new PolicyUnusable(`The approval policy cannot be used: ${problems.join(' ')}`);
  const lock = lockState(options.stateDirectory);
  const { store } = options;
  const context = contextOf(options);
  const settling = createSettling((run) => viewOf(context, run));
  const reporting = reportingOf(context, options.report);
  const durable = openDurable({
    file: join(options.stateDirectory, 'engine.db'),
    advance: oneAtATime((run) => advance(context, run).catch((error: unknown) => interrupted(context, run, error))),
    log: context.log,
  });
  store.subscribe((run) => {
    settling.changed(run);
    reporting.nudge(run);
  });
  const revive = () => durable.revive(store.unfinished());
  await revive();
  for (const run of store.unreported()) reporting.nudge(run);
  const reviving = setInterval(() => {
    revive().catch((error: unknown) => context.log.error({ err: error }, 'runs could not be revived; it is tried again'));
  }, REVIVE_MS);
  return engineOf({
    context,
    durable,
    settling,
    reporting,
    close: () => (clearInterval(reviving), store.close(), lock.release()),
  });
}

interface Parts {
  readonly context: Context;
  readonly durable: Durable;
  readonly settling: Settling;
  readonly reporting: Reporting;
  readonly close: () => void;
}

function engineOf({ context, durable, settling, reporting, close }: Parts): Engine {
  let stopping = false;
  return {
    async start(request) {
      if (stopping) throw new Refusal('not-allowed', STOPPING);
      return start(context, durable, request);
    },
    async decide(request) {
      if (stopping) return { accepted: false, says: STOPPING };
      const { answer, wakes } = await decide(context, request);
      if (wakes) wake(context, durable, request);
      return answer;
    },
    view: (run) => viewOf(context, run),
    settled: settling.settled,
    async stop() {
      if (stopping) return;
      stopping = true;
      await durable.stop();
      await reporting.stop();
      settling.stop();
      close();
    },
  };
}

const STOPPING = 'The bot is being stopped. Ask again in a minute.';

async function start(context: Context, durable: Durable, request: RunRequest): Promise<string> {
  requireSense(context.runbooks, request);
  const id = randomBytes(5).toString('hex');
  context.store.addRun({ id, ...request, buildVersion: context.buildVersion, startedAt: context.clock() });
  context.boundary('run-written');
  await durable.schedule(id);
  context.boundary('scheduled');
  return id;
}

function wake(context: Context, durable: Durable, { run }: DecisionRequest): void {
  durable.wake(run).then(
    () => context.boundary('woken'),
    (error: unknown) => context.log.error({ run, err: error }, 'a decided run could not be woken; it is tried again'),
  );
}

function contextOf(options: EngineOptions): Context {
  const { site, targets, store, policy, buildVersion } = options;
  const runbooks = new Map(options.runbooks.map((runbook) => [runbook.id, runbook]));
  return {
    runbooks,
    site,
    targets,
    store,
    policy,
    buildVersion,
    membersOf: options.membersOf ?? (async () => []),
    clock: options.clock ?? Date.now,
    looks: createLooks({ runbooks, site, store }),
    turns: createTurns(),
    log: options.log ?? stderrLog,
    boundary: options.onBoundary ?? (() => undefined),
  };
}

function reportingOf(context: Context, report: Reporter): Reporting {
  return createReporting({
    ...context,
    async show(run, origin) {
      const view = await viewOf(context, run);
      if (view !== undefined) await report(view, origin);
    },
  });
}

function interrupted({ log }: Context, run: string, error: unknown): never {
  log.error({ run, err: error }, 'a run could not write its journal; it is continued as soon as that works again');
  throw error;
}

/** A second call for a run in hand gets the first one's result: a lease that ran out must not work on it twice. */
function oneAtATime(work: (run: string) => Promise<Pause | null>): (run: string) => Promise<Pause | null> {
  const inHand = new Map<string, Promise<Pause | null>>();
  return (run) => {
    const now = inHand.get(run) ?? work(run).finally(() => inHand.delete(run));
    inHand.set(run, now);
    return now;
  };
}
