import { describe, expect, test } from 'vitest';
import { approver, onOffer, operator, policy, statuses, stranger } from './fixtures/harness.ts';
import { detail, restart, start } from './fixtures/running.ts';
import { createWorld } from './fixtures/switches.ts';

const REASON = 'wrong service';

describe('cancelling', () => {
  test('ends the offer and the run, and says that nothing was changed', async () => {
    const world = createWorld({ a: 'off' });
    const { ask, decide, engine } = await start(world);
    const view = await ask('a');
    expect(await engine.cancel({ run: view.id, actor: stranger, reason: REASON })).toMatchObject({ accepted: false });
    expect(await engine.cancel({ run: view.id, actor: operator, reason: REASON })).toEqual({
      accepted: true,
      says: 'Cancelled. Nothing is known to be changed. Nothing more will be changed.',
    });
    const end = await engine.settled(view.id);
    expect(statuses(end)).toEqual([['cancelled']]);
    expect(end.cancelled).toMatchObject({ actor: operator, reason: REASON });
    expect((await decide(view, approver)).says).toContain('the run was cancelled');
    expect((await engine.cancel({ run: view.id, actor: operator, reason: REASON })).says).toContain('Too late');
    expect(world.sent).toEqual([]);
  });

  test('in the middle of a plan says what is done, looks a last time and frees what was held', async () => {
    const world = createWorld({ a: 'off', b: 'off' });
    const { ask, approve, decide, engine } = await start(world);
    const view = await approve(await ask('a', 'b'));
    const { says } = await engine.cancel({ run: view.id, actor: operator, reason: REASON });
    expect(says).toContain(`Done and verified: step 1.1 (Turn a on). /storage undo ${view.id} plans what can be taken back.`);
    expect(statuses(await engine.settled(view.id))).toEqual([['done', 'cancelled'], []]);
    expect(await decide(await ask('b'), approver)).toMatchObject({ accepted: true });
  });

  test('does not stop a command that was sent, and says so; its outcome is still found out', async () => {
    const world = createWorld({ a: 'off', b: 'off' });
    const { ask, decide, engine } = await start(world);
    const view = await ask('a', 'b');
    const change = Promise.withResolvers<void>();
    world.onChange = () => change.promise.then(() => undefined);
    await decide(view, approver);
    await expect.poll(() => world.sent).toEqual(['turn-on a']);
    expect((await engine.cancel({ run: view.id, actor: operator, reason: REASON })).says).toContain('is being made now');
    change.resolve();
    expect(statuses(await engine.settled(view.id))).toEqual([['done', 'waiting'], []]);
    expect(world.sent).toEqual(['turn-on a']);
  });

  test('after a change whose outcome nobody knows names it', async () => {
    const world = createWorld({ a: 'off' });
    const { ask, decide, engine, store } = await start(world);
    const view = await ask('a');
    const lastLook = Promise.withResolvers<void>();
    world.onChange = () => {
      world.onRead = async () => (store.run(view.id)?.status === 'looking' ? lastLook.promise.then(() => undefined) : undefined);
      return { failed: 'cut', says: 'The connection was cut.', toDo: 'Look.' };
    };
    await decide(view, approver);
    await expect.poll(() => store.run(view.id)?.status).toBe('looking');
    const { says } = await engine.cancel({ run: view.id, actor: operator, reason: REASON });
    lastLook.resolve();
    expect(says).toContain('What step 1.1 (Turn a on) left behind must be looked at. Nothing more will be changed.');
  });

  test('between an approval and its change keeps the change from being made', async () => {
    const world = createWorld({ a: 'off' });
    const { ask, approve, engine } = await start(world);
    const view = await ask('a');
    world.onRead = async () => {
      world.onRead = undefined;
      await engine.cancel({ run: view.id, actor: operator, reason: REASON });
      return undefined;
    };
    expect(statuses(await approve(view))).toEqual([['cancelled']]);
    expect(world.sent).toEqual([]);
  });
});

