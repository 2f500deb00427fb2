import { describe, expect, test } from 'vitest';
import { verdictOf } from '../core/finding.ts';
import { approver, onOffer, operator, policy, secondApprover, statuses, stranger } from './fixtures/harness.ts';
import { detail, restart, start } from './fixtures/running.ts';
import { createWorld, switches } from './fixtures/switches.ts';

describe('an approval', () => {
  test('is void after a new version that plans something else, and nothing is sent', async () => {
    const world = createWorld({ a: 'off' });
    const first = await start(world);
    const view = await first.ask('a');
    const { engine } = await restart(first, world, { runbooks: [switches({ verb: 'hit' })] });
    const end = await engine.settled(view.id);
    await expect.poll(async () => (await engine.view(view.id))?.status).toBe('finished');
    const shown = await engine.view(view.id);
    expect(shown && detail(shown)).toContain('The plan changed');
    expect(shown && statuses(shown)[0]).toEqual(['refused']);
    expect(shown?.rounds[0]?.plan).toEqual({ stop: 'Version 1 made this plan, and this version would make another.' });
    expect(end.id).toBe(view.id);
    expect(world.sent).toEqual([]);
  });

  test('is void after any new build, and the plan that was shown stays shown', async () => {
    const world = createWorld({ a: 'off' });
    const first = await start(world);
    const view = await first.ask('a');
    const { engine } = await restart(first, world, { buildVersion: '2' });
    await expect.poll(async () => (await engine.view(view.id))?.status).toBe('finished');
    const shown = await engine.view(view.id);
    expect(shown && statuses(shown)[0]).toEqual(['refused']);
    expect(shown?.rounds[0]?.plan).toHaveProperty('steps');
  });

  test('is never "all is well" where this version cannot tell what was seen', async () => {
    const world = createWorld({ a: 'off' });
    const first = await start(world);
    const { id } = await first.ask('a');
    const { engine } = await restart(first, world, { runbooks: [] });
    const view = await engine.settled(id);
    expect(view.rounds.map(({ diagnosis }) => verdictOf(diagnosis))).toEqual(['blind']);
  });

  test('is void when the runbook is gone', async () => {
    const world = createWorld({ a: 'off' });
    const first = await start(world);
    const view = await first.ask('a');
    const { engine } = await restart(first, world, { runbooks: [] });
    await expect.poll(async () => (await engine.view(view.id))?.status).toBe('finished');
    expect(await engine.view(view.id)).toMatchObject({
      problem: 'This version has no runbook "switches".',
      rounds: [{ steps: [{ status: 'refused' }] }],
    });
  });

  test('of another digest does not count', async () => {
    const { ask, decide, engine } = await start(createWorld({ a: 'off' }));
    const view = await ask('a');
    const answer = await decide(view, approver, { digest: '000000000000' });
    expect(answer).toEqual({
      accepted: false,
      says: 'This button belongs to another version of the plan. Use the latest message of this run.',
    });
    expect((await engine.view(view.id))?.status).toBe('waiting');
  });

  test('by somebody who is no approver does not count', async () => {
    const { ask, decide } = await start(createWorld({ a: 'off' }));
    expect(await decide(await ask('a'), stranger)).toMatchObject({
      accepted: false,
      says: expect.stringContaining('You may not decide'),
    });
  });

  test('by the person who asked does not count', async () => {
    const { ask, decide } = await start(createWorld({ a: 'off' }));
    expect(await decide(await ask('a'), operator)).toMatchObject({
      accepted: false,
      says: expect.stringContaining('somebody else must approve'),
    });
  });

  test('by a member of an approving group counts, and not when the group cannot be looked up', async () => {
    const tiers = { ...policy.tiers, normal: { approvers: ['SSTORAGE'], count: 1, selfApproval: false, differentGroups: false } };
    let reachable = false;
    const membersOf = async () => (reachable ? [approver.id] : Promise.reject(new Error('Slack does not answer')));
    const { ask, decide } = await start(createWorld({ a: 'off' }), { policy: { ...policy, tiers }, membersOf });
    const view = await ask('a');
    expect(await decide(view, approver)).toMatchObject({
      accepted: false,
      says: expect.stringContaining('Slack does not answer'),
    });
    reachable = true;
    expect(await decide(view, stranger)).toMatchObject({ accepted: false });
    expect(await decide(view, approver)).toMatchObject({ accepted: true });
  });

  test('of high risk needs two different people', async () => {
    const world = createWorld({ a: 'off' });
    const { ask, decide, approve, engine } = await start(world);
    const view = await ask('a:high');
    expect(view.rounds[0]?.steps[0]?.needs).toBe(2);
    expect(await decide(view, approver)).toEqual({
      accepted: true,
      says: 'Your approval counts: 1 of 2. It waits for one more person.',
    });
    expect(await decide(view, approver)).toMatchObject({ accepted: false, says: expect.stringContaining('somebody else') });
    expect((await engine.view(view.id))?.status).toBe('waiting');
    expect(world.sent).toEqual([]);
    expect(statuses(await approve(view, secondApprover))).toEqual([['done'], []]);
  });

  test('of destructive risk can be given by nobody when nobody is named', async () => {
    const { ask, decide } = await start(createWorld({ a: 'off' }));
    expect(await decide(await ask('a:destructive'), approver)).toMatchObject({
      accepted: false,
      says: expect.stringContaining('Nobody may approve'),
    });
  });

  test('pressed twice, or at once by two people, makes the change once', async () => {
    const world = createWorld({ a: 'off' });
    const { ask, decide, engine } = await start(world);
    const view = await ask('a');
    const answers = await Promise.all([decide(view, approver), decide(view, approver), decide(view, secondApprover)]);
    expect(answers.map(({ accepted }) => accepted)).toEqual([true, false, false]);
    expect(answers[1]?.says).toBe('Too late: step 1 is approved already, and the change is being made.');
    await engine.settled(view.id);
    expect(world.sent).toEqual(['turn-on a']);
    expect(await decide(view, secondApprover)).toEqual({ accepted: false, says: 'Too late: step 1 is done already.' });
  });

  test('of the same change in two runs makes it once: the second is told who holds what it needs, and then that it is made', async () => {
    const world = createWorld({ a: 'off' });
    const { ask, decide, engine } = await start(world, { recheckMs: 50 });
    const [first, second] = [await ask('a'), await ask('a')];
    const change = Promise.withResolvers<void>();
    world.onChange = () => change.promise.then(() => undefined);
    expect(await decide(first, approver)).toMatchObject({ accepted: true });
    expect(await decide(second, approver)).toMatchObject({
      accepted: false,
      heldBy: first.id,
      says: expect.stringContaining(`run ${first.id} (switches a, asked by operator) holds export /srv/a`),
    });
    change.resolve();
    expect(statuses(await engine.settled(first.id))).toEqual([['done'], []]);
    await expect.poll(async () => (await engine.view(second.id))?.status).toBe('finished');
    const end = await engine.view(second.id);
    expect(end && statuses(end)).toEqual([['withdrawn']]);
    expect(end && detail(end)).toContain('it no longer holds that a is off. Seen: on.');
    expect(world.sent).toEqual(['turn-on a']);
  });

  test('of a run or a step that does not exist is answered in words', async () => {
    const { ask, decide } = await start(createWorld({ a: 'off', b: 'off' }));
    const view = await ask('a', 'b');
    expect((await decide(view, approver, { run: 'none' })).says).toBe('There is no run none.');
    expect((await decide(view, approver, { step: 7 })).says).toContain('has no step 8 in round 1');
    expect((await decide(view, approver, { step: 1 })).says).toBe('Step 2 is not on offer yet: the step before it comes first.');
  });

  test('that is denied ends the run and changes nothing', async () => {
    const world = createWorld({ a: 'off', b: 'off' });
    const { ask, decide, engine } = await start(world);
    const view = await ask('a', 'b');
    expect(await decide(view, operator, { verdict: 'deny' })).toEqual({
      accepted: true,
      says: 'Denied. This change will not be made, and the run ends.',
    });
    const end = await engine.settled(view.id);
    expect(end.status).toBe('finished');
    expect(statuses(end)).toEqual([['denied', 'waiting']]);
    expect(world.sent).toEqual([]);
    expect((await decide(view, approver, { step: 1, digest: view.rounds[0]?.steps[1]?.digest ?? '' })).says).toContain(
      'never on offer',
    );
  });

  test('that is denied after a change was made is followed by a last look', async () => {
    const { ask, approve, decide, engine } = await start(createWorld({ a: 'off', b: 'off' }));
    const view = await approve(await ask('a', 'b'));
    expect(await decide(view, approver, { verdict: 'deny' })).toMatchObject({ says: expect.stringContaining('needs a reason') });
    await decide(view, approver, { verdict: 'deny', reason: 'not during the backup' });
    const end = await engine.settled(view.id);
    expect(statuses(end)).toEqual([['done', 'denied'], []]);
    expect(end.rounds[0]?.steps[1]?.decisions).toMatchObject([{ verdict: 'deny', reason: 'not during the backup' }]);
    expect(end.rounds[1]?.diagnosis.findings.map(({ subject }) => subject)).toEqual(['b']);
  });

  test('that nobody gives in time expires, and the run ends', async () => {
    const world = createWorld({ a: 'off' });
    const { ask, decide, engine } = await start(world, { policy: { ...policy, expiresAfterMs: 200 } });
    const view = await ask('a');
    await expect.poll(async () => (await engine.view(view.id))?.status, { timeout: 3_000 }).toBe('finished');
    const end = await engine.settled(view.id);
    expect(statuses(end)).toEqual([['expired']]);
    expect((await decide(view, approver, onOffer(view))).says).toContain('has expired');
    expect(world.sent).toEqual([]);
  });

  test('that comes after the offer ended, and before the bot noticed, does not count', async () => {
    let now = Date.now();
    const { ask, decide, engine } = await start(createWorld({ a: 'off' }), { clock: () => now });
    const view = await ask('a');
    now += policy.expiresAfterMs;
    expect(await decide(view, approver)).toMatchObject({
      accepted: false,
      says: expect.stringContaining('this offer has expired'),
    });
    await expect.poll(async () => (await engine.view(view.id))?.status).toBe('finished');
    const end = await engine.view(view.id);
    expect(end && statuses(end)).toEqual([['expired']]);
  });
});
