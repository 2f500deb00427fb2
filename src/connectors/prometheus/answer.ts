import { z } from 'zod';
import type { Outcome } from '../../core/output.ts';
import { forbidden, loginRefused, notOfService } from '../http-api/failures.ts';
import type { Answer } from '../http-api/server.ts';

export const PROMETHEUS = { name: 'Prometheus', section: 'prometheus' } as const;

const Texts = z.array(z.string()).default([]);
const Success = z.object({ status: z.literal('success'), data: z.unknown(), warnings: Texts, infos: Texts });
const Failed = z.object({ status: z.literal('error'), errorType: z.string(), error: z.string() });

/** The `data` of the answer as JSON, what the server warned of it, or why there is none. */
export function outcomeOf({ code, body }: Answer): Outcome {
  if (code === 401) return loginRefused(PROMETHEUS);
  if (code === 403) return forbidden(PROMETHEUS, '/api/v1/query');
  const document = parse(body);
  const success = Success.safeParse(document);
  if (code === 200 && success.success && success.data.data !== undefined) return wholeOutput(success.data);
  const failed = Failed.safeParse(document);
  return failed.success ? refused(failed.data) : notOfService(PROMETHEUS, code);
}

function parse(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return undefined;
  }
}

function wholeOutput({ data, warnings, infos }: z.output<typeof Success>): Outcome {
  const said = [...warnings.map((text) => `warning: ${text}\n`), ...infos.map((text) => `info: ${text}\n`)];
  return { exitCode: 0, stdout: `${JSON.stringify(data)}\n`, stderr: said.join('') };
}

/** A question that cannot be answered is an answer; a server that could not get to it is none. */
function refused({ errorType, error }: z.output<typeof Failed>): Outcome {
  if (errorType === 'timeout' || errorType === 'canceled') {
    return {
      failed: 'timed-out',
      says: `Prometheus gave up on the question (${errorType}): ${error}`,
      toDo: 'Check the load of Prometheus, then look again.',
    };
  }
  if (errorType !== 'internal' && errorType !== 'unavailable') {
    return { exitCode: 1, stdout: '', stderr: `query error: ${errorType}: ${error}\n` };
  }
  return {
    failed: 'cut',
    says: `Prometheus failed inside (${errorType}): ${error}`,
    toDo: 'Read its log, and look whether its own volume is full.',
  };
}
