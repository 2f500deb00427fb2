import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { entriesOf } from '../../test/fixtures/transcript.ts';
import { commandLine, show } from '../core/command.ts';
import { understand } from '../core/reading.ts';
import { parseUnitState, unitWork } from './work-unit.ts';

const HOST = { name: 'pve', sudo: false };
const entries = entriesOf(readFileSync(new URL('../../test/fixtures/systemd/transient-units.txt', import.meta.url), 'utf8'));

/** What systemd showed of this unit, the `nth` time that it was asked. */
function shown(name: string, nth = 0): string {
  const found = entries.filter(({ command }) => command.startsWith(`systemctl --user show storagebot-${name}.service `))[nth];
  if (found === undefined) throw new Error(`not recorded: ${name}`);
  return found.printed;
}

function started(argv: readonly [string, ...string[]], sudo = false) {
  return unitWork({ ...HOST, sudo }, { name: 'storagebot-1-a', argv, deadlineS: 600, risk: 'high' });
}

describe('the state that a real systemd shows', () => {
  test.each([
    ['absent', 0, { is: 'absent' }],
    ['well', 0, { is: 'succeeded' }],
    ['well', 1, { is: 'absent' }],
    ['fails', 0, { is: 'failed', says: 'It ended with exit code 3.' }],
    ['fails', 1, { is: 'failed', says: 'It ended with exit code 3.' }],
    ['unrunnable', 0, { is: 'failed', says: 'The program could not be run (203/EXEC).' }],
    ['missing', 0, { is: 'absent' }],
    ['terminated', 0, { is: 'failed', says: 'Signal 15 ended it.' }],
    ['killed', 0, { is: 'failed', says: 'Signal 9 ended it.' }],
    ['late', 0, { is: 'failed', says: expect.stringContaining('its time was up') }],
    ['told', 0, { is: 'running', progress: 'running since Sun 2026-11-22 21:11:11 UTC: 40 % of 12 GiB' }],
    ['hostile', 0, { is: 'running', progress: 'running since Sun 2026-11-22 21:11:12 UTC: a\uFFFD[2K\uFFFDb' }],
    ['told', 1, { is: 'absent' }],
    ['stubborn', 0, { is: 'running', progress: 'is being stopped' }],
    ['stubborn', 1, { is: 'failed', says: expect.stringContaining('did not stop') }],
  ])('%s, look %i', (name, nth, state) => {
    expect(parseUnitState(shown(name, nth))).toEqual(state);
  });
});

describe('a state that tells neither that the work goes on nor how it ended is "could not look"', () => {
  const ended = shown('well');
  test.each([
    ['a unit that was never begun, and is not queued', shown('absent').replace('not-found', 'loaded'), 'inactive (dead)'],
    ['a masked unit', shown('absent').replace('not-found', 'masked'), 'masked and inactive'],
    ['a file that cannot be read', ended.replace('LoadState=loaded', 'LoadState=bad-setting'), 'bad-setting and active'],
    [
      'work of an unloaded unit that goes on',
      shown('told').replace('LoadState=loaded', 'LoadState=not-found'),
      'not-found and active',
    ],
    ['a state of a later systemd', ended.replace('SubState=exited', 'SubState=refreshing'), 'active (refreshing)'],
    ['a result that contradicts the state', ended.replace('Result=success', 'Result=exit-code'), 'its result is exit-code'],
    ['a property that is missing', ended.replace(/^Result=.*\n/m, ''), 'Result'],
    ['a property that is there twice', `${ended}Result=success\n`, 'twice'],
    ['nothing', '', 'LoadState'],
  ])('%s', (_name, text, why) => {
    expect(() => parseUnitState(text)).toThrow(why);
  });
});

test('work that is queued or being started is not absent', () => {
  const queued = shown('absent').replace('not-found', 'loaded').replace('Job=', 'Job=168');
  expect(parseUnitState(queued)).toEqual({ is: 'running', progress: 'waits to be started' });
  const starts = shown('told')
    .replace('ActiveState=active', 'ActiveState=activating')
    .replace('SubState=running', 'SubState=start');
  expect(parseUnitState(starts)).toEqual({ is: 'running', progress: 'is being started' });
});

