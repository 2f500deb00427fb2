import { constants } from 'node:os';
import type { Client, ClientChannel } from 'ssh2';
import type { Outcome } from '../../core/output.ts';
import { cutDuring, execRefused, noExitStatus, timedOut, tooMuchOutput } from './failures.ts';
import type { Intent, SshLimits } from './types.ts';

export interface Execution {
  readonly host: string;
  readonly intent: Intent;
  /** The command line, quoted for the login shell. */
  readonly line: string;
  readonly input: string | undefined;
  readonly timeoutMs: number;
  readonly limits: SshLimits;
}

/** What became of the attempt to run a command. Only an `outcome` can mean that it was sent. */
export type Ran =
  | { readonly kind: 'outcome'; readonly outcome: Outcome }
  | { readonly kind: 'no-channel'; readonly detail: string } // the host opens no further channel on this connection
  | { readonly kind: 'lost' }; // the connection ended before the command was sent

export interface Wire {
  readonly client: Client;
  /** Ends the connection at once. */
  readonly kill: (why: string) => void;
  /** Why the connection ended, once it has. */
  readonly ended: () => string | undefined;
}

/** Runs a command once. `released` is called when the host has closed its channel, which can be long after the outcome. */
export function execute(wire: Wire, execution: Execution, released: () => void): Promise<Ran> {
  return new Promise((resolve) => {
    const overdue = setTimeout(() => wire.kill('no answer to a request for a channel'), execution.limits.openTimeoutMs);
    const end = (ran: Ran): void => {
      clearTimeout(overdue);
      resolve(ran);
    };
    try {
      wire.client.exec(execution.line, (error: Error | undefined, channel) => {
        if (error === undefined) {
          clearTimeout(overdue);
          follow(wire, execution, { channel, released, settle: (outcome) => end({ kind: 'outcome', outcome }) });
          return;
        }
        end(notStarted(wire, execution, error));
      });
    } catch {
      // ssh2 throws only when its stream is no longer writable, so nothing was sent.
      wire.kill('no longer writable');
      end({ kind: 'lost' });
    }
  });
}

/** ssh2 has two messages of its own: one for a request for a channel, one for a command that was sent. Unknown means sent. */
function notStarted(wire: Wire, { host, intent }: Execution, error: Error): Ran {
  if ('reason' in error) return { kind: 'no-channel', detail: error.message };
  if (error.message === 'No response from server') return { kind: 'lost' };
  const why = wire.ended();
  return { kind: 'outcome', outcome: why === undefined ? execRefused(host) : cutDuring(host, why, intent) };
}

interface Following {
  readonly channel: ClientChannel;
  readonly released: () => void;
  readonly settle: (outcome: Outcome) => void;
}

function follow(wire: Wire, execution: Execution, { channel, released, settle }: Following): void {
  const { host, intent, timeoutMs, input, limits } = execution;
  const collected = new Collected();
  let exit: Exit | undefined;
  const leave = (outcome: Outcome): void => {
    collected.drop();
    settle(outcome);
    channel.close();
  };
  const deadline = setTimeout(() => leave(timedOut(execution, exit?.code ?? undefined)), timeoutMs);
  const collect = (into: Buffer[]) => (data: Buffer) => {
    if (collected.add(into, data) <= limits.maxOutputBytes) return;
    clearTimeout(deadline);
    leave(tooMuchOutput(host, limits.maxOutputBytes, intent));
  };
  channel.on('data', collect(collected.stdout));
  channel.stderr.on('data', collect(collected.stderr));
  channel.on('exit', (code: number | null, signal?: string) => (exit = { code, signal }));
  let open = 2;
  const finish = (): void => {
    if (--open > 0) return;
    clearTimeout(deadline);
    released();
    settle(outcomeOf(execution, collected, { exit, ended: wire.ended() }));
  };
  // 'close' waits for standard output alone: standard error may still hold data then.
  channel.once('close', finish);
  channel.stderr.once('end', finish);
  channel.end(input === undefined ? undefined : `${input}\n`);
}

/** `code` is null where a signal ended the command. */
interface Exit {
  readonly code: number | null;
  readonly signal: string | undefined;
}

interface End {
  readonly exit: Exit | undefined;
  readonly ended: string | undefined;
}

function outcomeOf({ host, intent }: Execution, collected: Collected, { exit, ended }: End): Outcome {
  // An exit status may arrive before the last output: a connection that ended then may have cut it.
  if (ended !== undefined) return cutDuring(host, ended, intent);
  if (exit === undefined) return noExitStatus(host, intent);
  const exitCode = exit.code ?? exitCodeOfSignal(exit.signal);
  if (exitCode === undefined) return noExitStatus(host, intent, exit.signal);
  return { exitCode, stdout: decode(collected.stdout), stderr: decode(collected.stderr) };
}

/** As a shell reports it: 128 and the signal's number. */
function exitCodeOfSignal(signal: string | undefined): number | undefined {
  const numbers = new Map<string, number>(Object.entries(constants.signals));
  const number = signal === undefined ? undefined : numbers.get(signal);
  return number === undefined ? undefined : 128 + number;
}

class Collected {
  readonly stdout: Buffer[] = [];
  readonly stderr: Buffer[] = [];
  #bytes = 0;
  #dropped = false;

  /** Returns how many bytes there are in all. What comes after `drop` is read and forgotten, so that the channel can close. */
  add(into: Buffer[], data: Buffer): number {
    if (this.#dropped) return 0;
    into.push(data);
    this.#bytes += data.length;
    return this.#bytes;
  }

  drop(): void {
    this.#dropped = true;
    this.stdout.length = 0;
    this.stderr.length = 0;
  }
}

function decode(chunks: readonly Buffer[]): string {
  return Buffer.concat(chunks).toString('utf8');
}
