import { once } from 'node:events';
import type { AddressInfo, Socket } from 'node:net';
import { createServer } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Connection, ParsedKey, ServerChannel } from 'ssh2';
import ssh2 from 'ssh2';
import { quote } from '../../../src/core/quote.ts';
import { execute, isChange, settled, sshState } from './run.ts';
import type { Machine } from './shell.ts';
import { NotWords, wordsOf } from './words.ts';
import type { World } from './world.ts';

/** Public halves of the two identities. */
export interface LoginKeys {
  readonly read: ParsedKey;
  readonly change: ParsedKey;
}

export interface SshServerOptions {
  readonly world: World;
  readonly machine: Machine;
  readonly hostKey: string;
  readonly keys: LoginKeys;
  readonly latencyMs: number;
}

export interface SshServer {
  readonly port: number;
  readonly stop: () => Promise<void>;
}

type Intent = keyof LoginKeys;

/** sshd of one machine on a port of 127.0.0.1. */
export async function startSshServer(options: SshServerOptions): Promise<SshServer> {
  const sockets = new Set<Socket>();
  const ssh = new ssh2.Server({ hostKeys: [options.hostKey] }, (connection) => serve(options, connection));
  const server = createServer({ noDelay: true }, (socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
    if (sshState(options.world, options.machine) === 'silent') socket.destroy();
    else ssh.injectSocket(socket);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const stop = async () => {
    server.close();
    for (const socket of sockets) socket.destroy();
    await once(server, 'close');
  };
  return { port, stop };
}

function serve({ world, machine, keys, latencyMs }: SshServerOptions, connection: Connection): void {
  // A client that goes away in the middle is none of the server's business.
  connection.on('error', () => connection.end());
  let intent: Intent | undefined;
  connection.on('authentication', (context) => {
    const known = context.method === 'publickey' && isLoginName(machine, context.username) && sshState(world, machine) === 'open';
    const found = known
      ? (['read', 'change'] as const).find((one) => context.key.data.equals(keys[one].getPublicSSH()))
      : undefined;
    if (found === undefined || context.method !== 'publickey') return context.reject(['publickey']);
    if (context.signature === undefined) return context.accept();
    if (context.blob === undefined || keys[found].verify(context.blob, context.signature, context.hashAlgo) !== true)
      return context.reject();
    intent = found;
    context.accept();
  });
  connection.on('session', (accept) => {
    accept().on('exec', (acceptExec, _reject, { command }) => {
      const channel = acceptExec();
      if (sshState(world, machine) === 'silent') return void connection.end();
      void answer({ world, machine, intent: intent ?? 'read', line: command, latencyMs }, channel);
    });
  });
}

function isLoginName(machine: Machine, name: string): boolean {
  return name === (machine.kind === 'node' ? 'wizard' : 'root');
}

interface Asked {
  readonly world: World;
  readonly machine: Machine;
  readonly intent: Intent;
  readonly line: string;
  readonly latencyMs: number;
}

async function answer(asked: Asked, channel: ServerChannel): Promise<void> {
  const input = await inputOf(channel);
  asked.world.received.push(`${asked.machine.name}$ ${asked.line}${input === '' ? '' : ` <<< ${input}`}`);
  const { exitCode, stdout, stderr } = await outputOf(asked, input);
  if (asked.latencyMs > 0) await sleep(asked.latencyMs);
  if (!channel.writable) return;
  channel.stderr.write(stderr);
  channel.write(stdout);
  channel.exit(exitCode);
  channel.end();
}

async function inputOf(channel: ServerChannel): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of channel.stdin) chunks.push(Buffer.from(chunk));
  return Buffer.concat(chunks).toString('utf8');
}

/** What the login shell, behind the forced command of the reading key, makes of the line. */
async function outputOf({ world, machine, intent, line }: Asked, input: string) {
  const argv = wordsOrProblem(line);
  if (typeof argv === 'string') return { exitCode: 126, stdout: '', stderr: `${argv}\n` };
  if (isChange(world, machine, { argv })) {
    if (intent === 'read') return { exitCode: 126, stdout: '', stderr: `This key may only look. Refused: ${line}\n` };
    const given = input === '' ? '' : ` <<< ${quote(input.replace(/\n$/, ''))}`;
    world.executed.push(`${machine.name}$ ${line}${given}`);
  }
  return settled(world, execute(world, machine, { argv, input: input === '' ? undefined : input }));
}

function wordsOrProblem(line: string): readonly string[] | string {
  try {
    return wordsOf(line);
  } catch (error) {
    if (error instanceof NotWords) return error.message;
    throw error;
  }
}
