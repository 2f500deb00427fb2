import { execFile, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { type Logins, readLogins } from '../../src/app/logins.ts';
import { openSecrets } from '../../src/app/secrets.ts';
import type { Config } from '../../src/config/schema.ts';
import type { SshEndpoint } from '../../src/connectors/ssh/types.ts';
import { type Command, commandLine } from '../../src/core/command.ts';
import { wordsOf } from '../../test/lab/site/words.ts';

const execute = promisify(execFile);

/** A person with two terminals: real `ssh` and `kubectl`, one command after the other, with connections kept open. */
export interface OneByOne {
  /** Returns the exit code. */
  readonly run: (command: Command) => Promise<number>;
  readonly close: () => Promise<void>;
}

/** What of `ssh` and `kubectl` is not installed here. */
export async function missingPrograms(): Promise<string[]> {
  const programs = { ssh: ['-V'], 'ssh-keyscan': ['-V'], kubectl: ['version', '--client'] };
  const found = await Promise.all(
    Object.entries(programs).map(async ([name, args]) => ((await exists(name, args)) ? [] : [name])),
  );
  return found.flat();
}

/** `siteDirectory` holds the key and the kubeconfig with which storagebot reads. */
export async function openOneByOne(config: Config, siteDirectory: string): Promise<OneByOne> {
  const directory = await mkdtemp(join(tmpdir(), 'bench-'));
  const logins = await readLogins(config, openSecrets(config));
  const ends = new Map<string, readonly string[]>();
  const ssh = async (host: string) => {
    const args =
      ends.get(host) ?? (await sshArguments(endpointOf(logins, host), { directory, key: join(siteDirectory, 'ssh-read') }));
    ends.set(host, args);
    return args;
  };
  const kubectl = ['--kubeconfig', join(siteDirectory, 'kubeconfig-read'), '--cache-dir', join(directory, 'kube')];
  return {
    async run(command) {
      if (command.via === 'kubernetes') return exitCodeOf('kubectl', [...kubectl, ...wordsOf(commandLine(command)).slice(1)]);
      if (command.via !== 'ssh') throw new Error(`Only SSH and Kubernetes are measured: ${commandLine(command)}`);
      if (command.input !== undefined) throw new Error(`A read with an input is not measured: ${commandLine(command)}`);
      return exitCodeOf('ssh', [...(await ssh(command.host)), commandLine(command)]);
    },
    async close() {
      for (const args of ends.values()) await exitCodeOf('ssh', ['-O', 'exit', ...args]);
      await rm(directory, { recursive: true, force: true });
    },
  };
}

function endpointOf({ hosts, nodes }: Logins, name: string): SshEndpoint {
  const place = nodes.addresses.get(name);
  const found =
    hosts.get(name) ??
    (place && { ...nodes, ...place, port: place.port ?? nodes.port, hostKeys: nodes.hostKeys.get(name) ?? [] });
  if (found === undefined) throw new Error(`The configuration has no host ${name}`);
  return found;
}

async function sshArguments(end: SshEndpoint, { directory, key }: { directory: string; key: string }): Promise<string[]> {
  const { address, port, read } = end;
  const knownHosts = join(directory, `known-hosts-${port}`);
  await writeFile(knownHosts, await pinnedKeys(end));
  const options = {
    BatchMode: 'yes',
    IdentitiesOnly: 'yes',
    StrictHostKeyChecking: 'yes',
    UserKnownHostsFile: knownHosts,
    ControlMaster: 'auto',
    ControlPersist: '120',
    ControlPath: join(directory, '%C'),
  };
  const words = Object.entries(options).flatMap(([name, value]) => ['-o', `${name}=${value}`]);
  const args = ['-n', '-F', '/dev/null', ...words, '-i', key, '-p', `${port}`, `${read.user}@${address}`];
  await openMaster(args);
  return args;
}

/** The connection that all commands share. Its process keeps what it is given as output open, so it is given none. */
async function openMaster(args: readonly string[]): Promise<void> {
  const [exitCode] = await once(spawn('ssh', ['-f', '-N', ...args], { stdio: 'ignore' }), 'exit');
  if (exitCode !== 0) throw new Error(`ssh does not connect: ${args.join(' ')}`);
}

/** The lines of ssh-keyscan whose key the configuration pins. */
async function pinnedKeys({ address, port, hostKeys }: SshEndpoint): Promise<string> {
  const { stdout } = await execute('ssh-keyscan', ['-p', `${port}`, '-t', 'ed25519', address]);
  const lines = stdout.split('\n').filter((line) => hostKeys.includes(fingerprintOf(line.split(' ')[2] ?? '')));
  if (lines.length === 0) throw new Error(`${address}:${port} shows none of its pinned host keys`);
  return `${lines.join('\n')}\n`;
}

function fingerprintOf(key: string): string {
  return `SHA256:${createHash('sha256').update(Buffer.from(key, 'base64')).digest('base64').replace(/=+$/, '')}`;
}

function exitCodeOf(program: string, args: readonly string[]): Promise<number> {
  return new Promise((resolve, reject) => {
    execFile(program, args, { maxBuffer: 64 * 2 ** 20 }, (error) => {
      if (error === null) resolve(0);
      else if (typeof error.code === 'number') resolve(error.code);
      else reject(error);
    });
  });
}

async function exists(program: string, args: readonly string[]): Promise<boolean> {
  return exitCodeOf(program, args).then(
    () => true,
    () => false,
  );
}
