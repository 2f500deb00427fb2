import { describe, expect, test } from 'vitest';
import type { Outcome } from '../core/output.ts';
import { approver, type Harness, operator, policy, statuses } from './fixtures/harness.ts';
import type { LongWorkWorld } from './fixtures/long-work.ts';
import { createLongWorkWorld, longWork } from './fixtures/long-work.ts';
import { detail, restart, start } from './fixtures/running.ts';
import { createWorld } from './fixtures/switches.ts';

const options = { runbooks: [longWork()], policy };
const request = { runbook: 'long-work', arguments: ['media'], requester: operator, origin: { kind: 'cli' } } as const;

const lost: Outcome = { failed: 'cut', says: 'The connection was cut.', toDo: 'Look.' };

/** A run whose work was begun and is going on. */
async function begun(world: LongWorkWorld = createLongWorkWorld({ media: 'stale' })) {
  const harness = await start(world, options);
  const run = await harness.engine.start(request);
  await harness.decide(await harness.engine.settled(run), approver);
  await expect.poll(() => world.begun.size).toBe(1);
  return { ...harness, world, run, name: `storagebot-${run}-1-media` };
}

async function stepNow({ engine, run }: Pick<Harness, 'engine'> & { run: string }) {
  return (await engine.view(run))?.rounds[0]?.steps[0];
}

