import type { RequestContext } from '@kubernetes/client-node';
import { fetch, type Response } from 'undici';
import type { KubernetesCommand } from '../../core/command.ts';
import { type HttpRequest, httpRequest, isReading } from '../../core/kubernetes.ts';
import type { Failure, Outcome } from '../../core/output.ts';
import { isReset } from '../network-error.ts';
import { type Answer, outcomeOf, type Role } from './answer.ts';
import { type Connections, connectionsOf, keepConnections } from './connections.ts';
import { requiringConnection, within } from './deadline.ts';
import { AnswerTooLarge, failureOf, MAX_ANSWER_BYTES } from './failures.ts';
import { describeAccess, type Identity, type KubernetesAccess, type Learn, loadIdentity } from './identity.ts';

/** The API server as one identity sees it. */
export interface Door {
  /** Never rejects. */
  readonly ask: (command: KubernetesCommand) => Promise<Outcome>;
  /** Learns the secrets of this identity, where its access can be read; `ask` says where it cannot. Never rejects. */
  readonly prepare: () => Promise<void>;
  readonly close: () => Promise<void>;
}

export interface DoorOptions {
  readonly learn: Learn;
  readonly role: Role;
  readonly connectTimeoutMs: number;
}

export function createDoor(access: KubernetesAccess, { role, connectTimeoutMs, learn }: DoorOptions): Door {
  const kept = keepConnections();
  let loading: Promise<Identity> | undefined;

  function loadOnce(): Promise<Identity> {
    loading ??= loadIdentity(access, learn).catch((error: unknown) => {
      loading = undefined;
      throw error;
    });
    return loading;
  }

  async function ask({ request, timeoutMs }: KubernetesCommand): Promise<Outcome> {
    if (role === 'read' && !isReading(request)) return changesNotByReading(request.verb);
    let where = describeAccess(access);
    try {
      const identity = await loadOnce();
      where = identity.server;
      const answer = await within(timeoutMs, (abort) => exchange(identity, httpRequest(request), abort));
      // A renewed token or certificate in the file is found by reading the file again.
      if (answer.code === 401) loading = undefined;
      return outcomeOf(answer, role, request.verb === 'logs' ? 'text' : 'json');
    } catch (error) {
      return failureOf(error, { where, timeoutMs });
    }
  }

  async function exchange(identity: Identity, request: HttpRequest, abort: AbortController): Promise<Answer> {
    const context = await identity.authenticate(identity.server + request.path);
    // A change gets a connection of its own: one that went stale while idle would leave it unknown whether it arrived.
    const connections = role === 'read' ? kept.for(context, identity.proxied) : connectionsOf(context, identity.proxied);
    const limit = { timeoutMs: connectTimeoutMs, isOpen: connections.isOpen, abort };
    const send = () => sendOnce({ context, request, connections, signal: abort.signal });
    try {
      return await requiringConnection(limit, async () => wholeAnswer(await (role === 'read' ? resendIfReset(send) : send())));
    } finally {
      if (role === 'change') await connections.close();
    }
  }

  const prepare = () =>
    loadOnce().then(
      () => undefined,
      () => undefined,
    );
  return { ask, prepare, close: () => kept.close() };
}

function changesNotByReading(verb: string): Failure {
  return {
    failed: 'forbidden',
    says: `The reading identity is not used for "${verb}", which changes the cluster; nothing was sent.`,
    toDo: 'Report this as an issue: a runbook declared a change as a read.',
  };
}

interface Sending {
  readonly context: RequestContext;
  readonly request: HttpRequest;
  readonly connections: Connections;
  readonly signal: AbortSignal;
}

function sendOnce({ context, request, connections, signal }: Sending): Promise<Response> {
  const { method, body, contentType } = request;
  return fetch(context.getUrl(), {
    method,
    headers: {
      ...context.getHeaders(),
      // As kubectl asks: a log is plain text, everything else is JSON.
      Accept: 'application/json, */*',
      'User-Agent': 'storagebot',
      ...(contentType === undefined ? {} : { 'Content-Type': contentType }),
    },
    signal,
    // A redirect would send a change a second time, and to another server.
    redirect: 'manual',
    ...(body === undefined ? {} : { body }),
    ...(connections.dispatcher === undefined ? {} : { dispatcher: connections.dispatcher }),
  });
}

async function resendIfReset(send: () => Promise<Response>): Promise<Response> {
  try {
    return await send();
  } catch (error) {
    if (!isReset(error)) throw error;
    return send();
  }
}

/** Counted as it is unpacked and let go of at the limit: half a list would read like a cluster in which things are missing. */
async function wholeAnswer({ status, body: stream }: Response): Promise<Answer> {
  const decoder = new TextDecoder();
  let body = '';
  let bytes = 0;
  for await (const chunk of stream ?? []) {
    bytes += chunk.length;
    if (bytes > MAX_ANSWER_BYTES) throw new AnswerTooLarge();
    body += decoder.decode(chunk, { stream: true });
  }
  return { code: status, body: body + decoder.decode() };
}
