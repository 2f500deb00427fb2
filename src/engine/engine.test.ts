import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { verdictOf } from '../core/finding.ts';
import type { RunView } from '../core/run.ts';
import type { EngineOptions } from './engine.ts';
import type { Harness } from './fixtures/harness.ts';
import {
  approver,
  onOffer,
  operator,
  origin,
  policy,
  secondApprover,
  startHarness,
  statuses,
  stranger,
  temporaryDirectory,
} from './fixtures/harness.ts';
import type { World } from './fixtures/switches.ts';
import { createWorld, switches } from './fixtures/switches.ts';

let directory: ReturnType<typeof temporaryDirectory>;
let running: Harness[] = [];

beforeEach(() => {
  directory = temporaryDirectory();
});

afterEach(async () => {
  await Promise.all(running.map(({ engine }) => engine.stop()));
  running = [];
  directory.remove();
});

async function start(world: World, more: Partial<EngineOptions> = {}): Promise<Harness> {
  const harness = await startHarness(directory.path, world, more);
  running.push(harness);
  return harness;
}

async function restart(harness: Harness, world: World, more: Partial<EngineOptions> = {}): Promise<Harness> {
  await harness.engine.stop();
  return start(world, more);
}

function detail(view: RunView, round = 0, step = 0): string {
  return view.rounds[round]?.steps[step]?.detail ?? '';
}

describe('a run', () => {
  test('that finds nothing wrong ends at once and asks nobody', async () => {
    const { ask, shown } = await start(createWorld({ a: 'on' }));
    const view = await ask('a');
    expect(view).toMatchObject({
      status: 'finished',
      arguments: ['a'],
      rounds: [{ number: 1, plan: { stop: expect.any(String) }, steps: [] }],
    });
    await expect.poll(() => shown.at(-1)?.status).toBe('finished');
  });

  test('offers its steps one at a time, applies each approved one, and looks again', async () => {
    const world = createWorld({ a: 'off', b: 'off' });
    const { ask, approve } = await start(world);
    const first = await ask('a', 'b');
    expect(first.rounds[0]?.steps.map(({ expiresAt }) => expiresAt > 0)).toEqual([true, false]);
    const second = await approve(first);
    expect(statuses(second)).toEqual([['done', 'waiting']]);
    expect(world.sent).toEqual(['turn-on a']);
    const end = await approve(second, secondApprover);
    expect(end.status).toBe('finished');
    expect(statuses(end)).toEqual([['done', 'done'], []]);
    expect(end.rounds[1]).toMatchObject({ diagnosis: { findings: [] }, changes: ['a: off → on', 'b: off → on'] });
    expect(world.sent).toEqual(['turn-on a', 'turn-on b']);
  });

  test('keeps what the change printed and says that it was verified', async () => {
    const { ask, approve } = await start(createWorld({ a: 'off' }));
    const end = await approve(await ask('a'));
    expect(end.rounds[0]?.steps[0]).toMatchObject({
      detail: 'Done. Verified: a is on.',
      output: { exitCode: 0, stdout: 'turned\n' },
      decisions: [{ actor: approver, verdict: 'approve' }],
    });
  });

  test('plans at most three rounds, and looks once more after the third', async () => {
    const world = createWorld({ a: 'off' });
    const { ask, approve } = await start(world);
    // Each time somebody turns it off again between the verification and the next look.
    let looks = 0;
    world.onRead = (line) =>
      line === 'position a' && world.states.get('a') === 'on' && (looks += 1) % 2 === 0 ? turnOff(world) : undefined;
    let view = await ask('a');
    for (let round = 1; round <= 3; round += 1) view = await approve(view);
    expect(view.status).toBe('finished');
    expect(statuses(view)).toEqual([['done'], ['done'], ['done'], []]);
    expect(view.rounds[3]?.diagnosis.findings).toHaveLength(1);
    expect(world.sent).toHaveLength(3);
  });

  test('with words that are no request is refused with the usage', async () => {
    const { ask } = await start(createWorld({}));
    await expect(ask('A!')).rejects.toThrow('0: name: must be a name. Usage: switches <name>[:<risk>]…');
    await expect(ask()).rejects.toMatchObject({ code: 'bad-request' });
  });

  test('of a runbook that does not exist is refused', async () => {
    const { engine } = await start(createWorld({}));
    const request = { runbook: 'nothing', arguments: [], requester: operator, origin };
    await expect(engine.start(request)).rejects.toMatchObject({ code: 'not-found' });
  });

  test('about something that does not exist ends with an answer, not with a fault', async () => {
    const { ask } = await start(createWorld({}));
    expect(await ask('nowhere')).toMatchObject({ status: 'finished', problem: 'There is no switch "nowhere".', rounds: [] });
  });

  test('whose look throws is broken, and its problem shows no stack', async () => {
    const world = createWorld({});
    const { ask } = await start(world);
    world.onRead = () => {
      throw new TypeError('x is not a function');
    };
    const view = await ask('a');
    expect(view).toMatchObject({ status: 'broken', problem: expect.stringContaining('x is not a function') });
    expect(view.problem).not.toMatch(/\bat .*\.ts/);
  });

  test('that cannot see anything makes no plan', async () => {
    const world = createWorld({});
    const { ask } = await start(world);
    world.onRead = () => ({ failed: 'unreachable', says: 'Nothing answers.', toDo: 'Wake it.' });
    expect(await ask('a')).toMatchObject({ status: 'finished', rounds: [{ steps: [], diagnosis: { findings: [] } }] });
  });

  test('goes on beside many others', async () => {
    const { ask, approve } = await start(
      createWorld(Object.fromEntries([...'abcdefghijklmnopqrst'].map((name) => [name, 'off']))),
    );
    const waiting = await Promise.all([...'abcdefghijklmnopqrst'].map((name) => ask(name)));
    const ended = await Promise.all(waiting.map((view) => approve(view)));
    expect(ended.map((view) => statuses(view))).toEqual(Array(20).fill([['done'], []]));
  });
});

