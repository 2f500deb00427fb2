import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { portion } from '../../test/depth.ts';
import type { Episode } from '../core/alert.ts';
import { episodeKey } from '../core/alert.ts';
import { isSame } from '../core/foundation.ts';
import type { CauseBecause, IncidentView } from '../core/incident.ts';
import { has } from '../topology/foundation-names.ts';
import { correlate } from './correlate.ts';
import { episodeOf, mysqlOutage, nasOutage } from './fixtures/outage.ts';
import { standing, toPlace, WINDOW_MS } from './fixtures/simulation.ts';
import type { Placement } from './placement.ts';

const NOW = 10 * WINDOW_MS;
const told = [...nasOutage(), ...mysqlOutage()];
const age = fc.integer({ min: 0, max: 3 * WINDOW_MS });

const episode: fc.Arbitrary<Episode> = fc
  .tuple(fc.constantFrom(...told), age, fc.option(age), fc.boolean())
  .map(([alert, heard, ended, muted]) => ({
    ...episodeOf(alert, NOW - heard),
    ...(ended !== null && ended <= heard && { endsAt: NOW - ended }),
    ...(muted && { muted: { by: 'silence', ids: ['s'] } }),
  }));

const episodes = fc.uniqueArray(episode, { minLength: 1, maxLength: 12, selector: ({ fingerprint }) => fingerprint });

/** As the conductor may have left it: a cause of any kind, proved at any time, looked at or not, with some members. */
function incidentOf(id: string): fc.Arbitrary<IncidentView> {
  const because = fc.constantFrom<CauseBecause>('proved', 'named', 'shared', 'own');
  return fc.tuple(episodes, because, age, fc.boolean(), fc.nat()).map(([members, how, proved, isWell, pick]) => {
    const [first] = members;
    const { standsOn, subject } =
      first === undefined ? { standsOn: [], subject: { kind: 'alert', name: '' } as const } : standing(first);
    const foundation = how === 'own' ? subject : (standsOn[pick % standsOn.length] ?? subject);
    return {
      id,
      cause: { ...foundation, because: how, ...(how === 'proved' && { provedAt: NOW - proved }) },
      candidates: standsOn,
      ...(isWell && how !== 'proved' && { cleared: [{ ...foundation, at: NOW, by: { run: 'r', round: 1 }, wasIll: false }] }),
      openedAt: NOW - WINDOW_MS,
      members,
      runs: [],
      revision: 1,
    };
  });
}

const wanted = fc
  .tuple(fc.tuple(incidentOf('inc-1'), incidentOf('inc-2')), episodes, fc.boolean())
  .map(([incidents, all, runs]) => {
    const unplaced = all.map(({ endsAt, ...each }) => each);
    return toPlace({ incidents, unplaced, now: NOW, running: () => runs });
  });

const params = { numRuns: portion(500) };
const keys = (placements: readonly Placement[]) =>
  placements.flatMap((each) => (each.place === 'open' ? each.episodes : [each.episode])).map(episodeKey);

describe('whatever is open', () => {
  test('each alert is placed once or told to wait once, and waits for no longer than the window', () => {
    fc.assert(
      fc.property(wanted, (each) => {
        const placements = correlate(each);
        expect(keys(placements).toSorted()).toEqual(each.unplaced.map(episodeKey).toSorted());
        for (const placement of placements) {
          if (placement.place !== 'wait' || placement.for === 'muted') continue;
          expect(placement.until).toBeGreaterThan(NOW);
          expect(placement.until).toBeLessThanOrEqual(NOW + each.windowMs);
        }
      }),
      params,
    );
  });

  test('the order of the incidents and of the alerts does not count', () => {
    fc.assert(
      fc.property(wanted, (each) => {
        const other = { ...each, incidents: each.incidents.toReversed(), unplaced: each.unplaced.toReversed() };
        expect(correlate(other)).toEqual(correlate(each));
      }),
      params,
    );
  });

  test('a cause that was proved longer ago than the window takes in nothing but what comes back, and is asked for anew', () => {
    fc.assert(
      fc.property(wanted, (each) => {
        for (const placement of correlate(each)) {
          const id = placement.place === 'join' ? placement.incident : placement.place === 'wait' ? placement.asks : undefined;
          const incident = each.incidents.find((one) => one.id === id);
          if (incident?.cause.because !== 'proved' || placement.place === 'open') continue;
          const isOld = NOW - (incident.cause.provedAt ?? 0) >= WINDOW_MS;
          const comesBack = incident.members.some(({ fingerprint }) => fingerprint === placement.episode.fingerprint);
          expect(placement.place === 'wait' ? isOld : !isOld || comesBack).toBe(true);
          expect(comesBack || has(standing(placement.episode).standsOn, incident.cause)).toBe(true);
        }
      }),
      params,
    );
  });

  test('a cause that was named takes in nothing beyond the window when no alert that fires names it', () => {
    fc.assert(
      fc.property(wanted, (each) => {
        for (const placement of correlate(each)) {
          if (placement.place !== 'join') continue;
          const incident = each.incidents.find(({ id }) => id === placement.incident);
          if (incident?.cause.because !== 'named') continue;
          const isRecent = [...incident.members.filter(({ muted }) => muted === undefined), placement.episode].some(
            ({ receivedAt }) => NOW - receivedAt < WINDOW_MS,
          );
          const comesBack = incident.members.some(({ fingerprint }) => fingerprint === placement.episode.fingerprint);
          const isNamed = [...incident.members, ...each.unplaced].some(
            (member) => member.endsAt === undefined && standing(member).names.some((name) => isSame(name, incident.cause)),
          );
          expect(isRecent || comesBack || isNamed || NOW - incident.openedAt < WINDOW_MS).toBe(true);
        }
      }),
      params,
    );
  });

  test('what is muted opens nothing, and changes nothing for the others', () => {
    fc.assert(
      fc.property(wanted, (each) => {
        const isTold = ({ muted }: Episode) => muted === undefined;
        const all = correlate(each);
        const alone = correlate({ ...each, unplaced: each.unplaced.filter(isTold) });
        expect(all.flatMap((one) => (one.place === 'open' && !one.episodes.some(isTold) ? [one] : []))).toEqual([]);
        const others = all.flatMap((one): readonly Placement[] => {
          if (one.place !== 'open') return isTold(one.episode) ? [one] : [];
          const [first, ...more] = one.episodes.filter(isTold);
          return first === undefined ? [] : [{ ...one, episodes: [first, ...more] }];
        });
        expect(others).toEqual(alone);
      }),
      params,
    );
  });
});
