import { readFile } from 'node:fs/promises';
import { Agent, type Dispatcher } from 'undici';
import { isReset } from '../network-error.ts';
import { CredentialUnreadable } from './failures.ts';

export interface ServerOptions {
  readonly url: string;
  readonly ca?: string;
  readonly token?: () => Promise<string>;
  readonly connectTimeoutMs: number;
  readonly maxAnswerBytes: number;
}

/** What the server answered. */
export interface Answer {
  readonly code: number;
  readonly body: string;
  /** What the server's clock said, in the form of HTTP. */
  readonly date?: string;
}

export interface Request {
  readonly method: 'GET' | 'POST' | 'DELETE';
  /** Below the configured address: `/api/v1/query?query=up`. */
  readonly path: string;
  /** Sent as JSON. */
  readonly body?: unknown;
  readonly signal: AbortSignal;
}

/** The HTTP side: one address, one authority, one token, and the connections that are kept open. */
export interface Server {
  readonly send: (request: Request) => Promise<Answer>;
  readonly close: () => Promise<void>;
}

interface Way {
  readonly agent: Agent;
  readonly authorization?: string;
}

export function openServer(options: ServerOptions): Server {
  let opening: Promise<Way> | undefined;

  function openOnce(): Promise<Way> {
    opening ??= open(options).catch((error: unknown) => {
      opening = undefined;
      throw error;
    });
    return opening;
  }

  /** A renewed token or authority in its file is found by reading the file again. */
  async function forget(): Promise<void> {
    const old = await opening;
    opening = undefined;
    await old?.agent.close();
  }

  return {
    send: async (request) => {
      const { agent, authorization } = await openOnce();
      const { statusCode, headers, body } = await agent.request(requestFor(options.url, request, authorization));
      const { date } = headers;
      const answer = { code: statusCode, body: await body.text(), ...(typeof date === 'string' && { date }) };
      if (answer.code === 401) await forget();
      return answer;
    },
    close: async () => {
      const way = await opening?.catch(() => undefined);
      await way?.agent.destroy();
    },
  };
}

/** For questions alone: what changes something is sent once. */
export async function twiceIfReset<T>(ask: () => Promise<T>): Promise<T> {
  try {
    return await ask();
  } catch (error) {
    if (error instanceof CredentialUnreadable || !isReset(error)) throw error;
    return ask();
  }
}

async function open({ ca, token, connectTimeoutMs, maxAnswerBytes }: ServerOptions): Promise<Way> {
  const authority = ca === undefined ? undefined : await readable('its certificate authority', () => readFile(ca, 'utf8'));
  const secret = token === undefined ? undefined : await readable('its token', token);
  const connect = { timeout: connectTimeoutMs, rejectUnauthorized: true, ...(authority !== undefined && { ca: authority }) };
  const agent = new Agent({ connect, maxResponseSize: maxAnswerBytes, keepAliveTimeout: 10_000 });
  return { agent, ...(secret !== undefined && { authorization: `Bearer ${secret.trim()}` }) };
}

async function readable(what: string, get: () => Promise<string>): Promise<string> {
  try {
    return await get();
  } catch {
    // Its cause could repeat what the file holds.
    throw new CredentialUnreadable(what);
  }
}

function requestFor(
  url: string,
  { method, path, body, signal }: Request,
  authorization: string | undefined,
): Dispatcher.RequestOptions & { origin: URL } {
  const { origin, pathname } = new URL(url);
  return {
    origin: new URL(origin),
    path: `${pathname.replace(/\/$/, '')}${path}`,
    method,
    signal,
    ...(body !== undefined && { body: JSON.stringify(body) }),
    headers: {
      accept: 'application/json',
      // What is not packed cannot be larger than it looks.
      'accept-encoding': 'identity',
      'user-agent': 'storagebot',
      ...(body !== undefined && { 'content-type': 'application/json' }),
      ...(authorization !== undefined && { authorization }),
    },
  };
}
