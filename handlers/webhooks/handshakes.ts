import type { TLSSocket } from 'node:tls';

export interface FailedHandshake {
  readonly says: string;
  /** What somebody must put right at a sender, where it is one of ours by all that is seen of him. */
  readonly problem?: string;
}

/** What went wrong before anything was asked; undefined where somebody only looked whether there is a listener. */
export function failedHandshake(
  error: NodeJS.ErrnoException,
  socket: Pick<TLSSocket, 'authorizationError'>,
): FailedHandshake | undefined {
  // By Node's types an error, in truth its code.
  const refused: unknown = socket.authorizationError;
  if (typeof refused === 'string') {
    const problem = `A sender of alerts is refused: it shows a certificate that alerts.listen.tls.clients does not vouch for (${refused}).`;
    return { says: `its certificate is not good: ${refused}`, problem };
  }
  const code = error.code ?? 'no code';
  if (code === 'ECONNRESET') return undefined;
  if (!/ALERT_(?:BAD_CERTIFICATE|CERTIFICATE_\w+|UNKNOWN_CA)$/.test(code)) return { says: `TLS could not begin: ${code}` };
  const problem = `A sender of alerts does not trust the bot and sends none: see the certificate in alerts.listen.tls.certificate, and the authority that the sender is given (${code}).`;
  return { says: `the certificate of the listener is not trusted: ${code}`, problem };
}
