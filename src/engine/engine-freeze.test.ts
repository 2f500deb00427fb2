import { existsSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { approver, operator, statuses, stranger } from './fixtures/harness.ts';
import { detail, restart, start } from './fixtures/running.ts';
import { createWorld } from './fixtures/switches.ts';
import { createKillSwitch } from './freeze.ts';

const REASON = 'the array is being rebuilt';

describe('a freeze', () => {
  test('keeps approvals from counting until it ends; the offers stand, and denying is possible', async () => {
    const world = createWorld({ a: 'off', b: 'off' });
    const { ask, approve, decide, engine } = await start(world);
    const [view, other] = [await ask('a'), await ask('b')];
    expect(await engine.freeze({ actor: operator, reason: REASON })).toMatchObject({ accepted: true });
    expect(await decide(view, approver)).toMatchObject({ accepted: false, says: expect.stringContaining(REASON) });
    expect(await decide(other, approver, { verdict: 'deny', reason: 'not now' })).toMatchObject({ accepted: true });
    expect((await engine.view(view.id))?.frozen).toMatchObject({ actor: operator, reason: REASON });
    expect(await engine.unfreeze({ actor: stranger, reason: REASON })).toMatchObject({ accepted: false });
    expect(await engine.unfreeze({ actor: approver, reason: 'rebuilt' })).toMatchObject({ accepted: true });
    expect(statuses(await approve(view))).toEqual([['done'], []]);
  });

  test('voids an approval that was not used yet, also when the freeze ends before the bot would have used it', async () => {
    const world = createWorld({ a: 'off' });
    const { ask, approve, engine } = await start(world);
    const view = await ask('a');
    world.onRead = async () => {
      world.onRead = undefined;
      await engine.freeze({ actor: operator, reason: REASON });
      await engine.unfreeze({ actor: approver, reason: 'false alarm' });
      return undefined;
    };
    const end = await approve(view);
    expect(statuses(end)[0]).toEqual(['refused']);
    expect(detail(end)).toContain(`Not done. Frozen by operator`);
    expect(world.sent).toEqual([]);
  });

  test('that was made by hand voids an approval that was not used yet when it ends', async () => {
    const world = createWorld({ a: 'off' });
    const { ask, approve, directory, engine } = await start(world);
    const view = await ask('a');
    world.onRead = async () => {
      world.onRead = undefined;
      writeFileSync(join(directory, 'FROZEN'), '');
      await engine.unfreeze({ actor: approver, reason: 'false alarm' });
      return undefined;
    };
    expect(statuses(await approve(view))[0]).toEqual(['refused']);
    expect(world.sent).toEqual([]);
  });

  test('survives a restart', async () => {
    const world = createWorld({ a: 'off' });
    const before = await start(world);
    const view = await before.ask('a');
    await before.engine.freeze({ actor: operator, reason: REASON });
    const { decide, engine } = await restart(before, world);
    expect(engine.frozen()).toMatchObject({ actor: operator, reason: REASON });
    expect(await decide(view, approver)).toMatchObject({ accepted: false });
  });

  test('can be made by hand, with a file in the state directory, while the bot runs', async () => {
    const world = createWorld({ a: 'off' });
    const { ask, decide, directory, engine } = await start(world);
    const view = await ask('a');
    writeFileSync(join(directory, 'FROZEN'), '');
    expect(await decide(view, approver)).toMatchObject({ accepted: false, says: expect.stringContaining('FROZEN') });
    await engine.unfreeze({ actor: approver, reason: 'all is well' });
    expect(existsSync(join(directory, 'FROZEN'))).toBe(false);
    expect(await decide(view, approver)).toMatchObject({ accepted: true });
  });

  test('needs a reason, and is told to who asks for a second one', async () => {
    const { engine } = await start(createWorld({}));
    expect(await engine.freeze({ actor: operator, reason: '' })).toMatchObject({ accepted: false });
    await engine.freeze({ actor: operator, reason: REASON });
    expect(await engine.freeze({ actor: approver, reason: 'me too' })).toMatchObject({
      accepted: false,
      says: expect.stringContaining('It is frozen already. Frozen by operator'),
    });
    expect(await engine.unfreeze({ actor: approver, reason: 'done' })).toMatchObject({ accepted: true });
    expect(await engine.unfreeze({ actor: approver, reason: 'done' })).toEqual({ accepted: false, says: 'It is not frozen.' });
  });

  test('is not ended by an older unfreeze that Slack delivers again after a restart', async () => {
    const world = createWorld({ a: 'off' });
    const before = await start(world);
    const word = { actor: approver, reason: 'false alarm', key: 'command 1' };
    await before.engine.freeze({ actor: operator, reason: REASON });
    expect(await before.engine.unfreeze(word)).toMatchObject({ accepted: true });
    await before.engine.freeze({ actor: operator, reason: REASON });
    const { engine } = await restart(before, world);
    expect(await engine.unfreeze(word)).toMatchObject({ accepted: false, says: expect.stringContaining('a second time') });
    expect(engine.frozen()).toBeDefined();
  });

  test('turns an approval down for good: the same press, delivered again after it, does not count', async () => {
    const world = createWorld({ a: 'off' });
    const before = await start(world);
    const view = await before.ask('a');
    await before.engine.freeze({ actor: operator, reason: REASON });
    expect(await before.decide(view, approver, { key: 'press 1' })).toMatchObject({ accepted: false });
    await before.engine.unfreeze({ actor: approver, reason: 'all clear' });
    const { engine, decide } = await restart(before, world);
    expect(await decide(view, approver, { key: 'press 1' })).toMatchObject({ accepted: false });
    expect((await engine.view(view.id))?.status).toBe('waiting');
    expect(await decide(view, approver, { key: 'press 2' })).toMatchObject({ accepted: true });
  });
});

test('the bot is frozen by a link that leads nowhere, and where it cannot be seen whether it is', () => {
  const linked = mkdtempSync(join(tmpdir(), 'storagebot-frozen-'));
  symlinkSync(join(linked, 'nowhere'), join(linked, 'FROZEN'));
  expect(createKillSwitch(linked).state()?.reason).toContain('FROZEN is there (ENOENT');
  // A part of a path that is longer than any name: it cannot be looked at, and that is not the same as not being there.
  expect(createKillSwitch(join(linked, 'x'.repeat(300))).state()?.reason).toContain('FROZEN is there (ENAMETOOLONG');
  expect(createKillSwitch(mkdtempSync(join(linked, 'sound-'))).state()).toBeUndefined();
  rmSync(linked, { recursive: true });
});
