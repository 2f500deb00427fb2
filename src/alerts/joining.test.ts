import { describe, expect, test } from 'vitest';
import type { Foundation } from '../core/foundation.ts';
import { correlate } from './correlate.ts';
import { episodeOf, podOf } from './fixtures/outage.ts';
import { crash, openIncident } from './fixtures/placing.ts';
import { GATHER_MS, standing, toPlace, WINDOW_MS } from './fixtures/simulation.ts';

const NAS: Foundation = { kind: 'nas', name: 'nas' };

describe('an open incident', () => {
  const proved = openIncident({ cause: { ...NAS, because: 'proved', provedAt: 0 }, candidates: [NAS], members: [crash(1)] });

  test('whose cause was proved lately takes in whatever stands on it, however long it is open', () => {
    const now = 11 * WINDOW_MS;
    const late = { ...proved, cause: { ...NAS, because: 'proved', provedAt: now - WINDOW_MS + 1 } } as const;
    expect(correlate(toPlace({ incidents: [late], unplaced: [crash(2, now)], now }))).toMatchObject([
      { place: 'join', incident: 'inc-1' },
    ]);
  });

  test('whose alert comes back, of which nothing is known by now but the machines under it, keeps the cause that was proved', () => {
    const pve: Foundation = { kind: 'hypervisor', name: 'pve' };
    const both = { ...proved, candidates: [pve, NAS], members: [crash(1), { ...crash(2), endsAt: 1_000 }] };
    const again = crash(2, 60_000);
    const moved = { ...standing(again), standsOn: [pve, { kind: 'namespace', name: 'app2' } as const] };
    const placements = correlate(toPlace({ incidents: [both], unplaced: [again], now: 60_000, standing: () => moved }));
    expect(placements).toMatchObject([{ place: 'join', incident: 'inc-1', candidates: [pve, NAS] }]);
  });

  test('does not take in what does not', () => {
    const plain = episodeOf({ name: 'PodCrashLooping', labels: { namespace: 'plain', pod: podOf({ name: 'plain' }) } }, 0);
    expect(correlate(toPlace({ incidents: [proved], unplaced: [plain] }))).toMatchObject([{ place: 'open' }]);
  });

  test('of one pod becomes that of the NAS when an alert names the NAS, and then takes in the others', () => {
    const own = openIncident({
      cause: { kind: 'workload', name: 'app1/web', because: 'own' },
      candidates: standing(crash(1)).standsOn,
      members: [crash(1)],
    });
    // Earlier by the clock of who told it: what it tells comes after it in the order.
    const late = crash(2, 40_000, 1_000);
    const named = episodeOf({ name: 'NFSServerUnresponsive', labels: {} }, 40_000);
    const placements = correlate(toPlace({ incidents: [own], unplaced: [late, named], now: 40_000 }));
    expect(placements.map(({ place }) => place)).toEqual(['join', 'join']);
    expect(placements.find((each) => 'episode' in each && each.episode === named)).toMatchObject({
      cause: { ...NAS, because: 'named' },
    });
  });

  test('is not explained that late by what an alert names: that is another one', () => {
    const own = openIncident({
      cause: { kind: 'workload', name: 'app1/web', because: 'own' },
      candidates: [NAS],
      members: [crash(1)],
    });
    const named = episodeOf({ name: 'NFSServerUnresponsive', labels: {} }, WINDOW_MS);
    const placements = correlate(toPlace({ incidents: [own], unplaced: [named], now: WINDOW_MS + GATHER_MS }));
    expect(placements).toMatchObject([{ place: 'open', cause: { ...NAS, because: 'named' } }]);
  });

  test('whose cause an alert names gets the lower one that another names, and not the higher', () => {
    const driver: Foundation = { kind: 'driver', name: 'nfs.csi.k8s.io' };
    const server = episodeOf({ name: 'NFSServerUnresponsive', labels: {} }, 0);
    const named = openIncident({ cause: { ...driver, because: 'named' }, candidates: [NAS, driver], members: [crash(1)] });
    expect(correlate(toPlace({ incidents: [named], unplaced: [server] }))).toMatchObject([
      { place: 'join', cause: { ...NAS, because: 'named' }, candidates: [NAS] },
    ]);
    const controller = episodeOf({ name: 'NFSCSIControllerDown', labels: {} }, 0);
    const lower = openIncident({ cause: { ...NAS, because: 'named' }, candidates: [NAS, driver], members: [crash(1)] });
    const [join] = correlate(toPlace({ incidents: [lower], unplaced: [controller] }));
    expect(join).toMatchObject({ place: 'join', candidates: [NAS, driver] });
    expect(join).not.toHaveProperty('cause');
  });

  test('of an alert about a machine does not take in what runs there: that the machine is ill is not said', () => {
    const strange = episodeOf({ name: 'Strange', labels: { instance: 'node1:9100' } }, 0);
    const own = openIncident({ cause: { kind: 'node', name: 'node1', because: 'own' }, members: [strange] });
    const other = episodeOf({ name: 'Stranger', labels: { instance: 'node1:9100' } }, 0);
    expect(correlate(toPlace({ incidents: [own], unplaced: [crash(0)] }))).toMatchObject([{ place: 'open' }]);
    expect(correlate(toPlace({ incidents: [own], unplaced: [other] }))).toMatchObject([{ place: 'join' }]);
  });

  test('whose cause is only shared narrows to what all have in common', () => {
    const shared = openIncident({
      cause: { kind: 'node', name: 'node1', because: 'shared' },
      candidates: [{ kind: 'hypervisor', name: 'pve' }, NAS, { kind: 'node', name: 'node1' }],
      members: [crash(0)],
    });
    expect(correlate(toPlace({ incidents: [shared], unplaced: [crash(1)] }))).toMatchObject([
      { place: 'join', cause: { ...NAS, because: 'shared' }, candidates: [{ kind: 'hypervisor' }, NAS] },
    ]);
  });

  test('takes in nothing for the hypervisor alone, on which everything stands', () => {
    const shared = openIncident({
      cause: { ...NAS, because: 'shared' },
      candidates: [{ kind: 'hypervisor', name: 'pve' }, NAS],
      members: [crash(0)],
    });
    const disk = episodeOf({ name: 'PodCrashLooping', labels: { namespace: 'disk1', pod: podOf({ name: 'db' }) } }, 0);
    expect(correlate(toPlace({ incidents: [shared], unplaced: [disk] }))).toMatchObject([{ place: 'open' }]);
  });
});

