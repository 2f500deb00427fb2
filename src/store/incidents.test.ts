import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Alert } from '../core/alert.ts';
import { openTestStore } from './fixtures/open-store.ts';
import type { Store } from './store.ts';

const nas = { kind: 'nas', name: 'nas' } as const;
const server = { kind: 'workload', name: 'immich/server' } as const;
const own = { ...server, because: 'own' } as const;
const person = { id: 'UOPERATOR', name: 'operator' };
const other = { id: 'UOTHER', name: 'other' };

const by = { run: 'r1', round: 1 };
const proved = { ...nas, because: 'proved', provedAt: 6_500, provedBy: by } as const;
const cleared = { ...server, at: 6_500, by, wasIll: false };

let parent: string;
let store: Store;
let heard: string[];

beforeEach(() => {
  parent = mkdtempSync(join(tmpdir(), 'storagebot-incidents-'));
  open();
});

afterEach(() => {
  store.close();
  rmSync(parent, { recursive: true });
});

function open(): void {
  store = openTestStore(join(parent, 'state'));
  heard = [];
  store.subscribeIncidents((incident) => heard.push(incident));
}

function reopen(): void {
  store.close();
  open();
}

function alert(fingerprint: string, more: Partial<Alert> = {}): Alert {
  return { source: 'alertmanager', fingerprint, name: 'PodNotReady', labels: {}, annotations: {}, startsAt: 1_000, ...more };
}

function tell(...alerts: Alert[]): void {
  store.addDeliveries([{ source: 'alertmanager', at: 5_000, body: '{}' }]);
  for (const { id, at } of store.nextDeliveries(1)) store.applyDeliveries([{ id, at, alerts }]);
}

/** One incident with one member that fires. */
function opened(id = 'inc-1', member = alert('a')): string {
  tell(member);
  store.addIncident({ id, cause: own, candidates: [nas, own], members: [member], openedAt: 6_000 });
  return id;
}

