import { describe, expect, test } from 'vitest';
import migratePvc from '../../runbooks/migrate-pvc/index.ts';
import type { World } from '../lab/site/index.ts';
import { addVolume, addWorkload } from '../lab/site/populate.ts';
import { codesOf, lookAt, worldIn } from './world.ts';

const ID = 'uptime-kuma/uptime-kuma-data';

const look = (world: World) => lookAt(world, { runbook: migratePvc, words: [ID, 'proxmox-lvm'] });

function offered(change: (world: World) => void): World {
  const world = worldIn('migrate-offered');
  change(world);
  return world;
}

describe('the directory under a claim', () => {
  const reached = (path: string) =>
    offered((each) => {
      addVolume(each, { namespace: 'monitoring', name: 'other-files', path });
      addWorkload(each, {
        namespace: 'monitoring',
        kind: 'Deployment',
        name: 'other',
        nodes: ['k8s-node2'],
        claims: ['other-files'],
      });
    });

  test.each(['/mnt/main/uptime-kuma', '/mnt/main/uptime-kuma/upload', '/mnt/main'])(
    'is not that of one user where another reaches %s through a volume of its own',
    async (path) => expect(codesOf(await look(reached(path)))).toEqual([`not-one-user ${ID}`]),
  );

  test('is that of one user where another has one beside it whose name begins alike', async () => {
    expect(codesOf(await look(reached('/mnt/main/uptime-kuma-old')))).toEqual([`not-migrated ${ID}`]);
  });

  test('is not that of one user where a pod of nobody mounts it without a claim', async () => {
    const world = offered(({ store }) => {
      const volumes = [{ name: 'all', nfs: { server: '10.0.10.15', path: '/mnt/main/uptime-kuma' } }];
      const metadata = { name: 'rescue', namespace: 'default', uid: 'u-rescue' };
      store.create({
        apiVersion: 'v1',
        kind: 'Pod',
        metadata,
        spec: { volumes, containers: [{ name: 'sh' }] },
        status: { phase: 'Running' },
      });
    });
    expect(codesOf(await look(world))).toEqual([`not-one-user ${ID}`]);
  });
});

test('an autoscaler of another workload is no matter', async () => {
  const world = offered(({ store }) => {
    const spec = { scaleTargetRef: { kind: 'Deployment', name: 'uptime-kuma' }, maxReplicas: 3 };
    const metadata = { name: 'elsewhere', namespace: 'monitoring', uid: 'u-hpa' };
    store.create({ apiVersion: 'autoscaling/v2', kind: 'HorizontalPodAutoscaler', metadata, spec });
  });
  expect(codesOf(await look(world))).toEqual([`not-migrated ${ID}`]);
});
