import { expect, test } from 'vitest';
import { verdictOf } from '../core/finding.ts';
import { operator, origin, statuses } from './fixtures/harness.ts';
import { start } from './fixtures/running.ts';
import { createWorld } from './fixtures/switches.ts';

const FAR = Date.now() + 1e9;

test('a run whose outputs were dropped says so, can be asked for again, and is too old to be taken back', async () => {
  const world = createWorld({ a: 'off' });
  const { ask, approve, engine, store } = await start(world);
  const { id } = await approve(await ask('a'));
  await expect.poll(() => store.unreported()).toEqual([]);
  expect(store.dropOldest(FAR, FAR)).toBe(id);

  const view = await engine.settled(id);
  expect(statuses(view)).toEqual([['done'], []]);
  expect(view.rounds.map(({ diagnosis }) => verdictOf(diagnosis))).toEqual(['blind', 'blind']);
  expect(view.rounds[0]?.diagnosis.evidence[0]?.says).toContain(`What run ${id} saw was dropped on`);
  expect(view.rounds[0]?.plan).toEqual({ stop: 'It is not kept any more.' });

  const undo = await engine.follow({ run: id, how: 'undo', actor: operator, origin });
  expect(await engine.settled(undo.run ?? '')).toMatchObject({
    status: 'finished',
    problem: expect.stringMatching(/^That run is too old to be taken back by the bot: .*storagebot audit show/),
  });
  const again = await engine.follow({ run: id, how: 'again', actor: operator, origin });
  expect((await engine.settled(again.run ?? '')).rounds[0]?.diagnosis.evidence[0]?.says).toBe('a is on');
  expect(world.sent).toEqual(['turn-on a']);
});
