import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Alert } from '../core/alert.ts';
import { openTestStore } from './fixtures/open-store.ts';
import type { Store } from './store.ts';

const nas = { kind: 'nas', name: 'nas' } as const;
const person = { id: 'UOPERATOR', name: 'operator' };

let parent: string;
let store: Store;

beforeEach(() => {
  parent = mkdtempSync(join(tmpdir(), 'storagebot-diagnoses-'));
  store = openTestStore(join(parent, 'state'));
});

afterEach(() => {
  store.close();
  rmSync(parent, { recursive: true });
});

function alert(fingerprint: string, more: Partial<Alert> = {}): Alert {
  return { source: 'alertmanager', fingerprint, name: 'PodNotReady', labels: {}, annotations: {}, startsAt: 1_000, ...more };
}

/** One incident for each of these, with one member that fires. */
function opened(...ids: string[]): void {
  store.addDeliveries([{ source: 'alertmanager', at: 5_000, body: '{}' }]);
  for (const { id, at } of store.nextDeliveries(1))
    store.applyDeliveries([{ id, at, alerts: ids.map((each) => alert(each)), canAsk: false }]);
  for (const [index, id] of ids.entries())
    store.addIncident({ id, cause: { ...nas, because: 'own' }, candidates: [nas], members: [alert(id)], openedAt: index });
}

function ran(incident: string, id: string): void {
  const origin = { kind: 'alert' } as const;
  store.addRun({ id, runbook: 'triage', arguments: [], requester: person, origin, buildVersion: '1', startedAt: 1 });
  store.addIncidentRun(incident, id);
}

describe('a diagnosis that is wanted', () => {
  test('has a key of its own, which stays the same until it was begun', () => {
    opened('a');
    expect(store.wishOf('a')).toEqual({ key: 'a 1' });
    expect(store.wantDiagnosis('a', { by: person })).toBe(false);
    expect(store.wishOf('a')).toEqual({ key: 'a 1' });
    ran('a', 'r1');
    expect(store.wishOf('a')).toBeUndefined();
    expect(store.wantDiagnosis('a', { by: person })).toBe(true);
    expect(store.wishOf('a')).toEqual({ key: 'a 2', by: person });
  });

  test('is no longer one for another way to look when somebody wants to begin anew', () => {
    opened('a');
    ran('a', 'r1');
    expect(store.wantDiagnosis('a', { next: true })).toBe(true);
    expect(store.wishOf('a')).toEqual({ key: 'a 2', next: true });
    expect(store.wantDiagnosis('a')).toBe(true);
    expect(store.wishOf('a')).toEqual({ key: 'a 2' });
  });

  test('is not ended by a run that was remembered before', () => {
    opened('a');
    ran('a', 'r1');
    store.wantDiagnosis('a');
    expect(store.addIncidentRun('a', 'r1')).toBe(false);
    expect(store.wishOf('a')).toEqual({ key: 'a 2' });
  });

  test('is not one of an incident that is closed', () => {
    opened('a');
    ran('a', 'r1');
    store.closeIncident('a', { at: 1, because: 'closed', by: person });
    expect(store.wantDiagnosis('a')).toBe(false);
    expect(store.wantsDiagnosis('a')).toBe(false);
  });

  test('ends what an offer was withdrawn for', () => {
    opened('a');
    ran('a', 'r1');
    store.withhold('a', 'maintenance');
    const { revision = 0 } = store.incident('a') ?? {};
    store.withhold('a', 'maintenance');
    expect(store.incident('a')).toMatchObject({ withheldBy: 'maintenance', revision });
    store.wantDiagnosis('a');
    expect(store.incident('a')).not.toHaveProperty('withheldBy');
  });
});

describe('an incident that goes on in another', () => {
  test('gives it its alerts and who looks after it, and is closed', () => {
    opened('a', 'b');
    store.changeIncident('a', 7_000);
    store.takeIncident('b', { by: person, at: 8_000 });
    expect(store.mergeIncident({ from: 'b', into: 'a', candidates: [nas], at: 9_000 })).toBe(true);
    expect(store.incident('a')).toMatchObject({
      taken: { by: person, at: 8_000 },
      members: [
        { fingerprint: 'a', incident: 'a' },
        { fingerprint: 'b', incident: 'a' },
      ],
    });
    expect(store.incident('a')).not.toHaveProperty('quietSince');
    expect(store.incident('b')).toMatchObject({ closed: { at: 9_000, because: 'merged', into: 'a' }, members: [] });
    expect(store.wantsDiagnosis('b')).toBe(false);
    expect(store.unreportedIncidents()).toEqual(['a', 'b']);
  });

  test('does so only while both are open', () => {
    opened('a', 'b');
    store.closeIncident('a', { at: 1, because: 'closed', by: person });
    expect(store.mergeIncident({ from: 'b', into: 'a', candidates: [], at: 2 })).toBe(false);
    expect(store.mergeIncident({ from: 'b', into: 'b', candidates: [], at: 2 })).toBe(false);
    expect(store.incident('b')).toMatchObject({ members: [{ incident: 'b' }] });
    expect(store.incident('b')).not.toHaveProperty('closed');
  });
});
