import { randomUUID } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import type { WebSocket } from 'ws';
import { WebSocketServer } from 'ws';
import { z } from 'zod';
import { APP_ID } from './ids.ts';
import { jsonText } from './json.ts';

export type EnvelopeType = 'slash_commands' | 'interactive' | 'events_api';

/** Slack's own two words for an app that did not answer: it has no socket, or it did not acknowledge within 3 s. */
export type AckFailure = 'dispatch_failed' | 'operation_timeout';

export type Ack =
  | { readonly acked: true; readonly payload: unknown; readonly ackMs: number }
  | { readonly acked: false; readonly error: AckFailure; readonly ackMs: number };

export interface Envelope {
  readonly type: EnvelopeType;
  readonly payload: Readonly<Record<string, unknown>>;
  readonly retry?: { readonly attempt: number; readonly reason: string };
}

const PING_MS = 5_000;
const TICKET_MS = 30_000;
const MAX_SOCKETS = 10;
const ackSchema = jsonText.pipe(z.object({ envelope_id: z.string(), payload: z.unknown().optional() }));

/** The app's Socket Mode connections. Each envelope goes to one of them, in turn. */
export class SocketHub {
  readonly #server = new WebSocketServer({ noServer: true });
  readonly #tickets = new Map<string, number>();
  readonly #open: WebSocket[] = [];
  readonly #waiting = new Map<string, (payload: unknown) => void>();
  readonly #ackTimeoutMs: number;
  readonly #ping: NodeJS.Timeout;

  constructor(ackTimeoutMs: number) {
    this.#ackTimeoutMs = ackTimeoutMs;
    this.#ping = setInterval(() => {
      for (const socket of this.#server.clients) socket.ping();
    }, PING_MS).unref();
  }

  /** Sockets that take envelopes now; one that was told to reconnect does not. */
  get size(): number {
    return this.#open.length;
  }

  /** The path and query for one connection, good for 30 s. */
  ticket(): string {
    const id = randomUUID();
    this.#tickets.set(id, Date.now() + TICKET_MS);
    return `/link/?ticket=${id}&app_id=${APP_ID}`;
  }

  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    const ticket = new URL(request.url ?? '/', 'http://localhost').searchParams.get('ticket') ?? '';
    const expiresAt = this.#tickets.get(ticket) ?? 0;
    this.#tickets.delete(ticket);
    if (Date.now() > expiresAt || this.size >= MAX_SOCKETS) {
      socket.end('HTTP/1.1 403 Forbidden\r\nConnection: close\r\n\r\n');
      return;
    }
    this.#server.handleUpgrade(request, socket, head, (connected) => this.#welcome(connected));
  }

  /** Sends to one socket and waits for its acknowledgement. */
  dispatch(envelope: Envelope): Promise<Ack> {
    const socket = this.#open.shift();
    if (socket === undefined) return Promise.resolve({ acked: false, error: 'dispatch_failed', ackMs: 0 });
    this.#open.push(socket);
    const id = randomUUID();
    const sentAt = performance.now();
    return new Promise((resolve) => {
      const timer = setTimeout(() => {
        this.#waiting.delete(id);
        resolve({ acked: false, error: 'operation_timeout', ackMs: performance.now() - sentAt });
      }, this.#ackTimeoutMs);
      this.#waiting.set(id, (payload) => {
        clearTimeout(timer);
        resolve({ acked: true, payload, ackMs: performance.now() - sentAt });
      });
      socket.send(JSON.stringify(frame(id, envelope)));
    });
  }

  /** Tells one socket, or all, to reconnect, as Slack does every few hours. */
  refresh(which: 'one' | 'all'): void {
    for (const socket of this.#take(which)) {
      socket.send(JSON.stringify({ type: 'disconnect', reason: 'refresh_requested', debug_info: { host: 'lab' } }));
    }
  }

  /** Breaks the connection of one socket, or of all, without a word. */
  cut(which: 'one' | 'all'): void {
    for (const socket of this.#take(which)) socket.terminate();
  }

  stop(): void {
    clearInterval(this.#ping);
    for (const socket of this.#server.clients) socket.terminate();
    this.#server.close();
  }

  #take(which: 'one' | 'all'): WebSocket[] {
    return this.#open.splice(0, which === 'all' ? this.#open.length : 1);
  }

  #welcome(socket: WebSocket): void {
    socket.on('message', (data) => {
      if (!this.#receive(String(data))) socket.close(1008, 'not an acknowledgement');
    });
    socket.on('close', () => {
      const index = this.#open.indexOf(socket);
      if (index >= 0) this.#open.splice(index, 1);
    });
    this.#open.push(socket);
    const debug = { host: 'lab', build_number: 1, approximate_connection_time: 18_060 };
    const about = { num_connections: this.size, debug_info: debug, connection_info: { app_id: APP_ID } };
    socket.send(JSON.stringify({ type: 'hello', ...about }));
  }

  #receive(data: string): boolean {
    const ack = ackSchema.safeParse(data);
    if (!ack.success) return false;
    const { envelope_id: id, payload } = ack.data;
    const acknowledge = this.#waiting.get(id);
    this.#waiting.delete(id);
    acknowledge?.(payload);
    return true;
  }
}

function frame(id: string, { type, payload, retry }: Envelope): Record<string, unknown> {
  const again = { retry_attempt: retry?.attempt ?? 0, retry_reason: retry?.reason ?? '' };
  return {
    envelope_id: id,
    type,
    payload,
    accepts_response_payload: type !== 'events_api',
    ...(type === 'events_api' ? again : {}),
  };
}
