import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { BackendSqlite } from 'openworkflow/sqlite';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { temporaryDirectory } from './fixtures/harness.ts';
import type { Durable, DurableOptions } from './workflow.ts';
import { openDurable, releaseLeases } from './workflow.ts';

let directory: ReturnType<typeof temporaryDirectory>;
let file: string;
let running: Durable[] = [];

beforeEach(() => {
  directory = temporaryDirectory();
  file = join(directory.path, 'engine.db');
});

afterEach(async () => {
  await Promise.all(running.map((durable) => durable.stop()));
  running = [];
  directory.remove();
});

function open(advance: DurableOptions['advance']): Durable {
  const durable = openDurable({ file, advance, log: { warn: () => undefined, error: () => undefined } });
  running.push(durable);
  return durable;
}

const inAnHour = () => ({ until: Date.now() + 3_600_000 });

test('what a killed process held can be claimed at once, and what waits is left alone', async () => {
  const backend = BackendSqlite.connect(file);
  const about = {
    workflowName: 'run',
    version: '1',
    idempotencyKey: null,
    config: {},
    context: null,
    parentStepAttemptNamespaceId: null,
  };
  const create = () =>
    backend.createWorkflowRun({ ...about, input: { run: 'r' }, parentStepAttemptId: null, availableAt: null, deadlineAt: null });
  const held = await create();
  const claim = (workerId: string) => backend.claimWorkflowRun({ workerId, leaseDurationMs: 30_000 });
  await claim('killed');
  await create();
  const parked = await claim('parking');
  await backend.sleepWorkflowRun({
    workflowRunId: parked?.id ?? '',
    workerId: 'parking',
    availableAt: new Date(Date.now() + 60_000),
  });
  expect(await claim('new')).toBeNull();
  releaseLeases(file);
  expect((await claim('new'))?.id).toBe(held.id);
  expect(await claim('another')).toBeNull();
  await backend.stop();
});

test('a run that waits holds no place, so that any number can wait', async () => {
  let calls = 0;
  const durable = open(async () => ((calls += 1), inAnHour()));
  for (let run = 0; run < 40; run += 1) await durable.schedule(`r${run}`);
  await expect.poll(() => calls).toBe(40);
});

test('a run goes on when it is woken, also in the moment before it begins to wait', async () => {
  const calls: number[] = [];
  const durable = open(async () => {
    calls.push(performance.now());
    if (calls.length === 3) return null;
    void durable.wake('r');
    return inAnHour();
  });
  await durable.schedule('r');
  await expect.poll(() => calls.length, { timeout: 3_000 }).toBe(3);
  expect((calls[2] ?? 0) - (calls[0] ?? 0)).toBeLessThan(600);
});

test('a run goes on by itself when its time is up', async () => {
  let calls = 0;
  const durable = open(async () => ((calls += 1) === 2 ? null : { until: Date.now() + 150 }));
  await durable.schedule('r');
  await expect.poll(() => calls, { timeout: 2_000 }).toBe(2);
});

test('a run that was cut off because nothing could be written is continued by the next revival', async () => {
  let calls = 0;
  const durable = open(async () => ((calls += 1) === 1 ? Promise.reject(new Error('disk full')) : null));
  await durable.schedule('r');
  await expect.poll(() => calls).toBe(1);
  await expect.poll(async () => (await durable.revive(['r']), calls)).toBe(2);
});

test('a run that nobody scheduled before the crash is scheduled by the revival, and once', async () => {
  const calls: string[] = [];
  const durable = open(async (run) => (calls.push(run), inAnHour()));
  await Promise.all([durable.revive(['r']), durable.revive(['r'])]);
  await expect.poll(() => calls.length).toBeGreaterThan(0);
  const database = new DatabaseSync(file, { readOnly: true });
  expect(database.prepare('SELECT COUNT(*) AS n FROM workflow_runs').get()).toEqual({ n: 1 });
  database.close();
});

test('stopping waits for what is in hand', async () => {
  let done = false;
  const durable = open(async () => {
    await new Promise((resolve) => setTimeout(resolve, 200));
    done = true;
    return null;
  });
  await durable.schedule('r');
  await durable.stop();
  running = [];
  expect(done).toBe(true);
});

test('a run that is woken many times while it waits costs no more each time, and is still one run', async () => {
  let [calls, over] = [0, false];
  const durable = open(async () => {
    calls += 1;
    return over ? null : inAnHour();
  });
  await durable.schedule('r');
  for (let wake = 1; wake <= 60; wake += 1) {
    const before = calls;
    await durable.wake('r');
    await expect.poll(() => calls).toBeGreaterThan(before);
  }
  // A wake replays at most the waits since the run was handed on.
  expect(calls).toBeLessThan(60 * 22);
  over = true;
  await durable.wake('r');
  const live = () => {
    const database = new DatabaseSync(file, { readOnly: true });
    const rows = database.prepare(`SELECT id FROM workflow_runs WHERE status IN ('pending', 'running', 'sleeping')`).all();
    database.close();
    return rows.length;
  };
  await expect.poll(live).toBe(0);
});
