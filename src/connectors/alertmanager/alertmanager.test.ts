import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text as textOf } from 'node:stream/consumers';
import { inspect } from 'node:util';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { AlertmanagerRequest } from '../../core/alertmanager.ts';
import { alertmanager } from '../../core/command.ts';
import type { Outcome } from '../../core/output.ts';
import { type AlertmanagerOptions, createAlertmanager } from './index.ts';

const CANARY = 'canary-token-that-must-not-leak';
const THERE = 'Fri, 03 Apr 2026 09:00:00 GMT';
const ALERTS: AlertmanagerRequest = { method: 'GET', path: '/api/v2/alerts' };
const AUTHOR = 'viktor (storagebot-1)';
const FIRST = [
  { name: 'alertname', values: ['A', 'B.C'] },
  { name: 'namespace', values: ['dbaas'] },
] as const;
const SECOND = [{ name: 'alertname', values: ['D'] }] as const;
const EXPIRE: AlertmanagerRequest = { method: 'DELETE', path: '/api/v2/silence', createdBy: AUTHOR, each: [FIRST, SECOND] };
const silences = { each: [FIRST], durationMs: 3_600_000, createdBy: AUTHOR, comment: 'why' } as const;
const ADD: AlertmanagerRequest = { method: 'POST', path: '/api/v2/silences', silences };
const ADD_TWO: AlertmanagerRequest = { ...ADD, silences: { ...silences, each: [FIRST, SECOND] } };

type Answer = (request: IncomingMessage, response: ServerResponse) => void;

let server: Server;
let url: string;
let answer: Answer;
let asked: { readonly call: string; readonly authorization?: string | undefined; readonly body: unknown }[];
const outcomes: Outcome[] = [];
const closers: (() => unknown)[] = [];

