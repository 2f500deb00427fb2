import { describe, expect, test } from 'vitest';
import { commandLine } from '../core/command.ts';
import { parseTasks, parseUpid, showUpid, taskSince, tasksOf } from './work-task.ts';

const HOST = { name: 'pve', sudo: false };
const vm = { vmid: 202, type: 'qmreset' } as const;
const FIRST = 'UPID:pve:000CFFFA:03E8EF53:619480BA:qmreset:202:root@pam:';
const SECOND = 'UPID:pve:000D1A2B:03E9AA00:61948F00:qmreset:202:root@pam:';

const task = (upid: string, status: string, more: object = {}) => ({
  id: '202',
  node: 'pve',
  pid: 851_962,
  pstart: 65_597_267,
  starttime: 1_637_122_234,
  type: 'qmreset',
  upid,
  user: 'root@pam',
  status,
  ...more,
});

function stateWith(tasks: readonly object[], known: readonly string[] = []) {
  const { parse } = taskSince(HOST, { ...vm, known });
  return parse({ exitCode: 0, stdout: JSON.stringify(tasks), stderr: '' });
}

test('a UPID tells what was done, to what, by whom and when', () => {
  expect(parseUpid(FIRST)).toEqual({
    upid: FIRST,
    node: 'pve',
    pid: 0xcfffa,
    startedMs: 1_637_122_234_000,
    type: 'qmreset',
    id: '202',
    user: 'root@pam',
  });
  expect(showUpid(parseUpid(FIRST))).toBe('qmreset of 202 by root@pam at 2021-11-17T04:10:34Z');
  expect(showUpid(parseUpid('UPID:pve-1:000CFC5C:103E8D0C3:6194806C:aptupdate::bot@pve!storage:'))).toBe(
    'aptupdate by bot@pve!storage at 2021-11-17T04:09:16Z',
  );
});

test.each([
  '',
  'UPID:pve:000CFFFA:03E8EF53:619480BA:qmreset:202:root@pam',
  'UPID:pve:CFFFA:03E8EF53:619480BA:qmreset:202:root@pam:',
  'UPID:pve:000CFFFA:03E8EF53:619480BA::202:root@pam:',
  'UPID:-pve:000CFFFA:03E8EF53:619480BA:qmreset:202:root@pam:',
  'UPID:pve:000CFFFA:03E8EF53:619480BA:qmreset:2 02:root@pam:',
  `${FIRST}\n`,
  `x${FIRST}`,
])('%j is no UPID', (upid) => {
  expect(() => parseUpid(upid)).toThrow('not a UPID');
});

describe('whether there was a task since', () => {
  test.each<[string, readonly object[], readonly string[], object]>([
    ['none at all', [], [], { is: 'absent' }],
    ['only the one that is known', [task(FIRST, 'OK', { endtime: 1 })], [FIRST], { is: 'absent' }],
    ['a new one that ended well', [task(SECOND, 'OK'), task(FIRST, 'OK')], [FIRST], { is: 'succeeded' }],
    ['a new one with warnings', [task(SECOND, 'WARNINGS: 2')], [FIRST], { is: 'succeeded' }],
    [
      'a new one that runs',
      [task(SECOND, 'RUNNING'), task(FIRST, 'OK')],
      [FIRST],
      { is: 'running', progress: 'qmreset of 202 by root@pam at 2021-11-17T05:11:28Z' },
    ],
    [
      'a new one that failed',
      [task(SECOND, 'VM 202 not running\u001b[2K')],
      [FIRST],
      { is: 'failed', says: 'qmreset of 202 by root@pam at 2021-11-17T05:11:28Z: VM 202 not running\uFFFD[2K' },
    ],
    ['one that failed and one that did not', [task(SECOND, 'unexpected status'), task(FIRST, 'OK')], [], { is: 'succeeded' }],
  ])('%s', (_name, tasks, known, state) => {
    expect(stateWith(tasks, known)).toEqual(state);
  });

  test.each<[string, unknown, string]>([
    ['a task of another machine', [task(FIRST.replace(':202:', ':203:'), 'OK')], 'not a qmreset of 202'],
    ['a task of another type', [task(FIRST.replace('qmreset', 'qmstart'), 'OK')], 'not a qmreset of 202'],
    ['a task without a status', [{ upid: FIRST }], 'status'],
    ['a status that is empty', [task(FIRST, '')], 'status'],
    ['a UPID of another form', [task('UPID:pve:1', 'OK')], 'not a UPID'],
    ['no list', { data: [] }, 'array'],
  ])('cannot be told from %s', (_name, document, why) => {
    expect(() => parseTasks(JSON.stringify(document), vm)).toThrow(why);
  });
});

test('the list of tasks is one question, whoever asks it', () => {
  const line = 'pvesh get /nodes/localhost/tasks --vmid 202 --typefilter qmreset --source all --limit 50 --output-format json';
  expect(commandLine(tasksOf(HOST, vm).command)).toBe(line);
  expect(commandLine(taskSince(HOST, { ...vm, known: [FIRST] }).command)).toBe(line);
});
