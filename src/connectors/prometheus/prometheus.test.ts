import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import { type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { newCertificates } from '../../../test/lab/kubernetes/certificate.ts';
import { prometheus as questionOf } from '../../core/command.ts';
import type { Outcome } from '../../core/output.ts';
import { createPrometheus, type PrometheusOptions } from './index.ts';

const CANARY = 'canary-token-that-must-not-leak';
const up = questionOf('up{job="kubelet"}', 1_000);

type Answer = (request: IncomingMessage, response: ServerResponse) => void;

let server: Server;
let url: string;
let answer: Answer;
let asked: { readonly url: string; readonly headers: IncomingMessage['headers'] }[];
const outcomes: Outcome[] = [];
const closers: (() => unknown)[] = [];

beforeEach(async () => {
  asked = [];
  answer = data({ resultType: 'vector', result: [] });
  server = createServer((request, response) => {
    asked.push({ url: request.url ?? '', headers: request.headers });
    answer(request, response);
  });
  url = `http://127.0.0.1:${await listen(server)}`;
});

afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
  server.closeAllConnections();
  await new Promise((closed) => server.close(closed));
  const said = JSON.stringify(outcomes) + inspect(outcomes.splice(0), { depth: 9, showHidden: true });
  expect(said).not.toContain('canary');
});

function listen(one: Server): Promise<number> {
  return new Promise((listening) => {
    one.listen(0, '127.0.0.1', () => listening((one.address() as AddressInfo).port));
  });
}

