import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { portion } from '../../test/depth.ts';
import type { Episode } from '../core/alert.ts';
import { episodeKey } from '../core/alert.ts';
import type { Foundation } from '../core/foundation.ts';
import { correlate } from './correlate.ts';
import type { Told } from './fixtures/outage.ts';
import { APPS, episodeOf, mysqlOutage, nasOutage } from './fixtures/outage.ts';
import { play, toPlace, WINDOW_MS } from './fixtures/simulation.ts';
import type { Placement } from './placement.ts';

const NAS: Foundation = { kind: 'nas', name: 'nas' };
const MYSQL: Foundation = { kind: 'database-server', name: 'dbaas/mysql-cluster' };

const told = (all: readonly Told[], at: (index: number) => number) => all.map((each, index) => episodeOf(each, at(index)));

/** Some of these, in any order. */
function arriving(all: readonly Told[], withinMs: number, least = 1) {
  return fc.shuffledSubarray([...all], { minLength: least }).chain((some) => {
    const times = fc.array(fc.integer({ min: 0, max: withinMs }), { minLength: some.length, maxLength: some.length });
    return times.map((at) => told(some, (index) => at[index] ?? 0));
  });
}

describe('whatever arrives, in whatever order', () => {
  const params = { numRuns: portion(300) };

  test('alerts of one NAS within the window are one incident', () => {
    fc.assert(
      fc.property(arriving(nasOutage(), WINDOW_MS / 2), fc.integer({ min: 5_000, max: 120_000 }), (episodes, diagnosisMs) => {
        const all = play({ episodes, ill: [NAS], diagnosisMs });
        expect(all.map(({ cause }) => cause)).toMatchObject([{ ...NAS, because: 'proved' }]);
        expect(all[0]?.members).toHaveLength(episodes.length);
      }),
      params,
    );
  });

  test('two faults are two incidents', () => {
    // What does not say who is affected goes with either.
    const ofNas = nasOutage().filter(({ name }) => name !== 'PodsStuckContainerCreating');
    const both = fc.tuple(arriving(ofNas, 25_000, 20), arriving(mysqlOutage(), 25_000));
    fc.assert(
      fc.property(both, fc.integer({ min: 5_000, max: 100_000 }), ([nas, mysql], diagnosisMs) => {
        const all = play({ episodes: [...nas, ...mysql], ill: [NAS, MYSQL], diagnosisMs });
        const found = new Map(all.map(({ cause, members }) => [cause.kind, members.length]));
        expect([all.length, found.get('nas'), found.get('database-server')]).toEqual([2, nas.length, mysql.length]);
      }),
      params,
    );
  });

  const anyAlert: fc.Arbitrary<Told> = fc.oneof(
    fc.constantFrom(...nasOutage(), ...mysqlOutage()),
    fc.record({
      name: fc.constantFrom(
        'NodeDown',
        'PVFillingUp',
        'MySQLBackupStale',
        'CloudSyncStale',
        'Strange',
        'ISCSICSIControllerDown',
        'PowerOutage',
      ),
      labels: fc.dictionary(
        fc.constantFrom(
          'namespace',
          'pod',
          'node',
          'instance',
          'persistentvolumeclaim',
          'deployment',
          '__proto__',
          'constructor',
        ),
        fc.oneof(fc.constantFrom('app1', 'disk2', 'node1', 'data', 'db', '10.0.10.15:9100', 'constructor'), fc.string()),
        { maxKeys: 4 },
      ),
    }),
  );
  const anyEpisodes = fc
    .array(fc.tuple(anyAlert, fc.integer({ min: 0, max: 400_000 })), { maxLength: 40 })
    .map((all) => [...new Map(all.map(([alert, at]) => episodeOf(alert, at)).map((each) => [each.fingerprint, each])).values()]);

  test('no alert is lost, and none is in two incidents', () => {
    fc.assert(
      fc.property(anyEpisodes, (episodes) => {
        if (episodes.length === 0) return;
        const members = play({ episodes, ill: [NAS], diagnosisMs: 50_000 }).flatMap((each) => each.members.map(episodeKey));
        expect(members.toSorted()).toEqual(episodes.map(episodeKey).toSorted());
      }),
      params,
    );
  });

  test('none is lost where they end, causes heal, and Alertmanager holds some back for a while', () => {
    const lasting = anyEpisodes.chain((all) => {
      const ends = fc.array(fc.integer({ min: 30_000, max: 900_000 }), { minLength: all.length, maxLength: all.length });
      return ends.map((of) => all.map((each, index) => ({ ...each, endsAt: each.receivedAt + (of[index] ?? 0) })));
    });
    fc.assert(
      fc.property(lasting, fc.integer({ min: 0, max: 900_000 }), fc.nat(3), (episodes, healedAt, some) => {
        if (episodes.length === 0) return;
        const isMuted = ({ receivedAt }: Episode, now: number) => receivedAt % 4 === some && now < healedAt;
        const ill = (now: number) => (now < healedAt ? [NAS] : []);
        const all = play({ episodes, ill, isMuted, diagnosisMs: 50_000 });
        const members = all.flatMap((each) => each.members.map(episodeKey));
        // Nobody is told of what ended before the longest wait was over, or was never told.
        const must = episodes.filter((each) => each.endsAt - Math.max(each.receivedAt, healedAt) > WINDOW_MS + 5_000);
        expect(new Set(members).size).toBe(members.length);
        expect(must.map(episodeKey).filter((each) => !members.includes(each))).toEqual([]);
        expect(all.filter(({ closed }) => closed === undefined)).toEqual([]);
      }),
      params,
    );
  });

  test('each is placed once or told to wait once, and the order of the list does not count', () => {
    const shuffled = anyEpisodes.chain((all) => fc.tuple(fc.constant(all), fc.shuffledSubarray(all, { minLength: all.length })));
    const keys = (placements: readonly Placement[]) =>
      placements.flatMap((each) => (each.place === 'open' ? each.episodes : [each.episode])).map(episodeKey);
    fc.assert(
      fc.property(shuffled, fc.integer({ min: 0, max: 800_000 }), ([all, other], now) => {
        const placements = correlate(toPlace({ unplaced: all, now }));
        expect(keys(placements).toSorted()).toEqual(all.map(episodeKey).toSorted());
        expect(correlate(toPlace({ unplaced: other, now }))).toEqual(placements);
      }),
      params,
    );
  });
});

test('ten thousand alerts take a second of the processor, and not the square of that', () => {
  const many = Array.from({ length: 10_000 }, (_, index) => {
    const app = APPS[index % APPS.length];
    return episodeOf({ name: 'PodCrashLooping', labels: { namespace: app?.namespace ?? '', pod: `web-${index}` } }, 0);
  });
  const began = process.cpuUsage();
  const [first] = correlate(toPlace({ unplaced: many }));
  const { user } = process.cpuUsage(began);
  expect(first).toMatchObject({ place: 'open', cause: { ...NAS, because: 'shared' } });
  expect(user).toBeLessThan(2_000_000);
});
