import { describe, expect, test } from 'vitest';
import type { Foundation } from '../core/foundation.ts';
import type { IncidentView } from '../core/incident.ts';
import { correlate } from './correlate.ts';
import { episodeOf } from './fixtures/outage.ts';
import { crash, openIncident } from './fixtures/placing.ts';
import { GATHER_MS, standing, toPlace, WINDOW_MS } from './fixtures/simulation.ts';

const NAS: Foundation = { kind: 'nas', name: 'nas' };
const DAY_MS = 86_400_000;

describe('an incident whose cause was found ill days ago', () => {
  const old = openIncident({
    cause: { ...NAS, because: 'proved', provedAt: 0 },
    candidates: [NAS],
    members: [crash(1)],
  });
  const late = crash(2, DAY_MS);
  const at = (now: number, incident: IncidentView, runs = false) =>
    correlate(toPlace({ incidents: [incident], unplaced: [late], now, running: () => runs }));

  test('is to be looked at anew for an alert that stands on it, which waits for that', () => {
    expect(at(DAY_MS, old)).toEqual([
      { place: 'wait', episode: late, for: 'gathering', until: DAY_MS + GATHER_MS, asks: 'inc-1' },
    ]);
    expect(at(DAY_MS + GATHER_MS, old, true)).toMatchObject([{ place: 'wait', for: 'diagnosing', asks: 'inc-1' }]);
  });

  test('takes it in when it is still ill, or nobody could see whether it is', () => {
    const fresh: IncidentView = { ...old, cause: { ...NAS, because: 'proved', provedAt: DAY_MS + GATHER_MS } };
    expect(at(DAY_MS + GATHER_MS, fresh)).toMatchObject([{ place: 'join', incident: 'inc-1' }]);
  });

  test.each<readonly [string, IncidentView['cause']]>([
    ['one pod that fires', { kind: 'workload', name: 'app1/web', because: 'own' }],
    ['several', { ...NAS, because: 'shared' }],
  ])('does not take it in when it is well, and the incident is by now that of %s', (_, cause) => {
    const cleared = [{ ...NAS, at: DAY_MS + 20_000, by: { run: 'r', round: 1 }, wasIll: true }];
    expect(at(DAY_MS + GATHER_MS, { ...old, cause, cleared })).toMatchObject([
      { place: 'open', cause: { kind: 'workload', name: 'app2/web', because: 'own' } },
    ]);
  });

  test('does not hold it back where nobody looks, nor for longer than the window where the look does not end', () => {
    expect(at(DAY_MS + GATHER_MS, old)).toMatchObject([{ place: 'open' }]);
    expect(at(DAY_MS + WINDOW_MS - 1, old, true)).toMatchObject([{ place: 'wait' }]);
    expect(at(DAY_MS + WINDOW_MS, old, true)).toMatchObject([{ place: 'open' }]);
  });

  test('is not asked for what another incident explains, or what does not stand on it', () => {
    const own = openIncident({ id: 'inc-2', cause: { kind: 'workload', name: 'app2/web', because: 'own' }, openedAt: DAY_MS });
    expect(correlate(toPlace({ incidents: [old, own], unplaced: [late], now: DAY_MS }))).toMatchObject([
      { place: 'join', incident: 'inc-2' },
    ]);
    const mysql = episodeOf({ name: 'MySQLDown', labels: {} }, DAY_MS);
    const [waits] = correlate(toPlace({ incidents: [old], unplaced: [mysql], now: DAY_MS }));
    expect(waits).not.toHaveProperty('asks');
  });

  test('is asked for an alert that was over for longer than the window, and takes in one that flaps', () => {
    const before = { ...crash(2), endsAt: DAY_MS - WINDOW_MS };
    expect(at(DAY_MS, { ...old, members: [crash(1), before] })).toMatchObject([{ place: 'wait', asks: 'inc-1' }]);
    const flaps = { ...before, endsAt: DAY_MS - WINDOW_MS + 1 };
    expect(at(DAY_MS, { ...old, members: [crash(1), flaps] })).toMatchObject([{ place: 'join', incident: 'inc-1' }]);
  });
});

describe('an incident whose cause an alert named', () => {
  const naming = episodeOf({ name: 'NFSServerUnresponsive', labels: {} }, 0);
  const named = (...members: IncidentView['members']) =>
    openIncident({ cause: { ...NAS, because: 'named' }, candidates: standing(naming).standsOn, members });
  const at = (incident: IncidentView) =>
    correlate(toPlace({ incidents: [incident], unplaced: [crash(2, DAY_MS)], now: DAY_MS + GATHER_MS }));

  test('takes in what stands on that while the alert fires', () => {
    expect(at(named(naming, crash(1)))).toMatchObject([{ place: 'join', incident: 'inc-1' }]);
  });

  test('takes in nothing more when the window is over and that alert has ended, though others fire', () => {
    expect(at(named({ ...naming, endsAt: 60_000 }, crash(1)))).toMatchObject([{ place: 'open' }]);
  });

  test('takes in nothing more then when a look found it well', () => {
    const cleared = [{ ...NAS, at: 60_000, by: { run: 'r', round: 1 }, wasIll: false }];
    expect(at({ ...named(naming, crash(1)), cleared })).toMatchObject([{ place: 'open' }]);
  });
});

describe('an incident of what several share, which was looked at and is well', () => {
  const shared = openIncident({
    cause: { ...NAS, because: 'shared' },
    candidates: [NAS],
    cleared: [{ ...NAS, at: 20_000, by: { run: 'r', round: 1 }, wasIll: false }],
    members: [crash(1), crash(2), crash(3)],
  });

  test('does not explain one more', () => {
    expect(correlate(toPlace({ incidents: [shared], unplaced: [crash(4)] }))).toMatchObject([
      { place: 'open', cause: { name: 'app4/web', because: 'own' } },
    ]);
  });

  test('is that of many more all the same: they are no second incident of the same guess', () => {
    const unplaced = [crash(4), crash(5), crash(6)];
    const join = { place: 'join', incident: 'inc-1' };
    expect(correlate(toPlace({ incidents: [shared], unplaced }))).toMatchObject([join, join, join]);
  });
});
