import { readFile } from 'node:fs/promises';
import { Agent, buildConnector } from 'undici';
import type { SendCall } from './routes.ts';

/** What proves that the server is ours: a certificate authority, or the SHA-256 of its certificate. */
export type Trust =
  /** A file, in PEM form. */
  | { readonly ca: string }
  /** As `pvenode cert info` prints it: 32 bytes in hexadecimal with colons. */
  | { readonly fingerprint: string };

export interface Token {
  /** `storagebot@pve!read` */
  readonly tokenId: string;
  readonly secret: string;
}

/** A token whose secret is read where it is kept, each time that it is used, so that a renewed one comes into use. */
export interface TokenSource {
  readonly tokenId: string;
  /** May reject. */
  readonly secret: () => Promise<string>;
}

export interface ServerOptions {
  /** `https://192.168.1.127:8006` */
  readonly url: string;
  readonly trust: Trust;
  readonly connectTimeoutMs: number;
  readonly maxAnswerBytes: number;
}

/** TCP connections of their own. */
export interface Connections {
  /** Each call rejects with an HttpRefusal for an answer that is no success. */
  readonly sender: (token: Token, signal: AbortSignal) => SendCall;
  /** That a connection was made and the server proved who it is: from then on a change may have been sent. */
  readonly wereMade: () => boolean;
  readonly close: () => Promise<void>;
}

/** Rejects with a TrustUnreadable where the certificate authority cannot be read. */
export type Open = () => Promise<Connections>;

/** The certificate authority could not be read. */
export class TrustUnreadable extends Error {
  override readonly name = 'TrustUnreadable';
  readonly code = 'TRUST_UNREADABLE';
}

/** There is no secret to log in with. `why` says it without the secret. */
export class TokenUnusable extends Error {
  override readonly name = 'TokenUnusable';
  readonly code = 'TOKEN_UNUSABLE';
  readonly why: string;
  constructor(why: string) {
    super(why);
    this.why = why;
  }
}

/** An HTTP answer that is no success, in Proxmox's words. */
export class HttpRefusal extends Error {
  override readonly name = 'HttpRefusal';
  readonly code = 'HTTP_REFUSAL';
  readonly status: number;
  readonly words: string;
  constructor(status: number, words: string) {
    super(`HTTP status ${status}`);
    this.status = status;
    this.words = words;
  }
}

/** A success whose body is not of the form that every answer of Proxmox has. */
export class NotOfProxmox extends Error {
  override readonly name = 'NotOfProxmox';
  readonly code = 'NOT_OF_PROXMOX';
}

export function opener({ url, trust, connectTimeoutMs, maxAnswerBytes }: ServerOptions): Open {
  const { origin } = new URL(url);
  return async () => {
    const connect = await connectorOf(trust, connectTimeoutMs);
    const dispatcher = new Agent({
      connect,
      allowH2: false,
      maxResponseSize: maxAnswerBytes,
      keepAliveTimeout: 4_000,
      pipelining: 1,
    });
    let made = false;
    dispatcher.on('connect', () => {
      made = true;
    });
    return {
      wereMade: () => made,
      sender: (token, signal) => async (method, path, parameters) => {
        const request = { ...requestOf(method, parameters, token), origin, path: withQuery(method, path, parameters), signal };
        // Not fetch(): that sends a change a second time where it is redirected or answered with 421.
        const { statusCode: status, statusText: reason, body } = await dispatcher.request(request);
        return dataOf({ status, reason, body: await body.text() });
      },
      close: () => dispatcher.destroy(),
    };
  };
}

function requestOf(method: string, parameters: Readonly<Record<string, string>>, { tokenId, secret }: Token) {
  const headers = {
    accept: 'application/json',
    // What is not packed cannot be larger than it looks.
    'accept-encoding': 'identity',
    authorization: `PVEAPIToken=${tokenId}=${secret}`,
    'user-agent': 'storagebot',
  };
  if (!hasBody(method)) return { method, headers };
  const type = { 'content-type': 'application/x-www-form-urlencoded' };
  return { method, headers: { ...headers, ...type }, body: new URLSearchParams(parameters).toString() };
}

function withQuery(method: string, path: string, parameters: Readonly<Record<string, string>>): string {
  const query = hasBody(method) ? '' : new URLSearchParams(parameters).toString();
  return query === '' ? path : `${path}?${query}`;
}

function hasBody(method: string): boolean {
  return method === 'POST' || method === 'PUT';
}

interface Answered {
  readonly status: number;
  /** Proxmox says there what is wrong. */
  readonly reason: string;
  readonly body: string;
}

/** Whatever type the answer says it has: proxies change that. */
function dataOf({ status, reason, body }: Answered): unknown {
  const document = parsed(body);
  if (status < 200 || status > 299) throw new HttpRefusal(status, wordsOf(document, reason));
  if (typeof document !== 'object' || document === null || !('data' in document)) throw new NotOfProxmox();
  return document.data;
}

function parsed(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return undefined;
  }
}

/** As pvesh prints it: what is wrong, then each parameter that is. */
function wordsOf(document: unknown, reason: string): string {
  const { message, errors } = typeof document === 'object' && document !== null ? { message: '', errors: {}, ...document } : {};
  const each = Object.entries(errors ?? {}).map(([name, text]) => `${name}: ${String(text).trim()}`);
  const first = typeof message === 'string' && message.trim() !== '' ? message.trim() : reason;
  return [first, ...each].join('\n').slice(0, 2_000);
}

async function connectorOf(trust: Trust, timeout: number): Promise<buildConnector.connector> {
  if ('ca' in trust) {
    const ca = await readFile(trust.ca, 'utf8').catch(() => {
      throw new TrustUnreadable();
    });
    return buildConnector({ ca, rejectUnauthorized: true, allowH2: false, timeout });
  }
  return pinned(trust.fingerprint, timeout);
}

/** The certificate itself is compared, before a byte of a request is sent; who signed it does not matter. */
function pinned(fingerprint: string, timeout: number): buildConnector.connector {
  // A resumed session would show no certificate.
  const connect = buildConnector({ rejectUnauthorized: false, allowH2: false, maxCachedSessions: 0, timeout });
  return (options, callback) =>
    connect(options, (...[error, socket]) => {
      if (error !== null) return callback(error, null);
      if (isShown(socket, fingerprint)) return callback(null, socket);
      socket.destroy();
      callback(Object.assign(new Error('another certificate'), { code: 'ERR_TLS_CERT_FINGERPRINT' }), null);
    });
}

function isShown(socket: object, fingerprint: string): boolean {
  return (
    'getPeerX509Certificate' in socket &&
    typeof socket.getPeerX509Certificate === 'function' &&
    socket.getPeerX509Certificate()?.fingerprint256 === fingerprint.toUpperCase()
  );
}
