import type { PrometheusCommand } from '../../core/command.ts';
import type { Failure, Outcome } from '../../core/output.ts';
import { failureOf } from '../http-api/failures.ts';
import { openServer, twiceIfReset } from '../http-api/server.ts';
import { within } from '../kubernetes/deadline.ts';
import { outcomeOf, PROMETHEUS } from './answer.ts';

export interface PrometheusOptions {
  /** `https://prometheus.example.net/prefix`; whatever stands before `/api/v1` belongs to it. */
  readonly url: string;
  /** A file with the certificate authority of the server; without it those of the system. */
  readonly ca?: string;
  /** The bearer token, read when the first question is asked and again after it was refused. */
  readonly token?: () => Promise<string>;
  readonly connectTimeoutMs?: number;
  readonly maxAnswerBytes?: number;
}

export interface Prometheus {
  /** Asks once, and once more where the connection was reset before an answer began. Never rejects. */
  readonly read: (command: PrometheusCommand) => Promise<Outcome>;
  /** Refuses: Prometheus is only asked. */
  readonly change: (command: PrometheusCommand) => Promise<Outcome>;
  readonly close: () => Promise<void>;
}

const MEBIBYTE = 1_048_576;

/** A connector to one Prometheus, or to what speaks like it. Warnings of its API are in `stderr` of the output. */
export function createPrometheus({
  url,
  connectTimeoutMs = 3_000,
  maxAnswerBytes = 32 * MEBIBYTE,
  ...access
}: PrometheusOptions): Prometheus {
  const server = openServer({ url, connectTimeoutMs, maxAnswerBytes, ...access });

  async function read({ query, timeoutMs }: PrometheusCommand): Promise<Outcome> {
    // The server gives up when nobody waits for its answer any more.
    const path = `/api/v1/query?${new URLSearchParams({ query, timeout: `${timeoutMs}ms` })}`;
    try {
      return outcomeOf(await within(timeoutMs, ({ signal }) => twiceIfReset(() => server.send({ method: 'GET', path, signal }))));
    } catch (error) {
      return failureOf(error, { service: PROMETHEUS, where: url, timeoutMs, maxAnswerBytes });
    }
  }

  return { read, change: async () => ONLY_ASKED, close: server.close };
}

const ONLY_ASKED: Failure = {
  failed: 'forbidden',
  says: 'Prometheus is only asked; nothing was sent.',
  toDo: 'Report this as an issue: a runbook declared a question as a change.',
};
