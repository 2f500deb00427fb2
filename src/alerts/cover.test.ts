import { expect, test } from 'vitest';
import type { Foundation } from '../core/foundation.ts';
import { cover } from './cover.ts';
import { episodeOf } from './fixtures/outage.ts';
import { placedOf } from './placed.ts';

const NAS: Foundation = { kind: 'nas', name: 'nas' };
const DRIVER: Foundation = { kind: 'driver', name: 'nfs.csi.k8s.io' };

function placed(name: string, names: readonly Foundation[], on: readonly Foundation[]) {
  const subject: Foundation = { kind: 'workload', name: `apps/${name}` };
  return placedOf(episodeOf({ name, labels: {} }, 0), { kind: 'unavailable', names, standsOn: [...on, subject], subject });
}

function onNode(node: string) {
  const part = placed(node, [], [NAS]);
  return placedOf(part.episode, { ...part.standing, standsOn: [NAS, DRIVER], subject: DRIVER, part: node });
}

test('what is ill on two nodes is named by both, and by two alerts of one node it is not', () => {
  const pod = placed('pod', [], [NAS, DRIVER]);
  expect(causes(onNode('node1'), onNode('node1'), pod)).toEqual([
    ['own', 'nfs.csi.k8s.io', ['node1', 'node1']],
    ['own', 'apps/pod', ['pod']],
  ]);
  expect(causes(onNode('node1'), onNode('node2'), pod)).toEqual([['named', 'nfs.csi.k8s.io', ['node1', 'node2', 'pod']]]);
});

function causes(...all: ReturnType<typeof placed>[]) {
  return cover(all).map(({ cause, members }) => [cause.because, cause.name, members.map(({ episode }) => episode.name)]);
}

test('the lowest of what alerts name comes first, with all that stand on it', () => {
  expect(causes(placed('a', [DRIVER], [NAS, DRIVER]), placed('b', [NAS], [NAS]), placed('c', [], [NAS]))).toEqual([
    ['named', 'nas', ['a', 'b', 'c']],
  ]);
});

test('what only an alert names that a lower cause explains is no cause of others', () => {
  expect(causes(placed('a', [DRIVER], [NAS, DRIVER]), placed('b', [NAS], [NAS]), placed('c', [], [DRIVER]))).toEqual([
    ['named', 'nas', ['a', 'b']],
    ['own', 'apps/c', ['c']],
  ]);
});

test('three subjects that share something are one, two are two', () => {
  const [a, b, c] = ['a', 'b', 'c'].map((name) => placed(name, [], [NAS, DRIVER]));
  if (a === undefined || b === undefined || c === undefined) throw new Error('there are three');
  expect(causes(a, b, c)).toEqual([['shared', 'nas', ['a', 'b', 'c']]]);
  expect(causes(a, b).map(([because]) => because)).toEqual(['own', 'own']);
});

test('of what explains as many the one that fewer stand on counts', () => {
  const server: Foundation = { kind: 'database-server', name: 'dbaas/pg' };
  const both = ['a', 'b', 'c'].map((name) => placed(name, [], [NAS, server]));
  expect(causes(...both)).toEqual([['shared', 'dbaas/pg', ['a', 'b', 'c']]]);
  expect(causes(...both, placed('d', [], [NAS]))).toEqual([['shared', 'nas', ['a', 'b', 'c', 'd']]]);
});
