import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface HealthOptions {
  readonly address: string;
  /** 0: any free one. */
  readonly port: number;
  /** What keeps the bot from working now, one sentence each; none means ready. */
  readonly notReady: () => readonly string[];
  /** What needs a person although the bot can work, one sentence each. */
  readonly notices?: () => readonly string[];
}

export interface Health {
  readonly port: number;
  readonly close: () => Promise<void>;
}

/** `/healthz`: the process answers. `/readyz`: it can work. Rejects when the address cannot be used. */
export async function serveHealth({ address, port, ...words }: HealthOptions): Promise<Health> {
  const server = createServer({ requestTimeout: 5_000 }, (request, response) => {
    const [status, text] = answer(request, words);
    response.writeHead(status, { 'content-type': 'text/plain; charset=utf-8', 'cache-control': 'no-store' });
    response.end(request.method === 'HEAD' ? undefined : `${text}\n`);
  });
  const { promise: listening, resolve, reject } = Promise.withResolvers<void>();
  server.once('error', reject).listen(port, address, resolve);
  await listening;
  return { port: portOf(server.address()), close: () => close(server) };
}

function answer(
  { method, url }: IncomingMessage,
  { notReady, notices }: Pick<HealthOptions, 'notReady' | 'notices'>,
): [number, string] {
  if (method !== 'GET' && method !== 'HEAD') return [405, 'only GET'];
  if (url === '/healthz') return [200, 'ok'];
  if (url !== '/readyz') return [404, 'there are /healthz and /readyz'];
  const reasons = notReady();
  return reasons.length === 0 ? [200, ['ok', ...(notices?.() ?? [])].join('\n')] : [503, reasons.join('\n')];
}

function portOf(address: string | AddressInfo | null): number {
  if (typeof address === 'object' && address !== null) return address.port;
  throw new Error('The web server has no port.');
}

function close(server: ReturnType<typeof createServer>): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  server.close(() => resolve());
  server.closeAllConnections();
  return promise;
}
