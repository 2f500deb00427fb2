import { spawn } from 'node:child_process';
import { chown, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import type { Output } from '../../src/core/output.ts';

/** The server refuses root, as which tests may run. */
const AS = process.getuid?.() === 0 ? { uid: 65_534, gid: 65_534 } : {};

export interface RunOptions {
  readonly input?: string;
  readonly env?: Readonly<Record<string, string>>;
}

/** A real server with nothing in it but what an installation has, on a socket in a directory of its own. Its `root` needs no password. */
export interface MariadbServer {
  /** Holds the socket and belongs to the user that everything runs as. */
  readonly directory: string;
  /** How any client finds it: MYSQL_UNIX_PORT, as the operator's container has it. */
  readonly env: Readonly<Record<string, string>>;
  run(argv: readonly [string, ...string[]], options?: RunOptions): Promise<Output>;
  /** Runs SQL as root and returns what the client prints; rejects at the first error. */
  sql(text: string, database?: string): Promise<string>;
  stop(): Promise<void>;
}

/** `mariadbd` is the path of the server's program, as `peer` finds it. */
export async function startMariadb(mariadbd: string, options: readonly string[] = []): Promise<MariadbServer> {
  const directory = await mkdtemp(join(tmpdir(), 'storagebot-my-'));
  if (AS.uid !== undefined) await chown(directory, AS.uid, AS.gid);
  const data = join(directory, 'data');
  const env = {
    PATH: [dirname(mariadbd), process.env['PATH'] ?? ''].join(delimiter),
    HOME: directory,
    // A server that starts removes what it takes for left over there, also what another one has just made.
    TMPDIR: directory,
    MYSQL_UNIX_PORT: join(directory, 'mysql.sock'),
    LC_ALL: 'C.UTF-8',
  };
  const run = (argv: readonly [string, ...string[]], { input = '', env: more = {} }: RunOptions = {}) =>
    runProgram(argv, { input, env: { ...env, ...more }, directory });
  const install = [
    'mariadb-install-db',
    '--no-defaults',
    `--datadir=${data}`,
    '--auth-root-authentication-method=normal',
  ] as const;
  succeeded(await run([...install, '--skip-test-db']));
  const own = [`--datadir=${data}`, `--socket=${env.MYSQL_UNIX_PORT}`, '--skip-networking', '--innodb-buffer-pool-size=32M'];
  const stopServer = launch(mariadbd, ['--no-defaults', ...own, '--innodb-flush-log-at-trx-commit=0', ...options], {
    env,
    directory,
  });
  const client = [
    'mysql',
    '--no-defaults',
    '--user=root',
    '--batch',
    '--skip-column-names',
    '--default-character-set=utf8mb4',
  ] as const;
  const deadline = Date.now() + 40_000;
  while ((await run([...client, '--execute=SELECT 1'])).exitCode !== 0) {
    if (Date.now() > deadline) throw new Error('MariaDB did not start within 40 s');
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  return {
    directory,
    env,
    run,
    sql: async (text, database) =>
      succeeded(await run([...client, ...(database === undefined ? [] : [database])], { input: text })).stdout,
    stop: async () => {
      await stopServer();
      await rm(directory, { recursive: true, force: true });
    },
  };
}

export function succeeded(output: Output): Output {
  if (output.exitCode === 0) return output;
  throw new Error(`exit code ${output.exitCode}: ${output.stderr}`);
}

interface Around {
  readonly env: Readonly<Record<string, string>>;
  readonly directory: string;
}

function launch(program: string, argv: readonly string[], { env, directory }: Around): () => Promise<void> {
  const server = spawn(program, argv, { ...AS, env, cwd: directory, stdio: 'ignore' });
  const ended = new Promise<void>((resolve, reject) => {
    server.once('exit', () => resolve());
    server.once('error', reject);
  });
  ended.catch(() => {});
  return async () => {
    server.kill('SIGTERM');
    await ended;
  };
}

function runProgram(
  [program, ...args]: readonly [string, ...string[]],
  around: Around & { readonly input: string },
): Promise<Output> {
  const { env, directory, input } = around;
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { ...AS, env, cwd: directory, stdio: ['pipe', 'pipe', 'pipe'] });
    const [stdout, stderr]: [Buffer[], Buffer[]] = [[], []];
    child.stdout.on('data', (piece: Buffer) => stdout.push(piece));
    child.stderr.on('data', (piece: Buffer) => stderr.push(piece));
    child.once('error', reject);
    child.once('close', (code) =>
      resolve({ exitCode: code ?? 255, stdout: Buffer.concat(stdout).toString(), stderr: Buffer.concat(stderr).toString() }),
    );
    // A program may end before it has read all of it.
    child.stdin.on('error', () => {});
    child.stdin.end(input);
  });
}