describe('an offer', () => {
  test('is withdrawn when what it was made for is over', async () => {
    const { ask, decide, engine } = await start(createWorld({ a: 'off' }));
    const view = await ask('a');
    expect(await engine.withdraw(view.id, 'The alert NFSMountHangs is resolved.')).toBe(true);
    const end = await engine.settled(view.id);
    expect(statuses(end)).toEqual([['withdrawn']]);
    expect(detail(end)).toBe('The alert NFSMountHangs is resolved.');
    expect((await decide(view, approver)).says).toContain('was withdrawn. The alert NFSMountHangs is resolved. Plan again.');
    expect(await engine.withdraw(view.id, 'again')).toBe(false);
  });

  test('is not made at all when what the run is for is over before it', async () => {
    const world = createWorld({ a: 'off', b: 'off' });
    const { ask, decide, engine } = await start(world);
    const view = await ask('a', 'b');
    const change = Promise.withResolvers<void>();
    world.onChange = () => change.promise.then(() => undefined);
    await decide(view, approver);
    await expect.poll(() => world.sent).toEqual(['turn-on a']);
    expect(await engine.withdraw(view.id, 'The alert NFSMountHangs is resolved.')).toBe(true);
    change.resolve();
    const end = await engine.settled(view.id);
    expect(statuses(end)).toEqual([['done', 'waiting'], []]);
    expect(end.problem).toBe('The alert NFSMountHangs is resolved.');
  });

  test('is withdrawn when the state that it is bound to changes, and stays when the bot cannot look', async () => {
    const world = createWorld({ a: 'off' });
    const { ask, engine } = await start(world, { recheckMs: 40 });
    const view = await ask('a');
    let looks = 0;
    world.onRead = () => {
      looks += 1;
      return looks < 4 ? { failed: 'unreachable', says: 'Nothing answers.', toDo: 'Wake it.' } : undefined;
    };
    await expect.poll(() => looks, { timeout: 5_000 }).toBeGreaterThan(4);
    expect((await engine.view(view.id))?.status).toBe('waiting');
    world.states.set('a', 'on');
    await expect.poll(async () => (await engine.view(view.id))?.status, { timeout: 5_000 }).toBe('finished');
    const end = await engine.settled(view.id);
    expect(statuses(end)).toEqual([['withdrawn']]);
    expect(detail(end)).toBe('Withdrawn, because it no longer holds that a is off. Seen: on.');
  });

  test('is told to end soon, once, also over a restart', async () => {
    let now = Date.now();
    const world = createWorld({ a: 'off' });
    const options = { clock: () => now, recheckMs: 40, policy: { ...policy, expiresAfterMs: 600_000, warnBeforeMs: 300_000 } };
    const before = await start(world, options);
    const view = await before.ask('a');
    const warned = async (engine = before.engine) => (await engine.view(view.id))?.rounds[0]?.steps[0]?.warned ?? false;
    expect(await warned()).toBe(false);
    now += 301_000;
    await expect.poll(() => warned(), { timeout: 5_000 }).toBe(true);
    const revision = before.store.run(view.id)?.revision;
    const after = await restart(before, world, options);
    await expect.poll(async () => warned(after.engine)).toBe(true);
    expect(after.store.run(view.id)?.revision).toBe(revision);
    expect(await after.decide(view, approver, onOffer(view))).toMatchObject({ accepted: true });
  });
});

describe('planning again', () => {
  test('is a new run with the same words, asked for by whoever pressed; once at a time', async () => {
    const world = createWorld({ a: 'off' });
    const { ask, engine } = await start(world);
    const view = await ask('a');
    const again = { run: view.id, how: 'again', actor: approver, origin: { kind: 'cli' } } as const;
    expect(await engine.follow(again)).toMatchObject({ accepted: false, says: expect.stringContaining('still going on') });
    await engine.cancel({ run: view.id, actor: operator, reason: REASON });
    await engine.settled(view.id);
    const started = await engine.follow({ ...again, key: 'press 1' });
    expect(started).toMatchObject({ accepted: true, says: 'Looking again.' });
    const { run = '' } = started;
    const next = await engine.settled(run);
    expect(next).toMatchObject({ arguments: ['a'], requester: approver, follows: { run: view.id, how: 'again' } });
    expect(await engine.follow({ ...again, key: 'press 2' })).toMatchObject({
      accepted: false,
      says: expect.stringContaining(run),
    });
  });

  test('by two people at the same moment is one run', async () => {
    const tiers = { ...policy.tiers, read: { askers: ['SASKERS', operator.id] } };
    const membersOf = async () => [approver.id];
    const { ask, engine } = await start(createWorld({ a: 'off' }), { policy: { ...policy, tiers }, membersOf });
    const view = await ask('a');
    await engine.cancel({ run: view.id, actor: operator, reason: REASON });
    await engine.settled(view.id);
    const again = { run: view.id, how: 'again', origin: { kind: 'cli' } } as const;
    const answers = await Promise.all([approver, operator].map((actor) => engine.follow({ ...again, actor, key: actor.id })));
    expect(answers.filter(({ accepted }) => accepted)).toHaveLength(1);
  });

  test('of the same press, delivered twice, is one run', async () => {
    const { engine, store } = await start(createWorld({ a: 'off' }));
    const request = {
      runbook: 'switches',
      arguments: ['a'],
      requester: operator,
      origin: { kind: 'cli' },
      key: 'command 7',
    } as const;
    expect(await engine.start(request)).toBe(await engine.start(request));
    expect(store.unfinished()).toHaveLength(1);
  });
});
