import { describe, expect, test } from 'vitest';
import { type Episode, episodeKey } from '../core/alert.ts';
import type { Foundation } from '../core/foundation.ts';
import { correlate } from './correlate.ts';
import type { Told } from './fixtures/outage.ts';
import { episodeOf, mysqlOutage, nasOutage } from './fixtures/outage.ts';
import { play, toPlace } from './fixtures/simulation.ts';

const NAS: Foundation = { kind: 'nas', name: 'nas' };
const MYSQL: Foundation = { kind: 'database-server', name: 'dbaas/mysql-cluster' };

function names(episodes: readonly Episode[]): ReadonlySet<string> {
  return new Set(episodes.map(({ name }) => name));
}

const told = (all: readonly Told[], at: (index: number) => number) => all.map((each, index) => episodeOf(each, at(index)));

describe('forty pods on one NAS that goes away, under nine names', () => {
  const episodes = told(nasOutage(), (index) => (index * 700) % 60_000);

  test('are one incident with the NAS as its cause, from the first alert to the last', () => {
    const all = play({ episodes, ill: [NAS], diagnosisMs: 60_000 });
    expect(names(episodes).size).toBe(9);
    expect(all).toHaveLength(1);
    expect(all[0]?.cause).toMatchObject({ ...NAS, because: 'proved' });
    expect(all[0]?.members).toHaveLength(episodes.length);
  });

  test('are one before a diagnosis, because an alert names the NAS', () => {
    const at = told(nasOutage(), () => 0);
    const [only, ...others] = correlate(toPlace({ unplaced: at }));
    expect(others).toEqual([]);
    expect(only).toMatchObject({ place: 'open', cause: { ...NAS, because: 'named' } });
  });

  test('are one also where no alert names it: that is what they share', () => {
    const silent = told(nasOutage(), () => 0).filter(
      ({ name }) => !['NFSServerUnresponsive', 'CSIDriverCrashLoop', 'NFSCSIControllerDown'].includes(name),
    );
    const placements = correlate(toPlace({ unplaced: silent }));
    expect(placements).toHaveLength(1);
    expect(placements[0]).toMatchObject({ place: 'open', cause: { ...NAS, because: 'shared' } });
  });
});

describe('two unrelated faults at once', () => {
  const faults = [...nasOutage(), ...mysqlOutage()];
  // What does not say who is affected goes with either.
  const isOf = (episode: Episode, fault: readonly Told[]) =>
    fault.some(({ name, labels }) => episodeKey(episodeOf({ name, labels }, 0)) === episodeKey({ ...episode, startsAt: 0 }));

  test('are two incidents, each with its own alerts and cause', () => {
    const all = play({ episodes: told(faults, (index) => (index * 900) % 50_000), ill: [NAS, MYSQL], diagnosisMs: 45_000 });
    expect(all.map(({ cause }) => cause.kind).toSorted()).toEqual(['database-server', 'nas']);
    const [nas, mysql] = all.toSorted((a, b) => b.members.length - a.members.length);
    expect(mysql?.members.every((each) => isOf(each, mysqlOutage()))).toBe(true);
    expect(nas?.members).toHaveLength(nasOutage().length);
  });

  test('the second is told at once where its alert names its cause, whatever the first diagnosis does', () => {
    const placements = correlate(toPlace({ unplaced: told(faults, () => 0) }));
    expect(placements.map(({ place }) => place)).toEqual(['open', 'open']);
  });
});
