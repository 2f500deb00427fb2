import { describe, expect, test } from 'vitest';
import type { Episode } from '../core/alert.ts';
import type { Foundation } from '../core/foundation.ts';
import { correlate } from './correlate.ts';
import { episodeOf } from './fixtures/outage.ts';
import { crash, openIncident } from './fixtures/placing.ts';
import { GATHER_MS, toPlace, WINDOW_MS } from './fixtures/simulation.ts';

const NAS: Foundation = { kind: 'nas', name: 'nas' };
const MYSQL: Foundation = { kind: 'database-server', name: 'dbaas/mysql-cluster' };

describe('an alert without an incident', () => {
  test('waits for others, all until the first of those that share something is old enough', () => {
    const unplaced = [crash(1, 10_000), crash(2, 20_000), crash(3, 39_000)];
    const until40s = { place: 'wait', for: 'gathering', until: 40_000 };
    expect(correlate(toPlace({ unplaced, now: 39_999 }))).toMatchObject([until40s, until40s, until40s]);
    expect(correlate(toPlace({ unplaced, now: 40_000 }))).toMatchObject([
      { place: 'open', cause: { ...NAS, because: 'shared' } },
    ]);
  });

  test('is alone with its own subject where nothing is shared', () => {
    const placements = correlate(toPlace({ unplaced: [crash(1)] }));
    expect(placements).toMatchObject([{ place: 'open', cause: { kind: 'workload', name: 'app1/web', because: 'own' } }]);
  });

  test('is one incident with others of its subject, also with those about its volume', () => {
    const replicas = episodeOf({ name: 'DeploymentReplicasMismatch', labels: { namespace: 'app1', deployment: 'web' } }, 0);
    const claim = episodeOf(
      { name: 'KubePersistentVolumeErrors', labels: { namespace: 'app1', persistentvolumeclaim: 'data' } },
      0,
    );
    expect(correlate(toPlace({ unplaced: [crash(1), replicas, claim] }))).toMatchObject([
      { place: 'open', cause: { kind: 'claim', name: 'app1/data' } },
    ]);
  });

  test('that is about its subject alone is not explained by what is under it', () => {
    const full = episodeOf({ name: 'PVFillingUp', labels: { namespace: 'app1', persistentvolumeclaim: 'data' } }, 0);
    const nas = openIncident({ cause: { ...NAS, because: 'proved', provedAt: 0 } });
    expect(correlate(toPlace({ incidents: [nas], unplaced: [full] }))).toMatchObject([
      { place: 'open', cause: { kind: 'claim', name: 'app1/data', because: 'own' } },
    ]);
  });

  test('of two pods that could have one cause the second waits for the diagnosis of the first', () => {
    const placements = correlate(toPlace({ unplaced: [crash(1), crash(2)] }));
    expect(placements.map(({ place }) => place)).toEqual(['open', 'wait']);
    expect(placements[1]).toMatchObject({ for: 'diagnosing', until: 2 * GATHER_MS });
  });

  test.each<readonly [string, Foundation, number]>([
    ['a diagnosis that hangs for no longer than the window', NAS, WINDOW_MS],
    ['what has the hypervisor alone in common with it for less', { kind: 'hypervisor', name: 'pve' }, 6 * GATHER_MS],
  ])('waits for %s', (_, candidate, most) => {
    const first = openIncident({ cause: { kind: 'workload', name: 'app1/web', because: 'own' }, candidates: [candidate] });
    const at = (now: number) => correlate(toPlace({ incidents: [first], unplaced: [crash(2)], now, running: () => true }));
    expect(at(most - 1)).toMatchObject([{ place: 'wait', until: most }]);
    expect(at(most)).toMatchObject([{ place: 'open' }]);
  });
});

describe('a critical alert', () => {
  const urgent: Episode = { ...crash(2), labels: { ...crash(2).labels, severity: 'critical' } };
  const before = (candidate: Foundation) =>
    openIncident({ cause: { kind: 'workload', name: 'app1/web', because: 'own' }, candidates: [candidate] });
  const at = (now: number, candidate: Foundation, runs: boolean) =>
    correlate(toPlace({ incidents: [before(candidate)], unplaced: [urgent], now, running: () => runs }));

  test('waits for a diagnosis that may prove its cause, and not as long as others', () => {
    expect(at(6 * GATHER_MS - 1, NAS, true)).toMatchObject([{ place: 'wait', for: 'diagnosing' }]);
    expect(at(6 * GATHER_MS, NAS, true)).toMatchObject([{ place: 'open' }]);
  });

  test('does not wait for one that has the hypervisor alone in common with it', () => {
    expect(at(GATHER_MS, { kind: 'hypervisor', name: 'pve' }, true)).toMatchObject([{ place: 'open' }]);
  });

  test('never waits for an incident at which nobody looks', () => {
    expect(at(GATHER_MS, NAS, false)).toMatchObject([{ place: 'open' }]);
  });
});

test('an alert that names its cause waits less for a diagnosis that may find another', () => {
  const stuck = openIncident({
    cause: { kind: 'alert', name: 'PodsStuckContainerCreating', because: 'own' },
    candidates: [{ kind: 'node', name: 'node4' }],
  });
  const down = episodeOf({ name: 'NodeDown', labels: { node: 'node4' } }, 0);
  const mysql = episodeOf({ name: 'MySQLDown', labels: {} }, 0);
  const at = (now: number, unplaced: Episode) =>
    correlate(toPlace({ incidents: [stuck], unplaced: [unplaced], now, running: () => true }));
  expect(at(GATHER_MS, mysql)).toMatchObject([{ place: 'wait', for: 'diagnosing' }]);
  expect(at(6 * GATHER_MS, mysql)).toMatchObject([{ place: 'open', cause: { ...MYSQL, because: 'named' } }]);
  expect(at(GATHER_MS, down)).toMatchObject([{ place: 'join', cause: { kind: 'node', name: 'node4', because: 'named' } }]);
});
