import { describe, expect, it } from 'vitest';
import { scenarioNamed } from '../../test/lab/scenarios/index.ts';
import { labTargets, worldOf } from '../../test/lab/site/index.ts';
import { Refusal } from '../core/errors.ts';
import { readerOver } from '../core/reading.ts';
import type { Cluster, Workload } from './cluster.ts';
import { lookAtCluster } from './cluster-look.ts';
import { nearest, resolveService } from './service.ts';
import { isNfs } from './volumes.ts';

async function siteCluster(): Promise<Cluster> {
  const world = worldOf({ scenario: scenarioNamed('all-well') });
  const { cluster } = await lookAtCluster(readerOver(labTargets(world).read));
  if (cluster === undefined) throw new Error('the lists of the lab are known');
  return cluster;
}

const cluster = await siteCluster();

function refusalOf(name: string): Refusal {
  try {
    resolveService(cluster, name);
  } catch (error) {
    if (error instanceof Refusal) return error;
    throw error;
  }
  throw new Error(`${name} was resolved`);
}

describe('a service is found', () => {
  it('by its namespace, with all its volumes on two pools', () => {
    const { is, volumes, pods } = resolveService(cluster, 'immich');
    const paths = volumes.filter(isNfs).map(({ backing }) => backing.path);
    expect(is).toBe('namespace immich');
    expect(pods.length).toBeGreaterThanOrEqual(3);
    expect(paths.filter((path) => path.startsWith('/mnt/main/')).length).toBeGreaterThanOrEqual(4);
    expect(paths.filter((path) => path.startsWith('/mnt/ssd/'))).toEqual(['/mnt/ssd/immich/ml-cache', '/mnt/ssd/immich/thumbs']);
  });

  it('by a workload, with what that mounts and no more', () => {
    const { is, volumes } = resolveService(cluster, 'immich-machine-learning');
    expect(is).toBe('Deployment immich/immich-machine-learning');
    expect(volumes.map(({ name }) => name)).toEqual(['immich-ml-cache']);
  });

  it('by namespace and workload, or by claim, or by volume', () => {
    expect(resolveService(cluster, 'immich/immich-server').is).toBe('Deployment immich/immich-server');
    const claim = resolveService(cluster, 'immich-upload');
    expect(claim.volumes.map(({ name }) => name)).toEqual(['immich-upload']);
    expect(claim.pods.map(({ owner }) => owner?.kind)).toEqual(['ReplicaSet']);
  });

  it('with an inline nfs volume, which has no claim', () => {
    const [volume] = resolveService(cluster, 'frigate').volumes.filter(isNfs);
    expect(volume?.backing).toMatchObject({ inline: true, path: '/mnt/main/frigate' });
    expect(volume?.mountOptions).toEqual([]);
  });
});

describe('two claims that look alike', () => {
  it('are told apart by what the workload mounts', () => {
    const { volumes, orphans } = resolveService(cluster, 'vaultwarden');
    expect(volumes.map(({ name }) => name)).toContain('vaultwarden-data-proxmox');
    expect(volumes.map(({ name }) => name)).not.toContain('vaultwarden-data-iscsi');
    expect(orphans.map(({ name }) => name)).toEqual(['vaultwarden-data-iscsi']);
  });

  it('are told apart when the old one is asked for: nothing mounts it', () => {
    const { volumes, pods } = resolveService(cluster, 'vaultwarden-data-iscsi');
    expect(pods).toEqual([]);
    expect(volumes.map(({ backing }) => backing.kind)).toEqual(['csi']);
  });
});

describe('a name that nothing has', () => {
  it.each([
    ['imich', 'immich'],
    ['navidrom', 'navidrome'],
    ['immich-sever', 'immich-server'],
    ['vaultwarden-data', 'vaultwarden-data-iscsi'],
  ])('%s is answered with %s', (name, offered) => {
    const refusal = refusalOf(name);
    expect(refusal.code).toBe('not-found');
    expect(refusal.message).toContain(offered);
  });

  it('is answered with nothing where nothing is near', () => {
    expect(refusalOf('qqqqqqqqqq').message).toContain('Nothing in the cluster has a similar name');
    expect(nearest('abc', ['xyz', 'abd', 'abcd'])).toEqual(['abcd', 'abd']);
  });
});

it('a workload name in two namespaces is answered with both', () => {
  const twin: Workload = {
    kind: 'Deployment',
    namespace: 'twins',
    name: 'immich-server',
    spec: { volumes: [], containers: [] },
    claimTemplates: [],
  };
  const doubled = { ...cluster, workloads: [...cluster.workloads, twin] };
  expect(() => resolveService(doubled, 'immich-server')).toThrow('could be any of: immich/immich-server, twins/immich-server');
  expect(resolveService(doubled, 'twins/immich-server').is).toBe('Deployment twins/immich-server');
});

it('the claims that a StatefulSet keeps while it is scaled down are not taken for orphans', () => {
  const set: Workload = {
    kind: 'StatefulSet',
    namespace: 'vaultwarden',
    name: 'cache',
    spec: { volumes: [], containers: [] },
    claimTemplates: ['data'],
  };
  const claim = { namespace: 'vaultwarden', name: 'data-cache-0', volume: undefined, phase: 'Bound', isGoing: false };
  const scaledDown = { ...cluster, workloads: [...cluster.workloads, set], claims: [...cluster.claims, claim] };
  expect(resolveService(scaledDown, 'vaultwarden').orphans.map(({ name }) => name)).toEqual(['vaultwarden-data-iscsi']);
});
