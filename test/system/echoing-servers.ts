import { createServer, type IncomingMessage, type RequestListener, type Server } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { newCertificates } from '../lab/kubernetes/certificate.ts';

export interface Echo {
  readonly url: string;
  readonly stop: () => Promise<void>;
}

/** An HTTP server on 127.0.0.1 whose answers repeat what it was asked with, as those of careless services do. */
async function serving(server: Server, scheme: string): Promise<Echo> {
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  const { port } = server.address() as AddressInfo;
  const stop = () => {
    const { promise, resolve: stopped } = Promise.withResolvers<void>();
    server.close(() => stopped());
    server.closeAllConnections();
    return promise;
  };
  return { url: `${scheme}://127.0.0.1:${port}`, stop };
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(Buffer.from(chunk as Uint8Array));
  return Buffer.concat(chunks).toString();
}

/** A Vault with one secret in it; with a status it answers only that, and repeats the request. */
export function startVault(gives: { readonly clientToken: string; readonly value: string }, status?: number): Promise<Echo> {
  const answer = (url = '') =>
    url.endsWith('/login')
      ? { auth: { client_token: gives.clientToken } }
      : { data: { data: { token: gives.value }, metadata: {} } };
  const listener: RequestListener = (request, response) => {
    void bodyOf(request).then((body) => {
      response.writeHead(status ?? 200, { 'content-type': 'application/json' });
      const echo = { errors: [`refused: ${JSON.stringify(request.headers)} ${body} ${gives.clientToken} ${gives.value}`] };
      response.end(JSON.stringify(status === undefined ? answer(request.url) : echo));
    });
  };
  return serving(createServer(listener), 'http');
}

export interface AnchorSink extends Echo {
  /** The bodies that were posted. Their tokens came in a header, as they must. */
  readonly posted: readonly string[];
}

export async function startAnchorSink(): Promise<AnchorSink> {
  const posted: string[] = [];
  const listener: RequestListener = (request, response) => {
    void bodyOf(request).then((body) => {
      posted.push(`${request.url} ${body}`);
      response.writeHead(204).end();
    });
  };
  return { ...(await serving(createServer(listener), 'http')), posted };
}

export interface EchoingApi extends Echo {
  /** Certificate of its authority, PEM. */
  readonly ca: string;
}

/** An API server that refuses with this status and repeats the token in its reason. */
export async function startEchoingApi(status: number): Promise<EchoingApi> {
  const { ca, key, certificate } = newCertificates();
  const server = createTlsServer({ key, cert: certificate }, ({ headers }, response) => {
    const message = `cannot use ${headers.authorization}: ${JSON.stringify(headers)}`;
    const body = { kind: 'Status', apiVersion: 'v1', status: 'Failure', reason: message, message, code: status };
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
  });
  return { ...(await serving(server, 'https')), ca };
}
