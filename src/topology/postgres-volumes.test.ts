import { describe, expect, test } from 'vitest';
import { DATABASES } from '../../test/lab/site/databases/settings.ts';
import { isVolumeOf } from './postgres-volumes.ts';

const isOwn = (name: string, namespace = 'dbaas') => isVolumeOf(DATABASES.postgres, { claimRef: { namespace, name } });

describe('a volume that names a claim is of the cluster', () => {
  test.each([
    'pg-cluster-1',
    'pg-cluster-12',
    'pg-cluster-1-wal',
    'pg-cluster-2-tbs-archive',
    'pg-cluster-2-tbs-2024',
    'pg-cluster-2-tbs--old',
  ])('for %s', (name) => expect(isOwn(name)).toBe(true));

  test.each([
    'pg-cluster',
    'pg-cluster-',
    'pg-cluster-2-1',
    'pg-cluster-2-1-wal',
    'pg-cluster-old',
    'my-pg-cluster-1',
    'pg-cluster-1-tbs-',
  ])('not for %s', (name) => expect(isOwn(name)).toBe(false));

  test('not for a claim of this name in another namespace, or for none', () => {
    expect([isOwn('pg-cluster-1', 'immich'), isVolumeOf(DATABASES.postgres, {})]).toEqual([false, false]);
  });
});
