import { describe, expect, test } from 'vitest';
import { understand } from '../core/reading.ts';
import { postgresClusters } from './cnpg.ts';

const metadata = { namespace: 'dbaas', name: 'pg-cluster', uid: 'u-1' };

function clusters(...items: readonly object[]) {
  return understand(postgresClusters(), { exitCode: 0, stdout: JSON.stringify({ items }), stderr: '' });
}

describe('a cluster of PostgreSQL', () => {
  test('that is healthy has a primary and nothing fenced', () => {
    const status = {
      phase: 'Cluster in healthy state',
      readyInstances: 2,
      currentPrimary: 'pg-cluster-1',
      targetPrimary: 'pg-cluster-1',
    };
    expect(clusters({ metadata, spec: { instances: 2 }, status })).toMatchObject({
      known: true,
      value: [{ ...metadata, instances: 2, ...status, fenced: [], hibernated: false, isGoing: false }],
    });
  });

  test('that nobody has looked at yet has no phase and no primary', () => {
    const seen = clusters({ metadata, spec: { instances: 3 } });
    expect(seen).toMatchObject({ known: true, value: [{ phase: '', readyInstances: 0, instances: 3 }] });
    expect(seen.known && seen.value[0]).not.toHaveProperty('currentPrimary');
  });

  test.each([
    ['["pg-cluster-2"]', ['pg-cluster-2']],
    ['["*"]', ['*']],
    ['[]', []],
    ['', []],
  ])('with the annotation %s has %j fenced', (annotation, fenced) => {
    const annotations = { 'cnpg.io/fencedInstances': annotation };
    expect(clusters({ metadata: { ...metadata, annotations }, spec: { instances: 2 } })).toMatchObject({ value: [{ fenced }] });
  });

  test('with a fence of another form is "could not look": it may be stopped', () => {
    const annotations = { 'cnpg.io/fencedInstances': 'pg-cluster-2' };
    expect(clusters({ metadata: { ...metadata, annotations }, spec: { instances: 2 } })).toMatchObject({
      known: false,
      why: { failed: 'unreadable' },
    });
  });

  test('sleeps only where the annotation says on', () => {
    const asleep = (value: string) =>
      clusters({ metadata: { ...metadata, annotations: { 'cnpg.io/hibernation': value } }, spec: { instances: 2 } });
    expect(asleep('on')).toMatchObject({ value: [{ hibernated: true }] });
    expect(asleep('off')).toMatchObject({ value: [{ hibernated: false }] });
  });
});
