import { spawn } from 'node:child_process';
import type { AddressInfo, Socket } from 'node:net';
import { connect, createServer } from 'node:net';
import type { Connection, ServerChannel } from 'ssh2';
import ssh2 from 'ssh2';
import { fingerprintOf } from '../../src/connectors/ssh/host-key.ts';
import type { SshEndpoint } from '../../src/connectors/ssh/index.ts';
import { type KeyPair, newKeyPair } from '../lab/site/keys.ts';

export const newKey = newKeyPair;
export const newEcdsaKey = (): KeyPair => ssh2.utils.generateKeyPairSync('ecdsa', { bits: 256 });

/** What a fake host does with a command; by default a real `/bin/sh -c` runs it. */
export type OnExec = (line: string, channel: ServerChannel, client: Connection) => void;

export interface FakeOptions {
  readonly hostKeys: readonly KeyPair[];
  readonly authorized: KeyPair;
  readonly onExec?: OnExec;
  /** Sessions it opens at once on one connection; more are refused as sshd refuses them. */
  readonly maxSessions?: number;
  /** Called for each request for a channel; false leaves it without an answer. */
  readonly answers?: () => boolean;
  /** What it does with an exec request; `drop` ends the connection without an answer. */
  readonly exec?: 'accept' | 'refuse' | 'drop';
  readonly forwarding?: boolean;
}

export interface FakeServer {
  readonly port: number;
  /** Every exec request that arrived, in order. */
  readonly execs: string[];
  /** The user name of every login. */
  readonly logins: string[];
  /** Most channels that were open at once on one connection. */
  mostChannels: number;
  readonly sockets: Set<Socket>;
  readonly stop: () => Promise<void>;
}

export async function startFakeServer(options: FakeOptions): Promise<FakeServer> {
  const sockets = new Set<Socket>();
  const hostKeys = options.hostKeys.map((key) => key.private);
  const ssh = new ssh2.Server({ hostKeys }, (client) => serve(client, options, fake));
  const tcp = createServer({ noDelay: true }, (socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
    ssh.injectSocket(socket);
  });
  await new Promise<void>((resolve) => tcp.listen(0, '127.0.0.1', resolve));
  const stop = async (): Promise<void> => {
    for (const socket of sockets) socket.destroy();
    await new Promise<unknown>((resolve) => tcp.close(resolve));
  };
  const fake: FakeServer = { port: (tcp.address() as AddressInfo).port, execs: [], logins: [], mostChannels: 0, sockets, stop };
  return fake;
}

export const runInShell: OnExec = (line, channel) => {
  const child = spawn('/bin/sh', ['-c', line]);
  channel.pipe(child.stdin);
  // A program that ends without reading its input closes the pipe under us.
  child.stdin.on('error', () => channel.unpipe(child.stdin));
  child.stdout.pipe(channel, { end: false });
  child.stderr.pipe(channel.stderr, { end: false });
  child.once('close', (code, signal) => {
    if (signal === null) channel.exit(code ?? 255);
    else channel.exit(signal.replace(/^SIG/, ''), false, '');
    channel.end();
    // What is left of the input must be read, or the channel never closes.
    channel.resume();
  });
};

export function publicKeyOf(key: KeyPair): Buffer {
  const parsed = ssh2.utils.parseKey(key.public);
  if (parsed instanceof Error) throw parsed;
  return parsed.getPublicSSH();
}

export function endpointTo(port: number, hostKey: KeyPair, user: KeyPair): SshEndpoint {
  return {
    address: '127.0.0.1',
    port,
    hostKeys: [fingerprintOf(publicKeyOf(hostKey))],
    read: { user: 'reader', privateKey: user.private },
    change: { user: 'changer', privateKey: user.private },
  };
}

function serve(client: Connection, options: FakeOptions, fake: FakeServer): void {
  let open = 0;
  client.on('error', () => client.end());
  client.on('authentication', (context) => {
    if (context.method !== 'publickey' || !publicKeyOf(options.authorized).equals(context.key.data)) {
      context.reject(['publickey']);
      return;
    }
    if (context.signature !== undefined) fake.logins.push(context.username);
    context.accept();
  });
  client.on('session', (accept, reject) => {
    if (options.answers?.() === false) return;
    if (open >= (options.maxSessions ?? 10)) {
      reject();
      return;
    }
    open += 1;
    fake.mostChannels = Math.max(fake.mostChannels, open);
    accept().on('exec', (acceptExec, rejectExec, { command }) => {
      fake.execs.push(command);
      if (options.exec === 'refuse') return rejectExec();
      if (options.exec === 'drop') {
        client.end();
        return;
      }
      const channel = acceptExec();
      channel.once('close', () => (open -= 1));
      (options.onExec ?? runInShell)(command, channel, client);
      // An input that nobody reads would keep the channel from closing.
      if (channel.readableFlowing === null) channel.resume();
    });
  });
  if (options.forwarding === true) forward(client);
}

function forward(client: Connection): void {
  client.on('tcpip', (accept, reject, { destIP, destPort }) => {
    const socket = connect(destPort, destIP);
    socket.once('error', reject);
    socket.once('connect', () => {
      socket.off('error', reject);
      const channel = accept();
      channel.pipe(socket).pipe(channel);
      socket.on('error', () => channel.close());
      channel.on('close', () => socket.destroy());
    });
  });
}
