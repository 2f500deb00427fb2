import type { Duplex } from 'node:stream';
import type { Client, ParsedKey, PublicKeyAuthMethod, ServerHostKeyAlgorithm } from 'ssh2';
import ssh2 from 'ssh2';
import type { Failure } from '../../core/output.ts';
import type { Attempt, Phase, Place } from './connect-failure.ts';
import { connectFailure } from './connect-failure.ts';
import { hasFailed } from './failures.ts';
import type { HostKey } from './host-key.ts';
import { algorithmsBeside, hostKeyFailure, hostKeyOf } from './host-key.ts';
import type { SshLimits } from './types.ts';

export interface Login {
  readonly place: Place;
  readonly key: ParsedKey;
  readonly hostKeys: readonly string[];
  readonly limits: SshLimits;
  /** A new stream to the host's SSH server; called again when the host should show another of its keys. */
  readonly openStream: () => Promise<Duplex | Failure>;
}

/** A logged-in client whose host is proven. Destroying `stream` ends it at once, `client.end()` politely. */
export interface LoggedIn {
  readonly client: Client;
  readonly stream: Duplex;
}

/** Logs in, trying the types of keys a host has until it presents a pinned one. Nothing is sent to a host that has none. */
export async function logIn(login: Login): Promise<LoggedIn | Failure> {
  let endsAt: number | undefined;
  const unpinned: HostKey[] = [];
  for (;;) {
    const stream = await login.openStream();
    if (hasFailed(stream)) return stream;
    // Hosts in between have deadlines of their own, so the clock starts when they have let us through.
    endsAt ??= performance.now() + login.limits.connectTimeoutMs;
    const algorithms = algorithmsBeside(unpinned);
    const attempt = await tryOnce(login, stream, { algorithms, timeoutMs: Math.max(1, endsAt - performance.now()) });
    if ('client' in attempt) return attempt;
    if (attempt.presented !== undefined) unpinned.push(attempt.presented);
    else if (unpinned.length === 0 || !/no matching host key/.test(attempt.error.message)) {
      return connectFailure(login.place, attempt, login.limits.connectTimeoutMs);
    }
    const exhausted = attempt.presented === undefined || login.hostKeys.length === 0 || algorithmsBeside(unpinned).length === 0;
    if (exhausted) return hostKeyFailure(login.place.host, unpinned, login.hostKeys);
  }
}

interface Refused extends Attempt {
  /** The key that the host presented, where it is not pinned. */
  readonly presented: HostKey | undefined;
}

interface Offer {
  readonly algorithms: ServerHostKeyAlgorithm[];
  readonly timeoutMs: number;
}

function tryOnce(login: Login, stream: Duplex, offer: Offer): Promise<LoggedIn | Refused> {
  return new Promise((resolve) => {
    const client = new ssh2.Client();
    let phase: Phase = 'connecting';
    let presented: HostKey | undefined;
    const isPinned = (blob: Buffer): boolean => {
      const key = hostKeyOf(blob);
      if (login.hostKeys.includes(key.fingerprint)) return true;
      presented = key;
      return false;
    };
    const refuse = (error: Error): void => {
      stream.destroy();
      resolve({ phase, error, presented });
    };
    // These stay: an error after the login ends the connection too.
    client.on('error', refuse);
    client.once('close', () => refuse(new Error('connection closed')));
    client.once('connect', () => (phase = 'handshake'));
    client.once('handshake', () => (phase = 'login'));
    client.once('ready', () => resolve({ client, stream }));
    const publicKey: PublicKeyAuthMethod = { type: 'publickey', username: login.place.user, key: login.key };
    client.connect({
      sock: stream,
      username: login.place.user,
      authHandler: [publicKey],
      hostVerifier: isPinned,
      algorithms: { serverHostKey: offer.algorithms },
      readyTimeout: offer.timeoutMs,
      keepaliveInterval: login.limits.keepaliveIntervalMs,
      keepaliveCountMax: login.limits.keepaliveCountMax,
    });
  });
}
