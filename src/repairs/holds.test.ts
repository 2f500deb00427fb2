import { describe, expect, it } from 'vitest';
import { changes, uses } from '../core/hold.ts';
import { changesExport, usesClaim, usesDatasetOf, usesExport, workloadOf } from './holds.ts';

const pod = { namespace: 'immich', name: 'immich-server-f5hbc2q5m8-jznbp' };

describe('a pod is held as the workload that makes its successor', () => {
  it.each([
    ['of a Deployment', { kind: 'ReplicaSet', name: 'immich-server-f5hbc2q5m8' }, 'immich/immich-server'],
    ['of a ReplicaSet whose name has no hash', { kind: 'ReplicaSet', name: 'immich-server' }, 'immich/immich-server'],
    ['of a StatefulSet', { kind: 'StatefulSet', name: 'immich-bcdfg' }, 'immich/immich-bcdfg'],
    ['of a Job', { kind: 'Job', name: 'backup-29381760' }, 'immich/backup-29381760'],
    ['of nobody', undefined, 'immich/immich-server-f5hbc2q5m8-jznbp'],
  ])('%s', (_, owner, name) => {
    expect(workloadOf({ ...pod, owner })).toBe(name);
  });
});

it('a path is one export, whether or not its volume names it with a slash at the end', () => {
  expect(usesExport('/mnt/main/immich/')).toEqual(usesExport('/mnt/main/immich'));
  expect(changesExport('/')).toEqual(changes('export', '/'));
});

it('a path uses the dataset that holds it and its pool, and neither on a server without ZFS', () => {
  const dataset = { name: 'ssd/immich', mounted: true, mountPoint: '/mnt/ssd/immich', canMount: 'on' } as const;
  expect(usesDatasetOf([dataset], '/mnt/ssd/immich/thumbs')).toEqual([uses('dataset', 'ssd/immich'), uses('pool', 'ssd')]);
  expect(usesDatasetOf([], '/mnt/ssd/immich/thumbs')).toEqual([]);
});

it('a volume is used through its claim and its persistent volume; an inline one has neither', () => {
  const claim = { namespace: 'immich', name: 'upload', persistentVolume: 'immich-upload', backing: { inline: false } };
  expect(usesClaim(claim)).toEqual([uses('pvc', 'immich/upload'), uses('pv', 'immich-upload')]);
  expect(usesClaim({ namespace: 'frigate', name: 'media', backing: { inline: true } })).toEqual([]);
});
