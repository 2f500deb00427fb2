import { describe, expect, test } from 'vitest';
import type { PersistentVolume, Pod } from '../../src/commands/cluster-objects.ts';
import type { User } from '../../src/commands/workload-volumes.ts';
import type { Site } from '../../src/core/site.ts';
import { nameless } from './names.ts';
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
    stoppedFor: undefined,
    waitsFor: [],
    volumes: claimed,
    ...more,
  };
}

function pod(owner: Pod['owner'], more: Partial<Pod> = {}): Pod {
  const spec = { volumes: claimed, containers: [] };
  const about = { name: 'player-0', namespace: 'tv', uid: 'u-1', labels: {}, node: 'n1', phase: 'Running', ready: true };
  const kubelet = { startedAt: undefined, waits: [], ip: undefined, containers: new Map<string, string>() };
  return { ...about, ...kubelet, terminatingAt: undefined, gracePeriodS: 30, owner, spec, ...more };
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
      'a directory of a share that only the driver knows',
      { users: [user()], volumes: [volume({ share: '/mnt/main', subDir: '${pvc.metadata.name}' })] },
      'it mounts /mnt/main,',
    ],
    [
      'a volume that the driver makes for each pod',
      { users: [user({ volumes: [{ name: 'data', csi: { volumeAttributes: { server: '10.0.10.15', share: PATH } } }] })] },
      'without a claim',
    ],
    [
      'a claim that was once bound to another volume',
      {
        users: [user()],
        volumes: [{ ...volume({ share: '/mnt/main/films-old' }), name: 'a', phase: 'Released' }, volume({ share: '/mnt/main' })],
      },
      'it mounts /mnt/main,',
    ],
    [
      'a subdirectory of a share',
      { users: [user()], volumes: [volume({ share: '/mnt/main', subDir: 'films' })] },
      'names a directory in a share',
    ],
  ])('%s', (_name, parts, why) => {
    expect(whyNot(parts).join('\n')).toContain(why);
  });
});

describe('a volume beside the old one', () => {
  const NEW_PATH = '/mnt/ssd/films';
  const whole = (name: string) => ({ name, spec: { capacity: {}, accessModes: [] } });
  const made = (share: string, claim = 'films-storagebot-ssd') => ({
    ...volume({ share }),
    name: 'films-storagebot-ssd',
    claimRef: { namespace: 'tv', name: claim },
  });
  const claim = (of: string) => ({ namespace: 'tv', name: 'films-storagebot-ssd', phase: 'Bound', volume: of });
  const why = (parts: Partial<Cluster>) =>
    nameless({ path: PATH, newPath: NEW_PATH }, 'ssd', cluster({ users: [user()], whole: [whole('films')], ...parts })).map(
      (each) => `${each.subject}: ${each.why}`,
    );

  test('can be made, and is known once it was made', () => {
    expect(why({})).toEqual([]);
    expect(why({ volumes: [volume({}), made(NEW_PATH)], claims: [claim('films-storagebot-ssd')] })).toEqual([]);
  });

  test.each<[string, Partial<Cluster>, string]>([
    ['of its name shows another dataset', { volumes: [volume({}), made('/mnt/ssd/old-films')] }, 'of another place or claim'],
    ['of its name is for another claim', { volumes: [volume({}), made(NEW_PATH, 'other')] }, 'of another place or claim'],
    ['has a claim of its name with another volume', { claims: [claim('elsewhere')] }, 'of another volume'],
    [
      'would have the name of one for a claim in another namespace',
      {
        users: [user(), user({ namespace: 'radio' })],
        volumes: [volume({}), { ...volume({}), name: 'films-2', claimRef: { namespace: 'radio', name: 'films' } }],
        whole: [whole('films'), whole('films-2')],
      },
      'radio has a claim of the same name',
    ],
  ])('cannot be made where one %s', (_name, parts, says) => {
    expect(why(parts).join('\n')).toContain(says);
  });
});
