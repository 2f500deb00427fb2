import { randomBytes } from 'node:crypto';
import { createServer } from 'node:https';
import { stringify } from 'yaml';
import { close, listen } from '../port.ts';
import { changer, reader } from './access.ts';
import { newCertificates } from './certificate.ts';
import type { Fault } from './faults.ts';
import { handle, type LabState, type LoggedRequest, type Served } from './handler.ts';
import type { ObjectStore } from './store.ts';

export interface LabOptions {
  /** Each answer waits this long. */
  readonly latencyMs?: number;
  /** The version that the server tells; v1.32.4 unless given. */
  readonly gitVersion?: string;
}

/** A simulated API server on a port of 127.0.0.1, over HTTPS with an authority of its own. */
export interface LabKubernetes {
  readonly url: string;
  /** Certificate of the authority, PEM. */
  readonly ca: string;
  /** Bearer tokens of the two service accounts: `read` may look, `change` may also patch, delete and evict. */
  readonly tokens: { readonly read: string; readonly change: string };
  /** YAML text of a kubeconfig that trusts this server. */
  readonly kubeconfig: (token: string) => string;
  /** Every request that reached the server. */
  readonly requests: readonly LoggedRequest[];
  /** How many TLS connections were made to it. */
  readonly connections: () => number;
  /** The next requests, all of them unless a number is given, meet this fault; undefined ends it. */
  readonly misbehave: (fault: Fault | undefined, times?: number) => void;
  /** Both identities lose their rights on this resource: `pods`, `pods/eviction` … */
  readonly forbid: (resource: string) => void;
  readonly setLatency: (latencyMs: number) => void;
  /** Connections are refused until `up`, on the same port. */
  readonly down: () => Promise<void>;
  readonly up: () => Promise<void>;
  readonly stop: () => Promise<void>;
}

/** Serves the store. Changes of the store from elsewhere are seen by its clients, and theirs by its listeners. */
export async function startLabKubernetes(store: ObjectStore, options: LabOptions = {}): Promise<LabKubernetes> {
  const { latencyMs = 0, gitVersion = 'v1.32.4' } = options;
  const tokens = { read: newToken('read'), change: newToken('change') };
  const forbidden = new Set<string>();
  const state: LabState = { latencyMs, fault: undefined, faultTimes: 0, requests: [] };
  const identities = new Map([
    [tokens.read, reader('system:serviceaccount:storagebot:reader', forbidden)],
    [tokens.change, changer('system:serviceaccount:storagebot:changer', forbidden)],
  ]);
  const network = await serve({ store, identities, state, gitVersion });
  return {
    ...network,
    tokens,
    requests: state.requests,
    kubeconfig: (token) => kubeconfig({ ...network, token }),
    misbehave: (fault, times = Number.POSITIVE_INFINITY) =>
      void Object.assign(state, { fault, faultTimes: fault === undefined ? 0 : times }),
    forbid: (resource) => void forbidden.add(resource),
    setLatency: (next) => void Object.assign(state, { latencyMs: next }),
  };
}

async function serve(served: Served): Promise<Pick<LabKubernetes, 'url' | 'ca' | 'connections' | 'down' | 'up' | 'stop'>> {
  const { ca, key, certificate } = newCertificates();
  const server = createServer({ key, cert: certificate }, (request, response) => {
    handle(served, request, response).catch((error: unknown) => response.destroy(error instanceof Error ? error : undefined));
  });
  let connections = 0;
  server.on('secureConnection', () => {
    connections += 1;
  });
  const port = await listen(server, 0);
  return {
    url: `https://127.0.0.1:${port}`,
    ca,
    connections: () => connections,
    down: () => close(server),
    up: async () => void (await listen(server, port)),
    stop: () => close(server),
  };
}

function newToken(role: string): string {
  return `lab-${role}-${randomBytes(16).toString('hex')}`;
}

function kubeconfig({ url, ca, token }: { readonly url: string; readonly ca: string; readonly token: string }): string {
  return stringify({
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [{ name: 'lab', cluster: { server: url, 'certificate-authority-data': Buffer.from(ca).toString('base64') } }],
    users: [{ name: 'lab', user: { token } }],
    contexts: [{ name: 'lab', context: { cluster: 'lab', user: 'lab' } }],
    'current-context': 'lab',
  });
}
