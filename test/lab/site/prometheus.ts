import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { failureOf } from '../../../src/connectors/http-api/failures.ts';
import { outcomeOf, PROMETHEUS } from '../../../src/connectors/prometheus/answer.ts';
import type { PrometheusCommand } from '../../../src/core/command.ts';
import type { Outcome } from '../../../src/core/output.ts';
import { seriesOf } from './monitoring.ts';
import { BadQuery, evaluate } from './promql.ts';
import type { World } from './world.ts';

interface Answer {
  readonly code: number;
  readonly body: string;
}

/** What `/api/v1/query` answers. */
export function answerTo(world: World, query: string): Answer {
  const { time, monitoring } = world;
  try {
    const result = evaluate(query, seriesOf(world), time.nowMs).map(({ metric, value }) => ({
      metric,
      value: [time.nowMs / 1_000, `${value}`],
    }));
    const warnings = monitoring.warnings.length === 0 ? {} : { warnings: monitoring.warnings };
    return { code: 200, body: JSON.stringify({ status: 'success', data: { resultType: 'vector', result }, ...warnings }) };
  } catch (error) {
    if (!(error instanceof BadQuery)) throw error;
    const body = { status: 'error', errorType: 'bad_data', error: `invalid parameter "query": ${error.message}` };
    return { code: 400, body: JSON.stringify(body) };
  }
}

const NOBODY = Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED' });

/** The same as over HTTP, in this process. */
export function askPrometheus(world: World, { query, timeoutMs }: PrometheusCommand): Outcome {
  const where = 'http://prometheus-server.monitoring';
  if (!world.monitoring.up) return failureOf(NOBODY, { service: PROMETHEUS, where, timeoutMs, maxAnswerBytes: 0 });
  return outcomeOf(answerTo(world, query));
}

export interface LabPrometheus {
  readonly url: string;
  readonly stop: () => Promise<void>;
}

/** A Prometheus over HTTP on 127.0.0.1 that measures this world. Where it is down, nothing listens. */
export async function startLabPrometheus(world: World, { latencyMs = 0 } = {}): Promise<LabPrometheus> {
  const server = createServer((request, response) => {
    const { pathname, searchParams } = new URL(request.url ?? '', 'http://prometheus');
    const isQuestion = request.method === 'GET' && pathname === '/api/v1/query';
    const { code, body } = isQuestion
      ? answerTo(world, searchParams.get('query') ?? '')
      : { code: 404, body: '404 page not found' };
    setTimeout(() => response.writeHead(code, { 'content-type': 'application/json' }).end(body), latencyMs);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const stop = async () => {
    server.closeAllConnections();
    await new Promise((closed) => server.close(closed));
  };
  if (!world.monitoring.up) await stop();
  return { url: `http://127.0.0.1:${port}`, stop: world.monitoring.up ? stop : async () => undefined };
}
