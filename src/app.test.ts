import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { stringify } from 'yaml';
import { z } from 'zod';
import { changed } from '../test/example-config.ts';
import { newKey } from '../test/lab/site/keys.ts';
import { toy, toyWorld } from '../test/toy.ts';
import { openSecrets } from './app/secrets.ts';
import { type AppOptions, createApp } from './app.ts';
import { AlertSettings } from './config/alert-schema.ts';
import { parseConfig } from './config/config.ts';
import type { Config } from './config/schema.ts';
import { defineRead, kubernetes, on } from './core/command.ts';
import { couldNotLook, ok } from './core/finding.ts';
import { stop } from './core/plan.ts';
import { defineRunbook } from './core/runbook.ts';
import { createLog } from './log.ts';

let directory: string;
let config: Config;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'storagebot-app-'));
  const key = join(directory, 'key');
  await writeFile(key, newKey().text);
  const kubeconfig = join(directory, 'kubeconfig');
  const port = await closedPort();
  await writeFile(kubeconfig, nowhere(port));
  config = parseConfig(
    changed((file) => {
      Object.assign(file, {
        state: { directory: join(directory, 'state') },
        audit: {},
        approval: { tiers: { normal: { approvers: ['cli:operator'] } } },
        kubernetes: { read: { kubeconfig, context: 'read' }, change: { kubeconfig, context: 'change' } },
        ssh: { read: { user: 'reader', key: `file:${key}` }, change: { user: 'changer', key: `file:${key}` } },
      });
      file.nodes = { ...file.nodes, addresses: { 'k8s-node9': { address: '127.0.0.1' } } };
      for (const place of [file.nodes, ...Object.values(file.hosts)]) Reflect.deleteProperty(place, 'jump');
      file.hosts['truenas'] = { address: '127.0.0.1', port, hostKeys: file.hosts['pve']!.hostKeys };
      for (const key of ['vault', 'alerts'] as const) Reflect.deleteProperty(file, key);
    }),
  );
});
afterEach(() => rm(directory, { recursive: true }));

async function closedPort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  const { port } = server.address() as AddressInfo;
  await new Promise((closed) => server.close(closed));
  return port;
}

/** A kubeconfig of a cluster that does not answer. */
function nowhere(port: number): string {
  const context = (name: string) => ({ name, context: { cluster: 'c', user: 'u' } });
  return stringify({
    clusters: [{ name: 'c', cluster: { server: `https://127.0.0.1:${port}` } }],
    users: [{ name: 'u', user: { token: 'token' } }],
    contexts: [context('read'), context('change')],
  });
}

const text = { answers: [0], parse: ({ stdout }: { readonly stdout: string }) => stdout };
const reads = [
  defineRead({ asks: 'the NAS', command: on({ name: 'truenas', sudo: false }, 1000, 'true'), ...text }),
  defineRead({ asks: 'a node', command: on({ name: 'k8s-node1', sudo: false }, 1000, 'true'), ...text }),
  defineRead({ asks: 'a node without a host key', command: on({ name: 'k8s-node9', sudo: false }, 1000, 'true'), ...text }),
  defineRead({
    asks: 'the cluster',
    command: kubernetes({ verb: 'list', resource: { apiVersion: 'v1', plural: 'pods', namespaced: true } }),
    ...text,
  }),
];

const lookEverywhere = defineRunbook({
  id: 'look-everywhere',
  words: ['look'],
  usage: '',
  title: 'Looks at one of each',
  codes: {},
  changes: false,
  params: z.unknown(),
  fromWords: () => undefined,
  gather: async (_params, read) => Promise.all(reads.map((one) => read(one))),
  diagnose: (seen) => ({
    findings: [],
    evidence: seen.map((one) => (one.known ? ok(one.asks, one) : couldNotLook(one.asks, one))),
  }),
  plan: () => stop('Nothing to do.'),
});

function options(): AppOptions {
  const log = createLog({ secrets: () => [], level: 'silent' });
  return {
    runbooks: [lookEverywhere],
    secrets: openSecrets(config),
    reporter: () => async () => undefined,
    buildVersion: '1',
    log,
  };
}

