import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { createServer as createSocketServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text as textOf } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import { parse, stringify } from 'yaml';
import { z } from 'zod';
import { readAlertmanager } from '../../src/alerts/alertmanager-webhook.ts';
import type { Delivered } from '../../src/alerts/delivered.ts';
import { close, listen } from '../lab/port.ts';
import { root } from '../tree.ts';

/** A real Prometheus that measures what the test says, and a real Alertmanager that tells what fires. */
export interface AlertingServers {
  readonly alertmanagerUrl: string;
  /** What is measured from now on, in the text form of Prometheus. */
  readonly measure: (...series: readonly string[]) => void;
  /** What the test was told so far, oldest first: nothing where somebody else is told. */
  readonly told: readonly Delivered[];
  readonly stop: () => Promise<void>;
}

export interface AlertingPrograms {
  readonly prometheus: string;
  readonly alertmanager: string;
}

/** Whom Alertmanager tells, and how it shows who it is: `http_config` of its configuration. */
export interface Receiver {
  readonly url: string;
  readonly http?: unknown;
}

/** What `deploy/alertmanager/alertmanager.yaml` has as `http_config`, with its files in this directory, for a server of this name. */
export function deployedHttpConfig({ directory, serverName }: { directory: string; serverName: string }): unknown {
  const { receivers } = Receivers.parse(deployed('alertmanager/alertmanager.yaml'));
  const http = receivers[0].webhook_configs[0].http_config;
  const text = JSON.stringify({ ...http, tls_config: { ...http.tls_config, server_name: serverName } });
  return JSON.parse(text.replaceAll('/etc/alertmanager/secrets', directory));
}

const Receivers = z.object({
  receivers: z.tuple([
    z.object({ webhook_configs: z.tuple([z.object({ http_config: z.looseObject({ tls_config: z.looseObject({}) }) })]) }),
  ]),
});

/** The rules and routes of `deploy/`, hurried: nothing waits longer than some seconds. Unless somebody else is told, the test is. */
export async function startAlerting(programs: AlertingPrograms, tells?: Receiver): Promise<AlertingServers> {
  const directory = mkdtempSync(join(tmpdir(), 'storagebot-alerting-'));
  let measured = '';
  const told: Delivered[] = [];
  const exporter = createServer((_request, response) => void response.end(measured));
  const receiver = createServer((request, response) => {
    void textOf(request).then((body) => {
      told.push(readAlertmanager(JSON.parse(body)));
      response.end();
    });
  });
  const [metricsPort, webhookPort] = [await listen(exporter, 0), await listen(receiver, 0)];
  const [alertmanagerPort, prometheusPort] = [await freePort(), await freePort()];
  const file = (name: string, content: unknown) => {
    writeFileSync(join(directory, name), stringify(content));
    return join(directory, name);
  };
  const routes = file('alertmanager.yml', hurriedRoutes(tells ?? { url: `http://127.0.0.1:${webhookPort}/alertmanager` }));
  const rules = file('rules.yml', hurriedRules());
  const config = file('prometheus.yml', prometheusConfig({ metricsPort, alertmanagerPort, rules }));
  const alertmanagerUrl = `http://127.0.0.1:${alertmanagerPort}`;
  const processes = [
    start(programs.alertmanager, [
      `--config.file=${routes}`,
      `--storage.path=${join(directory, 'alerts')}`,
      `--web.listen-address=127.0.0.1:${alertmanagerPort}`,
      '--cluster.listen-address=',
    ]),
    start(programs.prometheus, [
      `--config.file=${config}`,
      `--storage.tsdb.path=${join(directory, 'figures')}`,
      `--web.listen-address=127.0.0.1:${prometheusPort}`,
      '--rules.alert.resend-delay=1s',
    ]),
  ];
  const stop = async () => {
    await Promise.all(processes.map(end));
    await Promise.all([exporter, receiver].map((server: Server) => close(server)));
    rmSync(directory, { recursive: true, force: true });
  };
  try {
    await Promise.all([answers(`${alertmanagerUrl}/-/ready`), answers(`http://127.0.0.1:${prometheusPort}/-/ready`)]);
  } catch (error) {
    await stop();
    throw error;
  }
  return { alertmanagerUrl, measure: (...series) => void (measured = `${series.join('\n')}\n`), told, stop };
}

function deployed(path: string): unknown {
  return parse(readFileSync(join(root, 'deploy', path), 'utf8'));
}

/** Each object of a document, changed by its keys. */
function changed(value: unknown, by: Readonly<Record<string, (value: unknown) => unknown>>): unknown {
  if (Array.isArray(value)) return value.map((each) => changed(each, by));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, by[key]?.(inner) ?? changed(inner, by)]));
}

function hurriedRoutes({ url, http = {} }: Receiver): unknown {
  const times = { group_wait: () => '500ms', group_interval: () => '1s', repeat_interval: () => '2s' };
  return changed(deployed('alertmanager/alertmanager.yaml'), { ...times, url: () => url, http_config: () => http });
}

function hurriedRules(): unknown {
  return changed(deployed('prometheus/rules.yaml'), { for: () => '0s' });
}

function prometheusConfig(at: { metricsPort: number; alertmanagerPort: number; rules: string }): unknown {
  const target = (port: number) => [{ targets: [`127.0.0.1:${port}`] }];
  return {
    global: { scrape_interval: '1s', evaluation_interval: '1s' },
    rule_files: [at.rules],
    alerting: { alertmanagers: [{ static_configs: target(at.alertmanagerPort) }] },
    scrape_configs: [{ job_name: 'site', honor_labels: true, static_configs: target(at.metricsPort) }],
  };
}

function start(program: string, flags: readonly string[]): ChildProcess {
  return spawn(program, [...flags, '--log.level=error'], { stdio: 'ignore' });
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, 'exit');
  child.kill();
  await ended;
}

async function answers(url: string): Promise<void> {
  const deadline = Date.now() + 30_000;
  for (;;) {
    const { ok } = await fetch(url).catch(() => ({ ok: false }));
    if (ok) return;
    if (Date.now() > deadline) throw new Error(`${url} does not answer`);
    await sleep(100);
  }
}

async function freePort(): Promise<number> {
  const one = createSocketServer();
  one.listen(0, '127.0.0.1');
  await once(one, 'listening');
  const address = one.address();
  await new Promise((closed) => one.close(closed));
  if (typeof address !== 'object' || address === null) throw new Error('no port');
  return address.port;
}
