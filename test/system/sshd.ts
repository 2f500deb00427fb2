import type { ChildProcess } from 'node:child_process';
import { execFileSync, spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { createServer } from 'node:net';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import type { SshEndpoint } from '../../src/connectors/ssh/index.ts';

const keyTypes = ['ed25519', 'ecdsa', 'rsa'] as const;
type KeyType = (typeof keyTypes)[number];

/** A real OpenSSH server on a loopback port, run by the user who runs the tests and open to that user only. */
export interface Sshd {
  readonly port: number;
  readonly directory: string;
  /** Fingerprints as `ssh-keygen -l` prints them. */
  readonly fingerprints: Readonly<Record<KeyType, string>>;
  readonly privateKey: string;
  readonly endpoint: SshEndpoint;
  /** One process for each connection. */
  readonly connections: () => number[];
  /** All processes that serve connections: where sshd separates privileges there are two for each. */
  readonly servers: () => number[];
  readonly stop: () => Promise<void>;
}

/** `settings` are lines of sshd_config. */
export async function startSshd(sshdPath: string, ...settings: string[]): Promise<Sshd> {
  const directory = mkdtempSync(join(tmpdir(), 'storagebot-sshd-'));
  const fingerprints = { ed25519: '', ecdsa: '', rsa: '' };
  for (const type of keyTypes) fingerprints[type] = makeKey(type, join(directory, `host_${type}`));
  makeKey('ed25519', join(directory, 'user'));
  const port = await freePort();
  writeFileSync(join(directory, 'sshd_config'), configuration(directory, port, settings));
  // As root, sshd wants the directory that its service unit would make.
  if (process.getuid?.() === 0) mkdirSync('/run/sshd', { recursive: true, mode: 0o755 });
  const child = spawn(sshdPath, ['-D', '-e', '-f', join(directory, 'sshd_config')], { stdio: ['ignore', 'ignore', 'pipe'] });
  await listening(child);
  const privateKey = readFileSync(join(directory, 'user'), 'utf8');
  const identity = { user: userInfo().username, privateKey };
  const endpoint = { address: '127.0.0.1', port, hostKeys: [fingerprints.ed25519], read: identity, change: identity };
  const connections = (): number[] => childrenOf(child.pid);
  const servers = (): number[] => connections().flatMap(withServersBelow);
  return { port, directory, fingerprints, privateKey, endpoint, connections, servers, stop: () => stop(child, directory) };
}

/** A command line's words that hang, and can be ended by `stop` also after sshd has left them alone. */
export function hang(sshd: Sshd): [string, ...string[]] {
  return ['sh', '-c', 'echo $$ > "$0/$$.pid"; exec sleep 600', sshd.directory];
}

function makeKey(type: string, path: string): string {
  execFileSync('ssh-keygen', ['-q', '-t', type, '-N', '', '-f', path]);
  const printed = execFileSync('ssh-keygen', ['-lf', `${path}.pub`], { encoding: 'utf8' });
  const fingerprint = printed.split(' ')[1];
  if (fingerprint === undefined) throw new Error(`ssh-keygen printed: ${printed}`);
  return fingerprint;
}

function configuration(directory: string, port: number, settings: readonly string[]): string {
  return [
    ...settings,
    'ListenAddress 127.0.0.1',
    `Port ${port}`,
    ...keyTypes.map((type) => `HostKey ${directory}/host_${type}`),
    `AuthorizedKeysFile ${directory}/user.pub`,
    // A shell that sshd starts reads ~/.bashrc: what is there is not part of the test.
    `SetEnv HOME=${directory}`,
    'StrictModes no',
    'UsePAM no',
    'PidFile none',
    'PasswordAuthentication no',
    'PermitRootLogin prohibit-password',
    '',
  ].join('\n');
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise<unknown>((resolve) => server.close(resolve));
  return port;
}

function listening(child: ChildProcess): Promise<void> {
  return new Promise((resolve, reject) => {
    let printed = '';
    child.stderr?.on('data', (data: Buffer) => {
      printed += data;
      if (printed.includes('Server listening on')) resolve();
    });
    child.once('exit', (code) => reject(new Error(`sshd ended with ${code}: ${printed}`)));
  });
}

function childrenOf(pid: number | undefined): number[] {
  const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim();
  return children === '' ? [] : children.split(' ').map(Number);
}

function withServersBelow(pid: number): number[] {
  const below = childrenOf(pid).filter((child) => readFileSync(`/proc/${child}/comm`, 'utf8').startsWith('sshd'));
  return [pid, ...below.flatMap(withServersBelow)];
}

async function stop(child: ChildProcess, directory: string): Promise<void> {
  for (const pid of childrenOf(child.pid).flatMap(withServersBelow)) endProcess(pid);
  const exited = new Promise((resolve) => child.once('exit', resolve));
  child.kill();
  await exited;
  for (const file of readdirSync(directory)) if (file.endsWith('.pid')) endProcess(Number(file.slice(0, -'.pid'.length)));
  rmSync(directory, { recursive: true });
}

/** It may have ended by itself between being listed and being killed. */
function endProcess(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ESRCH')) throw error;
  }
}
