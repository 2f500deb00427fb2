import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { Accepted } from '../../src/alerts/intake.ts';
import { serveWebhooks, type Webhooks } from './index.ts';

let tokens: string[];
let logged: object[];
let told: string[];
let webhooks: Webhooks;
let accept: () => Promise<Accepted>;

beforeEach(async () => {
  [tokens, logged, told] = [['old', 'new'], [], []];
  accept = async () => ({ kind: 'kept' });
  webhooks = await serveWebhooks({
    listen: { address: '127.0.0.1', port: 0 },
    tokens: () => tokens,
    accept: () => accept(),
    tell: (problem) => void told.push(problem),
    log: { warn: (fields, message) => void logged.push({ ...fields, message }) },
  });
});
afterEach(() => {
  vi.useRealTimers();
  return webhooks.close();
});

async function post(token: string | undefined, path = '/alertmanager'): Promise<number> {
  const headers: Record<string, string> = {
    connection: 'close',
    ...(token !== undefined && { authorization: `Bearer ${token}` }),
  };
  const response = await fetch(`http://127.0.0.1:${webhooks.port}${path}`, { method: 'POST', headers, body: '{}' });
  await response.text();
  return response.status;
}

test('every token that is good now is known, and no other', async () => {
  expect([await post('old'), await post('new'), await post('older')]).toEqual([200, 200, 401]);
  tokens = ['new'];
  expect([await post('old'), await post('new')]).toEqual([401, 200]);
  tokens = [];
  expect(await post('new')).toBe(401);
});

test('a fault of the bot itself is 503: then it is sent again', async () => {
  accept = () => Promise.reject(new RangeError('too much recursion'));
  expect(await post('new')).toBe(503);
  expect(logged).toContainEqual(expect.objectContaining({ message: 'a notification could not be taken' }));
});

test('alerts are taken also where the address ends with a slash or has more in it', async () => {
  for (const path of ['/alertmanager/', '/alertmanager?from=a', '/grafana/?from=a']) expect(await post('new', path)).toBe(200);
  for (const path of ['//alertmanager', '/alertmanager/x', '/alertmanager//']) expect(await post('new', path)).toBe(404);
});

test('people hear of what a sender of ours does wrong, and not of what anybody else does', async () => {
  await post(undefined);
  await post(undefined, '/');
  await post('wrong', '/');
  expect(told).toEqual([]);
  await post('wrong');
  await post('new', '/alertmanger');
  expect(told).toEqual([expect.stringMatching(/\/alertmanager are refused \(401\)/), expect.stringMatching(/\(404\)/)]);
  expect(JSON.stringify([told, logged])).not.toContain('wrong"');
});

test('the same refusal is written down once a minute, and then how often there was more of it', async () => {
  vi.useFakeTimers({ toFake: ['Date'] });
  for (let each = 0; each < 5; each += 1) await post(undefined);
  await post(undefined, `/${'x'.repeat(3_000)}`);
  expect(logged).toMatchObject([{ status: 401 }, { status: 404, path: `/${'x'.repeat(199)}` }]);
  vi.advanceTimersByTime(60_000);
  await post(undefined);
  expect(logged.at(-1)).toMatchObject({ status: 401, more: 4 });
  expect(logged).toHaveLength(3);
});

test('what follows the address is not written down: it may be a token', async () => {
  await post(undefined, '/alertmanager?token=canary');
  await post(undefined, '/other?token=canary');
  expect(logged).toMatchObject([{ path: '/alertmanager' }, { path: '/other' }]);
});