beforeEach(async () => {
  asked = [];
  answer = json(200, []);
  server = createServer((request, response) => {
    void textOf(request).then((text) => {
      const call = `${request.method} ${request.url}`;
      asked.push({ call, authorization: request.headers.authorization, body: text === '' ? undefined : JSON.parse(text) });
      answer(request, response);
    });
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});

afterEach(async () => {
  for (const close of closers.splice(0)) await close();
  server.closeAllConnections();
  await new Promise((closed) => server.close(closed));
  const said = JSON.stringify(outcomes) + inspect(outcomes.splice(0), { depth: 9, showHidden: true });
  expect(said).not.toContain('canary');
});

function json(code: number, body: unknown): Answer {
  return (_request, response) =>
    void response.writeHead(code, { 'content-type': 'application/json' }).end(`${JSON.stringify(body)}\n`);
}

function connect(options: Partial<AlertmanagerOptions> = {}) {
  const { read, change, close } = createAlertmanager({ url, ...options });
  closers.push(close);
  const kept = (outcome: Outcome) => {
    outcomes.push(outcome);
    return outcome;
  };
  return {
    read: (request: AlertmanagerRequest = ALERTS, timeoutMs = 1_000) => read(alertmanager(request, timeoutMs)).then(kept),
    change: (request: AlertmanagerRequest, timeoutMs = 1_000) => change(alertmanager(request, timeoutMs)).then(kept),
  };
}

const calls = () => asked.map(({ call }) => call);

describe('a question', () => {
  test('is answered by the body as it is, and by the time there', async () => {
    expect(await connect().read()).toMatchObject({
      exitCode: 0,
      stdout: '[]\n',
      stderr: expect.stringMatching(/^Date: .* GMT\n$/),
    });
    expect(calls()).toEqual(['GET /api/v2/alerts?active=true&silenced=true&inhibited=true&unprocessed=true']);
  });

  test('goes below the path of the configured address, with the token', async () => {
    await connect({ url: `${url}/alerts/`, token: async () => `${CANARY}\n` }).read({ method: 'GET', path: '/api/v2/silences' });
    expect(asked).toMatchObject([{ call: 'GET /alerts/api/v2/silences', authorization: `Bearer ${CANARY}` }]);
  });

  const faults: readonly (readonly [string, Answer, string])[] = [
    ['refuses the token', json(401, { error: CANARY }), 'login-refused'],
    ['forbids', json(403, CANARY), 'forbidden'],
    ['is something else', (_request, response) => void response.writeHead(200).end(`<html>${CANARY}</html>`), 'cut'],
    ['answers a text where a list is', json(200, CANARY), 'cut'],
    ['answers nothing at all', (_request, response) => void response.writeHead(502).end(), 'cut'],
    ['is asked below another path', json(404, { code: 404, message: 'path /x/api/v2/alerts was not found' }), 'cut'],
    ['redirects', (_request, response) => void response.writeHead(302, { location: 'http://127.0.0.1:9/' }).end(), 'cut'],
    ['says nothing', () => undefined, 'timed-out'],
  ];
  test.each(faults)('to one that %s has no answer', async (_how, fault, failed) => {
    answer = fault;
    const outcome = await connect({ token: async () => CANARY }).read(ALERTS, 300);
    expect(outcome).toMatchObject({ failed, says: expect.any(String), toDo: expect.stringMatching(/\w/) });
  });

  test('is asked once more after a reset', async () => {
    answer = (request) => request.socket.resetAndDestroy();
    expect(await connect().read()).toMatchObject({ failed: 'cut' });
    expect(asked).toHaveLength(2);
  });

  test('that would change something is not sent', async () => {
    for (const request of [ADD, EXPIRE]) expect(await connect().read(request)).toMatchObject({ failed: 'forbidden' });
    expect(await connect().change(ALERTS)).toMatchObject({ failed: 'forbidden' });
    expect(asked).toEqual([]);
  });

  test('to one that is not there says so', async () => {
    const gone = connect();
    await new Promise((closed) => server.close(closed));
    server.closeAllConnections();
    expect(await gone.read()).toMatchObject({ failed: 'unreachable', says: `Nothing answers at ${url} (ECONNREFUSED).` });
  });
});

/** Says what time it is there, and answers what changes something one after the other. */
function answersChanges(...answers: readonly Answer[]): Answer {
  let next = 0;
  return (request, response) => {
    response.setHeader('date', THERE);
    if (request.method === 'GET') return json(200, request.url?.endsWith('/status') ? {} : list)(request, response);
    return (answers[next++] ?? json(500, 'one call too many'))(request, response);
  };
}

const MATCHERS = [
  { name: 'alertname', value: 'A|B\\.C', isRegex: true, isEqual: true },
  { name: 'namespace', value: 'dbaas', isRegex: false, isEqual: true },
];
const silence = (id: string, createdBy: string, state: string, matchers: unknown = MATCHERS) => ({
  id,
  createdBy,
  status: { state },
  matchers,
});
const list = [
  silence('1', AUTHOR, 'active'),
  silence('2', AUTHOR, 'expired'),
  silence('3', 'viktor (storagebot-12)', 'active'),
  silence('4', AUTHOR, 'pending', [{ name: 'alertname', value: 'D', isRegex: false }]),
  silence('5', AUTHOR, 'active', MATCHERS.slice(0, 1)),
  silence('6', AUTHOR, 'active', [...MATCHERS, { name: 'pod', value: 'x', isRegex: false, isEqual: true }]),
];
const drop: Answer = (request) => request.socket.resetAndDestroy();
const done: Answer = (_request, response) => void response.writeHead(200).end();

describe('a silence', () => {
  test('lasts from now by the clock of the server, with values that are no patterns', async () => {
    answer = answersChanges(json(200, { silenceID: '8b2221f4-803f-4b45-b741-9fa8f3a05bd8' }));
    expect(await connect().change(ADD)).toMatchObject({
      exitCode: 0,
      stdout: '{"silenceID":"8b2221f4-803f-4b45-b741-9fa8f3a05bd8"}\n',
    });
    expect(asked).toMatchObject([
      { call: 'GET /api/v2/status' },
      {
        call: 'POST /api/v2/silences',
        body: {
          matchers: MATCHERS,
          startsAt: '1970-01-01T00:00:00.000Z',
          endsAt: '2026-04-03T10:00:00.000Z',
          createdBy: AUTHOR,
          comment: 'why',
        },
      },
    ]);
  });

  test('is not made where it is not known what time it is there', async () => {
    answer = (_request, response) => {
      response.sendDate = false;
      response.writeHead(200, { 'content-type': 'application/json' }).end('{}\n');
    };
    expect(await connect().change(ADD)).toMatchObject({ exitCode: 1, stderr: expect.stringContaining('nothing was silenced') });
    expect(calls()).toEqual(['GET /api/v2/status']);
  });

  test.each([
    [
      'in words',
      400,
      "Failed to create silence: end time can't be in the past",
      "Failed to create silence: end time can't be in the past\n",
    ],
    [
      'for its form',
      422,
      { code: 612, message: 'matchers in body should have at least 1 items' },
      'matchers in body should have at least 1 items\n',
    ],
  ])('that is refused %s has failed', async (_how, code, body, stderr) => {
    answer = answersChanges(json(code, body));
    expect(await connect().change(ADD)).toEqual({ exitCode: 1, stdout: '', stderr });
  });

  test('is sent once, whatever becomes of the connection', async () => {
    answer = answersChanges(drop);
    expect(await connect().change(ADD)).toMatchObject({ failed: 'cut' });
    expect(calls()).toEqual(['GET /api/v2/status', 'POST /api/v2/silences']);
  });

  test('is made for each that was asked', async () => {
    answer = answersChanges(json(200, { silenceID: '1' }), json(200, { silenceID: '2' }));
    expect(await connect().change(ADD_TWO)).toMatchObject({ exitCode: 0, stdout: '{"silenceID":"1"}\n{"silenceID":"2"}\n' });
    expect(asked.slice(1).map(({ body }) => body)).toMatchObject([{ matchers: MATCHERS }, { matchers: [{ value: 'D' }] }]);
  });

  test.each([
    ['is refused', json(400, 'no'), { exitCode: 1, stderr: '1 of 2 silences were made before. no\n' }],
    ['is not allowed', json(403, 'no'), { failed: 'cut', says: expect.stringMatching(/^1 of 2 silences were made before\. /) }],
    ['is cut off', drop, { failed: 'cut', says: expect.stringMatching(/^1 of 2 silences were made before\. /) }],
  ])('was made, and what did not arrive is not all of it, where the second %s', async (_how, second, outcome) => {
    answer = answersChanges(json(200, { silenceID: '1' }), second);
    expect(await connect().change(ADD_TWO)).toMatchObject(outcome);
    expect(calls()).toHaveLength(3);
  });
});

describe('the end of a silence', () => {
  test('is that of each of its author for exactly its labels that has not ended, and of no other', async () => {
    answer = answersChanges(done, done);
    expect(await connect().change(EXPIRE)).toEqual({ exitCode: 0, stdout: '', stderr: expect.any(String) });
    expect(calls()).toEqual(['GET /api/v2/silences', 'DELETE /api/v2/silence/1', 'DELETE /api/v2/silence/4']);
  });

  test('has failed when there is none, or when Alertmanager refuses it', async () => {
    answer = json(200, []);
    expect(await connect().change(EXPIRE)).toEqual({ exitCode: 1, stdout: '', stderr: 'no silence IDs specified\n' });
    answer = answersChanges(json(500, 'silence not found'));
    expect(await connect().change(EXPIRE)).toEqual({ exitCode: 1, stdout: '', stderr: 'silence not found\n' });
  });

  test('ends none when the list is of another form', async () => {
    answer = json(200, [{ id: '1' }]);
    expect(await connect().change(EXPIRE)).toMatchObject({ exitCode: 1, stderr: expect.stringContaining('none was ended') });
    expect(calls()).toEqual(['GET /api/v2/silences']);
  });
});
