import type { IncomingMessage, ServerResponse } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import { readBody, send } from '../http.ts';
import { jsonText } from '../json.ts';
import { RateLimiter } from '../limits.ts';
import { chatMethods } from './chat.ts';
import { conversationMethods } from './conversations.ts';
import { fileMethods } from './files.ts';
import type { ApiLab, Methods, Result } from './method.ts';
import { ApiError } from './method.ts';
import { userMethods } from './users.ts';
import { viewMethods } from './views.ts';

const methods: Methods = { ...chatMethods, ...conversationMethods, ...fileMethods, ...userMethods, ...viewMethods };
const WITHOUT_TOKEN = ['blocks.validate'];
const WITH_APP_TOKEN = ['apps.connections.open'];

/** Something that goes wrong on purpose. */
export type Fault =
  | { readonly kind: 'error'; readonly error: string }
  /** An HTTP status, and nothing done; with 429 goes a Retry-After. */
  | { readonly kind: 'status'; readonly status: number; readonly retryAfterSeconds?: number }
  /** The call is carried out, and the connection breaks before the answer. */
  | { readonly kind: 'lost-reply' }
  | { readonly kind: 'delay'; readonly delayMs: number };

/** One call of the app, as it arrived, without its token. */
export interface ApiCall {
  readonly method: string;
  readonly args: Result;
  /** `ok`, Slack's error word, or `HTTP 503`. */
  readonly result: string;
  /** Milliseconds since 1970. */
  readonly at: number;
}

export interface Tokens {
  readonly botToken: string;
  readonly appToken: string;
}

/** The Web API over HTTP. */
export class WebApi {
  readonly calls: ApiCall[] = [];
  readonly #lab: ApiLab;
  readonly #tokens: Tokens;
  readonly #limiter: RateLimiter | undefined;
  readonly #faults: { readonly method: string; readonly fault: Fault }[] = [];

  constructor(lab: ApiLab, tokens: Tokens, rateLimits: boolean) {
    this.#lab = lab;
    this.#tokens = tokens;
    this.#limiter = rateLimits ? new RateLimiter() : undefined;
  }

  /** Makes the next `times` calls of this method go wrong. */
  inject(method: string, fault: Fault, times: number): void {
    for (let time = 0; time < times; time += 1) this.#faults.push({ method, fault });
  }

  async handle(name: string, request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { token, ...args } = await readArguments(request);
    const fault = this.#takeFault(name);
    if (fault?.kind === 'delay') await sleep(fault.delayMs);
    const answer = failing(fault) ?? this.#limited(name, args) ?? this.#answer(name, bearer(request) ?? token, args);
    this.calls.push({ method: name, args, result: answer.result, at: Date.now() });
    if (fault?.kind === 'lost-reply') request.socket.destroy();
    else send(response, answer.status, answer.body, answer.headers);
  }

  #takeFault(name: string): Fault | undefined {
    const index = this.#faults.findIndex(({ method }) => method === name);
    return index < 0 ? undefined : this.#faults.splice(index, 1)[0]?.fault;
  }

  #limited(name: string, args: Result): Answer | undefined {
    const seconds = this.#limiter?.take(name, String(args['channel'] ?? '')) ?? 0;
    return seconds === 0 ? undefined : httpFailure(429, seconds);
  }

  #answer(name: string, token: unknown, args: Result): Answer {
    try {
      const method = methods[name];
      if (method === undefined) throw new ApiError('unknown_method');
      this.#authorise(name, token);
      return { status: 200, result: 'ok', body: { ok: true, ...method(this.#lab, args) } };
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      return { status: 200, result: error.code, body: { ok: false, error: error.code, ...error.details } };
    }
  }

  #authorise(name: string, token: unknown): void {
    if (WITHOUT_TOKEN.includes(name)) return;
    const { botToken, appToken } = this.#tokens;
    if (token === undefined || token === '') throw new ApiError('not_authed');
    if (token !== botToken && token !== appToken) throw new ApiError('invalid_auth');
    const wanted = WITH_APP_TOKEN.includes(name) ? appToken : botToken;
    if (token !== wanted) throw new ApiError('not_allowed_token_type');
  }
}

interface Answer {
  readonly status: number;
  readonly body: Result;
  readonly result: string;
  readonly headers?: Readonly<Record<string, string>>;
}

function failing(fault: Fault | undefined): Answer | undefined {
  if (fault?.kind === 'error') return { status: 200, body: { ok: false, error: fault.error }, result: fault.error };
  return fault?.kind === 'status' ? httpFailure(fault.status, fault.retryAfterSeconds) : undefined;
}

function httpFailure(status: number, retryAfterSeconds?: number): Answer {
  const headers = retryAfterSeconds === undefined ? {} : { 'retry-after': String(retryAfterSeconds) };
  const error = status === 429 ? 'ratelimited' : 'service_unavailable';
  return { status, body: { ok: false, error }, result: `HTTP ${status}`, headers };
}

function bearer(request: IncomingMessage): string | undefined {
  return /^Bearer (.+)$/.exec(request.headers.authorization ?? '')?.[1];
}

/** Arguments come in the query, in a form, or as a JSON body. */
async function readArguments(request: IncomingMessage): Promise<Result> {
  const query = new URL(request.url ?? '/', 'http://localhost').searchParams;
  const body = String(await readBody(request));
  if (!(request.headers['content-type'] ?? '').startsWith('application/json')) {
    return Object.fromEntries([...query, ...new URLSearchParams(body)]);
  }
  const parsed = jsonText.pipe(z.record(z.string(), z.unknown())).safeParse(body);
  return { ...Object.fromEntries(query), ...(parsed.success ? parsed.data : {}) };
}
