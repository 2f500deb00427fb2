import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { OfferedStep } from '../core/offer-guard.ts';
import {
  approver,
  type Harness,
  onOffer,
  operator,
  startHarness,
  statuses,
  stranger,
  temporaryDirectory,
} from './fixtures/harness.ts';
import { createWorld, type World } from './fixtures/switches.ts';

let directory: ReturnType<typeof temporaryDirectory>;
let world: World;
let harness: Harness;
let guard: (offered: OfferedStep) => string | undefined;

beforeEach(async () => {
  directory = temporaryDirectory();
  world = createWorld({ a: 'off', b: 'off' });
  guard = () => undefined;
  harness = await startHarness(directory.path, world, { guard: (offered) => guard(offered) });
});
afterEach(async () => {
  await harness.engine.stop();
  directory.remove();
});

describe('who has a say where a step is approved', () => {
  test('hears of it and of what comes after it, and keeps it from being made; the offer stands', async () => {
    const heard: OfferedStep[] = [];
    guard = (offered) => (heard.push(offered), 'What it stands on is looked at.');
    const view = await harness.ask('a', 'b');
    expect(await harness.decide(view, approver)).toEqual({ accepted: false, says: 'What it stands on is looked at.' });
    expect(
      heard.map(({ run, runbook, steps, actor }) => ({ run, runbook, titles: steps.map(({ title }) => title), actor })),
    ).toEqual([{ run: view.id, runbook: 'switches', titles: ['Turn a on', 'Turn b on'], actor: approver }]);
    expect(world.sent).toEqual([]);
    guard = () => undefined;
    const after = await harness.approve(await harness.engine.settled(view.id));
    expect(statuses(after)).toEqual([['done', 'waiting']]);
    guard = (offered) => (heard.push(offered), undefined);
    await harness.approve(after);
    expect(heard.map(({ isBegun, steps }) => [isBegun, steps.length])).toEqual([
      [false, 2],
      [true, 1],
    ]);
  });

  test('is asked of what comes to be written alone: not of a denial, nor of who may not approve', async () => {
    guard = () => expect.fail('it was asked');
    const view = await harness.ask('a');
    expect(await harness.decide(view, stranger)).toMatchObject({
      accepted: false,
      says: expect.stringContaining('You may not decide'),
    });
    expect(await harness.decide(view, operator, { verdict: 'deny' })).toMatchObject({ accepted: true });
  });

  test('counts as of the moment of writing, whatever was so when the decision came in', async () => {
    const view = await harness.ask('a');
    const coming = harness.decide(view, approver);
    guard = () => 'Not any more.';
    expect(await coming).toEqual({ accepted: false, says: 'Not any more.' });
  });
});

describe('a press that Slack delivers twice', () => {
  test('counts the second time where the first could not be written down, and only once', async () => {
    const view = await harness.ask('a');
    const press = { ...onOffer(view), run: view.id, actor: approver, verdict: 'approve', key: 'press' } as const;
    const failing = vi.spyOn(harness.store, 'addDecision').mockImplementationOnce(() => {
      throw new Error('the disk is full');
    });
    expect(await harness.engine.decide(press)).toMatchObject({
      accepted: false,
      says: expect.stringContaining('the disk is full'),
    });
    expect(await harness.engine.decide(press)).toMatchObject({ accepted: true });
    expect(await harness.engine.decide(press)).toMatchObject({ accepted: false, says: expect.stringContaining('a second time') });
    expect(failing).toHaveBeenCalledTimes(2);
  });

  test('at once counts once, and is no decision that was turned down', async () => {
    const view = await harness.ask('a');
    const press = { ...onOffer(view), run: view.id, actor: approver, verdict: 'approve', key: 'press' } as const;
    const answers = await Promise.all([harness.engine.decide(press), harness.engine.decide(press)]);
    expect(answers.map(({ accepted }) => accepted)).toEqual([true, false]);
    expect(answers[1]?.says).toContain('a second time');
  });

  test('is remembered with what it did: neither of the two is there without the other', async () => {
    const view = await harness.ask('a');
    const { store } = harness;
    const { step, ...about } = onOffer(view);
    const decision = { ...about, step, run: view.id, actor: approver, verdict: 'approve', at: 1, key: 'press' } as const;
    store.addDecision(decision, 'approved');
    expect(store.isClaimed('press')).toBe(true);
    expect(() => store.addDecision({ ...decision, actor: operator, key: 'late' }, 'approved')).toThrow('not on offer');
    expect(store.isClaimed('late')).toBe(false);
    expect(store.journal(view.id)?.rounds[0]?.steps[0]?.decisions).toEqual([expect.not.objectContaining({ key: 'press' })]);
  });
});
