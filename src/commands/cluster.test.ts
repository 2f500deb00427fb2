import { expect, test } from 'vitest';
import { show } from '../core/command.ts';
import { eventsOf, Pod } from './cluster.ts';
import { deletePod } from './cluster-changes.ts';

const SEEN = { firstTimestamp: null, lastTimestamp: null, eventTime: null, metadata: {} };

/** When the one event of a namespace was seen last. */
function lastSeen(times: object): number | undefined {
  const event = { involvedObject: {}, ...SEEN, ...times };
  const [read] = eventsOf('immich').parse({ exitCode: 0, stdout: JSON.stringify({ items: [event] }), stderr: '' });
  return read?.lastSeen;
}

test('an event was seen last when the most telling of its times says', () => {
  const at = (second: number) => `1970-01-01T00:00:0${second}Z`;
  const all = {
    metadata: { creationTimestamp: at(1) },
    firstTimestamp: at(2),
    eventTime: '1970-01-01T00:00:03.500000Z',
    series: { count: 2, lastObservedTime: '1970-01-01T00:00:04.000000Z' },
    lastTimestamp: at(5),
  };
  const { lastTimestamp, ...unstamped } = all;
  const { series, ...single } = unstamped;
  const { eventTime, ...old } = single;
  expect([all, unstamped, single, old, { metadata: all.metadata }, {}].map(lastSeen)).toEqual([5, 4, 3.5, 2, 1, undefined]);
  expect(() => lastSeen({ lastTimestamp: 'yesterday' })).toThrow('Invalid ISO datetime');
});

test('a pod has half a minute to end unless it says otherwise, and a deletion leaves that to it', () => {
  const pod = (spec: object) =>
    Pod.parse({ metadata: { name: 'a', namespace: 'b', uid: 'c' }, spec: { containers: [], ...spec } });
  expect(pod({}).gracePeriodS).toBe(30);
  expect(pod({ terminationGracePeriodSeconds: 0 }).gracePeriodS).toBe(0);
  expect(pod({ terminationGracePeriodSeconds: 1800 }).gracePeriodS).toBe(1800);
  expect(show(deletePod(pod({})).command)).not.toContain('gracePeriod');
});
