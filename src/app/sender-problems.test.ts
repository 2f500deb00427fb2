import { expect, test } from 'vitest';
import { createSenderProblems } from './sender-problems.ts';

const HOUR_MS = 3_600_000;

function stand(say: (says: string) => Promise<void> = async () => undefined) {
  const site = { now: 0 };
  const logged: string[] = [];
  const log = {
    error: (_fields: object, says?: string) => void logged.push(says ?? ''),
    warn: (fields: object) => void logged.push(JSON.stringify(fields)),
  };
  const said: string[] = [];
  const problems = createSenderProblems({
    say: async (says) => (said.push(says), say(says)),
    clean: (text) => text.replaceAll('hunter2', '***'),
    clock: () => site.now,
    log,
  });
  return { site, said, logged, ...problems };
}

test('what is wrong at a sender is said in Slack and shown until a day after it was told last', () => {
  const { site, said, tell, notices } = stand();
  tell('the token hunter2 is wrong');
  site.now += 24 * HOUR_MS;
  tell('the token hunter2 is wrong');
  expect(said).toEqual(['the token *** is wrong', 'the token *** is wrong']);
  site.now += 24 * HOUR_MS;
  expect(notices()).toEqual(['the token *** is wrong']);
  site.now += HOUR_MS;
  expect(notices()).toEqual([]);
});

test('what Slack does not show is in the log', async () => {
  const { logged, tell, notices } = stand(async () => Promise.reject(new Error('Slack is down')));
  tell('too large');
  await expect.poll(() => logged).toEqual(['too large', '{"reason":"Slack is down"}']);
  expect(notices()).toEqual(['too large']);
});
