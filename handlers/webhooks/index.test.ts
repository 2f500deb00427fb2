import { mkdtempSync, rmSync } from 'node:fs';
import { type ClientRequest, type IncomingMessage, request as plainRequest } from 'node:http';
import { type RequestOptions, request as tlsRequest } from 'node:https';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { Accepted, Sent } from '../../src/alerts/intake.ts';
import { authorityIn } from '../../test/certificates.ts';
import { LARGEST_BYTES } from './body.ts';
import { type Listen, serveWebhooks, type Webhooks, type WebhooksOptions } from './index.ts';

const TOKEN = 'canary-token-of-the-listener';
const right = { authorization: `Bearer ${TOKEN}` };

let accepted: Accepted;
let sent: Sent[];
let logged: object[];
let webhooks: Webhooks;

beforeEach(() => {
  [accepted, sent, logged] = [{ kind: 'kept' }, [], []];
});
afterEach(() => webhooks.close());

async function serve(
  listen: Partial<Listen> = {},
  shown: Pick<WebhooksOptions, 'tokens'> = { tokens: () => [TOKEN] },
): Promise<Webhooks> {
  webhooks = await serveWebhooks({
    listen: { address: '127.0.0.1', port: 0, ...listen },
    ...shown,
    accept: async (one) => {
      sent.push(one);
      return accepted;
    },
    log: { warn: (fields, message) => void logged.push({ ...fields, message }) },
  });
  return webhooks;
}

interface Ask extends RequestOptions {
  readonly body?: string;
}

interface Answer {
  readonly status: number | undefined;
  readonly says: string;
  readonly headers: IncomingMessage['headers'];
}

/** Rejects where no answer comes. */
async function ask({ body = '{}', ca, ...options }: Ask = {}): Promise<Answer> {
  const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>();
  const where = {
    host: '127.0.0.1',
    port: webhooks.port,
    method: 'POST',
    path: '/alertmanager',
    headers: right,
    agent: false,
    ...options,
  };
  const sending: ClientRequest = ca === undefined ? plainRequest(where, resolve) : tlsRequest({ ...where, ca }, resolve);
  sending.once('error', reject).end(body);
  const response = await promise;
  return { status: response.statusCode, says: (await text(response)).trim(), headers: response.headers };
}

