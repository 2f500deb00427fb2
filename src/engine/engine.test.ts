import { describe, expect, test } from 'vitest';
import type { RunView } from '../core/run.ts';
import { approver, policy, startHarness } from './fixtures/harness.ts';
import { restart, start } from './fixtures/running.ts';
import { createWorld } from './fixtures/switches.ts';

describe('the report', () => {
  test('that throws neither stops the run nor is lost', async () => {
    const world = createWorld({ a: 'off' });
    const shown: string[] = [];
    let failures = 3;
    const { ask, approve } = await start(world, {
      async report({ status }) {
        if ((failures -= 1) >= 0) throw new Error('Slack does not answer');
        shown.push(status);
      },
    });
    expect((await approve(await ask('a'))).status).toBe('finished');
    await expect.poll(() => shown.at(-1), { timeout: 10_000 }).toBe('finished');
  });

  test('that hangs does not hold up the run', { retry: 2 }, async () => {
    const { ask, approve } = await start(createWorld({ a: 'off' }), {
      report: async ({ status }) => (status === 'waiting' ? sleep(500) : undefined),
    });
    const view = await ask('a');
    const began = performance.now();
    expect((await approve(view)).status).toBe('finished');
    expect(performance.now() - began).toBeLessThan(400);
  });

  test('shows one state of a run at a time and ends with the last', async () => {
    const world = createWorld({ a: 'off', b: 'off' });
    let [active, most] = [0, 0];
    const shown: RunView[] = [];
    const { ask, approve } = await start(world, {
      async report(view) {
        most = Math.max(most, (active += 1));
        await sleep(5);
        active -= 1;
        shown.push(view);
      },
    });
    const end = await approve(await approve(await ask('a', 'b')));
    await expect.poll(() => shown.at(-1)?.status).toBe('finished');
    expect(shown.at(-1)).toEqual(end);
    expect(most).toBe(1);
  });

  test('of a run that ended unshown is shown after a restart', async () => {
    const world = createWorld({ a: 'on' });
    const first = await start(world, { report: async () => Promise.reject(new Error('Slack does not answer')) });
    const view = await first.ask('a');
    const { shown } = await restart(first, world);
    await expect.poll(() => shown.map(({ id, status }) => `${id} ${status}`)).toEqual([`${view.id} finished`]);
  });
});

describe('the engine', () => {
  test('does not share its state directory with another one', async () => {
    const { directory: path } = await start(createWorld({}));
    await expect(startHarness(path, createWorld({}))).rejects.toMatchObject({ code: 'STATE_IN_USE' });
  });

  test('refuses an approval policy that contradicts itself', async () => {
    const tiers = { ...policy.tiers, high: { approvers: [approver.id], count: 2, selfApproval: true, differentGroups: false } };
    await expect(start(createWorld({}), { policy: { ...policy, tiers } })).rejects.toMatchObject({ code: 'POLICY_UNUSABLE' });
  });

  test('takes no work after it was stopped', async () => {
    const { engine, ask, decide } = await start(createWorld({ a: 'off' }));
    const view = await ask('a');
    await engine.stop();
    await expect(ask('a')).rejects.toMatchObject({ code: 'not-allowed' });
    expect(await decide(view, approver)).toMatchObject({ accepted: false });
  });

  test('starts a run and acts on a decision within 50 ms', { retry: 2 }, async () => {
    const world = createWorld({ a: 'off' });
    const { ask, decide, engine } = await start(world);
    await ask('a');
    const latencies = { start: [] as number[], decision: [] as number[] };
    for (let round = 0; round < 15; round += 1) {
      world.states.set('a', 'off');
      let began = performance.now();
      world.onRead = () => void latencies.start.push(performance.now() - began);
      const view = await ask('a');
      world.onRead = undefined;
      world.onChange = () => void latencies.decision.push(performance.now() - began);
      // Longer than the time in which the engine would be asking for work anyway.
      await sleep(30);
      began = performance.now();
      await decide(view, approver);
      await engine.settled(view.id);
    }
    expect(median(latencies.start)).toBeLessThan(50);
    expect(median(latencies.decision)).toBeLessThan(50);
    if (process.env['SHOW_FIGURES'] !== undefined)
      console.log({ start: median(latencies.start), decision: median(latencies.decision) });
  });
});

function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.POSITIVE_INFINITY;
}