describe('the whole bot', () => {
  test('where nothing answers: each thing that it could not look at has its own reason, and the run ends', async () => {
    const app = await createApp(config, options());
    const requester = { id: 'cli:operator', name: 'operator' };
    const id = await app.engine.start({ runbook: 'look-everywhere', arguments: [], requester, origin: { kind: 'cli' } });
    const view = await app.engine.settled(id);
    await app.close();
    const why = view.rounds[0]?.diagnosis.evidence.map(({ seen: [one] }) => (one?.known === false ? one.why.failed : 'known'));
    expect(why).toEqual(['unreachable', 'unreachable', 'not-configured', 'unreachable']);
  });

  test('does not start with a rule about alerts that could never count', async () => {
    const alerts = AlertSettings.parse({
      channel: 'C0EXAMPLE01',
      listen: {},
      token: 'env:TOKEN',
      autoApply: [{ runbook: 'nobody', perHour: 1, allowedBy: 'U0EXAMPLE01' }],
    });
    await expect(createApp({ ...config, alerts }, options())).rejects.toThrow(
      'alerts.autoApply[0].runbook names no runbook: there is none with the id "nobody"',
    );
  });

  test('under another configuration does not honour an approval: a name may mean another machine there', async () => {
    const world = toyWorld();
    const about = { ...options(), runbooks: [toy], targets: world.targets };
    const first = await createApp(config, about);
    const requester = { id: 'cli:operator', name: 'operator' };
    const asked = { runbook: 'toy', arguments: ['train'], requester, origin: { kind: 'cli' } } as const;
    const view = await first.engine.settled(await first.engine.start(asked));
    expect(view.status).toBe('waiting');
    await first.close();
    const { truenas, ...others } = config.hosts;
    const moved = { ...config, hosts: { ...others, truenas: { ...truenas!, address: '127.0.0.2' } } };
    const second = await createApp(moved, about);
    const refused = { status: 'refused', detail: expect.stringContaining('is void') };
    await expect.poll(async () => (await second.engine.view(view.id))?.rounds[0]?.steps[0]).toMatchObject(refused);
    await second.close();
    expect(world.changes).toEqual([]);
  });

  test('targets that it is given are redacted like real ones: nothing may opt out', async () => {
    const printing = { exitCode: 0, stdout: 'PGPASSWORD=canary', stderr: 'Authorization: Bearer canary-canary' };
    const targets = { read: async () => printing, change: async () => printing, close: async () => undefined };
    const app = await createApp(config, { ...options(), targets });
    const requester = { id: 'cli:operator', name: 'operator' };
    const id = await app.engine.start({ runbook: 'look-everywhere', arguments: [], requester, origin: { kind: 'cli' } });
    const view = await app.engine.settled(id);
    await app.close();
    const { evidence } = view.rounds[0]!.diagnosis;
    expect(evidence).toHaveLength(4);
    expect(JSON.stringify(view)).toContain('PGPASSWORD=[secret]');
    expect(JSON.stringify(view)).not.toContain('canary');
  });

  test('does not start twice on one state, and the second start leaves the first alone', async () => {
    const first = await createApp(config, options());
    await expect(createApp(config, options())).rejects.toMatchObject({ code: 'STATE_IN_USE' });
    await first.close();
    await (await createApp(config, options())).close();
  });

  test('does not start where alerts could not be heard, holds nothing then, and without Slack hears none', async () => {
    vi.stubEnv('TEST_ALERTS_TOKEN', 'canary-token-of-the-alerts');
    const taken = createServer();
    await new Promise<void>((listening) => taken.listen(0, '127.0.0.1', listening));
    const { port } = taken.address() as AddressInfo;
    const alerts = AlertSettings.parse({ channel: 'C0STORAGE01', listen: { port }, token: 'env:TEST_ALERTS_TOKEN' });
    const thread = { kind: 'slack', channel: 'C0STORAGE01', thread: '1.2' } as const;
    const alertReporters = () => ({ incident: async () => thread, quiet: async () => undefined, problem: async () => undefined });
    const hearing = { ...options(), alertReporters };
    await expect(createApp({ ...config, alerts }, hearing)).rejects.toThrow('EADDRINUSE');
    const terminal = await createApp({ ...config, alerts }, options());
    expect(terminal.alerting).toBeUndefined();
    await terminal.close();
    await new Promise((closed) => taken.close(closed));
    const app = await createApp({ ...config, alerts }, hearing);
    const body = JSON.stringify({});
    const post = (headers: Record<string, string>) =>
      fetch(`http://127.0.0.1:${port}/alertmanager`, { method: 'POST', headers, body });
    expect((await post({})).status).toBe(401);
    expect((await post({ authorization: 'Bearer canary-token-of-the-alerts' })).status).toBe(400);
    expect(app.notices()).toEqual([expect.stringContaining('cannot be read')]);
    expect(app.alerting?.incidents.open()).toEqual([]);
    await app.close();
    vi.unstubAllEnvs();
  });

  test('does not start without the keys that it needs to log in', async () => {
    await rm(join(directory, 'key'));
    await expect(createApp(config, options())).rejects.toMatchObject({
      code: 'SECRETS_UNUSABLE',
      message: expect.stringContaining('ENOENT'),
    });
  });
});
