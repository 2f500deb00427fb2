import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { inspect } from 'node:util';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { createVault, type VaultLogin } from './vault.ts';

const CANARY = 'hvs.CANARY-token-that-must-not-leak';
const JWT = 'CANARY-service-account-jwt';

interface Seen {
  readonly method: string;
  readonly url: string;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
}

type Answer = (request: Seen, response: ServerResponse) => void;

let server: Server;
let address: string;
let directory: string;
let answer: Answer;
let requests: Seen[];

beforeEach(async () => {
  requests = [];
  directory = await mkdtemp(join(tmpdir(), 'storagebot-vault-'));
  await writeFile(join(directory, 'jwt'), `${JWT}\n`);
  server = createServer((request, response) => void receive(request, response));
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  address = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});

afterEach(async () => {
  vi.unstubAllEnvs();
  server.closeAllConnections();
  await new Promise((closed) => server.close(closed));
  await rm(directory, { recursive: true });
});

async function receive(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const body = await text(request);
  const seen = { method: request.method ?? '', url: request.url ?? '', headers: request.headers, body };
  requests.push(seen);
  answer(seen, response);
}

function json(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}

/** A Vault with one secret. Each login gives another token, and only the latest is good. */
function working(): Answer {
  let logins = 0;
  return ({ method, url, headers, body }, response) => {
    if (method === 'POST' && url === '/v1/auth/kubernetes/login') {
      const good = JSON.parse(body).jwt === JWT;
      return good
        ? json(response, 200, { auth: { client_token: `${CANARY}-${++logins}` } })
        : json(response, 403, { errors: ['permission denied'] });
    }
    if (url === '/v1/auth/approle/login') return json(response, 200, { auth: { client_token: `${CANARY}-${++logins}` } });
    if (![`${CANARY}-${logins}`, 'static'].includes(String(headers['x-vault-token'])))
      return json(response, 403, { errors: ['permission denied'] });
    if (url === '/v1/secret/data/platform')
      return json(response, 200, { data: { data: { nas_key: 'the key', number: 1 }, metadata: { version: 3 } } });
    if (url === '/v1/kv1/platform') return json(response, 200, { data: { nas_key: 'the key' } });
    return json(response, 404, { errors: [] });
  };
}

interface Extra {
  readonly namespace?: string;
  readonly timeoutMs?: number;
  readonly env?: Record<string, string>;
  readonly learn?: (secret: string) => void;
}

function vault(extra: Extra = {}, login: VaultLogin = kubernetes()) {
  return createVault({ address, login, timeoutMs: 2000, learn: () => undefined, env: {}, ...extra });
}

function kubernetes(): VaultLogin {
  return { kubernetes: { role: 'storagebot', mount: 'kubernetes', tokenFile: join(directory, 'jwt') } };
}

async function failure(reading: Promise<unknown>): Promise<Error & { failed: string }> {
  try {
    await reading;
  } catch (error) {
    if (error instanceof Error && 'failed' in error) return error as Error & { failed: string };
    throw error;
  }
  throw new Error('It was read.');
}

describe('a working Vault', () => {
  beforeEach(() => {
    answer = working();
  });

  test('gives a key of a KV version 2 secret to a pod that logs in with its service account', async () => {
    const learned: string[] = [];
    const { read } = await vault({ namespace: 'platform', learn: (secret) => learned.push(secret) });
    expect(await read('secret/data/platform', 'nas_key')).toBe('the key');
    expect(requests.map(({ method, url }) => `${method} ${url}`)).toEqual([
      'POST /v1/auth/kubernetes/login',
      'GET /v1/secret/data/platform',
    ]);
    expect(JSON.parse(requests[0]!.body)).toEqual({ role: 'storagebot', jwt: JWT });
    expect(requests.map(({ headers }) => headers['x-vault-namespace'])).toEqual(['platform', 'platform']);
    expect(learned).toEqual([JWT, `${CANARY}-1`]);
  });

  test('is logged in to once for many reads', async () => {
    const { read } = await vault();
    await Promise.all([read('secret/data/platform', 'nas_key'), read('secret/data/platform', 'nas_key')]);
    expect(requests.filter(({ method }) => method === 'POST')).toHaveLength(1);
  });

  test('is logged in to again when the token has expired, with the service account token as it is then', async () => {
    const { read } = await vault();
    await read('secret/data/platform', 'nas_key');
    answer = working();
    expect(await read('secret/data/platform', 'nas_key')).toBe('the key');
  });

  test('is logged in to again after a refused login', async () => {
    await writeFile(join(directory, 'jwt'), 'expired');
    const { read } = await vault();
    expect((await failure(read('secret/data/platform', 'nas_key'))).failed).toBe('login-refused');
    await writeFile(join(directory, 'jwt'), JWT);
    expect(await read('secret/data/platform', 'nas_key')).toBe('the key');
  });

  test('gives it to an AppRole and to a token too', async () => {
    const appRole = { roleId: 'role', secretId: 'secret', mount: 'approle' };
    expect(await (await vault({}, { appRole })).read('secret/data/platform', 'nas_key')).toBe('the key');
    expect(JSON.parse(requests[0]!.body)).toEqual({ role_id: 'role', secret_id: 'secret' });
    expect(await (await vault({}, { token: 'static' })).read('secret/data/platform', 'nas_key')).toBe('the key');
  });

  test('is told nothing of the tokens and addresses that happen to be in the environment', async () => {
    vi.stubEnv('VAULT_TOKEN', 'from-the-environment');
    vi.stubEnv('VAULT_NAMESPACE', 'from-the-environment');
    vi.stubEnv('VAULT_PREFIX', '/from-the-environment');
    await (await vault()).read('secret/data/platform', 'nas_key');
    expect(JSON.stringify(requests)).not.toContain('from-the-environment');
  });

  test.each([
    [
      'secret/data/platform',
      'other',
      'not-found',
      'secret/data/platform in Vault has no text under the key other (it has 2 keys).',
    ],
    ['secret/data/platform', 'number', 'not-found', 'secret/data/platform in Vault has no text under the key number'],
    ['secret/data/other', 'x', 'not-found', 'reading secret/data/other: there is no such secret.'],
    ['kv1/platform', 'nas_key', 'unreadable', 'kv1/platform in Vault is not a KV version 2 secret'],
  ])('says what is missing: %s#%s', async (path, key, failed, says) => {
    const error = await failure((await vault()).read(path, key));
    expect(error.failed).toBe(failed);
    expect(error.message).toContain(says);
    expect(error.message).not.toContain('the key"');
  });
});