describe('long work', () => {
  test('has a name made of its run and round, tells how far it is, and is done when it has ended and is verified', async () => {
    const { engine, world, run, name } = await begun();
    expect(world.sent).toEqual([`begin ${name} media`]);
    world.tell('40 %');
    await expect.poll(async () => (await stepNow({ engine, run }))?.progress, { timeout: 5_000 }).toBe('40 %');
    world.succeed();
    expect(statuses(await engine.settled(run))).toEqual([['done'], []]);
  });

  test('that fails is a failed step with the words of the target', async () => {
    const { engine, world, run } = await begun();
    world.fail('no space left on device');
    const end = await engine.settled(run);
    expect(statuses(end)).toEqual([['failed'], []]);
    expect(detail(end)).toBe('It failed: no space left on device.');
  });

  test('whose state does not say how far it is, or why it failed, is asked that besides', async () => {
    const { engine, world, run, name } = await begun();
    world.states.set(`progress-of-${name}`, '3 of 8 tables');
    world.tell('since noon');
    await expect
      .poll(async () => (await stepNow({ engine, run }))?.progress, { timeout: 5_000 })
      .toBe('since noon; 3 of 8 tables');
    world.states.set(`last-words-of-${name}`, 'gzip: unexpected end of file');
    world.fail('BackoffLimitExceeded');
    expect(detail(await engine.settled(run))).toBe('It failed: BackoffLimitExceeded. It wrote: gzip: unexpected end of file.');
  });

  test('goes on while the bot is stopped, and the next one finds it again and does not begin it twice', async () => {
    const before = await begun();
    const { world, run, name } = before;
    const { engine } = await restart(before, world, options);
    expect((await stepNow({ engine, run }))?.status).toBe('started');
    world.succeed();
    const end = await engine.settled(run);
    expect(statuses(end)).toEqual([['done'], []]);
    expect(detail(end)).toContain('Found done after a restart.');
    expect(world.sent).toEqual([`begin ${name} media`]);
  });

  test('that is cancelled is asked to stop, once, with the line that was approved', async () => {
    const { engine, world, run, name } = await begun();
    expect((await engine.cancel({ run, actor: operator, reason: 'too slow' })).says).toContain('is asked to stop');
    const end = await engine.settled(run);
    expect(statuses(end)).toEqual([['failed'], []]);
    expect(detail(end)).toBe(`Stopped because the run was cancelled: ${name} is not there any more.`);
    expect(world.sent).toEqual([`begin ${name} media`, `end ${name}`]);
  });

  test('that came to its end just before it was asked to stop is done, and not said to be stopped', async () => {
    const { engine, world, run, name } = await begun();
    world.onChange = () => {
      world.states.set('media', 'fresh');
      world.states.delete(name);
      return { exitCode: 1, stdout: '', stderr: 'not there' };
    };
    await engine.cancel({ run, actor: operator, reason: 'too slow' });
    expect(statuses(await engine.settled(run))).toEqual([['done'], []]);
  });

  test('that appears only after the run was cancelled is stopped then, and not said to be stopped before', async () => {
    const world = createLongWorkWorld({ media: 'stale' });
    const { engine, decide } = await start(world, options);
    const run = await engine.start(request);
    const name = `storagebot-${run}-1-media`;
    world.onChange = (line) => (line.startsWith('begin') ? lost : undefined);
    await decide(await engine.settled(run), approver);
    await expect.poll(() => world.sent).toEqual([`begin ${name} media`]);
    await engine.cancel({ run, actor: operator, reason: 'too slow' });
    await new Promise((resolve) => setTimeout(resolve, 1_000));
    expect((await stepNow({ engine, run }))?.status).toBe('started');
    expect(world.sent).toHaveLength(1);
    world.states.set(name, 'running');
    expect(statuses(await engine.settled(run))).toEqual([['failed'], []]);
    expect(world.sent).toEqual([`begin ${name} media`, `end ${name}`]);
  });

  test('is not even stopped while the bot is frozen', async () => {
    const { engine, world, run, name } = await begun();
    await engine.freeze({ actor: operator, reason: 'hands off' });
    await engine.cancel({ run, actor: operator, reason: 'too slow' });
    await new Promise((resolve) => setTimeout(resolve, 700));
    expect(world.sent).toEqual([`begin ${name} media`]);
    await engine.unfreeze({ actor: approver, reason: 'all clear' });
    await engine.settled(run);
    expect(world.sent).toEqual([`begin ${name} media`, `end ${name}`]);
  });

  test('of the same name that was there before is not taken for ours', async () => {
    const world = createLongWorkWorld({ media: 'stale' });
    const { engine, decide } = await start(world, options);
    const run = await engine.start(request);
    world.states.set(`storagebot-${run}-1-media`, 'running');
    await decide(await engine.settled(run), approver);
    const end = await engine.settled(run);
    expect(statuses(end)).toEqual([['failed'], []]);
    expect(detail(end)).toContain('is already there');
  });

  test('that the bot never ordered, because it was killed before, is known not to be made', async () => {
    const world = createLongWorkWorld({ media: 'stale' });
    const before = await start(world, options);
    const run = await before.engine.start(request);
    const view = await before.engine.settled(run);
    const { digest = '' } = view.rounds[0]?.steps[0] ?? {};
    const key = { run, round: 1, index: 0 };
    before.store.addDecision({ run, round: 1, step: 0, digest, actor: approver, verdict: 'approve', at: Date.now() }, 'approved');
    expect(before.store.begin(key, { at: Date.now(), command: 'box$ begin' })).toBe('begun');
    const { engine } = await restart(before, world, options);
    const end = await engine.settled(run);
    expect(statuses(end)).toEqual([['failed'], []]);
    expect(detail(end)).toBe(`Not made: storagebot-${run}-1-media was never started. It was not sent again.`);
    expect(world.sent).toEqual([]);
  });

  test('whose time is up is left to a person, and what it needs stays held', async () => {
    const world = createLongWorkWorld({ media: 'stale' });
    const { engine, decide } = await start(world, { runbooks: [longWork({ withinMs: 300 })] });
    const run = await engine.start(request);
    await decide(await engine.settled(run), approver);
    const end = await engine.settled(run);
    expect(statuses(end)).toEqual([['unknown'], []]);
    expect(detail(end)).toContain('goes on without the bot. A person must look.');
    const next = await engine.settled(await engine.start(request));
    expect(await decide(next, approver)).toMatchObject({ accepted: false, heldBy: run });
  });
});

describe('stopping the bot', () => {
  test('keeps an approved step that was not begun from being begun', async () => {
    const world = createWorld({ a: 'off', b: 'off' });
    const { engine, ask, decide } = await start(world);
    const view = await ask('a', 'b');
    const change = Promise.withResolvers<void>();
    world.onChange = () => change.promise.then(() => undefined);
    await decide(view, approver);
    await expect.poll(() => world.sent).toEqual(['turn-on a']);
    const stopped = engine.stop();
    change.resolve();
    await stopped;
    expect(world.sent).toEqual(['turn-on a']);
  });
});
