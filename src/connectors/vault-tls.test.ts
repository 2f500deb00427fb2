import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createVault } from './vault.ts';

const directory = mkdtempSync(join(tmpdir(), 'storagebot-vault-tls-'));
const certificate = join(directory, 'ca.pem');
const key = join(directory, 'key.pem');
execFileSync(
  'openssl',
  [
    'req',
    '-x509',
    '-newkey',
    'ec',
    '-pkeyopt',
    'ec_paramgen_curve:prime256v1',
    '-nodes',
    '-keyout',
    key,
    '-out',
    certificate,
    '-days',
    '1',
    '-subj',
    '/CN=vault',
    '-addext',
    'subjectAltName=IP:127.0.0.1',
  ],
  { stdio: 'ignore' },
);

const tokens: unknown[] = [];
const server = createServer({ key: readFileSync(key), cert: readFileSync(certificate) }, (request, response) => {
  tokens.push(request.headers['x-vault-token']);
  response
    .writeHead(200, { 'content-type': 'application/json' })
    .end(JSON.stringify({ data: { data: { key: 'value' }, metadata: {} } }));
});

beforeAll(() => new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening)));
afterAll(async () => {
  await new Promise((closed) => server.close(closed));
  rmSync(directory, { recursive: true });
});

function vault(host: string, ca?: string) {
  const { port } = server.address() as AddressInfo;
  const trust = ca === undefined ? {} : { ca };
  return createVault({
    address: `https://${host}:${port}`,
    login: { token: 'token' },
    timeoutMs: 2000,
    learn: () => undefined,
    env: {},
    ...trust,
  });
}

test('a Vault whose certificate authority is configured is trusted', async () => {
  expect(await (await vault('127.0.0.1', certificate)).read('secret/data/x', 'key')).toBe('value');
});

test('a Vault that cannot prove itself gets no token', async () => {
  tokens.length = 0;
  const says = { failed: 'unreachable', message: expect.stringContaining('Its certificate is not trusted') };
  await expect((await vault('127.0.0.1')).read('secret/data/x', 'key')).rejects.toMatchObject(says);
  await expect((await vault('localhost', certificate)).read('secret/data/x', 'key')).rejects.toMatchObject(says);
  expect(tokens).toEqual([]);
});