function turnOff(world: World): undefined {
  world.states.set('a', 'off');
}

describe('an approved step', () => {
  test('is refused when its precondition no longer holds', async () => {
    const world = createWorld({ a: 'off', b: 'off' });
    const { ask, approve } = await start(world);
    const view = await ask('a', 'b');
    world.states.set('a', 'on');
    const end = await approve(view);
    expect(statuses(end)).toEqual([['refused', 'waiting'], []]);
    expect(detail(end)).toBe('Not done, because it no longer holds that a is off. Seen: on.');
    expect(world.sent).toEqual([]);
  });

  test('is refused when the bot cannot look', async () => {
    const world = createWorld({ a: 'off' });
    const { ask, approve } = await start(world);
    const view = await ask('a');
    world.onRead = () => ({ failed: 'timed-out', says: 'It did not answer in 1 s.', toDo: 'Look.' });
    const end = await approve(view);
    expect(statuses(end)).toEqual([['refused'], []]);
    expect(detail(end)).toBe('Not done, because the bot could not look whether a is off. It did not answer in 1 s.');
    expect(world.sent).toEqual([]);
  });

  test('whose command fails is failed when the verification does not hold', async () => {
    const world = createWorld({ a: 'off', b: 'off' });
    const { ask, approve } = await start(world);
    world.onChange = () => ({ exitCode: 1, stdout: '', stderr: 'it is stuck\n' });
    const end = await approve(await ask('a', 'b'));
    expect(statuses(end)).toEqual([['failed', 'waiting'], []]);
    expect(detail(end)).toBe('The command ended with exit code 1: it is stuck. It is not so that a is on. Seen: off.');
    expect(end.rounds[0]?.steps[0]?.output?.stderr).toBe('it is stuck\n');
    expect(end.rounds[1]?.diagnosis.findings).toHaveLength(2);
  });

  test('whose command fails is done when the verification holds all the same', async () => {
    const world = createWorld({ a: 'off' });
    const { ask, approve } = await start(world);
    world.onChange = () => (world.states.set('a', 'on'), { exitCode: 3, stdout: '', stderr: 'already on' });
    const end = await approve(await ask('a'));
    expect(statuses(end)).toEqual([['done'], []]);
    expect(detail(end)).toBe('The command ended with exit code 3: already on. Verified: a is on.');
  });

  test('whose command never reached its target is failed, and the words say what to do', async () => {
    const world = createWorld({ a: 'off' });
    const { ask, approve } = await start(world);
    world.onChange = () => ({ failed: 'host-key', says: 'Another host answers.', toDo: 'Pin its key.' });
    const end = await approve(await ask('a'));
    expect(statuses(end)).toEqual([['failed'], []]);
    expect(detail(end)).toBe('The command did not reach its target. Another host answers. Pin its key.');
  });

  test('whose command gives no answer is done when the verification holds', async () => {
    const world = createWorld({ a: 'off' });
    const { ask, approve } = await start(world);
    world.onChange = () => (world.states.set('a', 'on'), { failed: 'timed-out', says: 'It did not end in 1 s.', toDo: 'Look.' });
    const end = await approve(await ask('a'));
    expect(statuses(end)).toEqual([['done'], []]);
    expect(detail(end)).toBe('The command gave no answer (It did not end in 1 s). Verified: a is on.');
  });

  test('whose command gives no answer is unknown, never failed, when the verification does not hold', async () => {
    const world = createWorld({ a: 'off' });
    const { ask, approve } = await start(world);
    world.onChange = () => ({ failed: 'cut', says: 'The connection ended.', toDo: 'Look.' });
    const end = await approve(await ask('a'));
    expect(statuses(end)).toEqual([['unknown'], []]);
    expect(detail(end)).toContain('it may still be running');
    expect(detail(end)).toContain('A person must look');
  });

  test('whose change takes effect later is polled until it holds', async () => {
    const world = createWorld({ a: 'off' });
    const { ask, approve } = await start(world, { runbooks: [switches({ withinMs: 5_000 })] });
    world.onChange = () => (setTimeout(() => world.states.set('a', 'on'), 400), { exitCode: 0, stdout: 'begun', stderr: '' });
    expect(statuses(await approve(await ask('a')))).toEqual([['done'], []]);
  });

  test('whose verification never holds is failed after its time', async () => {
    const world = createWorld({ a: 'off' });
    const { ask, approve } = await start(world);
    world.onChange = () => ({ exitCode: 0, stdout: 'begun', stderr: '' });
    const end = await approve(await ask('a'));
    expect(statuses(end)).toEqual([['failed'], []]);
    expect(detail(end)).toBe('The command ended well. It is not so that a is on. Seen: off.');
  });

  test('whose verification cannot look is unknown, whatever the command said', async () => {
    for (const exitCode of [0, 1]) {
      const world = createWorld({ a: 'off' });
      const { ask, approve } = await start(world);
      world.onChange = () => {
        world.onRead = () => ({ failed: 'unreachable', says: 'Nothing answers.', toDo: 'Wake it.' });
        return { exitCode, stdout: '', stderr: '' };
      };
      const end = await approve(await ask('a'));
      expect(statuses(end)).toEqual([['unknown'], []]);
      expect(detail(end)).toContain('Could not look whether a is on. Nothing answers.');
      await running.pop()?.engine.stop();
    }
  });
});

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
    const tiers = { ...policy.tiers, normal: { approvers: ['SSTORAGE'], count: 1, selfApproval: false } };
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

  test('of the same change in two runs makes it once: the second looks when the first is verified', async () => {
    const world = createWorld({ a: 'off' });
    const { ask, decide, engine } = await start(world);
    const views = [await ask('a'), await ask('a')];
    // It takes effect a moment after it was sent, as most changes do.
    world.onChange = (line) => {
      setTimeout(() => world.states.set(line.split(' ')[1] ?? '', 'on'), 30);
      return { exitCode: 0, stdout: '', stderr: '' };
    };
    await Promise.all(views.map((view) => decide(view, approver)));
    const ends = await Promise.all(views.map(({ id }) => engine.settled(id)));
    expect(world.sent).toEqual(['turn-on a']);
    expect(new Set(ends.map((end) => statuses(end)[0]?.[0]))).toEqual(new Set(['done', 'refused']));
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
    await decide(view, approver, { verdict: 'deny' });
    const end = await engine.settled(view.id);
    expect(statuses(end)).toEqual([['done', 'denied'], []]);
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

  test('that hangs does not hold up the run', async () => {
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

function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

describe('the engine', () => {
  test('does not share its state directory with another one', async () => {
    const { store, directory: path } = await start(createWorld({}));
    await expect(startHarness(path, createWorld({}), { store })).rejects.toMatchObject({ code: 'STATE_IN_USE' });
  });

  test('refuses an approval policy that contradicts itself', async () => {
    const tiers = { ...policy.tiers, high: { approvers: [approver.id], count: 2, selfApproval: true } };
    await expect(start(createWorld({}), { policy: { ...policy, tiers } })).rejects.toMatchObject({ code: 'POLICY_UNUSABLE' });
  });

  test('takes no work after it was stopped', async () => {
    const { engine, ask, decide } = await start(createWorld({ a: 'off' }));
    const view = await ask('a');
    await engine.stop();
    await expect(ask('a')).rejects.toMatchObject({ code: 'not-allowed' });
    expect(await decide(view, approver)).toMatchObject({ accepted: false });
  });

  test('starts a run and acts on a decision within 50 ms', async () => {
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

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.POSITIVE_INFINITY;
}
