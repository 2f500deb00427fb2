import { afterEach } from 'vitest';
import type { Ssh, SshEndpoint, SshOptions } from '../../src/connectors/ssh/index.ts';
import { createSsh } from '../../src/connectors/ssh/index.ts';
import type { SshCommand } from '../../src/core/command.ts';
import type { Outcome } from '../../src/core/output.ts';
import type { FakeOptions, FakeServer } from './fake-ssh-server.ts';
import { endpointTo, newKey, startFakeServer } from './fake-ssh-server.ts';

export const hostKey = newKey();
export const userKey = newKey();
const cleanups: (() => Promise<void>)[] = [];

afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

/** Done after the test that asked for it, last asked first. */
export function afterThisTest(cleanup: () => Promise<void>): void {
  cleanups.push(cleanup);
}

/** A fake host with `hostKey`, open to `userKey`. */
export async function fake(options: Partial<FakeOptions> = {}): Promise<FakeServer> {
  const server = await startFakeServer({ hostKeys: [hostKey], authorized: userKey, ...options });
  afterThisTest(server.stop);
  return server;
}

export function sshTo(hosts: Record<string, SshEndpoint>, options: Omit<SshOptions, 'resolve'> = {}): Ssh {
  const unknown = { failed: 'not-configured', says: 'Nobody knows that host.', toDo: 'Add it.' } as const;
  const ssh = createSsh({ resolve: async (host) => hosts[host] ?? unknown, ...options });
  afterThisTest(ssh.close);
  return ssh;
}

export function to(server: FakeServer): SshEndpoint {
  return endpointTo(server.port, hostKey, userKey);
}

export function nas(...argv: [string, ...string[]]): SshCommand {
  return { via: 'ssh', host: 'nas', argv, timeoutMs: 5_000 };
}

export function within(command: SshCommand, timeoutMs: number): SshCommand {
  return { ...command, timeoutMs };
}

export async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setTimeout(resolve, 5));
}

export function ok(stdout: string): Outcome {
  return { exitCode: 0, stdout, stderr: '' };
}
