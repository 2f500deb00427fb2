import { execFileSync } from 'node:child_process';
import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { type ClientRequest, request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { LARGEST_BYTES } from '../../handlers/webhooks/body.ts';
import type { ConfigAsWritten } from '../../src/config/schema.ts';
import { SILENCE } from '../../src/slack/incident-buttons.ts';
import { WHAT } from '../../src/slack/incident-modal.ts';
import type { Scenario } from '../lab/scenarios/scenario.ts';
import { addApps, nasComesBack, nasGoesDown, podsOfApps } from '../lab/site/outage.ts';
import type { World } from '../lab/site/world.ts';
import { peer } from '../peers.ts';
import { root } from '../tree.ts';
import { type AlertingServers, deployedHttpConfig, type Receiver, startAlerting } from './alerting-servers.ts';
import { type IncidentStand, openIncidentStand, TOKEN } from './incident-stand.ts';
import { freePort, OPERATOR, until } from './product.ts';

const prometheus = peer('prometheus');
const alertmanager = peer('alertmanager');
const amtool = peer('amtool');

const WELL: Scenario = { name: 'many-pods', says: 'Nothing is the matter, and 42 more pods stand on the NAS.', prepare: addApps };
/** Without it an alert fires that says just that. */
const CHECKED = `push_time_seconds{job="vaultwarden-integrity-check"} ${Math.floor(Date.now() / 1_000)}`;
const WATCHDOG = { alert: 'Watchdog', every: '1m' };

type Alerts = NonNullable<ConfigAsWritten['alerts']>;

interface RealStand extends AsyncDisposable {
  readonly stand: IncidentStand;
  readonly servers: AlertingServers;
}

/** The rules and routes of `deploy/`, carried out by the real programs, and the bot that they tell. */
async function openRealStand(port: number, tells: Receiver, alerts: Partial<Alerts>): Promise<RealStand> {
  if (!prometheus.found || !alertmanager.found) throw new Error('skipped without them');
  const servers = await startAlerting({ prometheus: prometheus.path, alertmanager: alertmanager.path }, tells);
  servers.measure(CHECKED);
  const asked = { listen: { port }, alertmanager: { url: servers.alertmanagerUrl }, watchdog: WATCHDOG };
  const stand = await openIncidentStand(WELL, { ...asked, ...alerts });
  return {
    stand,
    servers,
    async [Symbol.asyncDispose]() {
      await stand[Symbol.asyncDispose]();
      await servers.stop();
    },
  };
}

/** The clients of the NAS on all nodes, of which none gets an answer. */
function standstill({ nodes }: World): readonly string[] {
  return [...nodes.values()].map(({ address }) => `node_nfs_requests_total{instance="${address}:9100",method="Read"} 500`);
}

/** One pod of each of these workloads. */
function stuck(world: World, from: number, to: number): readonly string[] {
  const pods = podsOfApps(world).filter((_pod, index) => index % 3 === 0);
  return pods.slice(from, to).map(({ metadata: { namespace, name } }) => {
    const labels = `namespace="${namespace}",pod="${name}",container="app",reason="ContainerCreating"`;
    return `kube_pod_container_status_waiting_reason{${labels}} 1`;
  });
}

const mismatch = (name: string): readonly string[] => [
  `kube_deployment_status_replicas_available{namespace="${name}",deployment="${name}"} 1`,
  `kube_deployment_spec_replicas{namespace="${name}",deployment="${name}"} 3`,
];

/** What Alertmanager counts of its notifications by webhook. */
async function counted({ alertmanagerUrl }: AlertingServers, what: 'sent' | 'failed'): Promise<number> {
  const metric = what === 'sent' ? 'alertmanager_notification_requests_total' : 'alertmanager_notification_requests_failed_total';
  const text = await (await fetch(`${alertmanagerUrl}/metrics`)).text();
  const found = new RegExp(`^${metric}\\{integration="webhook"\\} (\\S+)$`, 'm').exec(text)?.[1];
  if (found === undefined) throw new Error(`Alertmanager has no ${metric}`);
  return Number(found);
}

/** As many notifications as the bot receives at a time, none of which ends: to everybody else it says 503. */
function crowd(port: number): () => void {
  const half = (): ClientRequest => {
    const headers = { authorization: `Bearer ${TOKEN}` };
    const one = request({ host: '127.0.0.1', port, method: 'POST', path: '/alertmanager', headers, agent: false });
    one.on('error', () => undefined).write('x'.repeat(LARGEST_BYTES - 1));
    return one;
  };
  const all = Array.from({ length: 12 }, half);
  return () => all.forEach((one) => one.destroy());
}

function ask({ alertmanagerUrl }: AlertingServers, ...words: readonly string[]): string {
  if (!amtool.found) throw new Error(amtool.reason);
  return execFileSync(amtool.path, [`--alertmanager.url=${alertmanagerUrl}`, ...words], { encoding: 'utf8' });
}

/** How a token and certificates are made, as the instructions say. */
function documentedCommands(): readonly string[] {
  const [, section = ''] = readFileSync(join(root, 'docs/operations.md'), 'utf8').split('### 9. Alerts');
  const [, block = ''] = section.split('```console\n');
  return (block.split('```')[0] ?? '')
    .replaceAll('\\\n', '')
    .split('\n')
    .filter(Boolean)
    .map((line) => line.replace(/^\$ /, ''));
}

const all = [prometheus, alertmanager, amtool].every(({ found }) => found);

describe.skipIf(!all)(
  'a real Prometheus with the rules of deploy/, a real Alertmanager with its routes, and the bot',
  { timeout: 120_000 },
  () => {
    const directory = mkdtempSync(join(tmpdir(), 'storagebot-real-alerting-'));
    afterAll(() => rmSync(directory, { recursive: true }));

    it('answer a NAS that dies with one incident, through repeats, refusals and a silence, until it is back', async () => {
      const port = await freePort();
      const url = `http://127.0.0.1:${port}/alertmanager`;
      const http = { authorization: { type: 'Bearer', credentials: TOKEN } };
      await using real = await openRealStand(port, { url, http }, {});
      const { servers, stand } = real;
      const { product, threads, said, messages } = stand;
      const { slack, site } = product;
      const bot = await product.boot();
      nasGoesDown(site.world);
      const ill = [CHECKED, ...standstill(site.world)];
      servers.measure(...ill, ...stuck(site.world, 0, 3));
      await until('the cause is proved', () => threads()[0]?.includes('The cause is proved: NAS') === true);
      await until('its thread has the group of three and the one', () => threads()[0]?.includes('4 of 4 alerts fire') === true);
      expect(threads()[0]).toContain('PodsStuckContainerCreating');

      // What another one says already, Alertmanager holds back.
      servers.measure(...ill, ...stuck(site.world, 0, 3), ...mismatch('app-01'));
      const held = () => ask(servers, 'alert', 'query', '--inhibited', '--output=extended', 'DeploymentReplicasMismatch');
      await expect.poll(held, { timeout: 20_000 }).toContain('app-01');
      await until('the thread has it apart', () => threads()[0]?.includes('5 of 5 alerts fire, 1 of them held back') === true);
      expect(threads()[0]).toContain('Held back in Alertmanager: 1, inhibited by NFSServerUnresponsive');

      const before = await counted(servers, 'sent');
      await expect.poll(() => counted(servers, 'sent'), { timeout: 20_000 }).toBeGreaterThan(before + 4);
      expect(threads()).toEqual([expect.stringContaining('5 of 5 alerts fire')]);
      expect(await counted(servers, 'failed')).toBe(0);

      const leave = crowd(port);
      servers.measure(...ill, ...stuck(site.world, 0, 4), ...mismatch('app-01'));
      await expect.poll(() => counted(servers, 'failed'), { timeout: 20_000 }).toBeGreaterThan(0);
      expect(bot.output()).toContain('too much is being received');
      expect(threads()).toEqual([expect.stringContaining('5 of 5 alerts fire')]);
      leave();
      await until('what was refused has come again', () => threads()[0]?.includes('6 of 6 alerts fire') === true);

      await slack.press(OPERATOR, messages()[0]?.ts ?? '', messages()[0]?.channel ?? '', SILENCE);
      await until('the window is open', () => slack.views(OPERATOR).length === 1);
      await slack.submit(OPERATOR, { [WHAT]: 'NFSServerUnresponsive', 'how-long': 'for 1h', reason: 'the NAS is being moved' });
      const silences = () => ask(servers, 'silence', 'query', '--output=extended');
      await expect
        .poll(silences, { timeout: 20_000 })
        .toMatch(/alertname="NFSServerUnresponsive".*operator.*the NAS is being moved/);
      const quiet = () => ask(servers, 'alert', 'query', '--silenced', '--output=extended');
      expect(quiet()).toContain('NFSServerUnresponsive');
      expect(quiet()).not.toContain('PodsStuckContainerCreating');
      ask(servers, 'silence', 'expire', ask(servers, 'silence', 'query', '--quiet').trim());

      nasComesBack(site.world);
      servers.measure(CHECKED, ...mismatch('app-01'));
      await until('only what was held back is left, and is told', () => /: 1 of 6 alerts fires\n/.test(threads()[0] ?? ''));
      servers.measure(CHECKED);
      await until('the thread is over', () => threads()[0]?.includes('over: all its alerts have ended') === true);
      expect(threads()).toHaveLength(1);
      expect(said()).not.toContain('StoragebotWatchdogSilent');
    });

    it('understand each other where the bot demands a certificate and a token, as the examples and the instructions say', async () => {
      const port = await freePort();
      for (const command of documentedCommands()) execFileSync('bash', ['-euc', command], { cwd: directory, stdio: 'ignore' });
      const file = (name: string) => join(directory, name);
      const copy = (from: string, to: string) => copyFileSync(file(from), file(to));
      copy('alerts.crt', 'storagebot-ca.pem');
      writeFileSync(file('storagebot-token'), 'another token\n');
      const tls = { certificate: file('alerts.crt'), key: `file:${file('alerts-key')}`, clients: file('storagebot-client.crt') };
      const url = `https://127.0.0.1:${port}/alertmanager`;
      const http = deployedHttpConfig({ directory, serverName: 'storagebot.storagebot.svc' });
      await using real = await openRealStand(
        port,
        { url, http },
        { listen: { port, tls }, token: `file:${file('alerts-token')}` },
      );
      const { servers, stand } = real;
      const bot = await stand.product.boot();
      nasGoesDown(stand.product.site.world);
      servers.measure(CHECKED, ...standstill(stand.product.site.world));
      await until('people are told why it is refused', () => stand.threads()[0]?.includes('401') === true);
      expect(bot.output()).toContain('alerts were not taken');
      copy('alerts-token', 'storagebot-token');
      await until('there is an incident', () => stand.threads()[1]?.includes('NFSServerUnresponsive') === true);
    });
  },
);
