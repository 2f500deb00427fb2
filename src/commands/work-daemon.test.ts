import { execFileSync } from 'node:child_process';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, describe, expect, test, vi } from 'vitest';
import { show } from '../core/command.ts';
import { daemonWork, parseDaemonState, RUN_SCRIPT, START_SCRIPT, STATE_SCRIPT, STOP_SCRIPT } from './work-daemon.ts';

const HOST = { name: 'truenas', sudo: false };

describe('the state that the script prints', () => {
  test.each([
    ['absent\n', { is: 'absent' }],
    ['running 1775206800\n', { is: 'running', progress: 'running since 2026-04-03T09:00:00Z' }],
    ['ended 0\n', { is: 'succeeded' }],
    [
      'ended 1\ncannot receive: destination exists\n',
      { is: 'failed', says: 'It ended with exit code 1. cannot receive: destination exists' },
    ],
    ['ended 124\n', { is: 'failed', says: 'It was ended because its time was up.' }],
    ['ended 143\n', { is: 'failed', says: 'Signal 15 ended it.' }],
    ['lost\n', { is: 'failed', says: 'It was ended from outside, and left no exit code.' }],
  ])('%j', (text, state) => {
    expect(parseDaemonState(text)).toEqual(state);
  });

  test.each(['', 'starting\n', 'running\n', 'running soon\n', 'ended\n', 'ended well\n', 'absent or so\n'])(
    '%j tells nothing',
    (text) => {
      expect(() => parseDaemonState(text)).toThrow('not a state of work');
    },
  );
});

test('the work is started, watched and stopped under its name', () => {
  const { change, work } = daemonWork(HOST, { name: 'storagebot-1-a', argv: ['sleep', '60'], deadlineS: 600, risk: 'high' });
  expect(show(change.command)).toBe(
    `truenas$ sh -c '${START_SCRIPT}' storagebot /var/run/storagebot-1-a '${RUN_SCRIPT}' 600 -- sleep 60`,
  );
  expect(change.risk).toBe('high');
  expect(show(work.state.command)).toBe(`truenas$ timeout -k 1 4 sh -c '${STATE_SCRIPT}' storagebot /var/run/storagebot-1-a`);
  expect(show(work.stop.command)).toBe(`truenas$ sh -c '${STOP_SCRIPT}' storagebot /var/run/storagebot-1-a`);
  expect(work).toMatchObject({ name: 'storagebot-1-a', outlivesTarget: false });
});

describe('a real shell', () => {
  const root = mkdtempSync(join(tmpdir(), 'storagebot-daemon-'));
  afterAll(() => rmSync(root, { recursive: true, force: true }));
  // Of daemon(8): its session is a new one, nothing of it is connected, and it does not wait.
  writeFileSync(join(root, 'daemon'), '#!/bin/sh\nshift\nsetsid "$@" < /dev/null > /dev/null 2>&1 &\n');
  chmodSync(join(root, 'daemon'), 0o755);
  const env = { ...process.env, PATH: `${root}:${process.env['PATH']}` };
  const script = (text: string, ...args: string[]) =>
    execFileSync('/bin/sh', ['-c', text, 'storagebot', ...args], { env, encoding: 'utf8', stdio: 'pipe' });
  const start = (name: string, limit: string, ...argv: string[]) =>
    script(START_SCRIPT, join(root, name), RUN_SCRIPT, limit, '--', ...argv);
  const stateOf = (name: string) => parseDaemonState(script(STATE_SCRIPT, join(root, name)));
  const ended = async (name: string) => {
    for (let looks = 0; looks < 400; looks += 1) {
      const told = script(STATE_SCRIPT, join(root, name));
      if (!/^(starting|running)/.test(told)) return parseDaemonState(told);
      await sleep(50);
    }
    throw new Error(`${name} did not end`);
  };

  test('runs the work with its arguments as they are, and tells that it ended well', async () => {
    expect(stateOf('well')).toEqual({ is: 'absent' });
    const told = join(root, 'told');
    start('well', '60', 'sh', '-c', 'printf "%s|" "$@" > "$0"', told, "it's", '$HOME', 'two  blanks');
    expect(await ended('well')).toEqual({ is: 'succeeded' });
    expect(execFileSync('cat', [told], { encoding: 'utf8' })).toBe("it's|$HOME|two  blanks|");
  });

  test('tells work that fails, with its exit code and last words', async () => {
    start('fails', '60', 'sh', '-c', 'echo first; echo cannot receive >&2; exit 3');
    expect(await ended('fails')).toEqual({ is: 'failed', says: 'It ended with exit code 3. cannot receive' });
  });

  test('ends work whose time is up', async () => {
    start('late', '1', 'sleep', '60');
    expect(await ended('late')).toEqual({ is: 'failed', says: 'It was ended because its time was up.' });
  });

  test('shows work that goes on, refuses to start it twice, and stops it', async () => {
    start('long', '60', 'sleep', '60');
    await vi.waitFor(() => expect(stateOf('long')).toMatchObject({ is: 'running' }), { timeout: 20_000, interval: 100 });
    expect(stateOf('long')).toMatchObject({ is: 'running', progress: expect.stringMatching(/^running since 20/) });
    expect(() => start('long', '60', 'sleep', '60')).toThrow(/File exists/);
    script(STOP_SCRIPT, join(root, 'long'));
    expect(await ended('long')).toMatchObject({ is: 'failed', says: expect.stringMatching(/^Signal 15/) });
    expect(script(STOP_SCRIPT, join(root, 'long'))).toBe('');
  });

  test('does not take a process of the same number for the work', async () => {
    start('gone', '60', 'true');
    await ended('gone');
    rmSync(join(root, 'gone', 'exit'));
    writeFileSync(join(root, 'gone', 'pid'), `${process.pid}\n`);
    expect(stateOf('gone')).toMatchObject({ is: 'failed', says: expect.stringContaining('no exit code') });
  });
});
