import { afterEach, beforeEach, expect, test } from 'vitest';
import { openTestStore } from '../store/fixtures/open-store.ts';
import type { Store } from '../store/store.ts';
import { advance } from './advance.ts';
import type { Context } from './context.ts';
import { approver, operator, origin, policy, temporaryDirectory } from './fixtures/harness.ts';
import type { World } from './fixtures/switches.ts';
import { createWorld, site, switches } from './fixtures/switches.ts';
import { createKillSwitch } from './freeze.ts';
import { createLooks } from './looks.ts';

let directory: ReturnType<typeof temporaryDirectory>;
let store: Store;
let world: World;

beforeEach(() => {
  directory = temporaryDirectory();
  store = openTestStore(directory.path);
  world = createWorld({ a: 'off' });
  store.addRun({ id: 'r', runbook: 'switches', arguments: ['a'], requester: operator, origin, buildVersion: '1', startedAt: 0 });
});

afterEach(() => {
  store.close();
  directory.remove();
});

function context(more: Partial<Context> = {}): Context {
  const runbooks = new Map([['switches', switches()]]);
  return {
    runbooks,
    site,
    store,
    policy,
    autoApply: [],
    guard: () => undefined,
    targets: world.targets,
    buildVersion: '1',
    membersOf: async () => [],
    clock: () => 1_000,
    looks: createLooks({ runbooks, site, store }),
    killSwitch: createKillSwitch(directory.path),
    obstacles: () => [],
    lookedAt: new Map(),
    recheckMs: 60_000,
    clean: (text) => text,
    stopping: () => false,
    log: { warn: () => undefined, error: () => undefined },
    boundary: () => undefined,
    ...more,
  };
}

function approve(): void {
  const digest = store.journal('r')?.rounds[0]?.steps[0]?.digest ?? '';
  store.addDecision({ run: 'r', round: 1, step: 0, digest, actor: approver, verdict: 'approve', at: 1_000 }, 'approved');
}

function step() {
  return store.journal('r')?.rounds[0]?.steps[0];
}

test('two workers on the same approved step send its change once', async () => {
  await advance(context(), 'r');
  approve();
  await Promise.all([advance(context(), 'r'), advance(context(), 'r'), advance(context(), 'r')]);
  expect(world.sent).toEqual(['turn-on a']);
});

test('a step that was approved is not applied after its offer has ended', async () => {
  await advance(context(), 'r');
  approve();
  await advance(context({ clock: () => 1_000 + policy.expiresAfterMs }), 'r');
  expect(step()).toMatchObject({ status: 'expired', detail: expect.stringContaining('the offer ended before') });
  expect(world.sent).toEqual([]);
});

test('a step whose offer ends while its target is looked at is not applied', async () => {
  await advance(context(), 'r');
  approve();
  let now = 1_000;
  world.onRead = () => void (now += policy.expiresAfterMs);
  await advance(context({ clock: () => now }), 'r');
  expect(step()).toMatchObject({ status: 'expired', detail: expect.stringContaining('the offer ended before') });
  expect(world.sent).toEqual([]);
});

test('a step that had started is never sent again by a version that would plan something else', async () => {
  await advance(context(), 'r');
  approve();
  store.moveStep({ run: 'r', round: 1, index: 0 }, { from: 'approved', to: 'started', at: 1, runStatus: 'applying' });
  await advance(context({ buildVersion: '2' }), 'r');
  expect(step()).toMatchObject({ status: 'unknown', detail: expect.stringContaining('A person must look') });
  expect(world.sent).toEqual([]);
});

test('a check that throws is a "could not look", and nothing is sent', async () => {
  await advance(context(), 'r');
  approve();
  world.onRead = () => {
    throw new Error('the connector is broken');
  };
  await advance(context(), 'r');
  expect(step()).toMatchObject({ status: 'refused', detail: expect.stringContaining('the connector is broken') });
  expect(world.sent).toEqual([]);
});

test('a change that throws is one whose answer was lost', async () => {
  await advance(context(), 'r');
  approve();
  world.onChange = () => {
    throw new Error('the connector is broken');
  };
  await advance(context(), 'r');
  expect(step()).toMatchObject({ status: 'unknown', detail: expect.stringContaining('may still be running') });
  expect(world.sent).toEqual(['turn-on a']);
});

test('the start of a change is on record before it is sent, and its outcome before anything else happens', async () => {
  await advance(context(), 'r');
  approve();
  const atChange: unknown[] = [];
  world.onChange = () => void atChange.push(step()?.status, store.run('r')?.status);
  await advance(context(), 'r');
  expect(atChange).toEqual(['started', 'applying']);
  expect(step()?.status).toBe('done');
});

test('an approved step of a run that broke before it was begun does not read as if it were being made', async () => {
  await advance(context(), 'r');
  approve();
  const begin: Store['begin'] = () => {
    throw new Error('database is locked');
  };
  await advance(context({ store: { ...store, begin } }), 'r');
  expect(step()).toMatchObject({ status: 'refused', detail: expect.stringContaining('Nothing was changed') });
  expect(store.run('r')?.status).toBe('broken');
  expect(world.sent).toEqual([]);
});

test('a clock that was set back does not put off the look whether an offer still makes sense', async () => {
  let now = 1_000_000;
  const one = context({ clock: () => now });
  await advance(one, 'r');
  now = 500_000;
  world.states.set('a', 'on');
  await advance(one, 'r');
  expect(step()?.status).toBe('withdrawn');
});

test('a change whose outcome cannot be written is unknown, and the run does not end as if it were still being made', async () => {
  await advance(context(), 'r');
  approve();
  const moveStep: Store['moveStep'] = (key, move) => {
    if (move.to === 'done') throw new Error('database or disk is full');
    return store.moveStep(key, move);
  };
  await advance(context({ store: { ...store, moveStep } }), 'r');
  expect(step()).toMatchObject({ status: 'unknown', detail: expect.stringContaining('A person must look') });
  expect(store.run('r')?.status).toBe('broken');
  expect(world.sent).toEqual(['turn-on a']);
});
