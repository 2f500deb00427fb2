import { randomUUID, X509Certificate } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer } from 'node:https';
import { setTimeout as sleep } from 'node:timers/promises';
import { newCertificates } from '../kubernetes/certificate.ts';
import { close, listen } from '../port.ts';
import { type ApiAnswer, type ApiCall, answerApi, CHANGE_TOKEN, type LabToken, READ_TOKEN } from './proxmox-api.ts';
import type { World } from './world.ts';

/** How the server misbehaves. Those that begin with `apply` have carried the call out when they do. */
export type ProxmoxFault =
  | 'hang'
  | 'reset'
  | 'apply-then-hang'
  | 'apply-then-reset'
  | 'apply-then-half-body'
  | 'huge'
  | 'not-json'
  | 'no-data'
  | 'odd-content-type'
  | 'echo-token'
  | 'redirect'
  | 'bad-gateway'
  | 'misdirected'
  | 'slow-body'
  | 'node-unreachable'
  | 'node-silent'
  | 'cannot-lock';

export interface LoggedCall {
  readonly method: string;
  /** With its query, below /api2/json. */
  readonly path: string;
  /** `storagebot@pve!read`, or `nobody`. */
  readonly by: string;
  readonly body: string;
}

export interface LabProxmox {
  readonly url: string;
  /** Certificate of the authority, PEM. */
  readonly ca: string;
  /** SHA-256 of the server's certificate, as pvenode prints it. */
  readonly fingerprint: string;
  readonly secrets: { readonly read: string; readonly change: string };
  /** Every request that reached the server. */
  readonly requests: readonly LoggedCall[];
  /** Of each connection that was made. */
  readonly protocols: readonly string[];
  /** The next calls whose path matches, all of them unless a number is given, meet this fault; undefined ends it. */
  readonly misbehave: (fault: ProxmoxFault | undefined, times?: number, path?: RegExp) => void;
  /** Connections are refused until `up`, on the same port. */
  readonly down: () => Promise<void>;
  readonly up: () => Promise<void>;
  readonly stop: () => Promise<void>;
}

interface State {
  fault: ProxmoxFault | undefined;
  times: number;
  path: RegExp;
  readonly requests: LoggedCall[];
  readonly tokens: ReadonlyMap<string, LabToken>;
}

/** The API of the world's hypervisor on a port of 127.0.0.1, over HTTPS with an authority of its own. */
export async function startLabProxmox(
  world: World,
  { latencyMs = 0 }: { readonly latencyMs?: number } = {},
): Promise<LabProxmox> {
  const { ca, key, certificate } = newCertificates();
  const secrets = { read: randomUUID(), change: randomUUID() };
  const tokens = new Map([
    [`PVEAPIToken=${READ_TOKEN.tokenId}=${secrets.read}`, READ_TOKEN],
    [`PVEAPIToken=${CHANGE_TOKEN.tokenId}=${secrets.change}`, CHANGE_TOKEN],
  ]);
  const state: State = { fault: undefined, times: 0, path: /./, requests: [], tokens };
  const protocols: string[] = [];
  // A proxy in front may speak HTTP/2 as well; this one would choose it.
  const server = createServer({ key, cert: certificate, ALPNProtocols: ['h2', 'http/1.1'] }, (request, response) => {
    sleep(latencyMs)
      .then(() => handle(world, state, { request, response }))
      .catch((error: unknown) => response.destroy(error instanceof Error ? error : undefined));
  });
  server.on('secureConnection', ({ alpnProtocol }) => void protocols.push(alpnProtocol || 'http/1.1'));
  const port = await listen(server, 0);
  return {
    url: `https://127.0.0.1:${port}`,
    ca,
    fingerprint: new X509Certificate(certificate).fingerprint256,
    secrets,
    requests: state.requests,
    protocols,
    misbehave: (fault, times = Number.POSITIVE_INFINITY, path = /./) => void Object.assign(state, { fault, times, path }),
    down: () => close(server),
    up: async () => void (await listen(server, port)),
    stop: () => close(server),
  };
}