describe('the listener of alerts', () => {
  beforeEach(() => serve());

  test('hands on what Alertmanager and Grafana post, as they sent it', async () => {
    expect(await ask({ body: '{"é": 1}' })).toMatchObject({ status: 200, says: 'kept' });
    expect(await ask({ path: '/grafana', body: '{"b": 2}' })).toMatchObject({ status: 200 });
    expect(sent).toEqual([
      { source: 'alertmanager', body: '{"é": 1}' },
      { source: 'grafana', body: '{"b": 2}' },
    ]);
    expect(logged).toEqual([]);
  });

  test('says 503 and when to come again while it cannot be kept', async () => {
    accepted = { kind: 'busy', why: 'the disk is full' };
    const { status, says, headers } = await ask();
    expect([status, says, headers['retry-after']]).toEqual([503, 'the disk is full', '5']);
    expect(logged).toMatchObject([{ status: 503, says: 'the disk is full', message: 'alerts were not taken' }]);
  });

  test('says 400 to what can never be read', async () => {
    accepted = { kind: 'unreadable', why: 'it is no JSON' };
    expect(await ask()).toMatchObject({ status: 400, says: 'it cannot be read: it is no JSON' });
  });

  test.each<[string, Ask]>([
    ['no token', { headers: {} }],
    ['another token', { headers: { authorization: `Bearer ${TOKEN}x` } }],
    ['a part of it', { headers: { authorization: `Bearer ${TOKEN.slice(0, -1)}` } }],
    ['an empty one', { headers: { authorization: 'Bearer ' } }],
    ['a password', { headers: { authorization: `Basic ${Buffer.from(`a:${TOKEN}`).toString('base64')}` } }],
    ['it in the address', { headers: {}, path: '/alertmanager' }],
  ])('says 401 to who shows %s, and does not look at the body', async (_what, options) => {
    const { status, headers } = await ask(options);
    expect([status, headers['www-authenticate']]).toEqual([401, 'Bearer']);
    expect(sent).toEqual([]);
    expect(JSON.stringify(logged)).not.toContain(TOKEN);
  });

  test('knows a token however the word before it is written', async () => {
    expect(await ask({ headers: { authorization: `bearer  ${TOKEN} ` } })).toMatchObject({ status: 200 });
  });

  test.each<[number, Ask]>([
    [404, { path: '/' }],
    [404, { path: '/healthz' }],
    [404, { path: '/constructor' }],
    [405, { method: 'GET', body: '' }],
    [405, { method: 'PUT' }],
  ])('says %i to %o', async (status, options) => {
    expect(await ask(options)).toMatchObject({ status });
    expect(sent).toEqual([]);
  });

  test('takes what is as large as it may be, and lets what is larger be sent again, which is for people to put right', async () => {
    expect(await ask({ body: 'x'.repeat(LARGEST_BYTES) })).toMatchObject({ status: 200 });
    accepted = { kind: 'busy', why: 'it is too large: set max_alerts' };
    expect(await ask({ body: 'x'.repeat(LARGEST_BYTES + 1) })).toMatchObject({
      status: 503,
      says: expect.stringContaining('max_alerts'),
    });
    expect(sent.slice(1)).toEqual([{ source: 'alertmanager', tooLarge: true }]);
  });

  test('holds nothing of what is too large while the rest of it comes', async () => {
    const [first, rest] = ['x'.repeat(LARGEST_BYTES + 1), 'x'];
    const sending = Array.from({ length: 14 }, () => {
      const half = plainRequest({
        host: '127.0.0.1',
        port: webhooks.port,
        method: 'POST',
        path: '/alertmanager',
        headers: right,
        agent: false,
      });
      half.on('error', () => undefined).write(first);
      return half;
    });
    await new Promise((done) => setTimeout(done, 500));
    expect(await ask({ body: first.slice(1) })).toMatchObject({ status: 200 });
    for (const half of sending) half.end(rest);
  });

  test('receives only so much at a time, and all of it again when that is over', async () => {
    const body = 'x'.repeat(LARGEST_BYTES);
    // What has no end yet is held.
    const held = Array.from({ length: 12 }, () => {
      const half = plainRequest({
        host: '127.0.0.1',
        port: webhooks.port,
        method: 'POST',
        path: '/alertmanager',
        headers: right,
        agent: false,
      });
      half.on('error', () => undefined).write(body.slice(1));
      return half;
    });
    // It is small: one that is large could take the room of those.
    const untilFull = async (): Promise<Answer> => {
      await new Promise((done) => setTimeout(done, 300));
      const answer = await ask({ body: 'x'.repeat(100) });
      return answer.status === 503 ? answer : untilFull();
    };
    expect(await untilFull()).toMatchObject({ says: 'too much is being received' });
    for (const half of held) half.destroy();
    const untilFree = async (): Promise<Answer> => {
      const answer = await ask({ body });
      return answer.status === 200 ? answer : untilFree();
    };
    expect(await untilFree()).toMatchObject({ says: 'kept' });
  });

  test('is not disturbed by who leaves in the middle', async () => {
    const socket = connect(webhooks.port, '127.0.0.1');
    socket.write(`POST /alertmanager HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer ${TOKEN}\r\nContent-Length: 100\r\n\r\n{"half`);
    await new Promise((done) => setTimeout(done, 50));
    socket.destroy();
    expect(await ask()).toMatchObject({ status: 200 });
    expect(sent).toEqual([{ source: 'alertmanager', body: '{}' }]);
  });

  test('answers what it has begun before it closes, and nobody after that', async () => {
    const half = plainRequest({
      host: '127.0.0.1',
      port: webhooks.port,
      method: 'POST',
      path: '/alertmanager',
      headers: right,
      agent: false,
    });
    const { promise: answered, resolve } = Promise.withResolvers<number | undefined>();
    half.on('response', (response) => resolve(response.resume().statusCode)).write('{');
    await new Promise((done) => setTimeout(done, 50));
    const closing = webhooks.close();
    half.end('}');
    expect(await answered).toBe(200);
    await closing;
    await expect(ask()).rejects.toThrow('ECONNREFUSED');
    await serve();
  });
});

