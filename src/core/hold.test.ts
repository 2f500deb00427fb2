import { describe, expect, it } from 'vitest';
import { allHolds, changes, conflict, showHold, uses } from './hold.ts';

describe('two holds', () => {
  const [used, changed] = [uses('export', '/mnt/main/immich'), changes('export', '/mnt/main/immich')];

  it('of one thing are at odds as soon as one of them changes it', () => {
    expect(conflict(used, used)).toBe(false);
    expect(conflict(used, changed)).toBe(true);
    expect(conflict(changed, used)).toBe(true);
    expect(conflict(changed, changed)).toBe(true);
  });

  it('of two things never are, even where only the kind tells them apart', () => {
    expect(conflict(changed, changes('export', '/mnt/main/immich/upload'))).toBe(false);
    expect(conflict(changes('pvc', 'immich/upload'), changes('workload', 'immich/upload'))).toBe(false);
  });

  it('are shown as a person says them', () => {
    expect(showHold(changed)).toBe('changes export /mnt/main/immich');
  });
});

describe('the holds of a plan', () => {
  it('name each thing once, in the strongest way that any step needs it', () => {
    const node = 'k8s-node2';
    const all = [uses('node', node), uses('nas', 'truenas'), changes('node', node), uses('node', node)];
    expect(allHolds(all)).toEqual([uses('nas', 'truenas'), changes('node', node)]);
  });

  it('come in the same order whatever the order of the steps, so that two runs cannot wait for each other', () => {
    const some = [changes('vm', '202'), uses('nas', 'truenas'), changes('node', 'k8s-node2'), uses('dataset', 'main/media')];
    expect(allHolds(some.toReversed())).toEqual(allHolds(some));
  });

  it('do not mistake a name that is like another kind and name for it', () => {
    expect(allHolds([uses('pv', 'c x'), uses('pvc', 'x'), uses('pv', 'x')])).toHaveLength(3);
  });
});
