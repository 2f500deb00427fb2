import { spawn } from 'node:child_process';
import { appendFile, chown, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import type { Output } from '../../src/core/output.ts';

/** The programs of PostgreSQL refuse root, as which tests may run. */
const AS = process.getuid?.() === 0 ? { uid: 65_534, gid: 65_534 } : {};
const PORT = '5432';

export interface RunOptions {
  readonly input?: string;
  readonly env?: Readonly<Record<string, string>>;
}

/** A real server with nothing in it, on a socket in a directory of its own. Its superuser `postgres` needs no password. */
export interface PostgresServer {
  /** Holds the socket and belongs to the user that everything runs as. */
  readonly directory: string;
  readonly dataDirectory: string;
  /** How any client finds it, with its programs on the PATH. */
  readonly env: Readonly<Record<string, string>>;
  /** Runs a program as a client of the server. */
  run(argv: readonly [string, ...string[]], options?: RunOptions): Promise<Output>;
  /** Runs SQL, statement by statement, and returns what psql prints; rejects at the first error. */
  psql(sql: string, database?: string): Promise<string>;
  stop(): Promise<void>;
}

export interface StartOptions {
  /** Lines of postgresql.conf. */
  readonly settings?: readonly string[];
  /** The server that it is to follow as a replica. */
  readonly follows?: PostgresServer;
}

/** `postgres` is the path of the server's program, as `peer` finds it. */
export async function startPostgres(postgres: string, { settings = [], follows }: StartOptions = {}): Promise<PostgresServer> {
  const directory = await mkdtemp(join(tmpdir(), 'storagebot-pg-'));
  if (AS.uid !== undefined) await chown(directory, AS.uid, AS.gid);
  const dataDirectory = join(directory, 'data');
  const env = {
    PATH: [dirname(postgres), process.env['PATH'] ?? ''].join(delimiter),
    HOME: directory,
    PGHOST: directory,
    PGPORT: PORT,
    PGUSER: 'postgres',
    PGDATA: dataDirectory,
    LC_ALL: 'C.UTF-8',
  };
  const run = (argv: readonly [string, ...string[]], options: RunOptions = {}) =>
    runProgram(argv, { input: options.input ?? '', env: { ...env, ...options.env }, directory });
  const copy = `host=${follows?.directory} application_name=replica`;
  succeeded(
    follows === undefined
      ? await run(['initdb', '--no-sync', '--auth=trust', '--username=postgres', '--encoding=UTF8'])
      : await run([
          'pg_basebackup',
          '--no-sync',
          '--checkpoint=fast',
          '--write-recovery-conf',
          '--dbname',
          copy,
          '--pgdata',
          dataDirectory,
        ]),
  );
  const own = ["listen_addresses = ''", `unix_socket_directories = '${directory}'`, 'fsync = off', 'max_wal_size = 64MB'];
  await appendFile(join(dataDirectory, 'postgresql.conf'), `${[...own, ...settings].join('\n')}\n`);
  const stopServer = await launch(postgres, { env, directory, dataDirectory });
  const isReady = async () => (await run(['psql', '--no-psqlrc', '--command=SELECT 1', 'postgres'])).exitCode === 0;
  const deadline = Date.now() + 30_000;
  while (!(await isReady())) {
    if (Date.now() > deadline) throw new Error('PostgreSQL did not start within 30 s');
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  return {
    directory,
    dataDirectory,
    env,
    run,
    psql: async (sql, database = 'postgres') =>
      succeeded(
        await run(['psql', '--no-psqlrc', '--quiet', '--tuples-only', '--no-align', '--set=ON_ERROR_STOP=1'], {
          input: sql,
          env: { PGDATABASE: database },
        }),
      ).stdout,
    stop: async () => {
      await stopServer();
      await rm(directory, { recursive: true, force: true });
    },
  };
}

function succeeded(output: Output): Output {
  if (output.exitCode === 0) return output;
  throw new Error(`exit code ${output.exitCode}: ${output.stderr}`);
}

interface Around {
  readonly env: Readonly<Record<string, string>>;
  readonly directory: string;
}

/** SIGINT is what makes PostgreSQL end its sessions and stop. */
async function launch(program: string, { env, directory, dataDirectory }: Around & { readonly dataDirectory: string }) {
  const server = spawn(program, ['-D', dataDirectory], { ...AS, env, cwd: directory, stdio: 'ignore' });
  const ended = new Promise<void>((resolve, reject) => {
    server.once('exit', () => resolve());
    server.once('error', reject);
  });
  return () => {
    if (server.exitCode === null) server.kill('SIGINT');
    return ended;
  };
}

function runProgram(
  [program, ...args]: readonly [string, ...string[]],
  { input, env, directory }: Around & { readonly input: string },
): Promise<Output> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { ...AS, env, cwd: directory });
    const printed = { stdout: '', stderr: '' };
    child.stdout.setEncoding('utf8').on('data', (text: string) => (printed.stdout += text));
    child.stderr.setEncoding('utf8').on('data', (text: string) => (printed.stderr += text));
    child.stdin.on('error', () => {}); // a program that does not read its input may be gone before it is written
    child.once('error', reject);
    child.once('close', (code, signal) => resolve({ exitCode: code ?? (signal === null ? 1 : 128), ...printed }));
    child.stdin.end(input);
  });
}
