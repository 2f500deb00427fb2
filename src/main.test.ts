import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
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
      Reflect.deleteProperty(file, 'prometheus');
      Reflect.deleteProperty(file, 'alerts');
      Reflect.deleteProperty(file.site, 'terraform');
      Reflect.deleteProperty(file.site.databases?.postgres ?? {}, 'stack');
      Reflect.deleteProperty(file.site.hypervisor ?? {}, 'api');
      Reflect.deleteProperty(file, 'audit');
      Reflect.deleteProperty(file, 'approval');
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

  test('ends with 1 after an error that nothing handles, and its log holds no token of that error either', async () => {
    const saboteur = 'process.on("SIGUSR2", () => Promise.reject(new Error("used " + process.env.TEST_BOT_TOKEN)))';
    const child = spawn(process.execPath, ['--import', `data:text/javascript,${saboteur}`, MAIN, '--config', config], {
      env: env(),
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    const [log, ended] = [text(child.stderr), once(child, 'exit')];
    await vi.waitFor(async () => expect((await fetch(`http://127.0.0.1:${port}/readyz`)).status).toBe(200), {
      timeout: 15_000,
      interval: 100,
    });
    child.kill('SIGUSR2');
    expect(await ended).toEqual([1, null]);
    expect(await log).toContain('used [secret]');
    expect(await log).not.toContain(slack.botToken);
  });

  test('whose state is damaged goes on to say so, and ends with 0 at SIGTERM', async () => {
    await mkdir(join(directory, 'state'));
    await writeFile(join(directory, 'state/storagebot.db'), 'x'.repeat(10_000));
    const child = spawn(process.execPath, [MAIN, '--config', config], { env: env(), stdio: ['ignore', 'pipe', 'pipe'] });
    const [log, ended] = [text(child.stderr), once(child, 'exit')];
    const readyz = async () => (await fetch(`http://127.0.0.1:${port}/readyz`)).text();
    await vi.waitFor(async () => expect(await readyz()).toMatch(/^The state of the bot is damaged/), {
      timeout: 15_000,
      interval: 100,
    });
    child.kill('SIGTERM');
    expect(await ended).toEqual([0, null]);
    expect(await log).toContain('storagebot answers in Slack that it can do nothing');
    expect(await log).not.toContain('storagebot is ready');
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

test('the command works for a user without a name, as in a container, and leaves nothing behind when it cannot start', async () => {
  const nameless =
    'import os from "node:os"; import { syncBuiltinESMExports } from "node:module";' +
    'os.userInfo = () => { throw new Error("ENOENT") }; syncBuiltinESMExports();';
  const temporary = join(directory, 'tmp');
  await mkdir(temporary);
  const look = async () => {
    const argv = ['--import', `data:text/javascript,${nameless}`, CLI, '--config', config, 'restart', 'nfs'];
    const child = spawn(process.execPath, argv, { env: { ...env(), TMPDIR: temporary }, stdio: ['ignore', 'pipe', 'pipe'] });
    const [out, notes, [code]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'exit')]);
    return { out, notes, code: Number(code) };
  };
  expect(await look()).toMatchObject({ code: 3, out: expect.stringContaining('Nothing was changed.') });
  await rm(join(directory, 'key'));
  expect(await look()).toMatchObject({ code: 4, notes: expect.stringContaining('cannot be used') });
  expect(await readdir(temporary)).toEqual([]);
});

test('the command ends with 4 after an error that nothing handles, and prints nothing that the error carries', async () => {
  const saboteur =
    'process.on("newListener", (name) => name === "uncaughtException" &&' +
    'setTimeout(() => { throw Object.assign(new Error("boom"), { token: "canary" }) }))';
  const argv = ['--import', `data:text/javascript,${saboteur}`, CLI, '--config', config, 'restart', 'nfs'];
  const child = spawn(process.execPath, argv, { env: env(), stdio: ['ignore', 'ignore', 'pipe'] });
  const [notes, [code]] = await Promise.all([text(child.stderr), once(child, 'exit')]);
  expect(code).toBe(4);
  expect(notes).toContain('A fault of storagebot itself: boom');
  expect(notes).not.toContain('canary');
});
