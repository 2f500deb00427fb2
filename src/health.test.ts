import { afterEach, beforeEach, expect, test } from 'vitest';
import { type Health, serveHealth } from './health.ts';

let reasons: string[];
let notices: string[];
let health: Health;

beforeEach(async () => {
  reasons = [];
  notices = [];
  health = await serveHealth({ address: '127.0.0.1', port: 0, notReady: () => reasons, notices: () => notices });
});
afterEach(() => health.close());

async function ask(path: string, method = 'GET') {
  const response = await fetch(`http://127.0.0.1:${health.port}${path}`, { method });
  return { status: response.status, text: await response.text() };
}

test('a bot that can work is alive and ready', async () => {
  expect(await ask('/healthz')).toEqual({ status: 200, text: 'ok\n' });
  expect(await ask('/readyz')).toEqual({ status: 200, text: 'ok\n' });
  expect(await ask('/readyz', 'HEAD')).toEqual({ status: 200, text: '' });
});

test('a bot without Slack is alive, and says why it is not ready', async () => {
  reasons = ['Slack is not connected.'];
  expect(await ask('/healthz')).toMatchObject({ status: 200 });
  expect(await ask('/readyz')).toEqual({ status: 503, text: 'Slack is not connected.\n' });
});

test('a bot that can work and needs a person is ready, and says what for', async () => {
  notices = ['The last copy of the state failed.'];
  expect(await ask('/readyz')).toEqual({ status: 200, text: 'ok\nThe last copy of the state failed.\n' });
  reasons = ['The disk is full.'];
  expect(await ask('/readyz')).toEqual({ status: 503, text: 'The disk is full.\n' });
});

test('there is nothing else to get, and nothing to post', async () => {
  expect(await ask('/')).toMatchObject({ status: 404 });
  expect(await ask('/healthz', 'POST')).toMatchObject({ status: 405 });
});

test('an address that is taken keeps the bot from starting', async () => {
  await expect(serveHealth({ address: '127.0.0.1', port: health.port, notReady: () => [] })).rejects.toMatchObject({
    code: 'EADDRINUSE',
  });
});
