import { expect, test } from 'vitest';
import type { FileSystemRates } from '../../src/commands/nfs-rates.ts';
import { parseConfig } from '../../src/config/config.ts';
import { siteOf } from '../../src/config/site.ts';
import type { Known } from '../../src/core/reading.ts';
import { exampleText } from '../../test/example-config.ts';
import { slowEverywhere } from './diagnose/parts.ts';
import type { NodeFacts } from './facts.ts';
import { isLossy, isQueueing, isSlow, ratesOfNodes } from './facts.ts';

const site = siteOf(parseConfig(exampleText));

function known<T>(value: T): Known<T> {
  return { known: true, value, asks: '', line: '', outcome: { exitCode: 0, stdout: '', stderr: '' } };
}

function node(name: string, opsPerS: number, { rttMs = 2, exeMs = 0, retransPercent = 0 } = {}): NodeFacts {
  const figures = { opsPerS, readKBPerS: 0, writeKBPerS: 0, retransPercent, times: { rttMs, exeMs: Math.max(rttMs, exeMs) } };
  const rates: FileSystemRates = { server: site.nas.nfsAddresses[0], paths: ['/mnt/main/a'], mountPoints: ['/a'], ...figures };
  return { name, processes: known([]), traffic: known([]), rates: known([rates]) };
}

const slow = [node('one', 80, { rttMs: 90 }), node('two', 40, { rttMs: 200 })];
const namesOf = (nodes: readonly NodeFacts[]) => slowEverywhere({ site, nodes })?.map((each) => each.node);

test('the server is slow where two nodes wait and no node that really asks is answered quickly', () => {
  expect(namesOf(slow)).toEqual(['one', 'two']);
  expect(namesOf(slow.slice(1))).toBeUndefined();
  expect(namesOf([...slow, node('busy', 50)])).toBeUndefined();
});

test('two quick answers out of memory do not make a slow server quick', () => {
  expect(namesOf([...slow, node('idle', 0.7)])).toEqual(['one', 'two']);
});

test('one call alone that waited makes nobody slow, one that waited very long does', () => {
  const [short, long] = ratesOfNodes({ site, nodes: [node('a', 0.33, { rttMs: 45 }), node('b', 0.33, { rttMs: 2_000 })] });
  expect([short, long].map((each) => each && isSlow(each))).toEqual([false, true]);
});

test('one call sent again of few is chance; from 1 % and one a second on it is loss', () => {
  const nodes = [
    node('a', 20, { retransPercent: 1.6 }),
    node('b', 100, { retransPercent: 1 }),
    node('c', 900, { retransPercent: 0.9 }),
  ];
  expect(ratesOfNodes({ site, nodes }).map(isLossy)).toEqual([false, true, false]);
});

test('calls queue on a node where most of their time they wait there, and it is not one call alone', () => {
  const waits = { rttMs: 5, exeMs: 60 };
  const nodes = [node('a', 40, waits), node('b', 0.33, waits), node('c', 40, { rttMs: 8, exeMs: 21 }), node('d', 40)];
  expect(ratesOfNodes({ site, nodes }).map(isQueueing)).toEqual([true, false, false, false]);
});