interface Exchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
}

const ROOT = '/api2/json';

async function handle(world: World, state: State, { request, response }: Exchange): Promise<void> {
  const { method = '', url = '' } = request;
  const body = await textOf(request);
  const token = state.tokens.get(request.headers.authorization ?? '');
  const path = url.replace(ROOT, '');
  state.requests.push({ method, path, by: token?.tokenId ?? 'nobody', body });
  const fault = takeFault(state, path);
  if (world.hypervisor.api.state === 'hangs' || failsBefore(fault, { request, response })) return;
  const { pathname, search } = new URL(path, 'https://lab');
  const parameters = Object.fromEntries(new URLSearchParams(method === 'GET' ? search : body));
  const call: ApiCall = { method, path: decodeURI(pathname), parameters, token };
  await send(fault, answerApi(world, call), response);
}

function takeFault(state: State, path: string): ProxmoxFault | undefined {
  if (state.fault === undefined || state.times <= 0 || !state.path.test(path)) return undefined;
  state.times -= 1;
  return state.fault;
}

const JSON_TYPE = { 'content-type': 'application/json;charset=UTF-8' };
const LOCKED = "can't lock file '/var/lock/qemu-server/lock-203.conf' - got timeout";

/** True when there is nothing more to do. */
function failsBefore(fault: ProxmoxFault | undefined, { request, response }: Exchange): boolean {
  switch (fault) {
    case 'hang':
      return true;
    case 'reset':
      response.destroy();
      return true;
    case 'huge':
      response.writeHead(200, JSON_TYPE).end(JSON.stringify({ data: 'x'.repeat(200_000) }));
      return true;
    case 'not-json':
      response.writeHead(200, { 'content-type': 'text/html' }).end('<html>Welcome</html>\n');
      return true;
    case 'no-data':
      response.writeHead(200, JSON_TYPE).end('{"success":1}');
      return true;
    case 'echo-token':
      response.writeHead(500, `broken for ${request.headers.authorization}`, JSON_TYPE).end('{"data":null}');
      return true;
    case 'redirect':
      response.writeHead(307, { location: '/elsewhere' }).end();
      return true;
    case 'bad-gateway':
      response.writeHead(502, { 'content-type': 'text/html' }).end('<html>Bad gateway</html>\n');
      return true;
    case 'misdirected':
      response.writeHead(421, { 'content-type': 'text/html' }).end('<html>Misdirected</html>\n');
      return true;
    case 'slow-body':
      response.writeHead(200, JSON_TYPE).write('{"data":');
      return true;
    case 'node-unreachable':
      response.writeHead(595, 'No route to host').end();
      return true;
    case 'node-silent':
      response.writeHead(596, 'Connection timed out').end();
      return true;
    case 'cannot-lock':
      response.writeHead(500, LOCKED, JSON_TYPE).end('{"data":null}');
      return true;
    default:
      return false;
  }
}

/** Sends the answer, or what the fault leaves of it. */
async function send(fault: ProxmoxFault | undefined, answer: ApiAnswer, response: ServerResponse): Promise<void> {
  const { status, reason, data, errors } = answer;
  const body = JSON.stringify({ data, ...(errors === undefined ? {} : { errors }) });
  if (fault === 'apply-then-hang') return;
  if (fault === 'apply-then-reset') return void response.destroy();
  const type = fault === 'odd-content-type' ? { 'content-type': 'application/json; charset=utf-8' } : JSON_TYPE;
  response.writeHead(status, reason, { ...type, 'content-length': Buffer.byteLength(body) });
  if (fault !== 'apply-then-half-body') return void response.end(body);
  response.write(body.slice(0, body.length / 2));
  await sleep(20);
  response.destroy();
}

async function textOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk);
  return Buffer.concat(chunks).toString('utf8');
}
