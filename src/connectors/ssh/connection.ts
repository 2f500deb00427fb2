import type { Duplex } from 'node:stream';
import type { Failure } from '../../core/output.ts';
import type { Execution, Ran } from './execute.ts';
import { execute } from './execute.ts';
import { cutBefore, printable } from './failures.ts';
import type { LoggedIn } from './login.ts';
import { Tunnel } from './tunnel.ts';
import type { Intent, SshLimits } from './types.ts';

export interface ConnectionOptions {
  readonly host: string;
  readonly intent: Intent;
  readonly limits: SshLimits;
}

export interface ConnectionEvents {
  /** A channel became free. */
  readonly freed: () => void;
  /** Nothing has used it for the idle time. */
  readonly idle: (connection: Connection) => void;
  readonly closed: (connection: Connection, why: string) => void;
}

const BY_THE_OTHER_SIDE = 'closed by the other side';

/** One SSH connection and the count of its channels. */
export class Connection {
  readonly #options: ConnectionOptions;
  readonly #events: ConnectionEvents;
  readonly #loggedIn: LoggedIn;
  readonly #gone: Promise<void>;
  #channels: number;
  #inUse = 0;
  /** Channels whose command was given up, and which the host has not closed: it counts them among its sessions. */
  #abandoned = 0;
  #tunnels = 0;
  #retired = false;
  #why: string | undefined;
  #ended = false;
  #idleTimer: NodeJS.Timeout | undefined;

  constructor(options: ConnectionOptions, loggedIn: LoggedIn, events: ConnectionEvents) {
    this.#options = options;
    this.#events = events;
    this.#loggedIn = loggedIn;
    this.#channels = options.limits.channelsPerConnection;
    loggedIn.client.on('error', ({ message }) => (this.#why ??= printable(message)));
    loggedIn.client.once('end', () => this.kill(BY_THE_OTHER_SIDE));
    this.#gone = new Promise((resolve) => {
      loggedIn.client.once('close', () => {
        this.#ended = true;
        clearTimeout(this.#idleTimer);
        this.#events.closed(this, this.#reason());
        resolve();
      });
    });
    this.#settleDown();
  }

  /** How many channels it may have at once: fewer than configured while the host refuses more. */
  get channels(): number {
    return this.#channels;
  }

  /** False as soon as it is known to end, so that nothing is given to it any more. */
  get hasFreeChannel(): boolean {
    return this.#why === undefined && this.#inUse < this.#channels;
  }

  get isUnused(): boolean {
    return this.#inUse === 0;
  }

  /** Half of its channels belong to commands that hang: better to open a fresh one. */
  get isWorn(): boolean {
    return this.#abandoned * 2 >= this.#channels;
  }

  async execute(execution: Execution): Promise<Ran> {
    const channel = { isReleased: false, isAbandoned: false };
    this.#inUse += 1;
    clearTimeout(this.#idleTimer);
    const ran = await execute(this.#wire(), execution, () => {
      channel.isReleased = true;
      this.#inUse -= 1;
      if (channel.isAbandoned) this.#abandoned -= 1;
      this.#settleDown();
      this.#events.freed();
    });
    if (ran.kind !== 'outcome') this.#inUse -= 1;
    else if (!channel.isReleased) {
      channel.isAbandoned = true;
      this.#abandoned += 1;
    }
    if (ran.kind === 'no-channel') this.#channels = Math.max(1, this.#inUse);
    this.#settleDown();
    return ran;
  }

  /** A stream from this host to another machine. */
  tunnel(address: string, port: number): Promise<Duplex | Failure> {
    const { host, intent, limits } = this.#options;
    const { client } = this.#loggedIn;
    this.#tunnels += 1;
    clearTimeout(this.#idleTimer);
    return new Promise((resolve) => {
      const overdue = setTimeout(() => this.kill('no answer to a request for forwarding'), limits.openTimeoutMs);
      const fail = (failure: Failure): void => {
        clearTimeout(overdue);
        this.#tunnelClosed();
        resolve(failure);
      };
      try {
        client.forwardOut('127.0.0.1', 0, address, port, (error, channel) => {
          if (error !== undefined) return fail(tunnelFailure(this.#options, `${address}:${port}`, error));
          clearTimeout(overdue);
          const tunnel = new Tunnel(channel);
          tunnel.once('close', () => this.#tunnelClosed());
          resolve(tunnel);
        });
      } catch {
        // ssh2 throws only when its stream is no longer writable.
        fail(cutBefore(host, this.#reason(), intent));
      }
    });
  }

  /** Takes no more work, and ends when the commands that are waited for have ended. */
  retire(): void {
    this.#retired = true;
    this.#settleDown();
  }

  /** Ends politely, or after the grace time anyway. Resolves when it has ended. */
  end(why: string): Promise<void> {
    if (this.#ended) return this.#gone;
    this.#why ??= why;
    this.#loggedIn.client.end();
    const overdue = setTimeout(() => this.#loggedIn.stream.destroy(), this.#options.limits.graceMs);
    return this.#gone.finally(() => clearTimeout(overdue));
  }

  kill(why: string): void {
    this.#why ??= why;
    this.#loggedIn.stream.destroy();
  }

  #wire() {
    const ended = (): string | undefined => (this.#ended ? this.#reason() : undefined);
    return { client: this.#loggedIn.client, kill: (why: string) => this.kill(why), ended };
  }

  #reason(): string {
    return this.#why ?? BY_THE_OTHER_SIDE;
  }

  #tunnelClosed(): void {
    this.#tunnels -= 1;
    this.#settleDown();
  }

  #settleDown(): void {
    clearTimeout(this.#idleTimer);
    // sshd counts a closed session until its next turn, so a refusal need not mean that it allows no more than these.
    if (this.#inUse === 0) this.#channels = this.#options.limits.channelsPerConnection;
    if (this.#ended || this.#inUse > this.#abandoned || this.#tunnels > 0) return;
    if (this.#retired) void this.end('replaced or no longer used');
    else this.#idleTimer = setTimeout(() => this.#events.idle(this), this.#options.limits.idleTimeoutMs).unref();
  }
}

function tunnelFailure({ host, intent }: ConnectionOptions, target: string, error: Error): Failure {
  const reason = 'reason' in error ? error.reason : undefined;
  if (reason === 1) {
    return {
      failed: 'forbidden',
      says: `${host} does not let us go on to ${target}: forwarding is prohibited.`,
      toDo: `Allow it for our key on ${host}: AllowTcpForwarding and PermitOpen in sshd_config, port-forwarding in authorized_keys.`,
    };
  }
  if (reason === undefined) return cutBefore(host, printable(error.message), intent);
  return {
    failed: 'unreachable',
    says: `${host}, through which we go, cannot reach ${target} (${printable(error.message)}).`,
    toDo: `Check that the SSH server at ${target} runs, and the network between it and ${host}.`,
  };
}
