import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { json } from 'node:stream/consumers';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createNotifier } from './notifier.ts';
import { fire, resolve } from './site/alerts.ts';
import { newWorld, type World } from './site/world.ts';

interface Notification {
  readonly alerts: readonly { readonly status: string; readonly labels: Readonly<Record<string, string>> }[];
}

const heard: Notification[] = [];
const webhook = createServer((request, response) => {
  void json(request).then((body) => {
    heard.push(body as Notification);
    response.end();
  });
});

beforeEach(async () => {
  heard.length = 0;
  webhook.listen(0, '127.0.0.1');
  await once(webhook, 'listening');
});
afterEach(() => void webhook.close());

function stand(inhibits: boolean) {
  const world: World = newWorld();
  const { port } = webhook.address() as AddressInfo;
  const { notify } = createNotifier({ world, url: `http://127.0.0.1:${port}/`, token: 'token', inhibits });
  /** What is told of pods that crash. */
  const told = async () => {
    heard.length = 0;
    await notify();
    return heard.flatMap(({ alerts }) => alerts).filter(({ labels }) => labels['alertname'] === CRASH);
  };
  return { world, told };
}

const CRASH = 'PodCrashLooping';
const DOWN = { alertname: 'NodeDown', node: 'k8s-node3' };

test('Alertmanager without rules of inhibition tells all', async () => {
  const { world, told } = stand(false);
  fire(world, DOWN);
  fire(world, { alertname: CRASH, pod: 'a' });
  expect(await told()).toMatchObject([{ status: 'firing', labels: { pod: 'a' } }]);
});

test('what is inhibited is not told, until what inhibits it has ended', async () => {
  const { world, told } = stand(true);
  fire(world, DOWN);
  fire(world, { alertname: CRASH, pod: 'a' });
  expect(await told()).toEqual([]);
  resolve(world, DOWN);
  expect(await told()).toMatchObject([{ status: 'firing', labels: { pod: 'a' } }]);
  resolve(world, { alertname: CRASH });
  expect(await told()).toMatchObject([{ status: 'resolved', labels: { pod: 'a' } }]);
});

test('what was told, and ends while it is inhibited, ends without a word', async () => {
  const { world, told } = stand(true);
  fire(world, { alertname: CRASH, pod: 'a' });
  expect(await told()).toHaveLength(1);
  fire(world, DOWN);
  expect(await told()).toEqual([]);
  resolve(world, { alertname: CRASH });
  expect(await told()).toEqual([]);
  fire(world, { alertname: CRASH, pod: 'b' });
  resolve(world, DOWN);
  expect(await told()).toMatchObject([{ status: 'firing', labels: { pod: 'b' } }]);
});

test('what is silenced is not told', async () => {
  const { world, told } = stand(true);
  const { nowMs } = world.time;
  world.alerting.silences.push({
    id: '70fcb2ff-eab7-416d-b4b5-62972281074f',
    matchers: [{ name: 'pod', value: 'a', isRegex: false, isEqual: true }],
    startsAtMs: nowMs,
    endsAtMs: nowMs + 60_000,
    updatedAtMs: nowMs,
    createdBy: 'operator',
    comment: 'known',
  });
  for (const pod of ['a', 'b']) fire(world, { alertname: CRASH, pod });
  expect(await told()).toMatchObject([{ labels: { pod: 'b' } }]);
});