describe('an incident', () => {
  test('is there after a restart, with its members, its cause and what was said over it', () => {
    const id = opened();
    store.acknowledgeIncident(id, { by: person, at: 7_000 });
    store.takeIncident(id, { by: other, at: 8_000 });
    store.setCause(id, proved, [cleared]);
    reopen();
    expect(store.incident(id)).toMatchObject({
      id,
      cause: proved,
      cleared: [cleared],
      candidates: [nas, server],
      openedAt: 6_000,
      acknowledged: { by: person, at: 7_000 },
      taken: { by: other, at: 8_000 },
      runs: [],
      members: [{ fingerprint: 'a', incident: id }],
      revision: 5,
    });
    expect(store.openIncidents().map((each) => each.id)).toEqual([id]);
  });

  test('takes a member only once, and no other incident takes it', () => {
    const id = opened();
    tell(alert('b'));
    store.joinIncident(id, { members: [alert('a'), alert('b')], candidates: [nas] });
    expect(store.incident(id)?.members.map(({ fingerprint }) => fingerprint)).toEqual(['a', 'b']);
    const second = { id: 'inc-2', cause: own, candidates: [], members: [alert('b')], openedAt: 7_000 };
    expect(() => store.addIncident(second)).toThrow('belongs to another incident');
    expect(store.incident('inc-2')).toBeUndefined();
    expect(() => store.joinIncident(id, { members: [alert('unheard')], candidates: [] })).toThrow('is not known');
  });

  test('is open again when somebody joins after its end, and wants another diagnosis then', () => {
    const id = opened();
    store.skipDiagnosis(id);
    tell(alert('a', { endsAt: 5_500 }), alert('b'));
    store.changeIncident(id, 6_500);
    store.joinIncident(id, { members: [alert('b')], candidates: [nas] });
    expect(store.wantsDiagnosis(id)).toBe(false);
    expect(store.incident(id)).not.toHaveProperty('quietSince');
    expect(store.closeIncident(id, { at: 9_000, because: 'all-ended' })).toBe(true);
    expect(store.closeIncident(id, { at: 9_001, because: 'closed', by: person })).toBe(false);
    expect(store.incidentsClosedSince(9_000)).toHaveLength(1);
    expect(store.incidentsClosedSince(9_001)).toEqual([]);
    store.joinIncident(id, { members: [], candidates: [nas] });
    expect(store.incident(id)).not.toHaveProperty('closed');
    expect(store.wantsDiagnosis(id)).toBe(true);
  });

  test('wants another diagnosis when somebody who joins tells of another cause, and not when he is only surer of the same', () => {
    const id = opened();
    store.skipDiagnosis(id);
    store.joinIncident(id, { members: [], candidates: [nas], cause: { ...own, because: 'named' } });
    expect(store.wantsDiagnosis(id)).toBe(false);
    store.joinIncident(id, { members: [], candidates: [nas], cause: { ...nas, because: 'named' } });
    expect(store.wantsDiagnosis(id)).toBe(true);
    expect(store.incident(id)?.cause).toEqual({ ...nas, because: 'named' });
  });

  test('is shown again after each change, and not after what changed nothing', () => {
    const id = opened();
    const shown = () => store.markIncidentReported(id, { revision: store.incident(id)?.revision ?? 0, thread });
    const thread = { kind: 'slack', channel: 'C1', thread: '1.2' } as const;
    expect(store.threadOf(id)).toBeUndefined();
    shown();
    expect(store.unreportedIncidents()).toEqual([]);
    expect(store.acknowledgeIncident(id, { by: person, at: 1 })).toBe(true);
    expect(store.unreportedIncidents()).toEqual([id]);
    shown();
    heard = [];
    expect(store.acknowledgeIncident(id, { by: other, at: 2 })).toBe(false);
    expect(store.setCause(id, own, [])).toBe(false);
    expect(store.takeIncident(id, { by: person, at: 3 })).toBe(true);
    shown();
    expect(store.takeIncident(id, { by: person, at: 4 })).toBe(false);
    store.touchMembers([alert('unheard')]);
    expect(store.unreportedIncidents()).toEqual([]);
    store.touchMembers([alert('a')]);
    expect(store.unreportedIncidents()).toEqual([id]);
    expect(heard).toEqual([id, id]);
    reopen();
    expect(store.threadOf(id)).toEqual(thread);
  });

  test('remembers each of its runs once, in the order in which they began', () => {
    const id = opened();
    const run = {
      runbook: 'triage',
      arguments: [],
      requester: person,
      origin: { kind: 'cli' },
      buildVersion: '1',
      startedAt: 1,
    } as const;
    for (const each of ['r2', 'r1']) store.addRun({ ...run, id: each });
    expect(store.wantsDiagnosis(id)).toBe(true);
    expect([store.addIncidentRun(id, 'r2'), store.addIncidentRun(id, 'r1'), store.addIncidentRun(id, 'r2')]).toEqual([
      true,
      true,
      false,
    ]);
    expect(store.wantsDiagnosis(id)).toBe(false);
    expect(store.incident(id)?.runs).toEqual(['r2', 'r1']);
    expect(store.incidentOfRun('r1')).toBe(id);
    expect(store.incidentOfRun('r3')).toBeUndefined();
  });
});

test('episodes that fire and have no incident are to be placed; the others say which incidents go on', () => {
  const id = opened();
  expect(store.hasUnplaced()).toBe(false);
  tell(alert('b'), alert('c', { endsAt: 1_500 }));
  expect(store.hasUnplaced()).toBe(true);
  expect(store.unplacedEpisodes().map(({ fingerprint }) => fingerprint)).toEqual(['b']);
  expect([...store.firingIncidents()]).toEqual([id]);
  tell(alert('a', { endsAt: 2_000 }));
  expect([...store.firingIncidents()]).toEqual([]);
});