test('without a token and without certificates there is no listener', async () => {
  await serve();
  const listen = { address: '127.0.0.1', port: 0 };
  const open = serveWebhooks({ listen, accept: async () => ({ kind: 'kept' }), log: { warn: () => undefined } });
  await expect(open).rejects.toThrow('Anybody could tell of alerts');
});

test('an address that is taken is told', async () => {
  const { port } = await serve();
  const second = serveWebhooks({
    listen: { address: '127.0.0.1', port },
    tokens: () => ['t'],
    accept: async () => accepted,
    log: { warn: () => undefined },
  });
  await expect(second).rejects.toThrow('EADDRINUSE');
});

describe('the listener of alerts with certificates', () => {
  let directory: string;
  let ours: ReturnType<typeof authorityIn>;
  let listen: Partial<Listen>;
  beforeAll(() => {
    directory = mkdtempSync(join(tmpdir(), 'storagebot-certificates-'));
    ours = authorityIn(directory, 'ours');
    listen = { tls: { ...ours.issue('listener'), clients: ours.certificate } };
  });
  afterAll(() => rmSync(directory, { recursive: true, force: true }));

  const as = ({ certificate: cert, key }: { readonly certificate: string; readonly key: string }): Ask => ({
    ca: ours.certificate,
    cert,
    key,
  });

  test('takes alerts from who shows one of the right authority, without a token where none is configured', async () => {
    await serve(listen, {});
    expect(await ask({ ...as(ours.issue('alertmanager')), headers: {} })).toMatchObject({ status: 200 });
  });

  test('does not even answer who shows none, or one of another authority', async () => {
    await serve(listen);
    const other = authorityIn(directory, 'other').issue('stranger');
    await expect(ask({ ca: ours.certificate })).rejects.toThrow(/socket hang up|certificate required|ECONNRESET|EPIPE/);
    await expect(ask(as(other))).rejects.toThrow(/socket hang up|unknown ca|ECONNRESET|EPIPE/);
    expect(sent).toEqual([]);
  });

  test('wants both where both are configured', async () => {
    await serve(listen);
    const client = ours.issue('alertmanager');
    expect(await ask({ ...as(client), headers: {} })).toMatchObject({ status: 401 });
    expect(await ask(as(client))).toMatchObject({ status: 200 });
  });

  test('speaks no TLS older than 1.2, and nothing in the clear', async () => {
    await serve({ tls: ours.issue('listener') });
    await expect(ask({ ca: ours.certificate, maxVersion: 'TLSv1.1', minVersion: 'TLSv1' })).rejects.toThrow(/protocol/i);
    await expect(ask()).rejects.toThrow(/socket hang up|ECONNRESET/);
    expect(await ask({ ca: ours.certificate })).toMatchObject({ status: 200 });
  });

  test('shows a renewed certificate without being closed', async () => {
    await serve({ tls: ours.issue('listener') });
    const renewed = authorityIn(directory, 'renewed');
    await expect(ask({ ca: renewed.certificate })).rejects.toThrow(/certificate/);
    webhooks.renew(renewed.issue('listener'));
    expect(await ask({ ca: renewed.certificate })).toMatchObject({ status: 200 });
  });
});
