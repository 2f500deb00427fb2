import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { mayAsk } from '../approval/permission.ts';
import { validatePolicy } from '../approval/policy.ts';
import { Refusal } from '../core/errors.ts';
import type { Engine, Reporter, RunRequest } from '../core/ports.ts';
import type { Follows } from '../core/run.ts';
import { advance } from './advance.ts';
import type { Context } from './context.ts';
import type { EngineOptions } from './create-context.ts';
import { createContext } from './create-context.ts';
import { decide } from './decide.ts';
import { follow, requireOnlyOne } from './follow.ts';
import { createInterventions } from './interventions.ts';
import type { Pause } from './pause.ts';
import type { Reporting } from './reporting.ts';
import { createReporting } from './reporting.ts';
import { requireSense } from './request.ts';
import type { Settling } from './settling.ts';
import { createSettling } from './settling.ts';
import { withoutSecrets } from './typed.ts';
import { viewOf } from './view.ts';
import type { Durable } from './workflow.ts';
import { openDurable } from './workflow.ts';

export type { EngineOptions } from './create-context.ts';

/** An approval policy that contradicts itself. */
export class PolicyUnusable extends Error {
  override readonly name = 'PolicyUnusable';
  readonly code = 'POLICY_UNUSABLE';
}

const REVIVE_MS = 30_000;

/** Starts the engine and continues the runs that a stop or a crash has left. */
export async function createEngine(options: EngineOptions): Promise<Engine> {
  const problems = validatePolicy(options.policy);
  if (problems.length > 0) throw new PolicyUnusable(`The approval policy cannot be used: ${problems.join(' ')}`);
  const { store, state } = options;
  const life = { stopping: false };
  const context = createContext(options, life);
  const settling = createSettling((run) => viewOf(context, run));
  const reporting = reportingOf(context, options.report);
  const durable = openDurable({
    file: join(state.directory, 'engine.db'),
    advance: oneAtATime((run) => advance(context, run).catch((error: unknown) => interrupted(context, run, error))),
    log: context.log,
  });
  store.subscribe((run) => {
    settling.changed(run);
    reporting.nudge(run);
  });
  const revive = () => durable.revive(store.unfinished());
  await revive().catch(async (error: unknown) => {
    await durable.stop();
    throw error;
  });
  for (const run of store.unreported()) reporting.nudge(run);
  const reviving = setInterval(() => {
    revive().catch((error: unknown) => context.log.error({ err: error }, 'runs could not be revived; it is tried again'));
  }, options.reviveMs ?? REVIVE_MS);
  const close = async () => {
    clearInterval(reviving);
    await state.release();
  };
  return withoutSecrets(engineOf({ context, durable, settling, reporting, life, close }), options.clean);
}

interface Parts {
  readonly context: Context;
  readonly durable: Durable;
  readonly settling: Settling;
  readonly reporting: Reporting;
  readonly life: { stopping: boolean };
  readonly close: () => Promise<void>;
}

function engineOf({ context, durable, settling, reporting, life, close }: Parts): Engine {
  const begin = async (request: Asked) => {
    if (life.stopping) throw new Refusal('not-allowed', STOPPING);
    return start(context, durable, request);
  };
  const interventions = createInterventions(context, (run) => wake(context, durable, run));
  return {
    ...interventions,
    start: begin,
    follow: (request) => follow(context, begin, request),
    async decide(request) {
      if (life.stopping) return { accepted: false, says: STOPPING };
      const { answer, wakes } = await decide(context, request);
      if (wakes) wake(context, durable, request.run);
      return answer;
    },
    view: (run) => viewOf(context, run),
    settled: settling.settled,
    obstacles: context.obstacles,
    async stop() {
      if (life.stopping) return;
      life.stopping = true;
      await durable.stop();
      await reporting.stop();
      settling.stop();
      await close();
    },
  };
}

const STOPPING = 'The bot is being stopped. Ask again in a minute.';

type Asked = RunRequest & { readonly follows?: Follows };

async function start(context: Context, durable: Durable, request: Asked): Promise<string> {
  const refusal = await mayAsk(context.policy, context.membersOf, request.requester);
  if (refusal !== undefined) throw new Refusal('not-allowed', refusal);
  requireSense(context.runbooks, request);
  // Nothing may come between this and writing the run down.
  if (request.follows !== undefined) requireOnlyOne(context, request.follows);
  const fresh = randomBytes(5).toString('hex');
  const id = context.store.addRun({ ...request, id: fresh, buildVersion: context.buildVersion, startedAt: context.clock() });
  context.boundary('run-written');
  if (id === fresh) await durable.schedule(id);
  context.boundary('scheduled');
  return id;
}

function wake(context: Context, durable: Durable, run: string): void {
  durable.wake(run).then(
    () => context.boundary('woken'),
    (error: unknown) => context.log.error({ run, err: error }, 'a run could not be woken; it is tried again'),
  );
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
