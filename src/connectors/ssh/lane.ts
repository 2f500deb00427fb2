import type { Duplex } from 'node:stream';
import type { SshCommand } from '../../core/command.ts';
import { messageOf } from '../../core/errors.ts';
import type { Failure, Outcome } from '../../core/output.ts';
import { quote } from '../../core/quote.ts';
import type { Connection, ConnectionEvents, ConnectionOptions } from './connection.ts';
import type { Ran } from './execute.ts';
import { cannotConnect, closing, cutBefore, hasFailed, noConnection, noFreeChannel, noSession, notSent } from './failures.ts';
import type { SshEvent } from './types.ts';

export interface LaneOptions extends ConnectionOptions {
  readonly log: (event: SshEvent) => void;
  readonly connect: (events: ConnectionEvents) => Promise<Connection | Failure>;
}

interface Job {
  readonly number: number;
  readonly command: SshCommand;
  readonly settle: (outcome: Outcome) => void;
  readonly expiresAt: number;
  expiry: NodeJS.Timeout | undefined;
  /** It has lost one connection before it was sent. */
  isRetried: boolean;
  /** A connection without any other channel refused it one. */
  wasRefusedAlone: boolean;
}

const CLOSED_BY_US = 'closed by us';

/** All commands of one host and one identity: one connection at a time, and first come, first served for its channels. */
export class Lane {
  readonly #options: LaneOptions;
  readonly #connections = new Set<Connection>();
  #queue: Job[] = [];
  #current: Connection | undefined;
  #opening: Promise<Connection | Failure> | undefined;
  #isClosed = false;
  #count = 0;

  constructor(options: LaneOptions) {
    this.#options = options;
  }

  run(command: SshCommand): Promise<Outcome> {
    const { host, intent, limits } = this.#options;
    if (this.#isClosed) return Promise.resolve(closing(host, intent));
    return new Promise((settle) => {
      this.#count += 1;
      const expiresAt = performance.now() + limits.queueTimeoutMs;
      this.#enqueue({
        number: this.#count,
        command,
        settle,
        expiresAt,
        expiry: undefined,
        isRetried: false,
        wasRefusedAlone: false,
      });
    });
  }

  /** A stream to another machine, through this host. */
  async tunnel(address: string, port: number): Promise<Duplex | Failure> {
    if (this.#isClosed) return closing(this.#options.host, this.#options.intent);
    const connection = await this.#connection();
    return hasFailed(connection) ? connection : connection.tunnel(address, port);
  }

  /** Ends every connection, one that is just being made as soon as it is; commands that still run get a Failure. */
  async close(): Promise<void> {
    this.#isClosed = true;
    this.#settleAll(closing(this.#options.host, this.#options.intent));
    await Promise.all([...this.#connections].map((connection) => connection.end(CLOSED_BY_US)));
  }

  #enqueue(job: Job): void {
    job.expiry = setTimeout(() => this.#expire(job), Math.max(0, job.expiresAt - performance.now()));
    this.#queue = [...this.#queue, job].toSorted((a, b) => a.number - b.number);
    this.#pump();
  }

  #expire(job: Job): void {
    const { host, intent, limits } = this.#options;
    this.#queue = this.#queue.filter((other) => other !== job);
    const failure = this.#opening === undefined ? noFreeChannel : noConnection;
    job.settle(notSent(failure(host, limits.queueTimeoutMs), intent));
  }

  #pump(): void {
    if (this.#queue.length === 0) return;
    const connection = this.#current;
    if (connection === undefined) void this.#connection();
    while (connection?.hasFreeChannel) {
      const job = this.#queue.shift();
      if (job === undefined) return;
      clearTimeout(job.expiry);
      void this.#start(connection, job);
    }
  }

  async #start(connection: Connection, job: Job): Promise<void> {
    const { host, intent, limits } = this.#options;
    const { argv, input, timeoutMs } = job.command;
    const ran = await connection.execute({ host, intent, line: argv.map(quote).join(' '), input, timeoutMs, limits });
    if (connection.isWorn) this.#retire(connection);
    this.#took(connection, job, ran);
    this.#pump();
  }

  #took(connection: Connection, job: Job, ran: Ran): void {
    if (ran.kind === 'outcome') job.settle(ran.outcome);
    else if (this.#isClosed) job.settle(closing(this.#options.host, this.#options.intent));
    else if (ran.kind === 'lost') this.#lost(job, 'before the command was sent');
    else this.#refused(connection, job, ran.detail);
  }

  /** Only a read gets a second connection: a person decides about a change. */
  #lost(job: Job, why: string): void {
    const { host, intent } = this.#options;
    if (intent === 'change' || job.isRetried) {
      job.settle(cutBefore(host, why, intent));
      return;
    }
    job.isRetried = true;
    this.#enqueue(job);
  }

  /** The host allows fewer channels than we use: wait for one. Without any other channel in use, a new connection is tried once. */
  #refused(connection: Connection, job: Job, detail: string): void {
    const { host, intent, log } = this.#options;
    if (!connection.isUnused) {
      log({ event: 'fewer-channels', host, intent, channels: connection.channels });
    } else if (job.wasRefusedAlone) {
      job.settle(noSession(host, detail, intent));
      return;
    } else {
      job.wasRefusedAlone = true;
      this.#retire(connection);
    }
    this.#enqueue(job);
  }

  async #connection(): Promise<Connection | Failure> {
    if (this.#current !== undefined) return this.#current;
    this.#opening ??= this.#open();
    return this.#opening;
  }

  async #open(): Promise<Connection | Failure> {
    const { host, intent, log, connect } = this.#options;
    const opened = await connect({
      freed: () => this.#pump(),
      idle: (connection) => this.#retire(connection),
      closed: (connection, why) => this.#closed(connection, why),
    }).catch((error: unknown) => cannotConnect(host, messageOf(error)));
    this.#opening = undefined;
    if (hasFailed(opened)) {
      log({ event: 'not-connected', host, intent, failure: opened });
      this.#settleAll(notSent(opened, intent));
      return opened;
    }
    this.#connections.add(opened);
    if (this.#isClosed) {
      await opened.end(CLOSED_BY_US);
      return closing(host, intent);
    }
    this.#current = opened;
    this.#pump();
    return opened;
  }

  #settleAll(failure: Failure): void {
    for (const job of this.#queue.splice(0)) {
      clearTimeout(job.expiry);
      job.settle(failure);
    }
  }

  #retire(connection: Connection): void {
    if (this.#current === connection) this.#current = undefined;
    connection.retire();
  }

  #closed(connection: Connection, why: string): void {
    const { host, intent, log } = this.#options;
    log({ event: 'closed', host, intent, why });
    this.#connections.delete(connection);
    if (this.#current !== connection) return;
    this.#current = undefined;
    for (const job of this.#queue.splice(0)) {
      clearTimeout(job.expiry);
      this.#lost(job, why);
    }
  }
}
