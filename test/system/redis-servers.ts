import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { REDIS_INFO_SCRIPT } from '../../src/commands/redis.ts';
import type { Output } from '../../src/core/output.ts';

export interface RedisServer {
  readonly port: number;
  /** Its data are in `data` below it. */
  readonly directory: string;
  /** What redis-cli prints, without the line feed at its end. */
  cli(...words: string[]): Promise<string>;
  /** Runs a script of the bot as in the pod of this server, of which `sentinel` may be one. */
  script(text: string, ...words: string[]): Promise<Output>;
  stop(): Promise<void>;
}

export interface RedisOptions {
  readonly settings?: readonly string[];
  /** What its container has in its environment. */
  readonly env?: Readonly<Record<string, string>>;
  /** A folder of another server that has ended. */
  readonly directory?: string;
  /** False for one that does not answer yet when it is there. */
  readonly waits?: boolean;
  readonly sentinelPort?: number;
}

/** Real servers on free ports of 127.0.0.1, which all end with `dispose`. `redisServer` is the path of the program. */
export class RedisServers implements AsyncDisposable {
  readonly #program: string;
  readonly #servers: RedisServer[] = [];
  #root: string | undefined;

  constructor(redisServer: string) {
    this.#program = redisServer;
  }

  async start({ settings = [], env = {}, directory, waits = true, sentinelPort }: RedisOptions = {}): Promise<RedisServer> {
    const port = await freePort();
    const own = directory ?? join(await this.#rootDirectory(), `${port}`);
    await mkdir(join(own, 'data'), { recursive: true });
    const config = join(own, 'redis.conf');
    await writeFile(config, [`port ${port}`, 'bind 127.0.0.1', `dir ${join(own, 'data')}`, ...settings, ''].join('\n'));
    const isSentinel = settings.some((line) => line.startsWith('sentinel '));
    const child = spawn(this.#program, [config, ...(isSentinel ? ['--sentinel'] : [])], { stdio: 'ignore' });
    const shim = await this.#shim(own, { 6379: port, 26379: sentinelPort ?? 1 });
    const path = [shim, process.env['PATH'] ?? ''].join(delimiter);
    const server: RedisServer = {
      port,
      directory: own,
      cli: async (...words) => {
        const { stdout, stderr } = await runProgram(['redis-cli', '-p', '6379', ...words], { PATH: path, ...env });
        return (stdout || stderr).trimEnd();
      },
      script: (text, ...words) => runProgram(['sh', '-c', text, ...words], { PATH: path, ...env }),
      stop: async () => {
        if (child.exitCode !== null || child.signalCode !== null) return;
        child.kill('SIGKILL');
        await once(child, 'exit');
      },
    };
    this.#servers.push(server);
    if (waits) await until(async () => (await server.script(REDIS_INFO_SCRIPT)).exitCode === 0);
    return server;
  }

  /** In a container the ports are the usual ones: a redis-cli that knows where the servers of the test are. */
  async #shim(own: string, ports: Readonly<Record<number, number>>): Promise<string> {
    const folder = join(own, 'bin');
    await mkdir(folder, { recursive: true });
    const cases = Object.entries(ports).map(([usual, port]) => `${usual}) p=${port} ;;`);
    const text = `#!/bin/sh\ncase $2 in ${cases.join(' ')} esac\nshift 2\nPATH=/usr/bin:/bin:/usr/local/bin exec redis-cli -p "$p" "$@"\n`;
    await writeFile(join(folder, 'redis-cli'), text);
    await chmod(join(folder, 'redis-cli'), 0o755);
    return folder;
  }

  async #rootDirectory(): Promise<string> {
    this.#root ??= await mkdtemp(join(tmpdir(), 'storagebot-redis-'));
    return this.#root;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const server of this.#servers) await server.stop();
    if (this.#root !== undefined) await rm(this.#root, { recursive: true, force: true });
  }
}

/** Asks again until it is so; 15 seconds are enough for anything here. */
export async function until(isSo: () => Promise<boolean>): Promise<void> {
  for (let round = 0; round < 300; round += 1) {
    if (await isSo()) return;
    await delay(50);
  }
  throw new Error('It did not become so in 15 seconds');
}

async function runProgram([program, ...args]: readonly [string, ...string[]], env: NodeJS.ProcessEnv): Promise<Output> {
  const child = spawn(program, args, { env, stdio: ['ignore', 'pipe', 'pipe'] });
  const [stdout, stderr] = [textOf(child.stdout), textOf(child.stderr)];
  const [exitCode] = await once(child, 'close');
  return { exitCode: Number(exitCode), stdout: await stdout, stderr: await stderr };
}

async function textOf(stream: AsyncIterable<Buffer>): Promise<string> {
  const parts: Buffer[] = [];
  for await (const part of stream) parts.push(part);
  return Buffer.concat(parts).toString('utf8');
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  if (address === null || typeof address === 'string') throw new Error('A TCP server has a port');
  return address.port;
}