describe('pods of one NAS, each told after the diagnosis of the one before, which proved nothing', () => {
  const alone = (app: number) =>
    openIncident({
      id: `inc-${app}`,
      openedAt: app * 100_000,
      cause: { kind: 'workload', name: `app${app}/web`, because: 'own' },
      candidates: standing(crash(app)).standsOn,
      members: [crash(app, app * 100_000)],
    });
  const now = 300_000 + GATHER_MS;

  test('are two incidents while they are two', () => {
    const placements = correlate(toPlace({ incidents: [alone(1)], unplaced: [crash(2, 300_000)], now }));
    expect(placements).toMatchObject([{ place: 'open', cause: { because: 'own' } }]);
  });

  test('are, from the third on, of the oldest incident, whose cause is then what they share', () => {
    const incidents = [alone(2), alone(1)];
    const join = { place: 'join', incident: 'inc-1', cause: { ...NAS, because: 'shared' } };
    expect(correlate(toPlace({ incidents, unplaced: [crash(3, 300_000)], now }))).toMatchObject([join]);
    const more = [3, 4, 5].map((app) => crash(app, 300_000));
    expect(correlate(toPlace({ incidents, unplaced: more, now }))).toMatchObject([join, join, join]);
  });

  test('are no longer when the window is over', () => {
    const late = 200_000 + WINDOW_MS;
    const placements = correlate(toPlace({ incidents: [alone(2), alone(1)], unplaced: [crash(3, late - GATHER_MS)], now: late }));
    expect(placements).toMatchObject([{ place: 'open' }]);
  });

  test('have nothing to do with a volume that fills up', () => {
    const full = episodeOf({ name: 'PVFillingUp', labels: { namespace: 'app3', persistentvolumeclaim: 'data' } }, 300_000);
    const placements = correlate(toPlace({ incidents: [alone(2), alone(1)], unplaced: [full], now }));
    expect(placements).toMatchObject([{ place: 'open' }]);
  });
});

describe('an alert that fires again', () => {
  const ended = { at: 100_000, because: 'all-ended' } as const;
  const before = openIncident({ cause: { ...NAS, because: 'proved', provedAt: 0 }, closed: ended, members: [crash(1)] });
  const again = crash(1, 200_000);

  test('comes back to its incident within the window, and others of its cause with it', () => {
    const placements = correlate(toPlace({ incidents: [before], unplaced: [again, crash(2, 200_000)], now: 200_000 }));
    expect(placements).toMatchObject([
      { place: 'join', incident: 'inc-1' },
      { place: 'join', incident: 'inc-1' },
    ]);
  });

  test('begins a new one after it', () => {
    const now = ended.at + WINDOW_MS;
    expect(correlate(toPlace({ incidents: [before], unplaced: [again], now }))).toMatchObject([{ place: 'open' }]);
  });

  test('begins a new one where a person has closed the old one', () => {
    const closed = { at: 100_000, because: 'closed', by: { id: 'U1', name: 'Ada' } } as const;
    const placements = correlate(toPlace({ incidents: [{ ...before, closed }], unplaced: [again], now: 300_000 }));
    expect(placements).toMatchObject([{ place: 'open' }]);
  });
});
