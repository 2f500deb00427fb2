import { describe, expect, test } from 'vitest';
import type { Episode } from '../core/alert.ts';
import type { Foundation } from '../core/foundation.ts';
import { episodeOf, podOf } from './fixtures/outage.ts';
import { crash } from './fixtures/placing.ts';
import { GATHER_MS, play } from './fixtures/simulation.ts';

const NAS: Foundation = { kind: 'nas', name: 'nas' };
const NODE1: Foundation = { kind: 'node', name: 'node1' };
const MYSQL: Foundation = { kind: 'database-server', name: 'dbaas/mysql-cluster' };
const MIN_MS = 60_000;
const TICK_MS = 5_000;

function apps(episodes: readonly Episode[]): readonly (string | undefined)[] {
  return episodes.map(({ labels }) => labels['namespace']);
}

describe('the NAS reboots, and its pods come in singly, two minutes apart', () => {
  const backAt = 20 * MIN_MS;
  const pods = Array.from({ length: 10 }, (_, index) => ({ ...crash(index, 2 * index * MIN_MS), endsAt: backAt + 5 * MIN_MS }));
  const ill = (now: number) => (now < backAt ? [NAS] : []);
  const ended = { closed: { because: 'all-ended' }, cause: NAS, members: { length: 10 } };

  test('are one incident, from the first to the last, that ends with them', () => {
    expect(play({ episodes: pods, ill, diagnosisMs: MIN_MS })).toMatchObject([ended]);
  });

  test('are one also where the first looks find nothing', () => {
    const late = (now: number) => (now < 7 * MIN_MS ? [] : ill(now));
    expect(play({ episodes: pods, ill: late, diagnosisMs: MIN_MS })).toMatchObject([ended]);
  });

  test('are one also where a diagnosis takes longer than others wait for it', () => {
    expect(play({ episodes: pods, ill, diagnosisMs: 12 * MIN_MS })).toMatchObject([ended]);
  });

  const plain = episodeOf({ name: 'PodCrashLooping', labels: { namespace: 'plain', pod: podOf({ name: 'plain' }) } }, 9 * MIN_MS);

  test('a pod that crashes meanwhile because of its image is an incident of its own where it does not stand on the NAS', () => {
    const all = play({ episodes: [...pods, plain], ill, diagnosisMs: MIN_MS });
    expect(all).toMatchObject([ended, { cause: { kind: 'workload', name: 'plain/plain', because: 'own' } }]);
    expect(all[1]?.openedAt).toBeLessThanOrEqual(plain.receivedAt + 6 * GATHER_MS + TICK_MS);
  });

  test('one that stands on the NAS is of its incident, which is that of this pod alone once the NAS and the others are well', () => {
    const image = crash(30, 9 * MIN_MS);
    const all = play({ episodes: [...pods, image], ill, diagnosisMs: MIN_MS });
    expect(all).toMatchObject([{ cause: { kind: 'workload', name: 'app30/web', because: 'own' }, members: { length: 11 } }]);
  });

  test('one that crashes afterwards because of its image is one too, although one of the others never came back', () => {
    const [first, ...others] = pods;
    if (first === undefined) throw new Error('there are ten');
    const { endsAt, ...stuck } = first;
    const image = crash(30, 3 * 60 * MIN_MS);
    const all = play({ episodes: [stuck, ...others, image], ill, diagnosisMs: MIN_MS });
    expect(all.map(({ members }) => apps(members))).toEqual([apps(pods), ['app30']]);
    expect(all.map(({ cause }) => cause)).toEqual([
      { kind: 'workload', name: 'app0/web', because: 'own' },
      { kind: 'workload', name: 'app30/web', because: 'own' },
    ]);
  });

  test('one more that comes in while the NAS is ill for hours is of the same incident, after a look', () => {
    const late = crash(30, 3 * 60 * MIN_MS);
    const all = play({ episodes: [crash(1), late], ill: [NAS], diagnosisMs: MIN_MS });
    expect(all).toMatchObject([{ cause: { ...NAS, because: 'proved' }, members: { length: 2 } }]);
    expect(all[0]?.cause.provedAt).toBeGreaterThan(late.receivedAt);
  });
});

describe('a node goes down, and on another one a database', () => {
  const down = episodeOf({ name: 'NodeDown', labels: { node: 'node1', severity: 'critical' } }, 0);
  const pods = [0, 4, 8].map((app) => crash(app, 20_000));
  const mysql = episodeOf({ name: 'MySQLDown', labels: { severity: 'critical' } }, MIN_MS);
  const crashing = episodeOf(
    { name: 'PodCrashLooping', labels: { namespace: 'disk3', pod: podOf({ name: 'db' }), severity: 'critical' } },
    MIN_MS,
  );
  const ill = [NODE1, MYSQL];

  test.each<readonly [string, Episode, Foundation]>([
    ['a server that an alert names', mysql, MYSQL],
    ['a pod that crashes', crashing, { kind: 'workload', name: 'disk3/db' }],
  ])('%s has its own incident at once, whatever the diagnosis of the node does', (_, database, cause) => {
    const all = play({ episodes: [down, ...pods, database], ill, diagnosisMs: 5 * MIN_MS });
    expect(all).toMatchObject([
      { cause: { ...NODE1, because: 'proved' }, members: { length: 4 } },
      { cause, members: { length: 1 } },
    ]);
    expect(all[1]?.openedAt).toBeLessThanOrEqual(database.receivedAt + GATHER_MS + TICK_MS);
  });

  test('the database has it when Alertmanager holds it back no longer, and is in none before', () => {
    const isMuted = (episode: Episode, now: number) => episode.name === 'MySQLDown' && now < 10 * MIN_MS;
    const all = play({ episodes: [down, ...pods, mysql], ill, diagnosisMs: MIN_MS, isMuted });
    expect(all).toMatchObject([
      { cause: NODE1, members: { length: 4 } },
      { cause: MYSQL, openedAt: 10 * MIN_MS },
    ]);
  });
});
