import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { runbooks } from '../../runbooks/index.ts';
import { createAuditTrail, createMirror, type Mirror } from '../../src/audit/index.ts';
import type { Engine, Origin, Targets } from '../../src/core/ports.ts';
import type { Actor, RunView } from '../../src/core/run.ts';
import type { Site } from '../../src/core/site.ts';
import type { Boundary } from '../../src/engine/context.ts';
import { createEngine } from '../../src/engine/engine.ts';
import { longWork } from '../../src/engine/fixtures/long-work.ts';
import { lockState } from '../../src/engine/lock.ts';
import { createStore, type Store } from '../../src/store/store.ts';
import { confirmed } from './confirmed.ts';
import { hurried } from './hurry.ts';

export const AUDIT_KEY = Buffer.from('0f'.repeat(32));

/** What one run is about, as it is told to the process that is to be killed. */
export interface LifeRequest {
  /** Where the state is; it outlives the process. */
  readonly directory: string;
  readonly runbook: string;
  readonly words: readonly string[];
  readonly site: Site;
  /** The run to take back, instead of asking for a new one. */
  readonly undo?: string;
  /** Cancels the run as soon as its work shows progress. */
  readonly cancels?: true;
}

/** Where a life can be ended. `change-sent`: nothing has reached the host yet. `change-made`: the host has done it. */
export type Point = Boundary | 'change-sent' | 'change-made' | 'work-watched';

export interface Surroundings {
  readonly targets: Targets;
  readonly point: (name: Point) => void;
}

const operator: Actor = { id: 'UOPERATOR', name: 'operator' };
const people: readonly Actor[] = [
  { id: 'UAPPROVER', name: 'approver' },
  { id: 'USECOND', name: 'second approver' },
];
const tier = { approvers: people.map(({ id }) => id), selfApproval: false, differentGroups: false };
const policy = {
  tiers: { read: {}, normal: { ...tier, count: 1 }, high: { ...tier, count: 2 }, destructive: { ...tier, count: 2 } },
  expiresAfterMs: 60_000,
  warnBeforeMs: 0,
};
const origin: Origin = { kind: 'cli' };

/** The lab lets a minute pass after each change, so a verification that does not hold at once never will. */
const PATIENCE_MS = 40;
const hurriedRunbooks = runbooks.map((runbook) => hurried(runbook, PATIENCE_MS));

/** One life of a bot: asks, or goes on with what an earlier life has left, approves all that is offered, and stops when all is shown. */
export async function live(request: LifeRequest, { targets, point }: Surroundings): Promise<RunView> {
  const { directory } = request;
  const lock = lockState(directory);
  const store = auditedStore(directory);
  const cancelling = new Set<Promise<unknown>>();
  const engine = await createEngine({
    runbooks: [...hurriedRunbooks, longWork()],
    site: request.site,
    targets: watched(targets, point),
    state: { directory, release: () => (store.close(), lock.release()) },
    store,
    policy,
    async report(view) {
      show(directory, view);
      const { cancelled, id } = view;
      if (request.cancels && cancelled === undefined && showsProgress(view))
        cancelling.add(engine.cancel({ run: id, actor: operator, reason: 'It is not wanted any more.' }));
    },
    buildVersion: '1',
    clean: (text) => text,
    onBoundary: point,
  });
  const view = await toItsEnd(engine, await begin(engine, store, request));
  while (store.unreported().length > 0) await sleep(2);
  await Promise.all(cancelling);
  await engine.stop();
  return view;
}

function show(directory: string, view: RunView): void {
  writeFileSync(join(directory, 'shown.new'), JSON.stringify(view));
  renameSync(join(directory, 'shown.new'), join(directory, 'shown'));
}

/** What people saw last of the run, in whichever life. */
export function lastShown(directory: string): unknown {
  return JSON.parse(readFileSync(join(directory, 'shown'), 'utf8'));
}

function auditedStore(directory: string): Store {
  const parts: { mirror?: Mirror } = {};
  const file = join(directory, 'audit.jsonl');
  return createStore(directory, {
    trail(database) {
      const trail = createAuditTrail({ database, key: AUDIT_KEY, clean: String, clock: Date.now });
      parts.mirror = createMirror({ file, trail });
      return trail;
    },
    committed: () => parts.mirror?.flush(),
  });
}

function watched({ read, change, close }: Targets, point: (name: Point) => void): Targets {
  return {
    read(command) {
      if (command.via === 'ssh' && command.argv[0] === 'state') point('work-watched');
      return read(command);
    },
    async change(command) {
      point('change-sent');
      const outcome = await change(command);
      point('change-made');
      return outcome;
    },
    close,
  };
}

function showsProgress({ rounds }: RunView): boolean {
  return rounds.some(({ steps }) => steps.some(({ status, progress }) => status === 'started' && progress !== undefined));
}

/** The same request has the same key, and so is the same run, in every life. */
async function begin(engine: Engine, store: Store, { runbook, words, undo }: LifeRequest): Promise<string> {
  if (undo === undefined) return engine.start({ runbook, arguments: words, requester: operator, origin, key: 'asked once' });
  const [open] = store.followers(undo, 'undo');
  if (open !== undefined) return open;
  const { run, says } = await engine.follow({ run: undo, how: 'undo', actor: operator, origin });
  if (run === undefined) throw new Error(says);
  return run;
}

async function toItsEnd(engine: Engine, run: string): Promise<RunView> {
  for (;;) {
    const view = await engine.settled(run);
    if (view.status !== 'waiting') return view;
    for (const actor of people) await engine.decide({ ...confirmed(view), run, actor, verdict: 'approve' });
  }
}
