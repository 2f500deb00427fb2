import { beforeEach, expect, test } from 'vitest';
import type { Targets } from '../core/ports.ts';
import { createAlertmanagerLooks } from './alertmanager-looks.ts';

const START = Date.UTC(2026, 3, 3, 2);

let now: number;
let asked: number;
let answers: boolean;

beforeEach(() => {
  [now, asked, answers] = [START, 0, true];
});

const targets: Pick<Targets, 'read'> = {
  read: async () => {
    asked += 1;
    return answers
      ? { exitCode: 0, stdout: '[]', stderr: '' }
      : { failed: 'unreachable', says: 'Nothing answers.', toDo: 'Look there.' };
  },
};

function looks() {
  return createAlertmanagerLooks({ targets, clock: () => now });
}

test('all who look within half a minute share one question, also while it is not answered yet', async () => {
  const { recent } = looks();
  await Promise.all([recent(), recent()]);
  now += 29_999;
  await recent();
  expect(asked).toBe(1);
  now += 1;
  await recent();
  expect(asked).toBe(2);
});

test('who must know it as it is now asks anew, and what was answered then is the latest for all', async () => {
  const { recent, now: anew } = looks();
  await recent();
  now += 20_000;
  await anew();
  now += 20_000;
  await recent();
  expect(asked).toBe(2);
});

test('a question that was not answered is asked again by the next, and each is told why', async () => {
  const { recent } = looks();
  answers = false;
  await expect(recent()).rejects.toThrow('Nothing answers. Look there.');
  answers = true;
  expect(await recent()).toEqual([]);
  expect(asked).toBe(2);
});

test('a clock that was set back makes no answer last longer', async () => {
  const { recent } = looks();
  await recent();
  now -= 3_600_000;
  await recent();
  expect(asked).toBe(2);
});

test('an Alertmanager that has not answered for two minutes says nothing of what is true now, until it answers', async () => {
  const { now: ask, answering } = looks();
  expect(answering()).toBe(true);
  answers = false;
  for (let minute = 0; minute < 2; minute += 1) {
    await expect(ask()).rejects.toThrow('Nothing answers.');
    expect(answering()).toBe(true);
    now += 60_000;
  }
  expect(answering()).toBe(false);
  answers = true;
  await ask();
  expect(answering()).toBe(true);
});
