import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { createServer as createTlsServer, type Server as TlsServer } from 'node:https';
import type { TLSSocket } from 'node:tls';
import type { Accepted, Sent } from '../../src/alerts/intake.ts';
import type { AlertSource } from '../../src/core/alert.ts';
import { createReceiver } from './body.ts';
import { hasToken } from './caller.ts';
import { failedHandshake } from './handshakes.ts';
import { createRefusals } from './refusals.ts';

export interface Listen {
  readonly address: string;
  /** 0: any free one. */
  readonly port: number;
  /** As PEM. With `clients`, only who shows a certificate of that authority gets an answer at all. */
  readonly tls?: { readonly certificate: string; readonly key: string; readonly clients?: string };
}

export interface WebhooksOptions {
  readonly listen: Listen;
  /** Those that are good now, of which every caller must show one; absent only where certificates are asked of them. */
  readonly tokens?: () => readonly string[];
  readonly accept: (sent: Sent) => Promise<Accepted>;
  /** Hears, as often as it happens, what somebody must put right at a sender who is one of ours by all that is seen of him. */
  readonly tell?: (problem: string) => void;
  readonly log: { readonly warn: (fields: object, message: string) => void };
}

export interface Webhooks {
  readonly port: number;
  /** Shows another certificate from now on. Throws where it is none. */
  readonly renew: (tls: NonNullable<Listen['tls']>) => void;
  /** Answers what it has begun to receive, then takes no more. */
  readonly close: () => Promise<void>;
}

interface Reply {
  readonly status: number;
  readonly says: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** Takes in what Alertmanager (`/alertmanager`) and Grafana (`/grafana`) post. Rejects when the address cannot be used. */
export async function serveWebhooks(options: WebhooksOptions): Promise<Webhooks> {
  const { listen, tokens, log } = options;
  if (tokens === undefined && listen.tls?.clients === undefined)
    throw new Error('Anybody could tell of alerts: there is no token.');
  const receive = createReceiver();
  const refused = createRefusals(log);
  const server = serverFor(listen, (request, response) => {
    void answer(request, { ...options, receive }).then((reply) => {
      const { status, says } = reply;
      if (status !== 200) refused({ status, says, path: request.url ?? '', from: request.socket.remoteAddress });
      send(response, reply);
    });
  });
  server.on('tlsClientError', (error: Error, socket: TLSSocket) => {
    const failed = failedHandshake(error, socket);
    if (failed === undefined) return;
    refused({ status: 'tls', says: failed.says, path: '', from: socket.remoteAddress });
    if (failed.problem !== undefined) options.tell?.(failed.problem);
  });
  const { promise: listening, resolve, reject } = Promise.withResolvers<void>();
  server.once('error', reject).listen(listen.port, listen.address, resolve);
  await listening;
  server.off('error', reject).on('error', (error) => log.warn({ error }, 'the listener of alerts'));
  return {
    port: portOf(server),
    renew: (tls) => {
      if ('setSecureContext' in server) server.setSecureContext(tlsOptions(tls));
    },
    close: () => close(server),
  };
}

/** Who sends nothing for so long is cut off. */
const LIMITS = { requestTimeout: 20_000, headersTimeout: 10_000, connectionsCheckingInterval: 5_000 };
const CONNECTIONS = 200;
const CLOSE_WITHIN_MS = 3_000;

function serverFor({ tls }: Listen, handle: (request: IncomingMessage, response: ServerResponse) => void): Server | TlsServer {
  const server = tls === undefined ? createServer(LIMITS, handle) : createTlsServer({ ...LIMITS, ...tlsOptions(tls) }, handle);
  server.maxConnections = CONNECTIONS;
  return server;
}

function tlsOptions({ certificate: cert, key, clients }: NonNullable<Listen['tls']>) {
  const asked = clients === undefined ? {} : { ca: clients, requestCert: true, rejectUnauthorized: true };
  return { cert, key, minVersion: 'TLSv1.2', handshakeTimeout: 10_000, ...asked } as const;
}

const SOURCES: ReadonlyMap<string | undefined, AlertSource> = new Map([
  ['/alertmanager', 'alertmanager'],
  ['/grafana', 'grafana'],
]);

type Answering = WebhooksOptions & { readonly receive: ReturnType<typeof createReceiver> };

/** Never rejects. */
async function answer(request: IncomingMessage, options: Answering): Promise<Reply> {
  const source = sourceOf(request);
  const isKnown = isKnownCaller(request, options);
  if (source === undefined) {
    if (isKnown) options.tell?.(MISSED);
    return { status: 404, says: 'there are /alertmanager and /grafana' };
  }
  if (request.method !== 'POST') return { status: 405, says: 'only POST', headers: { allow: 'POST' } };
  if (!isKnown) {
    if (request.headers.authorization !== undefined) options.tell?.(STRANGER[source]);
    return { status: 401, says: 'the token is wrong or missing', headers: { 'www-authenticate': 'Bearer' } };
  }
  try {
    return await taken(request, { ...options, source });
  } catch (error) {
    // Whoever sent it is gone in the middle of it, or there is a fault here: then it is to come again.
    options.log.warn({ error }, 'a notification could not be taken');
    return busy('it could not be taken now');
  }
}

const MISSED = 'Alerts are sent to an address that the bot does not have (404): it takes them at /alertmanager and /grafana.';
const STRANGER: Readonly<Record<AlertSource, string>> = {
  alertmanager: 'Alerts sent to /alertmanager are refused (401): the sender shows another token than alerts.token.',
  grafana: 'Alerts sent to /grafana are refused (401): the sender shows another token than alerts.token.',
};

function isKnownCaller({ headers }: IncomingMessage, { tokens }: Answering): boolean {
  return tokens === undefined || hasToken(headers.authorization, tokens());
}

function sourceOf({ url }: IncomingMessage): AlertSource | undefined {
  return SOURCES.get(url?.replace(/\/?(?:\?.*)?$/s, ''));
}

/** Whatever is only too much or too early for now is 503: Alertmanager sends that again, and what gets another answer never. */
async function taken(
  request: IncomingMessage,
  { accept, receive, source }: Answering & { readonly source: AlertSource },
): Promise<Reply> {
  const received = await receive(request);
  if ('busy' in received) return busy(received.busy);
  const accepted = await accept({ source, ...received });
  if (accepted.kind === 'busy') return busy(accepted.why);
  return accepted.kind === 'kept' ? { status: 200, says: 'kept' } : { status: 400, says: `it cannot be read: ${accepted.why}` };
}

function busy(says: string): Reply {
  return { status: 503, says, headers: { 'retry-after': '5' } };
}

function send(response: ServerResponse, { status, says, headers }: Reply): void {
  response.writeHead(status, { 'content-type': 'text/plain; charset=utf-8', ...headers });
  response.end(`${says}\n`);
}

function portOf(server: Server): number {
  const address = server.address();
  if (typeof address === 'object' && address !== null) return address.port;
  throw new Error('The listener of alerts has no port.');
}

function close(server: Server): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  // Who does not end by then is cut off.
  const timer = setTimeout(() => server.closeAllConnections(), CLOSE_WITHIN_MS);
  server.close(() => {
    clearTimeout(timer);
    resolve();
  });
  return promise;
}
