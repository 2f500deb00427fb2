import { expect, test } from 'vitest';
import { follow, type Get, upidOf } from './follow.ts';

const UPID = 'UPID:pve:000133AF:00133AF0:69CF8190:qmstop:203:storagebot@pve!change:';

/** Gives these states one after the other, then the log. */
function taskWith(...states: readonly object[]): { readonly get: Get; readonly asked: string[] } {
  const asked: string[] = [];
  const get: Get = async ({ path }) => {
    asked.push(path);
    if (path.endsWith('/log')) return [{ n: 1, t: 'stopping 203' }];
    return { upid: UPID, ...states[asked.length - 1] };
  };
  return { get, asked };
}

const now = { signal: new AbortController().signal, pollMs: 1 };

test('a task is asked until it has ended', async () => {
  const running = { status: 'running' };
  const { get, asked } = taskWith(running, running, { status: 'stopped', exitstatus: 'OK' });
  expect(await follow(UPID, get, now)).toEqual({ exitCode: 0, stdout: `"${UPID}"\n`, stderr: 'stopping 203\n' });
  const path = `/nodes/pve/tasks/${UPID}`;
  expect(asked).toEqual([`${path}/status`, `${path}/status`, `${path}/status`, `${path}/log`]);
});

test.each([
  ['WARNINGS: 1', 0],
  ['got timeout', 1],
  ['unexpected status', 1],
])('a task that ended with %j ends the command with exit code %i', async (exitstatus, exitCode) => {
  const { get } = taskWith({ status: 'stopped', exitstatus });
  expect(await follow(UPID, get, now)).toMatchObject({ exitCode });
});

test.each([{}, { status: 'stopped' }, { status: 'gone' }])('a state of no known form is no end: %j', async (state) => {
  await expect(follow(UPID, taskWith(state).get, now)).rejects.toThrow(/invalid|expected|Invalid/i);
});

test('a task that goes on is given up with the signal', async () => {
  const controller = new AbortController();
  const get: Get = async () => ({ upid: UPID, status: 'running' });
  const following = follow(UPID, get, { signal: controller.signal, pollMs: 10 });
  controller.abort(new Error('enough'));
  await expect(following).rejects.toThrow('aborted');
});

test.each([null, '', 'OK', 7])('a change that answers %j began no task', (data) => {
  expect(upidOf(data)).toBeUndefined();
});

test('what begins as a UPID and is none is not taken for the end of the change', () => {
  expect(() => upidOf('UPID:pve:what')).toThrow('not a UPID');
});
