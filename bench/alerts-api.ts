import { once } from 'node:events';
import { createServer } from 'node:http';
import type { SentAlert } from './storm-alerts.ts';

/** The API of an Alertmanager that has these alerts, and no silence. */
export interface AlertsApi {
  readonly url: string;
  /** They fire from now on. */
  readonly add: (alerts: readonly SentAlert[]) => void;
  /** How often it was asked since when for all that fires. */
  readonly looksAfter: (atMs: number) => number;
  readonly close: () => Promise<void>;
}

export async function startAlertsApi(): Promise<AlertsApi> {
  const firing: SentAlert[] = [];
  const looks: number[] = [];
  const answers: Readonly<Record<string, () => unknown>> = {
    '/api/v2/alerts': () => {
      looks.push(performance.now());
      return firing.map(listed);
    },
    '/api/v2/silences': () => [],
    '/api/v2/status': () => STATUS,
  };
  const server = createServer((request, response) => {
    const { pathname } = new URL(request.url ?? '', 'http://alertmanager');
    const answer = answers[pathname];
    response.writeHead(answer === undefined ? 404 : 200, { 'content-type': 'application/json' });
    response.end(JSON.stringify(answer?.() ?? { code: 404, message: `path ${pathname} was not found` }));
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('The system gave no port');
  return {
    url: `http://127.0.0.1:${address.port}`,
    add: (alerts) => void firing.push(...alerts),
    looksAfter: (atMs) => looks.filter((at) => at > atMs).length,
    async close() {
      server.closeAllConnections();
      await new Promise((closed) => server.close(closed));
    },
  };
}

/** As `GET /api/v2/alerts` lists it. */
function listed({ labels, annotations, startsAt, fingerprint, generatorURL }: SentAlert) {
  const now = Date.now();
  return {
    annotations,
    endsAt: new Date(now + 240_000).toISOString(),
    fingerprint,
    receivers: [{ name: 'storagebot' }],
    startsAt,
    status: { inhibitedBy: [], silencedBy: [], state: 'active' },
    updatedAt: new Date(now).toISOString(),
    generatorURL,
    labels,
  };
}

const STATUS = {
  cluster: { peers: [], status: 'disabled' },
  versionInfo: { version: '0.25.0' },
  uptime: '2026-01-01T00:00:00.000Z',
  config: { original: '' },
};
