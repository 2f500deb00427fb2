import { once } from 'node:events';
import { createServer } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import type { SiteCalls, SiteOptions } from './processes/site.ts';
import type { SlackCalls, Workspace } from './processes/slack.ts';
import { type Program, startProgram } from './program.ts';
import { type Remote, startRemote } from './remote.ts';

/** Slack and a site, each in a process of its own. */
export interface Surroundings {
  readonly slack: Remote<SlackCalls>;
  readonly site: Remote<SiteCalls>;
  readonly close: () => Promise<void>;
}

export function openSurroundings(): Surroundings {
  const slack = startRemote<SlackCalls>(new URL('./processes/slack.ts', import.meta.url));
  const site = startRemote<SiteCalls>(new URL('./processes/site.ts', import.meta.url));
  return { slack, site, close: async () => void (await Promise.all([slack.stop(), site.stop()])) };
}

/** An app in a workspace of its own. It can be started more than once, one after the other. */
export interface App {
  readonly workspace: Workspace;
  readonly start: () => Promise<Program>;
}

/** The bot itself, with a site around it. */
export async function storagebot(
  { slack, site }: Surroundings,
  latencyMs: number,
  more: MoreOptions = {},
): Promise<App & { readonly siteId: number }> {
  const { sections: own = {}, env = {}, rateLimits = false, ...scenario } = more;
  const workspace = await slack.call('open', rateLimits);
  const sections = {
    slack: { appToken: 'env:BENCH_APP_TOKEN', botToken: 'env:BENCH_BOT_TOKEN', apiUrl: workspace.apiUrl },
    http: { port: await freePort() },
    ...own,
  };
  const { configPath, id: siteId } = await site.call('open', { latencyMs, sections, ...scenario });
  const file = new URL('../src/main.ts', import.meta.url);
  const all = { ...tokensOf(workspace), ...env };
  const program = { file, args: ['--config', configPath], env: all, ready: 'storagebot is ready' };
  return { workspace, siteId, start: () => startProgram(program) };
}

export interface MoreOptions extends Pick<SiteOptions, 'scenario' | 'sections'> {
  readonly env?: Readonly<Record<string, string>>;
  /** Whether Slack refuses what comes too soon. */
  readonly rateLimits?: boolean;
}

/** A Bolt app of this folder. */
export async function peer({ slack }: Surroundings, name: 'bare-bolt' | 'same-imports'): Promise<App> {
  const workspace = await slack.call('open');
  const env = { ...tokensOf(workspace), BENCH_API_URL: workspace.apiUrl };
  const program = { file: new URL(`./peers/${name}.ts`, import.meta.url), env, ready: 'ready' };
  return { workspace, start: () => startProgram(program) };
}

/** Waits until the app has not called Slack for half a second. */
export async function quiet({ slack }: Surroundings, { workspace }: App): Promise<void> {
  for (let last = -1, now = 0; last !== now; ) {
    last = now;
    await sleep(500);
    now = await slack.call('callsOf', workspace.id);
  }
}

function tokensOf({ appToken, botToken }: Workspace): Record<string, string> {
  return { BENCH_APP_TOKEN: appToken, BENCH_BOT_TOKEN: botToken };
}

export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  if (address === null || typeof address === 'string') throw new Error('The system gave no port');
  return address.port;
}
