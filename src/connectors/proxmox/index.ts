import type { ProxmoxCommand } from '../../core/command.ts';
import { type Failure, isFailure, type Outcome } from '../../core/output.ts';
import type { ProxmoxRequest } from '../../core/proxmox.ts';
import { within } from '../kubernetes/deadline.ts';
import { isReset } from '../network-error.ts';
import { type About, outcomeOf, type Role } from './failures.ts';
import { follow, type Get, upidOf } from './follow.ts';
import { callOf, type SendCall } from './routes.ts';
import {
  type Connections,
  HttpRefusal,
  type Open,
  opener,
  type Token,
  type TokenSource,
  TokenUnusable,
  type Trust,
} from './server.ts';

export type { TokenSource, Trust } from './server.ts';

export interface ProxmoxOptions {
  readonly url: string;
  readonly trust: Trust;
  /** May only look. */
  readonly read: TokenSource;
  readonly change: TokenSource;
  readonly connectTimeoutMs?: number;
  readonly maxAnswerBytes?: number;
  /** How often a task is asked whether it has ended. */
  readonly pollMs?: number;
}

export interface Proxmox {
  /** Asks with the reading token, and once more where the connection was reset before an answer began. Never rejects. */
  readonly read: (command: ProxmoxCommand) => Promise<Outcome>;
  /** Sends once with the changing token, and never again; a task that it starts is followed to its end. Never rejects. */
  readonly change: (command: ProxmoxCommand) => Promise<Outcome>;
  /** Ends the reads that are under way; a change under way ends by itself. */
  readonly close: () => Promise<void>;
}

const MEBIBYTE = 1_048_576;

/** A connector to one API of Proxmox VE. Outcomes are shaped like pvesh's, with the JSON of the answer's `data`. */
export function createProxmox({ trust, connectTimeoutMs = 3_000, ...options }: ProxmoxOptions): Proxmox {
  const { url, maxAnswerBytes = 4 * MEBIBYTE } = options;
  return proxmoxOver(opener({ url, trust, connectTimeoutMs, maxAnswerBytes }), options);
}

/** The same over other connections. */
export function proxmoxOver(open: Open, options: Omit<ProxmoxOptions, 'trust' | 'connectTimeoutMs'>): Proxmox {
  const { url, maxAnswerBytes = 4 * MEBIBYTE, pollMs = 1_000 } = options;
  let kept: Promise<Connections> | undefined;

  function keptConnections(): Promise<Connections> {
    kept ??= open().catch((error: unknown) => {
      kept = undefined;
      throw error;
    });
    return kept;
  }

  /** Does the work with the token of this role, and tells what kept it from being done without its secret. */
  async function as(role: Role, { timeoutMs }: ProxmoxCommand, work: (token: Token) => Promise<Outcome>): Promise<Outcome> {
    const { tokenId, secret: read } = options[role];
    let secret = '';
    const clean = (text: string) => (secret === '' ? text : text.replaceAll(secret, '[secret]'));
    const about: About = { where: url, role, tokenId, timeoutMs, maxAnswerBytes, clean, mayHaveArrived: () => false };
    try {
      secret = await readable(() => within(timeoutMs, read));
      return await work({ tokenId, secret });
    } catch (error) {
      if (!(error instanceof AfterSending)) return outcomeOf(error, about);
      const why = outcomeOf(error.cause, { ...about, mayHaveArrived: () => true });
      return error.task === undefined ? why : endNotSeen(error.task, why);
    }
  }

  async function ask(command: ProxmoxCommand): Promise<Outcome> {
    const { request, timeoutMs } = command;
    const call = request.method === 'GET' ? callOf(request) : undefined;
    if (call === undefined) return notOurs(request, 'read');
    return as('read', command, async (token) => {
      const connections = await keptConnections();
      return printed(await within(timeoutMs, ({ signal }) => againIfReset(() => call(connections.sender(token, signal)))));
    });
  }

  async function send(command: ProxmoxCommand): Promise<Outcome> {
    const { request, timeoutMs } = command;
    const call = request.method === 'GET' ? undefined : callOf(request);
    if (call === undefined) return notOurs(request, 'change');
    return as('change', command, async (token) => {
      // Connections of its own: one that went stale while idle would leave it unknown whether the change arrived.
      const connections = await open();
      let task: string | undefined;
      const sent = within(timeoutMs, async ({ signal }) => {
        const sender = connections.sender(token, signal);
        const data = await call(sender);
        task = upidOf(data);
        return task === undefined ? printed(data) : follow(task, getBy(sender), { signal, pollMs });
      });
      try {
        return await sent;
      } catch (error) {
        throw connections.wereMade() ? new AfterSending(error, task) : error;
      } finally {
        await connections.close();
      }
    });
  }

  return {
    read: ask,
    change: send,
    close: async () => {
      const connections = await kept?.catch(() => undefined);
      await connections?.close();
    },
  };
}

/** The change may have arrived, or is known to: then Proxmox made a task of it. */
class AfterSending extends Error {
  override readonly name = 'AfterSending';
  readonly code = 'AFTER_SENDING';
  readonly task: string | undefined;
  constructor(cause: unknown, task: string | undefined) {
    super('The connection was made', { cause });
    this.task = task;
  }
}

/** What cannot stand in a header would be quoted by the error that says so. */
async function readable(read: () => Promise<string>): Promise<string> {
  const secret = await read().catch(() => {
    throw new TokenUnusable('cannot be read, or not in time');
  });
  if (/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(secret)) return secret;
  throw new TokenUnusable('is not of the form that Proxmox gives out');
}

function printed(data: unknown): Outcome {
  return { exitCode: 0, stdout: `${JSON.stringify(data)}\n`, stderr: '' };
}

/** Questions about the task that a change started, which its own token may ask. */
function getBy(sender: SendCall): Get {
  return async (request) => {
    const call = callOf(request);
    if (call === undefined) throw new Error(`no such call: ${request.path}`);
    return againIfReset(() => call(sender));
  };
}

async function againIfReset<T>(ask: () => Promise<T>): Promise<T> {
  try {
    return await ask();
  } catch (error) {
    if (error instanceof HttpRefusal || !isReset(error)) throw error;
    return ask();
  }
}

/** Whether it took effect is known to Proxmox alone once it took the change as a task. */
function endNotSeen(task: string, why: Outcome): Failure {
  const { failed, says, toDo } = isFailure(why) ? why : { failed: 'cut', says: why.stderr.trim(), toDo: 'Look again.' };
  return {
    // Any other reason would mean that nothing was sent.
    failed: failed === 'timed-out' ? failed : 'cut',
    says: `Proxmox took the change as task ${task}, and how it ended could not be seen: ${says}`,
    toDo: `Read the log of this task in Proxmox before anything is tried again. ${toDo}`,
  };
}

function notOurs({ method, path }: ProxmoxRequest, role: Role): Failure {
  return {
    failed: 'forbidden',
    says: `${method} ${path} is no call that the bot ${role === 'read' ? 'looks with' : 'changes anything with'}; nothing was sent.`,
    toDo: 'Report this as an issue: a runbook declared a call that src/connectors/proxmox/routes.ts does not have.',
  };
}
