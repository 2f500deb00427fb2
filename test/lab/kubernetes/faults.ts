import type { ServerResponse } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import type { ApiAnswer } from './api.ts';

/** How the server misbehaves. Those that begin with `apply` have carried the request out when they do. */
export type Fault =
  | 'hang'
  | 'apply-then-hang'
  | 'apply-then-hang-after-headers'
  | 'apply-then-half-body'
  | 'apply-then-reset'
  | 'apply-then-truncated-json'
  | 'reset'
  | 'not-json'
  | 'redirect'
  | 'internal-error';

/** Does the fault's part before the request is carried out. Returns true when there is nothing more to do. */
export function failsBefore(fault: Fault | undefined, response: ServerResponse): boolean {
  switch (fault) {
    case 'hang':
      return true;
    case 'reset':
      response.destroy();
      return true;
    case 'not-json':
      response.writeHead(502, { 'content-type': 'text/html' }).end('<html>Bad gateway</html>\n');
      return true;
    case 'redirect':
      response.writeHead(307, { location: '/elsewhere' }).end();
      return true;
    case 'internal-error':
      response.writeHead(500, { 'content-type': 'application/json' }).end(internalError);
      return true;
    default:
      return false;
  }
}

const internalError = `${JSON.stringify({
  kind: 'Status',
  apiVersion: 'v1',
  metadata: {},
  status: 'Failure',
  message: 'Internal error occurred: etcdserver: request timed out',
  reason: 'InternalError',
  code: 500,
})}\n`;

/** Sends the answer, or what the fault leaves of it. */
export async function sendAnswer(
  fault: Fault | undefined,
  { code, contentType, body }: ApiAnswer,
  response: ServerResponse,
): Promise<void> {
  const headers = { 'content-type': contentType, 'content-length': Buffer.byteLength(body) };
  const half = body.slice(0, body.length / 2);
  if (fault === 'apply-then-hang') return;
  if (fault === 'apply-then-reset') {
    response.destroy();
  } else if (fault === 'apply-then-hang-after-headers') {
    response.writeHead(code, headers).write(half);
  } else if (fault === 'apply-then-half-body') {
    response.writeHead(code, headers).write(half);
    await sleep(20);
    response.destroy();
  } else if (fault === 'apply-then-truncated-json') {
    response.writeHead(code, { 'content-type': contentType }).end(half);
  } else {
    response.writeHead(code, headers).end(body);
  }
}
