import { expect, test } from 'vitest';
import { show } from '../core/command.ts';
import { deletePod } from './cluster-changes.ts';
import { Pod } from './cluster-objects.ts';

test('a pod has half a minute to end unless it says otherwise, and a deletion leaves that to it', () => {
  const pod = (spec: object) =>
    Pod.parse({ metadata: { name: 'a', namespace: 'b', uid: 'c' }, spec: { containers: [], ...spec } });
  expect(pod({}).gracePeriodS).toBe(30);
  expect(pod({ terminationGracePeriodSeconds: 0 }).gracePeriodS).toBe(0);
  expect(pod({ terminationGracePeriodSeconds: 1800 }).gracePeriodS).toBe(1800);
  expect(show(deletePod(pod({})).command)).not.toContain('gracePeriod');
});
