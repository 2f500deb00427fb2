import { describe, expect, test } from 'vitest';
import type { Outcome } from '../core/output.ts';
import { createResolveHost } from './resolve-host.ts';
import type { SshEndpoint } from './ssh/types.ts';

const PINNED = ['SHA256:p2QAMXNIC1TJYWeIOttrVc98/R1BUFWu3/LiyKgUfQM'];
const read = { user: 'reader', privateKey: 'r' };
const change = { user: 'changer', privateKey: 'c' };
const truenas: SshEndpoint = { address: '10.0.10.15', port: 22, hostKeys: PINNED, read, change };

function nodeList(addresses: Record<string, string>): Outcome {
  const items = Object.entries(addresses).map(([name, address]) => ({
    metadata: { name },
    spec: {},
    status: {
      addresses: [
        { type: 'Hostname', address: name },
        { type: 'InternalIP', address },
      ],
    },
  }));
  return { exitCode: 0, stdout: JSON.stringify({ items }), stderr: '' };
}

const apiDown: Outcome = {
  failed: 'unreachable',
  says: 'Nothing answers at the API server.',
  toDo: 'Look at the control plane.',
};

function site() {
  const state = { now: 0, asked: 0, answer: nodeList({ node1: '10.0.20.101', node2: '10.0.20.102', node4: '10.0.20.104' }) };
  const resolve = createResolveHost({
    hosts: new Map([['truenas', truenas]]),
    nodes: {
      read,
      change,
      port: 22,
      jump: 'bastion',
      hostKeys: new Map([
        ['node1', PINNED],
        ['node3', PINNED],
        ['node4', PINNED],
      ]),
      addresses: new Map([['node4', { address: '192.168.1.4', port: 2222 }]]),
    },
    ask: async () => {
      state.asked += 1;
      return state.answer;
    },
    now: () => state.now,
  });
  return { state, resolve };
}

describe('the address of a machine', () => {
  test('comes from the configuration for a host, without asking the cluster', async () => {
    const { state, resolve } = site();
    expect(await resolve('truenas')).toEqual(truenas);
    expect(state.asked).toBe(0);
  });

  test('comes from the cluster for a node, with its pinned keys', async () => {
    expect(await site().resolve('node1')).toEqual({
      address: '10.0.20.101',
      port: 22,
      hostKeys: PINNED,
      read,
      change,
      jump: 'bastion',
    });
  });

  test('comes from the configuration for a node that has an address there', async () => {
    const { state, resolve } = site();
    expect(await resolve('node4')).toMatchObject({ address: '192.168.1.4', port: 2222 });
    expect(state.asked).toBe(0);
  });

  test('is asked of the cluster once for many nodes, and again after 30 s', async () => {
    const { state, resolve } = site();
    await Promise.all([resolve('node1'), resolve('node2'), resolve('node1')]);
    state.now = 29_999;
    await resolve('node1');
    expect(state.asked).toBe(1);
    state.now = 30_000;
    state.answer = nodeList({ node1: '10.0.20.111' });
    expect(await resolve('node1')).toMatchObject({ address: '10.0.20.111' });
    expect(state.asked).toBe(2);
  });

  test('is the last known one while the cluster does not answer, and the cluster is asked again next time', async () => {
    const { state, resolve } = site();
    await resolve('node1');
    state.now = 60_000;
    state.answer = apiDown;
    expect(await resolve('node1')).toMatchObject({ address: '10.0.20.101' });
    expect(await resolve('node1')).toMatchObject({ address: '10.0.20.101' });
    expect(state.asked).toBe(3);
  });
});

describe('a machine that cannot be resolved', () => {
  test('has no pinned host key: the answer names the setting and how to get its value', async () => {
    expect(await site().resolve('node2')).toEqual({
      failed: 'not-configured',
      says: 'No host key is pinned for node node2, so nothing is sent to 10.0.20.102: anything could answer there.',
      toDo: expect.stringMatching(
        /nodes\.hostKeys\.node2.*ssh-keyscan -p 22 10\.0\.20\.102 \| ssh-keygen -lf - .*must be compared/,
      ),
    });
  });

  test.each(['node3', 'elsewhere', 'constructor', '__proto__'])('is known to nobody: %s', async (name) => {
    expect(await site().resolve(name)).toMatchObject({ failed: 'not-configured', says: expect.stringContaining(name) });
  });

  test('the cluster does not answer: it stays a "could not look" with the reason, and is tried again', async () => {
    const { state, resolve } = site();
    state.answer = apiDown;
    expect(await resolve('node1')).toMatchObject({
      failed: 'unreachable',
      says: expect.stringContaining('Nothing answers at the API server.'),
      toDo: expect.stringContaining('nodes.addresses.node1'),
    });
    state.answer = nodeList({ node1: '10.0.20.101' });
    expect(await resolve('node1')).toMatchObject({ address: '10.0.20.101' });
  });

  test('the cluster answers with something else than a list of nodes', async () => {
    const { state, resolve } = site();
    state.answer = { exitCode: 0, stdout: '<html>', stderr: '' };
    expect(await resolve('node1')).toMatchObject({ failed: 'unreadable' });
  });
});
