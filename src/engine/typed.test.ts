import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { canariesIn } from '../../test/system/canaries.ts';
import { createClean } from '../redaction/index.ts';
import { approver, operator, origin, policy, secondApprover } from './fixtures/harness.ts';
import { start } from './fixtures/running.ts';
import { createWorld } from './fixtures/switches.ts';

const canaries = [
  { name: 'a token', secret: 'hvs.CANARYcanary0123456789' },
  { name: 'a secret of the bot', secret: 'seven green bottles' },
];
const said = `see ${canaries.map(({ secret }) => secret).join(' or ')}`;
const destructive = { ...policy.tiers.normal, count: 2 };
const options = {
  clean: createClean(() => ['seven green bottles']),
  policy: { ...policy, tiers: { ...policy.tiers, destructive } },
};

/** Every file of the state, and these words. */
function found(directory: string, ...words: unknown[]): readonly string[] {
  const files = readdirSync(directory).map((name) => ({ name, content: readFileSync(join(directory, name)) }));
  return canariesIn([...files, { name: 'an answer', content: JSON.stringify(words) }], canaries);
}

describe('a secret that somebody types', () => {
  test.each(canaries)('refuses the whole request, before anything of it is kept: $name', async ({ secret }) => {
    const { engine, store, directory } = await start(createWorld({ a: 'off' }), options);
    const words = [...secret.split(' '), 'a'];
    const asked = engine.start({ runbook: 'switches', arguments: words, requester: operator, origin });
    await expect(asked).rejects.toMatchObject({ code: 'bad-request', message: expect.stringContaining('looks like a secret') });
    expect(store.unfinished()).toEqual([]);
    expect(found(directory, await asked.catch(String))).toEqual([]);
  });

  test('to confirm a destructive change is neither kept nor repeated', async () => {
    const { ask, decide, directory } = await start(createWorld({ a: 'off' }), options);
    const view = await ask('a:destructive');
    const answer = await decide(view, approver, { typed: said });
    expect(answer).toMatchObject({ accepted: false, says: expect.stringContaining('type exactly: /srv/a') });
    expect(found(directory, answer)).toEqual([]);
  });

  test('as a reason or in a name is taken out, and the word counts', async () => {
    const { ask, decide, engine, directory } = await start(createWorld({ a: 'off', b: 'off' }), options);
    const actor = { ...secondApprover, name: said };
    const [denied, cancelled] = [await ask('a'), await ask('b')];
    const answers = [
      await decide(denied, actor, { verdict: 'deny', reason: said }),
      await engine.cancel({ run: cancelled.id, actor, reason: said }),
      await engine.freeze({ actor, reason: said }),
      engine.frozen(),
      await engine.unfreeze({ actor, reason: said }),
      await engine.settled(denied.id),
    ];
    expect(answers.map((answer) => answer && 'accepted' in answer && answer.accepted)).toEqual([
      true,
      true,
      true,
      false,
      true,
      false,
    ]);
    expect(found(directory, ...answers)).toEqual([]);
  });

  test('into the file of the freeze is not repeated to anybody', async () => {
    const { engine, directory } = await start(createWorld({}), options);
    writeFileSync(join(directory, 'FROZEN'), JSON.stringify({ actor: { id: 'cli:x', name: said }, reason: said, at: 1 }));
    expect(engine.frozen()).toMatchObject({ reason: 'see [secret] or [secret]' });
    const words = JSON.stringify([engine.frozen(), engine.obstacles()]);
    expect(canariesIn([{ name: 'the words', content: words }], canaries)).toEqual([]);
  });
});
