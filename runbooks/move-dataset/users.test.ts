import { describe, expect, test } from 'vitest';
import type { PersistentVolume, Pod } from '../../src/commands/cluster-objects.ts';
import type { User } from '../../src/commands/workload-volumes.ts';
import type { Site } from '../../src/core/site.ts';
import type { Cluster } from './users.ts';
import { immovable } from './users.ts';

const PATH = '/mnt/main/films';
const site: Site = {
  nas: { host: { name: 'nas', sudo: false }, nfsAddresses: ['10.0.10.15'], roots: ['/mnt/main'], clientNetwork: '10.0.20.0/24' },
  nodeSudo: true,
};

function volume(attributes: Readonly<Record<string, string>>): PersistentVolume {
  const csi = {
    driver: 'nfs.csi.k8s.io',
    volumeHandle: 'films',
    volumeAttributes: { server: '10.0.10.15', share: PATH, ...attributes },
  };
  return { name: 'films', phase: 'Bound', claimRef: { namespace: 'tv', name: 'films' }, mountOptions: [], csi };
}

const claimed = [{ name: 'data', persistentVolumeClaim: { claimName: 'films' } }];

function user(more: Partial<User> = {}): User {
  return {
    kind: 'Deployment',
    namespace: 'tv',
    name: 'player',
    owner: undefined,
    runs: 1,
    ranBefore: undefined,
    volumes: claimed,
    ...more,
  };
}

function pod(owner: Pod['owner'], more: Partial<Pod> = {}): Pod {
  const spec = { volumes: claimed, containers: [] };
  const about = { name: 'player-0', namespace: 'tv', uid: 'u-1', labels: {}, node: 'n1', phase: 'Running', ready: true };
  return { ...about, startedAt: undefined, waits: [], terminatingAt: undefined, gracePeriodS: 30, owner, spec, ...more };
}

function cluster(parts: Partial<Cluster>): Cluster {
  return { users: [], pods: [], volumes: [volume({})], whole: [], claims: [], proofs: [], ...parts };
}

const whyNot = (parts: Partial<Cluster>) => immovable(PATH, cluster(parts), site).map(({ subject, why }) => `${subject}: ${why}`);

describe('who uses a dataset can be moved', () => {
  test.each<[string, Partial<Cluster>]>([
    [
      'a Deployment through a claim, with its pod',
      { users: [user()], pods: [pod({ kind: 'ReplicaSet', name: 'player-5f6d7c8b9' })] },
    ],
    [
      'a StatefulSet whose claim is written in its template',
      { users: [user({ kind: 'StatefulSet' })], pods: [pod({ kind: 'StatefulSet', name: 'player' })] },
    ],
    [
      'a path written into the pod itself',
      { users: [user({ volumes: [{ name: 'data', nfs: { server: '10.0.10.15', path: `${PATH}/` } }] })] },
    ],
    [
      'a CronJob that does not run now',
      { users: [user({ kind: 'CronJob' })], pods: [pod({ kind: 'Job', name: 'player-29586780' }, { phase: 'Succeeded' })] },
    ],
    [
      'a neighbour with a name that begins alike',
      { users: [user()], volumes: [volume({ share: `${PATH}-old` })], pods: [pod(undefined)] },
    ],
  ])('%s', (_name, parts) => {
    expect(whyNot(parts)).toEqual([]);
  });
});

describe('who uses a dataset cannot be moved', () => {
  test.each<[string, Partial<Cluster>, string]>([
    ['a pod on its own', { pods: [pod(undefined)] }, 'Pod tv/player-0: nothing would start it again'],
    ['a pod of something that the bot does not know', { pods: [pod({ kind: 'Cluster', name: 'pg' })] }, 'Cluster pg made it'],
    [
      'a StatefulSet through a template of claims',
      { users: [user({ kind: 'StatefulSet', volumes: [] })], pods: [pod({ kind: 'StatefulSet', name: 'player' })] },
      'its claim comes from a template',
    ],
    [
      'a Job that runs',
      { users: [user({ kind: 'CronJob' })], pods: [pod({ kind: 'Job', name: 'player-29586780' })] },
      'it is running now',
    ],
    ['what an operator made', { users: [user({ owner: { kind: 'InnoDBCluster', name: 'db' } })] }, 'InnoDBCluster db made it'],
    ['a volume of a directory below', { users: [user()], volumes: [volume({ share: `${PATH}/new` })] }, `it mounts ${PATH}/new`],
    ['a volume of a directory above', { users: [user()], volumes: [volume({ share: '/mnt/main' })] }, 'it mounts /mnt/main,'],
    ['the same path of an unknown server', { users: [user()], volumes: [volume({ server: 'nas.lan' })] }, 'of nas.lan'],
    [
      'a subdirectory of a share',
      { users: [user()], volumes: [volume({ share: '/mnt/main', subDir: 'films' })] },
      'names a directory in a share',
    ],
  ])('%s', (_name, parts, why) => {
    expect(whyNot(parts).join('\n')).toContain(why);
  });
});
