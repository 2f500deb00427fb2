import { DatabaseSync } from 'node:sqlite';
import { setTimeout as sleep } from 'node:timers/promises';
import { OpenWorkflow } from 'openworkflow';
import { BackendSqlite } from 'openworkflow/sqlite';
import { z } from 'zod';
import type { EngineLog } from './log.ts';
import type { Pause } from './pause.ts';

/** Keeps runs going: at once, after a decision, when their time is up, and after a restart. */
export interface Durable {
  readonly schedule: (run: string) => Promise<void>;
  /** Lets a run that is waiting, or about to wait, go on at once. */
  readonly wake: (run: string) => Promise<void>;
  /** Schedules those of these runs that nothing would continue, and lets those that wait look at their journal. */
  readonly revive: (runs: readonly string[]) => Promise<void>;
  /** Takes no more work and waits for the work in hand. */
  readonly stop: () => Promise<void>;
}

export interface DurableOptions {
  readonly file: string;
  readonly advance: (run: string) => Promise<Pause | null>;
  readonly log: EngineLog;
}

const SPEC = { name: 'run', version: '1', schema: z.object({ run: z.string() }) } as const;
const CONCURRENCY = 16;
const POLL_MS = 250;
const WAKE_WITHIN_MS = 5_000;

/** The only user of openworkflow. It knows when to call `advance`; what to do then is in the run's journal alone. */
export function openDurable({ file, advance, log }: DurableOptions): Durable {
  const backend = BackendSqlite.connect(file);
  releaseLeases(file);
  const client = new OpenWorkflow({ backend });
  const workflow = defineRun(client, advance);
  const ticker = createTicker(client, log);
  const { schedule, wake, revive } = operationsOn({ file, client, workflow, ticker });
  const calls = createCalls();
  return {
    schedule: (run) => calls.add(() => schedule(run)),
    wake: (run) => calls.add(() => wake(run)),
    revive: (runs) => calls.add(() => revive(runs)),
    async stop() {
      await ticker.stop();
      await calls.close();
      await backend.stop();
    },
  };
}

interface Parts {
  readonly file: string;
  readonly client: OpenWorkflow;
  readonly workflow: ReturnType<typeof defineRun>;
  readonly ticker: ReturnType<typeof createTicker>;
}

function operationsOn({ file, client, workflow, ticker }: Parts): Omit<Durable, 'stop'> {
  const scheduling = new Set<string>();
  const signal = async (run: string) => (await client.sendSignal({ signal: signalOf(run) })).workflowRunIds.length > 0;
  const schedule = async (run: string) => {
    scheduling.add(run);
    await workflow.run({ run }).finally(() => scheduling.delete(run));
    await ticker.tick();
  };
  return {
    schedule,
    async wake(run) {
      // A signal that comes before the wait is lost, so it is sent until somebody is there to hear it.
      const deadline = performance.now() + WAKE_WITHIN_MS;
      for (let delayMs = 5; !(await signal(run)); delayMs = Math.min(delayMs * 2, POLL_MS)) {
        await sleep(delayMs);
        if (ticker.stopped() || performance.now() > deadline) return;
      }
      await ticker.tickUntilParked();
    },
    async revive(runs) {
      const live = liveRuns(file);
      const orphans = runs.filter((run) => !live.has(run) && !scheduling.has(run));
      for (const run of runs.filter((known) => live.has(known))) await signal(run);
      for (const run of orphans) await schedule(run);
      await ticker.tick();
    },
  };
}

/** Counts calls in hand, so that the database is not closed under them; refuses those that come later. */
function createCalls() {
  const inHand = new Set<Promise<void>>();
  let closed = false;
  return {
    async add(work: () => Promise<void>) {
      if (closed) return;
      const call = work();
      inHand.add(call);
      await call.finally(() => inHand.delete(call));
    },
    async close() {
      closed = true;
      await Promise.allSettled(inHand);
    },
  };
}

/** The library replays all waits at each wake, so a run that waits long is handed on to a fresh one now and then. */
const WAITS = 20;

function defineRun(client: OpenWorkflow, advance: DurableOptions['advance']) {
  const workflow = client.defineWorkflow(SPEC, async ({ input: { run }, step }) => {
    for (let turn = 1; turn <= WAITS; turn += 1) {
      // Not a step of the library: a remembered answer from before a crash would wait for a decision that is already there.
      const pause = await advance(run);
      if (pause === null) return null;
      const timeout = new Date(Math.max(pause.until, Date.now() + 50));
      await step.waitForSignal({ name: `wait ${turn}`, signal: signalOf(run), timeout });
    }
    await workflow.run({ run });
    return null;
  });
  return workflow;
}

function signalOf(run: string): string {
  return `run ${run}`;
}

/** Claims work one tick at a time: the library's own loop polls up to 1 s apart and needs as long to stop. */
function createTicker(client: OpenWorkflow, log: EngineLog) {
  const worker = client.newWorker({ concurrency: CONCURRENCY });
  let stopped = false;
  let last: Promise<void> = Promise.resolve();
  const claim = async () => {
    if (stopped) return;
    await worker.tick().catch((error: unknown) => log.error({ err: error }, 'claiming work failed; it is tried again'));
  };
  const tick = () => (last = last.then(claim));
  const timer = setInterval(() => void tick(), POLL_MS);
  return {
    tick,
    stopped: () => stopped,
    /** A run that hears a signal may be a few milliseconds away from being claimable. */
    async tickUntilParked() {
      for (const delayMs of [0, 10, 40]) {
        await sleep(delayMs);
        await tick();
      }
    },
    async stop() {
      stopped = true;
      clearInterval(timer);
      await last;
      await worker.stop();
    },
  };
}

/** Makes what a killed process held claimable at once. Only right where no other process works on the same file. */
export function releaseLeases(file: string): void {
  withDatabase(file, (database) => {
    database
      .prepare(`UPDATE workflow_runs SET worker_id = NULL, available_at = ? WHERE status = 'running' AND worker_id IS NOT NULL`)
      .run(new Date().toISOString());
  });
}

function liveRuns(file: string): ReadonlySet<string> {
  return withDatabase(file, (database) => {
    const rows = database.prepare(
      `SELECT json_extract(input, '$.run') AS run FROM workflow_runs WHERE status IN ('pending', 'running', 'sleeping')`,
    );
    return new Set(rows.all().map((row) => SPEC.schema.parse(row).run));
  });
}

function withDatabase<T>(file: string, work: (database: DatabaseSync) => T): T {
  const database = new DatabaseSync(file, { timeout: 5_000 });
  try {
    return work(database);
  } finally {
    database.close();
  }
}
