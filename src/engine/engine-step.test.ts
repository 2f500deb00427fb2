import { describe, expect, test } from 'vitest';
import { statuses } from './fixtures/harness.ts';
import { detail, start } from './fixtures/running.ts';
import { createWorld, switches } from './fixtures/switches.ts';

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

  test.each([0, 1])('whose verification cannot look is unknown, though the command ended with %i', async (exitCode) => {
    const world = createWorld({ a: 'off' });
    const { ask, approve } = await start(world);
    world.onChange = () => {
      world.onRead = () => ({ failed: 'unreachable', says: 'Nothing answers.', toDo: 'Wake it.' });
      return { exitCode, stdout: '', stderr: '' };
    };
    const end = await approve(await ask('a'));
    expect(statuses(end)).toEqual([['unknown'], []]);
    expect(detail(end)).toContain('Could not look whether a is on. Nothing answers.');
  });
});
