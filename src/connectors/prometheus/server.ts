import { readFile } from 'node:fs/promises';
import { Agent, type Dispatcher } from 'undici';
import type { Answer } from './answer.ts';
import { CredentialUnreadable } from './failures.ts';

export interface ServerOptions {
  readonly url: string;
  readonly ca?: string;
  readonly token?: () => Promise<string>;
  readonly connectTimeoutMs: number;
  readonly maxAnswerBytes: number;
}

/** The HTTP side: one address, one authority, one token, and the connections that are kept open. */
export interface Server {
  readonly ask: (query: string, limit: { readonly timeoutMs: number; readonly signal: AbortSignal }) => Promise<Answer>;
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
    ask: async (query, { timeoutMs, signal }) => {
      const { agent, authorization } = await openOnce();
      const { statusCode, body } = await agent.request(requestFor(options.url, { query, timeoutMs, signal, authorization }));
      const answer = { code: statusCode, body: await body.text() };
      if (answer.code === 401) await forget();
      return answer;
    },
    close: async () => {
      const way = await opening?.catch(() => undefined);
      await way?.agent.destroy();
    },
  };
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

interface Question {
  readonly query: string;
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
  readonly authorization?: string | undefined;
}

function requestFor(
  url: string,
  { query, timeoutMs, signal, authorization }: Question,
): Dispatcher.RequestOptions & { origin: URL } {
  const { origin, pathname } = new URL(url);
  // The server gives up when nobody waits for its answer any more.
  const parameters = new URLSearchParams({ query, timeout: `${timeoutMs}ms` });
  return {
    origin: new URL(origin),
    path: `${pathname.replace(/\/$/, '')}/api/v1/query?${parameters}`,
    method: 'GET',
    signal,
    headers: {
      accept: 'application/json',
      // What is not packed cannot be larger than it looks.
      'accept-encoding': 'identity',
      'user-agent': 'storagebot',
      ...(authorization !== undefined && { authorization }),
    },
  };
}
