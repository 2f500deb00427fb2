import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { changed } from '../../test/example-config.ts';
import { parseConfig } from '../config/config.ts';
import { openSecrets } from './secrets.ts';

let server: Server;
const tokens: unknown[] = [];

beforeAll(async () => {
  server = createServer((request, response) => {
    tokens.push(request.headers['x-vault-token']);
    response.writeHead(200, { 'content-type': 'application/json' });
    response.end(JSON.stringify({ data: { data: { key: 'out-of-vault' }, metadata: {} } }));
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
});
afterAll(() => new Promise((closed) => server.close(closed)));

test('a secret in Vault is read with the login that the configuration names, once it is wanted', async () => {
  const { port } = server.address() as AddressInfo;
  vi.stubEnv('TEST_VAULT_TOKEN', 'vault-token');
  const text = changed(({ vault }) => {
    Object.assign(vault, { address: `http://127.0.0.1:${port}`, auth: { token: 'env:TEST_VAULT_TOKEN' } });
    Reflect.deleteProperty(vault, 'ca');
  });
  const secrets = openSecrets(parseConfig(text));
  expect(tokens).toEqual([]);
  expect(await secrets.resolve({ from: 'vault', path: 'secret/data/x', key: 'key' })).toBe('out-of-vault');
  expect(tokens).toEqual(['vault-token']);
  expect(secrets.known()).toEqual(['vault-token', 'out-of-vault']);
});
