import { describe, expect, test } from 'vitest';
import { parseClaimUsage, parseFigure, samplesOf } from './prometheus.ts';

const labels = { namespace: 'dbaas', persistentvolumeclaim: 'pg-cluster-1' };

function output(result: readonly (readonly [metric: Record<string, string>, value: string])[], stderr = '') {
  const data = { resultType: 'vector', result: result.map(([metric, value]) => ({ metric, value: [1_775_206_800, value] })) };
  return { exitCode: 0, stdout: JSON.stringify(data), stderr };
}

function usage(name: string, value: string, metric: Record<string, string> = labels) {
  return [{ __name__: `kubelet_volume_stats_${name}`, ...metric }, value] as const;
}

describe('figures of claims', () => {
  test('are put together by claim', () => {
    const files = [usage('inodes', '1310720'), usage('inodes_used', '4107')];
    const all = output([usage('available_bytes', '1.3194e+10'), ...files, usage('capacity_bytes', '20957446144')]);
    expect(parseClaimUsage(all)).toEqual([
      {
        namespace: 'dbaas',
        claim: 'pg-cluster-1',
        capacityBytes: 20_957_446_144,
        availableBytes: 13_194_000_000,
        inodes: 1_310_720,
        inodesUsed: 4_107,
      },
    ]);
  });

  test('need no inodes: btrfs and some drivers count none', () => {
    const all = output([
      usage('available_bytes', '1'),
      usage('capacity_bytes', '2'),
      usage('inodes', '0'),
      usage('inodes_used', '0'),
    ]);
    expect(parseClaimUsage(all)).toEqual([{ namespace: 'dbaas', claim: 'pg-cluster-1', capacityBytes: 2, availableBytes: 1 }]);
  });

  test.each([
    ['nothing at all', 'measures no claim', output([])],
    ['a size and no free space', 'no free space and size', output([usage('capacity_bytes', '2')])],
    ['a size of 0', 'no free space and size', output([usage('capacity_bytes', '0'), usage('available_bytes', '0')])],
    ['a figure that was not asked for', 'not asked for', output([usage('used_bytes', '2')])],
    ['a figure of no claim', 'of no claim', output([usage('capacity_bytes', '2', { namespace: 'dbaas' })])],
    ['a value that is none', 'no finite number', output([usage('available_bytes', 'NaN'), usage('capacity_bytes', '2')])],
    ['a value without end', 'no finite number', output([usage('available_bytes', '+Inf'), usage('capacity_bytes', '2')])],
    [
      'an answer that may not be whole',
      'may not be whole',
      output([usage('capacity_bytes', '2'), usage('available_bytes', '1')], 'warning: store down\n'),
    ],
    ['a range', 'vector', { exitCode: 0, stdout: '{"resultType":"matrix","result":[]}', stderr: '' }],
    ['no answer', 'JSON', { exitCode: 0, stdout: '', stderr: '' }],
  ])('are unreadable with %s', (_what, says, seen) => {
    expect(() => parseClaimUsage(seen)).toThrow(says);
  });
});

test('an empty answer to a question for one figure is none, and two figures are no answer', () => {
  expect(parseFigure(output([]))).toBeUndefined();
  expect(parseFigure(output([[{}, '-5.8e-07']]))).toBe(-5.8e-7);
  expect(() =>
    parseFigure(
      output([
        [{ job: 'a' }, '1'],
        [{ job: 'b' }, '2'],
      ]),
    ),
  ).toThrow('one figure');
});

test('what Prometheus only remarks does not make its answer less', () => {
  expect(samplesOf(output([[{}, '1']], 'info: metric might not be a counter\n'))).toHaveLength(1);
});
