import { describe, expect, test } from 'vitest';
import type { Episode } from '../core/alert.ts';
import type { Foundation } from '../core/foundation.ts';
import { correlate } from './correlate.ts';
import { episodeOf } from './fixtures/outage.ts';
import { crash, openIncident } from './fixtures/placing.ts';
import { GATHER_MS, toPlace } from './fixtures/simulation.ts';

const NAS: Foundation = { kind: 'nas', name: 'nas' };

function muted(episode: Episode): Episode {
  return { ...episode, muted: { by: 'inhibition', ids: ['f'] } };
}

describe('alerts that Alertmanager holds back', () => {
  test('open no incident, however many they are', () => {
    const unplaced = [1, 2, 3, 4].map((app) => muted(crash(app)));
    const wait = { place: 'wait', for: 'muted', until: Number.POSITIVE_INFINITY };
    expect(correlate(toPlace({ unplaced, now: 10 * GATHER_MS }))).toMatchObject([wait, wait, wait, wait]);
  });

  test('do not make many of few, and do not hurry those that wait for others', () => {
    const unplaced = [muted(crash(1)), muted(crash(2)), crash(3, GATHER_MS)];
    expect(correlate(toPlace({ unplaced, now: GATHER_MS }))).toMatchObject([
      { place: 'wait', for: 'gathering', until: 2 * GATHER_MS, episode: { fingerprint: crash(3).fingerprint } },
      { place: 'wait', for: 'muted' },
      { place: 'wait', for: 'muted' },
    ]);
    expect(correlate(toPlace({ unplaced, now: 2 * GATHER_MS }))).toMatchObject([
      { place: 'open', cause: { name: 'app3/web', because: 'own' }, episodes: { length: 1 } },
      { place: 'wait', for: 'muted' },
      { place: 'wait', for: 'muted' },
    ]);
  });

  test('go with what opens and explains them', () => {
    const named = episodeOf({ name: 'NFSServerUnresponsive', labels: {} }, 0);
    const disk = episodeOf({ name: 'PodCrashLooping', labels: { namespace: 'disk1', pod: 'db-5d4f8c7b9-abcde' } }, 0);
    const placements = correlate(toPlace({ unplaced: [named, muted(crash(1)), muted(disk)] }));
    expect(placements).toMatchObject([
      { place: 'open', cause: { ...NAS, because: 'named' }, episodes: [named, { fingerprint: crash(1).fingerprint }] },
      { place: 'wait', for: 'muted', episode: { fingerprint: disk.fingerprint } },
    ]);
    expect(placements[0]).toMatchObject({ candidates: expect.arrayContaining([NAS]) });
  });

  test('join what is open and explains them, and change neither its cause nor what may prove it', () => {
    const shared = openIncident({
      cause: { ...NAS, because: 'shared' },
      candidates: [NAS, { kind: 'node', name: 'node2' }],
      members: [crash(1)],
    });
    const named = muted(episodeOf({ name: 'NFSServerUnresponsive', labels: {} }, 0));
    const placements = correlate(toPlace({ incidents: [shared], unplaced: [muted(crash(2)), named] }));
    expect(placements).toMatchObject([
      { place: 'join', incident: 'inc-1', candidates: shared.candidates },
      { place: 'join', incident: 'inc-1', candidates: shared.candidates },
    ]);
    expect(placements.filter((each) => 'cause' in each)).toEqual([]);
  });

  test('do not ask for another look, and do not open again what has ended', () => {
    const old = openIncident({ cause: { ...NAS, because: 'proved', provedAt: -1e9 }, candidates: [NAS], members: [crash(1)] });
    const [waits] = correlate(toPlace({ incidents: [old], unplaced: [muted(crash(2))], now: 0 }));
    expect(waits).toMatchObject({ place: 'wait', for: 'muted' });
    expect(waits).not.toHaveProperty('asks');
    const ended = { ...old, closed: { at: 0, because: 'all-ended' } as const };
    const again = muted(crash(1, 20_000));
    expect(correlate(toPlace({ incidents: [ended], unplaced: [again] }))).toMatchObject([{ place: 'wait', for: 'muted' }]);
    expect(correlate(toPlace({ incidents: [old], unplaced: [again] }))).toMatchObject([{ place: 'join', incident: 'inc-1' }]);
  });

  test('are placed as others when they are not held back any more', () => {
    expect(correlate(toPlace({ unplaced: [crash(1)] }))).toMatchObject([{ place: 'open' }]);
  });
});
