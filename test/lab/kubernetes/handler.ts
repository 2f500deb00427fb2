import type { IncomingMessage, ServerResponse } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { anonymous, type Identity } from './access.ts';
import { answer, json, watches } from './api.ts';
import { statusOf, unauthorized } from './errors.ts';
import { type Fault, failsBefore, sendAnswer } from './faults.ts';
import type { ObjectStore } from './store.ts';
import { targetOf } from './target.ts';
import { streamChanges } from './watch.ts';

export interface LoggedRequest {
  readonly method: string;
  readonly path: string;
  readonly user: string;
  readonly body: string;
}

/** What the handler reads anew for each request, so that a test can change it. */
export interface LabState {
  latencyMs: number;
  fault: Fault | undefined;
  /** How many more requests meet the fault. */
  faultTimes: number;
  readonly requests: LoggedRequest[];
}

export interface Served {
  readonly store: ObjectStore;
  readonly identities: ReadonlyMap<string, Identity>;
  readonly state: LabState;
  readonly gitVersion: string;
}

/** Authenticates, logs, and answers one request as the API server would, or as the fault wants it. */
export async function handle(served: Served, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const { store, state, gitVersion } = served;
  const identity = identify(served.identities, request);
  const { method = '', url: path = '' } = request;
  const body = await textOf(request);
  state.requests.push({ method, path, user: identity?.user ?? 'unknown', body });
  const fault = takeFault(state);
  if (state.latencyMs > 0) await sleep(state.latencyMs);
  if (failsBefore(fault, response)) return;
  if (identity === undefined) return sendAnswer(fault, json(401, statusOf(unauthorized())), response);
  if (method === 'GET' && startWatch(store, { path, identity, response })) return;
  const contentType = request.headers['content-type'];
  await sendAnswer(fault, answer(store, { method, path, body, contentType }, { identity, gitVersion }), response);
}

/** Undefined for a token that is nobody's. */
function identify(identities: ReadonlyMap<string, Identity>, { headers }: IncomingMessage): Identity | undefined {
  const { authorization } = headers;
  return authorization === undefined ? anonymous : identities.get(authorization.replace(/^Bearer /, ''));
}

async function textOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk);
  return Buffer.concat(chunks).toString('utf8');
}

function takeFault(state: LabState): Fault | undefined {
  if (state.faultTimes <= 0) return undefined;
  state.faultTimes -= 1;
  return state.fault;
}

/** Begins a watch if that is what is asked for and allowed. */
function startWatch(store: ObjectStore, asked: { path: string; identity: Identity; response: ServerResponse }): boolean {
  const { pathname, searchParams: query } = new URL(asked.path, 'https://lab');
  const target = targetOf(pathname);
  if (target === undefined || !watches(query) || !asked.identity.may('watch', target.resource.plural)) return false;
  streamChanges(store, target, { query, response: asked.response });
  return true;
}
