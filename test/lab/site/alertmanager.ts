import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text as wholeOf } from 'node:stream/consumers';
import { z } from 'zod';
import { ALERTMANAGER } from '../../../src/connectors/alertmanager/answer.ts';
import { asked, changed, type Send } from '../../../src/connectors/alertmanager/calls.ts';
import { failureOf } from '../../../src/connectors/http-api/failures.ts';
import type { Answer } from '../../../src/connectors/http-api/server.ts';
import type { AlertmanagerCommand } from '../../../src/core/command.ts';
import { show } from '../../../src/core/command.ts';
import type { Outcome } from '../../../src/core/output.ts';
import { apiAlerts, type LabSilence, stateOf, type ToldAs } from './alerts.ts';
import type { World } from './world.ts';

interface Request {
  readonly method: string;
  /** Without its query: the bot asks for all. */
  readonly path: string;
  readonly body?: unknown;
}

/** What `/api/v2` of Alertmanager 0.25 answers. */
export function answerTo(world: World, request: Request, told: ToldAs = {}): Answer {
  const { code, body } = bodyFor(world, request, told);
  return { code, body: textOf(body), date: new Date(world.time.nowMs).toUTCString() };
}

/** What refuses the form of a request ends its line with nothing. */
function textOf(body: unknown): string {
  if (body === undefined) return '';
  return JSON.stringify(body) + (Refused.safeParse(body).success ? '' : '\n');
}

const Refused = z.object({ code: z.int(), message: z.string() });

function bodyFor(
  world: World,
  { method, path, body }: Request,
  told: ToldAs,
): { readonly code: number; readonly body?: unknown } {
  if (method === 'GET' && path === '/api/v2/alerts') return { code: 200, body: apiAlerts(world, told) };
  if (method === 'GET' && path === '/api/v2/silences')
    return { code: 200, body: world.alerting.silences.map((each) => apiSilence(world, each)) };
  if (method === 'GET' && path === '/api/v2/status') return { code: 200, body: statusOf(world) };
  if (method === 'POST' && path === '/api/v2/silences') return addSilence(world, body);
  const id = /^\/api\/v2\/silence\/(.+)$/.exec(path)?.[1];
  if (method === 'DELETE' && id !== undefined) return expire(world, id);
  return { code: 404, body: { code: 404, message: `path ${path} was not found` } };
}

function apiSilence({ time: { nowMs } }: World, silence: LabSilence) {
  const { id, matchers, createdBy, comment } = silence;
  const times = { startsAt: iso(silence.startsAtMs), endsAt: iso(silence.endsAtMs), updatedAt: iso(silence.updatedAtMs) };
  return { id, status: { state: stateOf(silence, nowMs) }, ...times, createdBy, comment, matchers };
}

function statusOf({ startedMs }: World) {
  const versionInfo = { version: '0.25.0', revision: '0.25.0-1+b4', branch: 'debian/sid', goVersion: 'go1.19.8' };
  return { cluster: { peers: [], status: 'disabled' }, versionInfo, uptime: iso(startedMs), config: { original: 'route:\n' } };
}

const Body = z.object({
  matchers: z.array(z.object({ name: z.string(), value: z.string(), isRegex: z.boolean(), isEqual: z.boolean().default(true) })),
  startsAt: z.iso.datetime(),
  endsAt: z.iso.datetime(),
  createdBy: z.string(),
  comment: z.string(),
});

function addSilence({ alerting, time: { nowMs } }: World, body: unknown) {
  const { matchers, startsAt, endsAt, createdBy, comment } = Body.parse(body);
  if (matchers.length === 0) return { code: 422, body: { code: 612, message: 'matchers in body should have at least 1 items' } };
  if (Date.parse(startsAt) >= Date.parse(endsAt))
    return { code: 400, body: 'Failed to create silence: start time must be before end time' };
  if (Date.parse(endsAt) < nowMs) return { code: 400, body: "Failed to create silence: end time can't be in the past" };
  const bad = matchers.findIndex(({ name }) => !/^[a-zA-Z_]\w*$/.test(name));
  if (bad >= 0) {
    const name = JSON.stringify(matchers[bad]?.name);
    return { code: 400, body: `silence invalid: invalid label matcher ${bad}: invalid label name ${name}` };
  }
  const startsAtMs = Math.max(Date.parse(startsAt), nowMs);
  const id = idOf(`${alerting.silences.length} ${nowMs} ${createdBy}`);
  alerting.silences.push({ id, matchers, startsAtMs, endsAtMs: Date.parse(endsAt), updatedAtMs: nowMs, createdBy, comment });
  return { code: 200, body: { silenceID: id } };
}

/** As a random UUID, and the same each time. */
function idOf(name: string): string {
  const hex = createHash('sha256').update(name).digest('hex');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}

function expire({ alerting, time: { nowMs } }: World, id: string) {
  if (!/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(id))
    return { code: 422, body: { code: 601, message: `silenceID in path must be of type uuid: ${JSON.stringify(id)}` } };
  const silence = alerting.silences.find((each) => each.id === id);
  if (silence === undefined) return { code: 500, body: 'silence not found' };
  if (stateOf(silence, nowMs) === 'expired') return { code: 500, body: `silence ${id} already expired` };
  Object.assign(silence, { startsAtMs: Math.min(silence.startsAtMs, nowMs), endsAtMs: nowMs, updatedAtMs: nowMs });
  return { code: 200 };
}

function iso(ms: number): string {
  return new Date(ms).toISOString();
}

const NOBODY = Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED' });

/** The same as over HTTP, in this process. */
export async function askAlertmanager(world: World, command: AlertmanagerCommand): Promise<Outcome> {
  const { request, timeoutMs } = command;
  const where = 'http://prometheus-alertmanager.monitoring:9093';
  if (!world.alerting.up) return failureOf(NOBODY, { service: ALERTMANAGER, where, timeoutMs, maxAnswerBytes: 0 });
  const send: Send = async ({ path, ...more }) => answerTo(world, { ...more, path: path.replace(/\?.*$/, '') });
  if (request.method === 'GET') return asked(send, request.path);
  world.executed.push(show(command));
  return changed(send, request);
}

export interface LabAlertmanager {
  readonly url: string;
  readonly stop: () => Promise<void>;
}

/** An Alertmanager over HTTP on 127.0.0.1 that knows the alerts of this world. Where it is down, connections are refused. */
export async function startLabAlertmanager(
  world: World,
  { latencyMs = 0, ...told }: ToldAs & { readonly latencyMs?: number } = {},
): Promise<LabAlertmanager> {
  const server = createServer((request, response) => {
    void wholeOf(request).then((text) => {
      if (!world.alerting.up) return void request.socket.resetAndDestroy();
      const { pathname: path } = new URL(request.url ?? '', 'http://alertmanager');
      const asked = { method: request.method ?? '', path, ...(text !== '' && { body: JSON.parse(text) as unknown }) };
      const { code, body, date = '' } = answerTo(world, asked, told);
      if (request.method !== 'GET') world.executed.push(`alertmanager ${request.method} ${path}`);
      setTimeout(() => response.writeHead(code, { 'content-type': 'application/json', date }).end(body), latencyMs);
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const stop = async () => {
    server.closeAllConnections();
    await new Promise((closed) => server.close(closed));
  };
  return { url: `http://127.0.0.1:${port}`, stop };
}