test.each([
  ['oom-kill', 'The kernel ended it because the memory was used up.'],
  ['core-dump', 'Signal 9 ended it.'],
  ['start-limit-hit', 'systemd calls it failed: start-limit-hit.'],
])('%s is told in words', (result, says) => {
  expect(parseUnitState(shown('killed').replace('Result=signal', `Result=${result}`))).toEqual({ is: 'failed', says });
});

test('what the work says of itself is cut, and no letter in two', () => {
  const state = parseUnitState(shown('told').replace('40 % of 12 GiB', '💾'.repeat(300)));
  expect(state).toMatchObject({ is: 'running', progress: expect.stringMatching(/: (💾){100}…$/u) });
});

test('a unit is started, watched and stopped under its name', () => {
  const { change, work } = started(['rsync', '--archive', '/mnt/main/a/', '/mnt/main/b/'], true);
  const properties = 'Type=exec RemainAfterExit=yes RuntimeMaxSec=600 TimeoutStopSec=60 NotifyAccess=all'
    .split(' ')
    .map((property) => `--property=${property}`);
  expect(show(change.command)).toBe(
    `pve$ sudo --non-interactive systemd-run --no-block --unit=storagebot-1-a.service ${properties.join(' ')} -- rsync --archive /mnt/main/a/ /mnt/main/b/`,
  );
  expect(change.risk).toBe('high');
  expect(show(work.state.command)).toBe(
    'pve$ timeout -k 1 4 systemctl show storagebot-1-a.service --property=LoadState,ActiveState,SubState,Result,ExecMainCode,ExecMainStatus,ExecMainStartTimestamp,StatusText,Job',
  );
  expect(show(work.stop.command)).toBe('pve$ sudo --non-interactive systemctl stop storagebot-1-a.service');
  expect(work.stop.command.timeoutMs).toBeGreaterThan(60_000);
});

test('the lines are those that were recorded, but for the user manager', () => {
  const { change } = unitWork(HOST, { name: 'storagebot-well', argv: ['/bin/true'], deadlineS: 600, risk: 'high' });
  const recorded = entries.map(({ command }) => command.replace(' --user', ''));
  expect(recorded).toContain(commandLine(change.command));
  const { work } = unitWork(HOST, { name: 'storagebot-told', argv: ['true'], deadlineS: 1, risk: 'high' });
  expect(recorded).toContain(commandLine(work.state.command).replace('timeout -k 1 4 ', ''));
  expect(recorded).toContain(commandLine(work.stop.command));
});

test('systemd puts no variable into an argument, which was seen to arrive as it is', () => {
  const { change } = unitWork(HOST, {
    name: 'storagebot-dollars',
    argv: ['bash', '-c', 'printf "%s|" "$@" > /run/arguments', 'sh', '$HOME', '${HOME}', '100 %n', 'it is \\n'],
    deadlineS: 600,
    risk: 'high',
  });
  const recorded = entries.map(({ command }) => command.replace(' --user', ''));
  expect(recorded).toContain(commandLine(change.command));
  expect(entries.find(({ command }) => command === 'cat /run/arguments')?.printed).toContain('$HOME|${HOME}|100 %n|it is \\n|');
});

test('a program that begins with a dash is no option of systemd-run', () => {
  expect(commandLine(started(['--user']).change.command)).toMatch(/ -- --user$/);
});

test('a second start under the same name was refused by systemd', () => {
  const [first, second] = entries.filter(({ command }) => command.includes('--unit=storagebot-well.service'));
  expect([first?.exitCode, second?.exitCode]).toEqual([0, 1]);
  expect(second?.printed).toContain('was already loaded or has a fragment file');
});

test('an exit code of systemctl other than 0 is "could not look"', () => {
  const { state } = started(['true']).work;
  const outcome = { exitCode: 1, stdout: '', stderr: 'Failed to connect to bus: Host is down\n' };
  expect(understand(state, outcome)).toMatchObject({ known: false, why: { failed: 'unexpected-exit' } });
});