function json(code: number, body: unknown): Answer {
  return (_request, response) => void response.writeHead(code, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}

function data(value: unknown, more: object = {}): Answer {
  return json(200, { status: 'success', data: value, ...more });
}

function connect(options: Partial<PrometheusOptions> = {}) {
  const { read, change, close } = createPrometheus({ url, ...options });
  closers.push(close);
  const kept = (outcome: Outcome) => {
    outcomes.push(outcome);
    return outcome;
  };
  return { read: (question = up) => read(question).then(kept), change: () => change(up).then(kept), close };
}

describe('a Prometheus that answers', () => {
  test('is asked with the query as it is, and its data is the output', async () => {
    const result = [{ metric: { job: 'kubelet' }, value: [1_775_206_800, '1'] }];
    answer = data({ resultType: 'vector', result });
    const outcome = await connect().read();
    expect(outcome).toEqual({ exitCode: 0, stdout: `${JSON.stringify({ resultType: 'vector', result })}\n`, stderr: '' });
    const { pathname, searchParams } = new URL(asked[0]?.url ?? '', url);
    expect([pathname, ...searchParams]).toEqual(['/api/v1/query', ['query', 'up{job="kubelet"}'], ['timeout', '1000ms']]);
  });

  test('below a path is asked there', async () => {
    await connect({ url: `${url}/prometheus/` }).read();
    expect(asked[0]?.url).toMatch(/^\/prometheus\/api\/v1\/query\?/);
  });

  test('gets the token, which is read once for many questions', async () => {
    let reads = 0;
    const token = async () => `${CANARY}-${++reads}\n`;
    const { read } = connect({ token });
    await read();
    await read();
    expect(asked.map(({ headers }) => headers.authorization)).toEqual([`Bearer ${CANARY}-1`, `Bearer ${CANARY}-1`]);
  });

  test('and warns: what it warned of is kept beside the data', async () => {
    answer = data(
      { resultType: 'vector', result: [] },
      { warnings: ['store gateway down'], infos: ['metric might not be a counter'] },
    );
    expect(await connect().read()).toMatchObject({
      exitCode: 0,
      stderr: 'warning: store gateway down\ninfo: metric might not be a counter\n',
    });
  });

  test('that a question makes no sense has answered', async () => {
    answer = json(400, { status: 'error', errorType: 'bad_data', error: '1:3: parse error: unexpected identifier' });
    const stderr = 'query error: bad_data: 1:3: parse error: unexpected identifier\n';
    expect(await connect().read()).toEqual({ exitCode: 1, stdout: '', stderr });
  });
});

describe('a Prometheus that does not answer well', () => {
  const faults: readonly (readonly [string, Answer, string])[] = [
    ['refuses the token', json(401, { error: `bad token ${CANARY}` }), 'login-refused'],
    ['forbids', (_request, response) => void response.writeHead(403).end(`no ${CANARY}`), 'forbidden'],
    ['gives up on the question', json(503, { status: 'error', errorType: 'timeout', error: 'query timed out' }), 'timed-out'],
    ['breaks inside', json(500, { status: 'error', errorType: 'internal', error: 'no space left on device' }), 'cut'],
    ['is something else', (_request, response) => void response.writeHead(200).end(`<html>${CANARY}</html>`), 'cut'],
    ['answers without data', json(200, { status: 'success' }), 'cut'],
    ['has the form of success under another status', json(404, { status: 'success', data: {} }), 'cut'],
    ['redirects', (_request, response) => void response.writeHead(302, { location: 'http://127.0.0.1:9/' }).end(), 'cut'],
    ['ends in the middle', (_request, response) => half(response), 'cut'],
    ['says nothing', () => undefined, 'timed-out'],
    ['drips', (_request, response) => drip(response), 'timed-out'],
  ];
  test.each(faults)('because it %s is no answer, and nothing of the token is told', async (_how, fault, failed) => {
    answer = fault;
    const outcome = await connect({ token: async () => CANARY }).read({ ...up, timeoutMs: 300 });
    expect(outcome).toMatchObject({ failed, says: expect.any(String), toDo: expect.stringMatching(/\w/) });
  });

  test('is asked once more after a reset, and only once', async () => {
    answer = (request) => request.socket.resetAndDestroy();
    expect(await connect().read()).toMatchObject({ failed: 'cut' });
    expect(asked).toHaveLength(2);
    const healthy = data({ resultType: 'vector', result: [] });
    answer = (request, response) => (asked.length === 3 ? request.socket.resetAndDestroy() : healthy(request, response));
    expect(await connect().read()).toMatchObject({ exitCode: 0 });
    expect(asked).toHaveLength(4);
  });

  test('and sends more than the limit is cut off there', async () => {
    answer = data({ resultType: 'vector', result: [], padding: 'x'.repeat(100_000) });
    const outcome = await connect({ maxAnswerBytes: 10_000 }).read();
    expect(outcome).toMatchObject({ failed: 'cut', says: expect.stringContaining('larger than 10000 bytes') });
  });

  test('is not there', async () => {
    const port = await freePort();
    const outcome = await connect({ url: `http://127.0.0.1:${port}` }).read();
    expect(outcome).toMatchObject({ failed: 'unreachable', says: `Nothing answers at http://127.0.0.1:${port} (ECONNREFUSED).` });
  });

  test('is asked with the new token after the old one was refused', async () => {
    let token = `${CANARY}-old`;
    const healthy = data({ resultType: 'vector', result: [] });
    const refuse = json(401, {});
    answer = (request, response) =>
      (request.headers.authorization === `Bearer ${CANARY}-new` ? healthy : refuse)(request, response);
    const { read } = connect({ token: async () => token });
    expect(await read()).toMatchObject({ failed: 'login-refused' });
    token = `${CANARY}-new`;
    expect(await read()).toMatchObject({ exitCode: 0 });
  });

  test('is not asked without its token, and asked once it can be read', async () => {
    let isThere = false;
    const token = async () => (isThere ? CANARY : Promise.reject(new Error(`cannot use ${CANARY}`)));
    const { read } = connect({ token });
    expect(await read()).toMatchObject({
      failed: 'not-configured',
      says: 'Prometheus cannot be asked: its token cannot be read.',
    });
    expect(asked).toEqual([]);
    isThere = true;
    expect(await read()).toMatchObject({ exitCode: 0 });
  });
});

test('a change is refused, and nothing is sent', async () => {
  expect(await connect().change()).toMatchObject({ failed: 'forbidden', says: 'Prometheus is only asked; nothing was sent.' });
  expect(asked).toEqual([]);
});

describe('over TLS', () => {
  const directory = mkdtempSync(join(tmpdir(), 'storagebot-prometheus-'));
  const { ca, certificate: cert, key } = newCertificates();
  const authority = join(directory, 'ca.pem');
  writeFileSync(authority, ca);
  const tokens: unknown[] = [];
  const secure = createTlsServer({ cert, key }, (request, response) => {
    tokens.push(request.headers.authorization);
    data({ resultType: 'vector', result: [] })(request, response);
  });
  beforeEach(async () => {
    tokens.length = 0;
    url = `https://127.0.0.1:${await listen(secure)}`;
    return async () => {
      secure.closeAllConnections();
      await new Promise((closed) => secure.close(closed));
    };
  });

  test('a Prometheus whose authority is configured is trusted', async () => {
    expect(await connect({ ca: authority, token: async () => CANARY }).read()).toMatchObject({ exitCode: 0 });
    expect(tokens).toEqual([`Bearer ${CANARY}`]);
  });

  test('one that cannot prove itself gets no token', async () => {
    const says = expect.stringContaining('does not prove');
    expect(await connect({ token: async () => CANARY }).read()).toMatchObject({ failed: 'host-key', says });
    expect(tokens).toEqual([]);
    rmSync(authority);
    expect(await connect({ ca: authority }).read()).toMatchObject({ failed: 'not-configured' });
    writeFileSync(authority, ca);
  });
});

async function freePort(): Promise<number> {
  const one = createServer();
  const port = await listen(one);
  await new Promise((closed) => one.close(closed));
  return port;
}

function half(response: ServerResponse): void {
  response.writeHead(200, { 'content-length': '1000' });
  response.write('{"status":"success"');
  setTimeout(() => response.destroy(), 20);
}

function drip(response: ServerResponse): void {
  response.writeHead(200);
  const timer = setInterval(() => response.write(' '), 50);
  response.on('close', () => clearInterval(timer));
}
