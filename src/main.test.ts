import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { changed } from '../test/example-config.ts';
import { type LabSlack, startLabSlack } from '../test/lab/slack/index.ts';

const MAIN = new URL('main.ts', import.meta.url).pathname;
const CLI = new URL('cli.ts', import.meta.url).pathname;

let directory: string;
let slack: LabSlack;
let port: number;
let config: string;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'storagebot-main-'));
  slack = await startLabSlack({
    users: [{ id: 'U0OPERATOR1', name: 'operator', label: 'Operator' }],
    channels: [{ id: 'C0STORAGE01', name: 'storage' }],
  });
  port = await freePort();
  config = join(directory, 'storagebot.yaml');
  await writeFile(join(directory, 'key'), 'canary-private-key');
  await writeFile(
    config,
    changed((file) => {
      const key = `file:${join(directory, 'key')}`;
      file.slack = { appToken: 'env:TEST_APP_TOKEN', botToken: 'env:TEST_BOT_TOKEN', apiUrl: slack.apiUrl };
      file.state.directory = join(directory, 'state');
      file.ssh = { read: { user: 'reader', key }, change: { user: 'changer', key } };
      // Nothing listens there.
      const hostKeys = file.hosts['truenas']!.hostKeys;
      file.hosts = { truenas: { address: '127.0.0.1', port, hostKeys }, pve: { address: '127.0.0.1', port, hostKeys } };
      Reflect.deleteProperty(file.nodes, 'jump');
      file.http = { port };
      Reflect.deleteProperty(file, 'vault');
    }),
  );
});

afterEach(async () => {
  await slack.stop();
  await rm(directory, { recursive: true });
});

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port: free } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return free;
}

function env(): NodeJS.ProcessEnv {
  return { ...process.env, TEST_APP_TOKEN: slack.appToken, TEST_BOT_TOKEN: slack.botToken };
}

describe('the process', () => {
  test('serves until SIGTERM, then drains and ends with 0; its log is lines of JSON without a token', async () => {
    const child = spawn(process.execPath, [MAIN, '--config', config], { env: env(), stdio: ['ignore', 'pipe', 'pipe'] });
    const [out, log] = [text(child.stdout), text(child.stderr)];
    const ended = once(child, 'exit');
    await vi.waitFor(async () => expect((await fetch(`http://127.0.0.1:${port}/readyz`)).status).toBe(200), {
      timeout: 15_000,
      interval: 100,
    });
    child.kill('SIGTERM');
    expect(await ended).toEqual([0, null]);
    expect(await out).toBe('');
    const records = (await log)
      .trim()
      .split('\n')
      .map((line): { msg: string } => JSON.parse(line));
    expect(records.map(({ msg }) => msg)).toEqual(expect.arrayContaining(['storagebot is ready', 'stopped']));
    expect(await log).not.toContain(slack.botToken);
  });

  test('that cannot start says why in a sentence, without a stack, and ends with 1', async () => {
    await writeFile(config, 'stat: {}\n');
    const child = spawn(process.execPath, [MAIN, '--config', config], { env: env(), stdio: ['ignore', 'pipe', 'pipe'] });
    const [log, [code]] = await Promise.all([text(child.stderr), once(child, 'exit')]);
    expect(code).toBe(1);
    expect(log).toContain(`storagebot cannot start. ${config} cannot be used:`);
    expect(log).not.toMatch(/\n\s+at /);
  });
});

test('the command works where nothing of Slack does: it says what it could not look at, and ends with 3', async () => {
  await slack.stop();
  const child = execFile(process.execPath, [CLI, '--config', config, 'restart', 'nfs']);
  if (child.stdout === null) throw new Error('no output');
  const [out, [code]] = await Promise.all([text(child.stdout), once(child, 'exit')]);
  expect(out).toContain('Nothing was changed.');
  expect(code).toBe(3);
});
