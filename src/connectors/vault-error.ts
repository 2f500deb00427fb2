import { z } from 'zod';

export type VaultFailure =
  | 'unreachable'
  | 'timed-out'
  | 'login-refused'
  | 'forbidden'
  | 'not-found'
  | 'sealed'
  | 'unreadable'
  | 'failed'
  | 'unchecked-tls';

/** Says in its own words what went wrong. It has no cause: the client's errors carry our token. */
export class VaultError extends Error {
  override readonly name = 'VaultError';
  readonly code = 'VAULT';
  readonly failed: VaultFailure;
  constructor(failed: VaultFailure, message: string) {
    super(message);
    this.failed = failed;
  }
}

export interface VaultCall {
  readonly address: string;
  /** `reading secret/data/platform` */
  readonly doing: string;
  readonly timeoutMs: number;
}

/** Runs one request with a deadline. Nothing of the client's own error is passed on but its status or network code. */
export async function cleanly(call: VaultCall, request: () => Promise<unknown>): Promise<unknown> {
  const deadline = Promise.withResolvers<never>();
  // The client's own time limit is for silence only: a server that sends a byte now and then would hold us for ever.
  const timer = setTimeout(() => deadline.reject(timedOut(call)), call.timeoutMs);
  try {
    return await Promise.race([request(), deadline.promise]);
  } catch (error) {
    throw error instanceof VaultError ? error : described(call, error);
  } finally {
    clearTimeout(timer);
  }
}

const Answered = z.object({ response: z.object({ statusCode: z.number() }) });
const Unanswered = z.object({ code: z.string().regex(/^[A-Z0-9_]+$/) });

function described(call: VaultCall, error: unknown): VaultError {
  const answered = Answered.safeParse(error);
  if (answered.success) return byStatus(call, answered.data.response.statusCode);
  const code = Unanswered.safeParse(error).data?.code ?? 'no answer';
  if (code === 'ECONNABORTED' || code === 'ETIMEDOUT') return timedOut(call);
  return new VaultError('unreachable', `${inVault(call)} failed: ${code}. ${toDoFor(code)}`);
}

function toDoFor(code: string): string {
  if (code === 'ENOENT') return 'A file that the login needs is missing: look at vault.auth in the configuration.';
  if (/CERT|SELF_SIGNED|ISSUER|ALTNAME/.test(code))
    return 'Its certificate is not trusted: set vault.ca, and see that it names this address.';
  return 'Look whether Vault runs and is reached at vault.address.';
}

function byStatus(call: VaultCall, status: number): VaultError {
  const where = inVault(call);
  if (call.doing === 'logging in' && (status === 400 || status === 403)) {
    return new VaultError('login-refused', `${where} was refused (${status}). Look at vault.auth and at the role in Vault.`);
  }
  if (status === 403)
    return new VaultError('forbidden', `${where} is forbidden: our token's policy does not allow it, or it has expired.`);
  if (status === 404)
    return new VaultError(
      'not-found',
      `${where}: there is no such secret. With KV version 2 the path has data/ after the mount.`,
    );
  if (status === 503)
    return new VaultError('sealed', `${where} failed: Vault is sealed or starting (503). Unseal it, then try again.`);
  return new VaultError('failed', `${where} failed with status ${status}. Vault's own log says why.`);
}

function timedOut(call: VaultCall): VaultError {
  return new VaultError(
    'timed-out',
    `${inVault(call)} had no answer within ${call.timeoutMs / 1000} s. Look whether Vault runs: vault status.`,
  );
}

function inVault({ address, doing }: VaultCall): string {
  return `Vault at ${address}: ${doing}`;
}
