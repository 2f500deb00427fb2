import { describe, expect, test } from 'vitest';
import { show } from '../core/command.ts';
import { copyClaim, copyJobs, copyTold } from './copy-jobs.ts';

const jobs = copyJobs({ namespace: 'ebooks', source: 'old', target: 'new' });
const told = copyTold('ebooks', 'storagebot-1-2-copy');
const printed = (items: readonly unknown[]) => ({ exitCode: 0, stdout: JSON.stringify({ items }), stderr: '' });

function job(name: string, createdAt: string, { source = 'old', type = 'Complete', script = 'migrate-copy' } = {}) {
  const container = {
    command: ['/bin/bash', '-euo', 'pipefail', '-c', 'text', script, '/source', '/target', 'fresh', '1', '/dev/termination-log'],
    env: [{ name: 'STOPPED', value: 'Deployment ebooks/calibre 4' }],
    volumeMounts: [
      { name: 'a', mountPath: '/source' },
      { name: 'b', mountPath: '/target' },
    ],
  };
  const volumes = [
    { name: 'a', persistentVolumeClaim: { claimName: source } },
    { name: 'b', persistentVolumeClaim: { claimName: 'new' } },
  ];
  const ended = { type, status: 'True', lastTransitionTime: '2026-04-04T00:00:00Z' };
  const status = type === '' ? {} : { conditions: [{ type: 'FailureTarget', status: 'True' }, ended] };
  return {
    metadata: { name, creationTimestamp: createdAt },
    spec: { template: { spec: { containers: [container], volumes } } },
    status,
  };
}

describe('the Jobs of a copy', () => {
  test('are those between these claims, the last first, with how each ended and for whom', () => {
    const items = [
      job('first', '2026-04-01T00:00:00Z', { type: 'Failed' }),
      job('last', '2026-04-03T00:00:00Z', { type: '' }),
      job('second', '2026-04-02T00:00:00Z'),
      job('other claim', '2026-04-03T00:00:00Z', { source: 'else' }),
      job('other script', '2026-04-03T00:00:00Z', { script: 'sqlite-restore' }),
    ];
    expect(jobs.parse(printed(items)).map(({ name, state, stopped }) => [name, state, stopped])).toEqual([
      ['last', 'running', 'Deployment ebooks/calibre 4'],
      ['second', 'complete', 'Deployment ebooks/calibre 4'],
      ['first', 'failed', 'Deployment ebooks/calibre 4'],
    ]);
  });

  test('that failed say when', () => {
    const items = [job('failed', '2026-04-01T00:00:00Z', { type: 'Failed' }), job('complete', '2026-03-31T00:00:00Z')];
    expect(jobs.parse(printed(items)).map(({ failedAt }) => failedAt)).toEqual(['2026-04-04T00:00:00Z', undefined]);
  });

  test('that do not parse are "could not look"', () => {
    expect(() => jobs.parse(printed([{ metadata: {} }]))).toThrow('name');
  });
});

describe('a copy', () => {
  const copy = {
    namespace: 'ebooks',
    name: 'storagebot-3-2-copy',
    deadlineS: 60,
    image: 'tools',
    source: 'old',
    sourceUid: 'u-old',
    target: 'new',
    hashedBytes: 7,
    stopped: '',
  };
  const argsOf = (failed: Parameters<typeof copyClaim>[0]['failed']) => {
    const line = show(copyClaim({ ...copy, failed }).change.command);
    return (/"migrate-copy",(.*?)\]/.exec(line)?.[1] ?? '').split(',').map((word) => JSON.parse(word));
  };

  test('is told its own mark, and those of the ones that failed with when the last of them had ended for good', () => {
    const own = ['/source', '/target', '7', '/dev/termination-log', 'storagebot-3-2-copy of u-old'];
    expect(argsOf([])).toEqual([...own, '0']);
    const failed = [
      { name: 'storagebot-2-2-copy', failedAt: '2026-04-03T08:40:30Z' },
      { name: 'storagebot-1-2-copy', failedAt: '2026-04-02T08:40:30Z' },
    ];
    const at = `${Date.UTC(2026, 3, 3, 8, 42, 30) / 1_000}`;
    expect(argsOf(failed)).toEqual([...own, at, 'storagebot-2-2-copy of u-old', 'storagebot-1-2-copy of u-old']);
  });
});

const pod = (exitCode: number, message: string) => ({
  status: { containerStatuses: [{ state: { terminated: { exitCode, message } } }] },
});
const result = (files: number, copied = files) =>
  `{"source":[${files},12,0,0,${files},7],"copy":[${copied},12,0,0,${copied},7],"hashed":1,"databases":1,"unchecked":0,"attributes":"copied"}`;

describe('what a copy told', () => {
  test('has the counts of both sides', () => {
    const counts = { files: 2_380, directories: 12, links: 0, specials: 0, inodes: 2_380, bytes: 7 };
    expect(told.parse(printed([pod(0, result(2_380))]))).toEqual({
      is: 'complete',
      copied: { source: counts, copy: counts, hashed: 1, databases: 1, unchecked: 0, attributes: 'copied' },
    });
  });

  test.each([
    ['0 = 0', result(0), 'no complete copy'],
    ['2380 = 2379', result(2_380, 2_379), 'no complete copy'],
    ['nothing', '', 'JSON'],
    ['another form', '{"files":3}', 'source'],
  ])('of %s is not understood as a copy', (_what, message, why) => {
    expect(() => told.parse(printed([pod(0, message)]))).toThrow(why);
  });

  test('is the last line where it failed, and nothing where its pod is gone or runs', () => {
    expect(told.parse(printed([pod(1, 'rsync: x\nrsync could not copy all\n')]))).toEqual({
      is: 'failed',
      says: 'rsync could not copy all',
    });
    expect(told.parse(printed([]))).toEqual({ is: 'gone' });
    expect(told.parse(printed([{ status: {} }]))).toEqual({ is: 'gone' });
  });
});
