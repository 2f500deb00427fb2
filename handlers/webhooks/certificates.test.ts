import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { request } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { authorityIn } from '../../test/certificates.ts';
import { serveWebhooks, type Webhooks } from './index.ts';

let directory: string;
let ours: ReturnType<typeof authorityIn>;
let webhooks: Webhooks;
let logged: object[];
let told: string[];

beforeEach(async () => {
  directory = mkdtempSync(join(tmpdir(), 'storagebot-refused-certificates-'));
  ours = authorityIn(directory, 'ours');
  [logged, told] = [[], []];
  webhooks = await serveWebhooks({
    listen: { address: '127.0.0.1', port: 0, tls: { ...ours.issue('listener'), clients: ours.certificate } },
    accept: async () => ({ kind: 'kept' }),
    tell: (problem) => void told.push(problem),
    log: { warn: (fields, message) => void logged.push({ ...fields, message }) },
  });
});
afterEach(async () => {
  await webhooks.close();
  rmSync(directory, { recursive: true, force: true });
});

/** Whether it got as far as an answer. */
function post(options: { readonly ca: string; readonly cert?: string; readonly key?: string }): Promise<boolean> {
  const { promise, resolve } = Promise.withResolvers<boolean>();
  const where = { host: '127.0.0.1', port: webhooks.port, method: 'POST', path: '/alertmanager', agent: false };
  const sending = request({ ...where, ...options }, (response) => {
    response.resume();
    resolve(response.statusCode === 200);
  });
  sending.once('error', () => resolve(false)).end('{}');
  return promise;
}

const written = () => vi.waitFor(() => expect(logged).toHaveLength(1));

test('who shows a certificate that is not good is written down and told of, since its alerts are lost', async () => {
  const { certificate: cert, key } = authorityIn(directory, 'other').issue('alertmanager');
  expect(await post({ ca: ours.certificate, cert, key })).toBe(false);
  await written();
  expect(logged).toMatchObject([{ status: 'tls', message: 'alerts were not taken' }]);
  expect(told).toEqual([expect.stringMatching(/shows a certificate .* alerts\.listen\.tls\.clients/)]);
});

test('who does not trust the certificate of the listener, and says so as OpenSSL and Go do, is told of', async () => {
  authorityIn(directory, 'other');
  const where = ['-connect', `127.0.0.1:${webhooks.port}`, '-CAfile', join(directory, 'other.pem')];
  const { promise: ended, resolve } = Promise.withResolvers<void>();
  execFile('openssl', ['s_client', ...where, '-verify_return_error'], () => resolve()).stdin?.end();
  await ended;
  await written();
  expect(told).toEqual([expect.stringMatching(/does not trust .* alerts\.listen\.tls\.certificate/)]);
});

test('who shows none is only written down: anybody may try', async () => {
  expect(await post({ ca: ours.certificate })).toBe(false);
  await written();
  expect(told).toEqual([]);
});

test('who shows a good one is nobody to write of', async () => {
  const { certificate: cert, key } = ours.issue('alertmanager');
  expect(await post({ ca: ours.certificate, cert, key })).toBe(true);
  expect([logged, told]).toEqual([[], []]);
});
