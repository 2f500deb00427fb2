import { describe, expect, test } from 'vitest';
import type { Outcome } from '../core/output.ts';
import { approver, operator, statuses, stranger } from './fixtures/harness.ts';
import { detail, restart, start } from './fixtures/running.ts';
import { createWorld } from './fixtures/switches.ts';

const REASON = 'the other one hangs';
const lost: Outcome = { failed: 'cut', says: 'The connection was cut.', toDo: 'Look.' };

describe('what a plan depends on', () => {
  test('is held from the first approval of a round to its end, so that another run cannot change it in between', async () => {
    const world = createWorld({ a: 'off', b: 'off' });
    const { ask, approve, decide } = await start(world);
    const [first, second] = [await ask('a', 'b'), await ask('b')];
    const half = await approve(first);
    expect(statuses(half)).toEqual([['done', 'waiting']]);
    expect(await decide(second, approver)).toMatchObject({ accepted: false, heldBy: first.id });
    await approve(half);
    expect(await decide(second, approver)).toMatchObject({ accepted: true });
  });

  test('can be used by several runs at once', async () => {
    const world = createWorld({ a: 'off', b: 'off' });
    const { ask, decide } = await start(world);
    const views = [await ask('a'), await ask('b')];
    for (const view of views) expect(await decide(view, approver)).toMatchObject({ accepted: true });
  });

  test('can be taken over by an approver with a reason; the other run then does nothing more with it', async () => {
    const world = createWorld({ a: 'off', b: 'off' });
    const { ask, approve, decide, engine } = await start(world);
    const [first, second] = [await ask('a', 'b'), await ask('b')];
    await approve(first);
    expect(await engine.takeOver({ run: second.id, actor: stranger, reason: REASON })).toMatchObject({ accepted: false });
    expect(await engine.takeOver({ run: second.id, actor: approver, reason: ' ' })).toMatchObject({ accepted: false });
    expect(await engine.takeOver({ run: second.id, actor: approver, reason: REASON })).toMatchObject({ accepted: true });
    const ended = await engine.settled(first.id);
    expect(statuses(ended)).toEqual([['done', 'withdrawn'], []]);
    expect(detail(ended, 0, 1)).toBe(`approver took over what this plan holds for run ${second.id}: ${REASON}`);
    expect(await decide(second, approver)).toMatchObject({ accepted: true });
    await engine.settled(second.id);
    expect(world.sent).toEqual(['turn-on a', 'turn-on b']);
  });

  test('is not taken for a run that offers nothing, such as one that has ended', async () => {
    const { ask, approve, decide, engine } = await start(createWorld({ a: 'off', b: 'off', c: 'off' }));
    const ended = await ask('a', 'b');
    await decide(ended, approver, { verdict: 'deny', reason: 'not now' });
    await engine.settled(ended.id);
    const holder = await approve(await ask('b', 'c'));
    expect(await engine.takeOver({ run: ended.id, actor: approver, reason: REASON })).toEqual({
      accepted: false,
      says: `Run ${ended.id} has no step on offer that needs anything.`,
    });
    expect(statuses(await approve(holder))).toEqual([['done', 'done'], []]);
  });

  test('is not taken from a run that is making a change at this moment', async () => {
    const world = createWorld({ a: 'off' });
    const { ask, decide, engine } = await start(world);
    const [first, second] = [await ask('a'), await ask('a')];
    const change = Promise.withResolvers<void>();
    world.onChange = () => change.promise.then(() => undefined);
    await decide(first, approver);
    await expect.poll(() => world.sent).toEqual(['turn-on a']);
    expect(await engine.takeOver({ run: second.id, actor: approver, reason: REASON })).toMatchObject({
      accepted: false,
      says: expect.stringContaining('It is making a change at this moment.'),
    });
    change.resolve();
    await engine.settled(first.id);
  });

  test('stays held after an outcome that nobody knows, also over a restart, until a person takes it over', async () => {
    const world = createWorld({ a: 'off' });
    const before = await start(world);
    world.onChange = () => lost;
    const view = await before.approve(await before.ask('a'));
    expect(statuses(view)).toEqual([['unknown'], []]);
    const { ask, decide, engine } = await restart(before, world);
    world.onChange = undefined;
    const next = await ask('a');
    expect(await decide(next, approver)).toMatchObject({
      accepted: false,
      heldBy: view.id,
      says: expect.stringContaining('ended with an outcome that nobody knows'),
    });
    await engine.takeOver({ run: next.id, actor: approver, reason: 'looked: it was not made' });
    expect(await decide(next, approver)).toMatchObject({ accepted: true });
    expect(statuses(await engine.settled(next.id))).toEqual([['done'], []]);
  });

  test('is freed by a take-over only as far as it is needed', async () => {
    const world = createWorld({ a: 'off', b: 'off' });
    const { ask, approve, decide, engine } = await start(world);
    world.onChange = () => lost;
    const unknown = await approve(await ask('a', 'b'));
    expect(statuses(unknown)).toEqual([['unknown', 'waiting'], []]);
    const [one, other] = [await ask('a'), await ask('b')];
    await engine.takeOver({ run: one.id, actor: approver, reason: REASON });
    expect(await decide(other, approver)).toMatchObject({ accepted: false, heldBy: unknown.id });
  });

  test('that is lost between the approval and the change keeps the change from being made', async () => {
    const world = createWorld({ a: 'off' });
    const { ask, approve, store } = await start(world);
    const view = await ask('a');
    const other = await ask('a');
    const word = { actor: operator, reason: REASON, at: 1 };
    // In the moment in which the preconditions are read.
    world.onRead = () => {
      world.onRead = undefined;
      store.takeOver({ run: other.id, intervention: word, detail: 'taken over' });
    };
    const end = await approve(view);
    expect(statuses(end)).toEqual([['withdrawn']]);
    expect(world.sent).toEqual([]);
  });
});
