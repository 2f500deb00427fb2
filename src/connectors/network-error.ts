/** True when the connection ended before an answer began. */
export function isReset(error: unknown): boolean {
  return ['ECONNRESET', 'EPIPE', 'UND_ERR_SOCKET'].includes(codeOf(error));
}

/** The code of a foreign error: nothing else of it may be shown, because its message may hold headers. */
export function codeOf(error: unknown): string {
  if (!(error instanceof Error)) return 'unknown error';
  const inner = innermost(error);
  return 'code' in inner && typeof inner.code === 'string' && /^\w+$/.test(inner.code) ? inner.code : inner.name;
}

/** Nothing was sent. A connection that was made can end with the same code as one that was not; a change may then have arrived. */
export function neverConnected(error: unknown): boolean {
  return UNREACHABLE.has(codeOf(error)) && !wasConnected(error);
}

/** The server's certificate is not the one that it must be. */
export function isCertificateProblem(code: string): boolean {
  return CERTIFICATE_PROBLEM.test(code);
}

const UNREACHABLE: ReadonlySet<string> = new Set([
  'ECONNREFUSED',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'EHOSTDOWN',
  'ENOTFOUND',
  'EAI_AGAIN',
  'ETIMEDOUT',
  'UND_ERR_CONNECT_TIMEOUT',
]);
const CERTIFICATE_PROBLEM = /CERT|SELF_SIGNED|UNABLE_TO_VERIFY|^ERR_TLS_|^ERR_SSL_|^EPROTO$/;

function wasConnected(error: unknown): boolean {
  const inner = error instanceof Error ? innermost(error) : {};
  return 'syscall' in inner && (inner.syscall === 'read' || inner.syscall === 'write');
}

/** Fetch wraps what happened as a cause. */
function innermost(error: Error): Error {
  return error.cause instanceof Error ? innermost(error.cause) : error;
}
