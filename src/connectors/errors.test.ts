import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { ApiException } from '@kubernetes/client-node';
import nodeVault from 'node-vault';
import pino from 'pino';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { stringify } from 'yaml';
import { failureOf } from './kubernetes/failures.ts';
import { loadIdentity } from './kubernetes/identity.ts';
import { createVault } from './vault.ts';

const CANARY = 'CANARY-of-a-token';
const hangsUp = createServer((request) => request.socket.destroy());
let address: string;
let directory: string;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'storagebot-errors-'));
  await new Promise<void>((listening) => hangsUp.listen(0, '127.0.0.1', listening));
  address = `http://127.0.0.1:${(hangsUp.address() as AddressInfo).port}`;
});
afterAll(async () => {
  await new Promise((closed) => hangsUp.close(closed));
  await rm(directory, { recursive: true });
});

/** All that anybody could print of an error. */
function everything(error: unknown): string {
  const inspected = inspect(error, { depth: Number.POSITIVE_INFINITY, showHidden: true, maxStringLength: null });
  const lines: string[] = [];
  pino({ base: null }, { write: (line: string) => lines.push(line) }).error({ err: error, plain: error }, 'failed');
  const own = error instanceof Error ? [error.message, error.stack, String(error)] : [String(error)];
  const cause = error instanceof Error && error.cause !== undefined ? everything(error.cause) : '';
  return [inspected, ...lines, ...own, cause].join('\n');
}

async function thrownBy(work: () => Promise<unknown>): Promise<unknown> {
  try {
    await work();
  } catch (error) {
    return error;
  }
  throw new Error('Nothing was thrown.');
}

describe('an error of Vault', () => {
  test('as node-vault throws it holds the token, or this would prove nothing', async () => {
    const client = nodeVault({ endpoint: address, token: CANARY });
    expect(everything(await thrownBy(() => client.read('secret/data/x')))).toContain(CANARY);
  });

  test.each(['token', 'appRole'])('as it leaves the connector holds no token, header or body: %s', async (way) => {
    const login = way === 'token' ? { token: CANARY } : { appRole: { roleId: 'role', secretId: CANARY, mount: 'approle' } };
    const vault = await createVault({ address, login, timeoutMs: 2000, learn: () => undefined, env: {} });
    const error = await thrownBy(() => vault.read('secret/data/x', 'key'));
    expect(error).toMatchObject({ code: 'VAULT' });
    expect(everything(error)).not.toMatch(new RegExp(`${CANARY}|x-vault-token|secret_id`, 'i'));
  });
});

describe('an error of the Kubernetes client', () => {
  const about = { where: 'https://127.0.0.1:6443', timeoutMs: 1000 };
  const foreign = [
    new ApiException(403, CANARY, `{"token":"${CANARY}"}`, { authorization: CANARY }),
    new TypeError(`fetch failed ${CANARY}`, { cause: Object.assign(new Error(CANARY), { code: 'ECONNRESET', headers: CANARY }) }),
    Object.assign(new Error(CANARY), { code: `${CANARY} is no code` }),
  ];

  test.each(foreign)('becomes a failure that says nothing of its texts: %#', (error) => {
    expect(everything(error)).toContain(CANARY);
    expect(everything(failureOf(error, about))).not.toContain(CANARY);
  });

  test('of a plugin for credentials holds nothing that the plugin was given or printed', async () => {
    const plugin = join(directory, 'plugin');
    await writeFile(plugin, `#!/bin/sh\necho "$SECRET" >&2\necho "$SECRET"\nexit 1\n`, { mode: 0o700 });
    const env = [{ name: 'SECRET', value: CANARY }];
    const text = stringify({
      clusters: [{ name: 'c', cluster: { server: about.where } }],
      users: [
        {
          name: 'u',
          user: { exec: { apiVersion: 'client.authentication.k8s.io/v1', command: plugin, env, interactiveMode: 'Never' } },
        },
      ],
      contexts: [{ name: 'x', context: { cluster: 'c', user: 'u' } }],
      'current-context': 'x',
    });
    const identity = await loadIdentity({ source: { kind: 'kubeconfig', text } }, () => undefined);
    const error = await thrownBy(() => identity.authenticate(`${about.where}/api`));
    expect(error).toMatchObject({ code: 'CREDENTIAL_FAILURE' });
    expect(everything(error)).not.toContain(CANARY);
  });
});