describe('a Vault that fails', () => {
  const failures: readonly (readonly [string, Answer, string, string])[] = [
    ['forbids', (_request, response) => json(response, 403, { errors: [`denied ${CANARY}`] }), 'forbidden', 'is forbidden'],
    ['is sealed', (_request, response) => json(response, 503, { errors: ['Vault is sealed'] }), 'sealed', 'Unseal it'],
    ['breaks', (_request, response) => json(response, 500, { errors: [`internal ${CANARY}`] }), 'failed', 'status 500'],
    ['hangs', () => undefined, 'timed-out', 'no answer within 0.3 s'],
    ['hangs up', (_request, response) => void response.destroy(), 'unreachable', 'ECONNRESET'],
    ['drips', (_request, response) => drip(response), 'timed-out', 'no answer within 0.3 s'],
  ];
  test.each(failures)(
    '%s: the error says so, and holds neither the token nor the service account token',
    async (_name, fail, failed, says) => {
      const login = working();
      const { read } = await vault({ timeoutMs: 300 });
      answer = (request, response) => (request.method === 'POST' ? login(request, response) : fail(request, response));
      const error = await failure(read('secret/data/platform', 'nas_key'));
      expect(error).toMatchObject({ failed, code: 'VAULT', message: expect.stringContaining(says) });
      expect(error.message).toContain(address);
      expectNoCanary(error);
    },
  );

  test.each(failures)('%s at login: the error holds no service account token', async (_name, fail) => {
    answer = fail;
    const error = await failure((await vault({ timeoutMs: 300 })).read('secret/data/platform', 'nas_key'));
    expect(error.message).toContain('logging in');
    expectNoCanary(error);
  });

  test('is not there: the error says where it was looked for', async () => {
    const port = (server.address() as AddressInfo).port;
    await new Promise((closed) => server.close(closed));
    server.listen(0, '127.0.0.1');
    const error = await failure((await vault({ timeoutMs: 500 }, { token: CANARY })).read('secret/data/platform', 'nas_key'));
    expect(error).toMatchObject({
      failed: 'unreachable',
      message: expect.stringContaining(`127.0.0.1:${port}: reading secret/data/platform failed: ECONNREFUSED`),
    });
    expectNoCanary(error);
  });
});

test.each([{ VAULT_SKIP_VERIFY: '1' }, { VAULT_SKIP_VERIFY: 'false' }, { NODE_TLS_REJECT_UNAUTHORIZED: '0' }])(
  'switched-off certificate checks are refused, not obeyed: %j',
  async (env) => {
    const error = await failure(vault({ env }));
    expect(error).toMatchObject({ failed: 'unchecked-tls', message: expect.stringContaining(Object.keys(env)[0] ?? '') });
    expect(requests).toEqual([]);
  },
);

function expectNoCanary(error: unknown): void {
  const all = [JSON.stringify(error), inspect(error, { depth: 20, showHidden: true }), String(error)].join('\n');
  expect(all).not.toContain('CANARY');
}

function drip(response: ServerResponse): void {
  response.writeHead(200, { 'content-type': 'application/json' });
  const timer = setInterval(() => response.write(' '), 50);
  response.on('close', () => clearInterval(timer));
}
