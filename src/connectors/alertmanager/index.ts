import type { AlertmanagerCommand } from '../../core/command.ts';
import type { Failure, Outcome } from '../../core/output.ts';
import { failureOf } from '../http-api/failures.ts';
import { openServer, type ServerOptions } from '../http-api/server.ts';
import { within } from '../kubernetes/deadline.ts';
import { ALERTMANAGER } from './answer.ts';
import { asked, changed, type Send } from './calls.ts';

export interface AlertmanagerOptions extends Pick<ServerOptions, 'ca' | 'token'> {
  /** `https://alertmanager.example.net/prefix`; whatever stands before `/api/v2` belongs to it. */
  readonly url: string;
  readonly connectTimeoutMs?: number;
  readonly maxAnswerBytes?: number;
}

export interface Alertmanager {
  /** Asks once, and once more where the connection was reset before an answer began. Never rejects. */
  readonly read: (command: AlertmanagerCommand) => Promise<Outcome>;
  /** Sends each change once, one after the other where it is several. Never rejects. */
  readonly change: (command: AlertmanagerCommand) => Promise<Outcome>;
  readonly close: () => Promise<void>;
}

const MEBIBYTE = 1_048_576;

/** A connector to one Alertmanager; where several are peers, each knows the alerts and silences of all. */
export function createAlertmanager({
  url,
  connectTimeoutMs = 3_000,
  maxAnswerBytes = 32 * MEBIBYTE,
  ...access
}: AlertmanagerOptions): Alertmanager {
  const server = openServer({ url, connectTimeoutMs, maxAnswerBytes, ...access });

  async function calling(timeoutMs: number, call: (send: Send) => Promise<Outcome>): Promise<Outcome> {
    try {
      return await within(timeoutMs, ({ signal }) => call((request) => server.send({ ...request, signal })));
    } catch (error) {
      return failureOf(error, { service: ALERTMANAGER, where: url, timeoutMs, maxAnswerBytes });
    }
  }

  return {
    read: async ({ request, timeoutMs }) =>
      request.method === 'GET' ? calling(timeoutMs, (send) => asked(send, request.path)) : wrongDoor('question'),
    change: async ({ request, timeoutMs }) =>
      request.method === 'GET' ? wrongDoor('change') : calling(timeoutMs, (send) => changed(send, request)),
    close: server.close,
  };
}

function wrongDoor(declared: 'question' | 'change'): Failure {
  return {
    failed: 'forbidden',
    says: `What was declared as a ${declared} is none; nothing was sent.`,
    toDo: 'Report this as an issue: a runbook declared it wrongly.',
  };
}
