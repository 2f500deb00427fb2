import type { Failure } from '../../core/output.ts';

/** Who logs in. `privateKey` is the text of a key in OpenSSH or PEM form. */
export interface SshIdentity {
  readonly user: string;
  readonly privateKey: string;
  readonly passphrase?: string;
}

export interface SshEndpoint {
  readonly address: string;
  readonly port: number;
  /** Pinned keys as `ssh-keygen -l` prints them (`SHA256:…`); any of them is accepted, and none means refuse. */
  readonly hostKeys: readonly string[];
  readonly read: SshIdentity;
  readonly change: SshIdentity;
  /** Name of another host to go through. */
  readonly jump?: string;
}

/** Asked at every new connection, so that a changed address or key is taken up. Never rejects. */
export type ResolveHost = (host: string) => Promise<SshEndpoint | Failure>;

/** Which of the two identities: they never share a connection. */
export type Intent = 'read' | 'change';

export interface SshLimits {
  /** TCP connection, SSH handshake and login together, for one host. */
  readonly connectTimeoutMs: number;
  /** From asking for a channel to the host's word that the program was started; after it the connection counts as dead. */
  readonly openTimeoutMs: number;
  /** Waiting for a connection and a free channel, before the command's own `timeoutMs` begins. */
  readonly queueTimeoutMs: number;
  readonly keepaliveIntervalMs: number;
  readonly keepaliveCountMax: number;
  readonly channelsPerConnection: number;
  /** Standard output and standard error together. */
  readonly maxOutputBytes: number;
  /** How long an unused connection is kept. */
  readonly idleTimeoutMs: number;
  /** How long a host may take to answer our goodbye. */
  readonly graceMs: number;
}

export const DEFAULT_LIMITS: SshLimits = {
  connectTimeoutMs: 5_000,
  openTimeoutMs: 5_000,
  queueTimeoutMs: 20_000,
  keepaliveIntervalMs: 10_000,
  keepaliveCountMax: 2,
  // sshd refuses the eleventh session of a connection (MaxSessions 10).
  channelsPerConnection: 8,
  maxOutputBytes: 8 * 1024 * 1024,
  idleTimeoutMs: 300_000,
  graceMs: 1_000,
};

/** What happened to connections, for the log. Holds no key and no output. */
export type SshEvent =
  | {
      readonly event: 'connected';
      readonly host: string;
      readonly intent: Intent;
      readonly user: string;
      readonly tookMs: number;
    }
  | { readonly event: 'not-connected'; readonly host: string; readonly intent: Intent; readonly failure: Failure }
  | { readonly event: 'closed'; readonly host: string; readonly intent: Intent; readonly why: string }
  | { readonly event: 'fewer-channels'; readonly host: string; readonly intent: Intent; readonly channels: number };
