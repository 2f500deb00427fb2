import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ResolveHost, Ssh, SshEndpoint, SshLimits } from '../../src/connectors/ssh/index.ts';
import { createSsh } from '../../src/connectors/ssh/index.ts';
import type { SshCommand } from '../../src/core/command.ts';
import type { Outcome } from '../../src/core/output.ts';
import { peer } from '../peers.ts';
import { newKey } from './fake-ssh-server.ts';
import type { Sshd } from './sshd.ts';
import { hang, startSshd } from './sshd.ts';

const sshdPeer = peer('sshd');
const keygen = peer('ssh-keygen');

const reach =
  (endpoint: SshEndpoint): ResolveHost =>
  async () =>
    endpoint;

function nas(...argv: [string, ...string[]]): SshCommand {
  return { via: 'ssh', host: 'nas', argv, timeoutMs: 10_000 };
}

const soon = { timeout: 5_000 };
/** sshd itself may write to standard error, for instance about a missing home directory. */
const ok = (stdout: string): unknown => expect.objectContaining({ exitCode: 0, stdout });

describe.skipIf(!sshdPeer.found || !keygen.found)('with a real OpenSSH server', () => {
  let sshd: Sshd;
  const path = sshdPeer.found ? sshdPeer.path : '';
  beforeAll(async () => {
    sshd = await startSshd(path);
  });
  afterAll(() => sshd.stop());

  async function using<T>(resolve: ResolveHost, use: (ssh: Ssh) => Promise<T>, limits: Partial<SshLimits> = {}): Promise<T> {
    const ssh = createSsh({ resolve, limits });
    try {
      return await use(ssh);
    } finally {
      await ssh.close();
    }
  }

  const echoFrom = (endpoint: SshEndpoint): Promise<Outcome> => using(reach(endpoint), (ssh) => ssh.read(nas('echo', 'hello')));

  it('a command arrives at the login shell with exactly its arguments, input and exit code', async () => {
    await using(reach(sshd.endpoint), async (ssh) => {
      expect(await ssh.read(nas('printf', '%s|', "it's", '$HOME', '`id`', '', '*', 'a\\b', '"'))).toEqual(
        ok(`it's|$HOME|\`id\`||*|a\\b|"|`),
      );
      expect(await ssh.change({ ...nas('cat'), input: '{"a": 1}' })).toEqual(ok('{"a": 1}\n'));
      expect(await ssh.read(nas('sh', '-c', 'echo no >&2; exit 7'))).toEqual({
        exitCode: 7,
        stdout: '',
        stderr: expect.stringMatching(/no\n$/),
      });
      expect(await ssh.read(nas('sh', '-c', 'kill -KILL $$'))).toMatchObject({ exitCode: 137 });
    });
  });

  it.each(['ed25519', 'ecdsa', 'rsa'] as const)('its %s key alone may be the pinned one', async (type) => {
    expect(await echoFrom({ ...sshd.endpoint, hostKeys: [sshd.fingerprints[type]] })).toEqual(ok('hello\n'));
  });

  it('a changed host key is refused, and all its keys are named as ssh-keygen prints them', async () => {
    const outcome = await echoFrom({ ...sshd.endpoint, hostKeys: ['SHA256:n1Y9+NaSvhPwrdDKLscuD0l8GGfYmwJOkyXq4a8w40Q'] });
    expect(outcome).toMatchObject({ failed: 'host-key' });
    for (const fingerprint of Object.values(sshd.fingerprints)) expect((outcome as { says: string }).says).toContain(fingerprint);
  });

  it('a wrong user key is a refused login', async () => {
    const identity = { ...sshd.endpoint.read, privateKey: newKey().private };
    expect(await echoFrom({ ...sshd.endpoint, read: identity })).toMatchObject({ failed: 'login-refused' });
  });

  it('30 commands at once all give their outcome, and closing ends the connection', async () => {
    await using(reach(sshd.endpoint), async (ssh) => {
      const outcomes = await Promise.all(Array.from({ length: 30 }, (_, n) => ssh.read(nas('echo', `${n}`))));
      expect(outcomes).toEqual(outcomes.map((_, n) => ok(`${n}\n`)));
    });
    await expect.poll(() => sshd.connections(), soon).toEqual([]);
  });

  it('a connection that is killed cuts its command, and the next command goes over a new one', async () => {
    await using(reach(sshd.endpoint), async (ssh) => {
      const started = join(sshd.directory, 'started');
      const running = ssh.change(nas('sh', '-c', 'touch "$0"; sleep 2', started));
      await expect.poll(() => existsSync(started), soon).toBe(true);
      for (const pid of sshd.servers()) process.kill(pid, 'SIGKILL');
      expect(await running).toMatchObject({ failed: 'cut', says: expect.stringContaining('not known whether it ran') });
      expect(await ssh.change(nas('echo', 'next'))).toEqual(ok('next\n'));
    });
  });

  // Where the machine is busy, the clock of the test may run late too.
  it('a hanging command ends at its deadline, and others go on', { retry: 2 }, async () => {
    await using(reach(sshd.endpoint), async (ssh) => {
      await ssh.read(nas('true'));
      const startedAt = performance.now();
      const outcome = await ssh.read({ ...nas(...hang(sshd)), timeoutMs: 500 });
      const tookMs = performance.now() - startedAt;
      expect(outcome).toMatchObject({ failed: 'timed-out' });
      expect(tookMs).toBeGreaterThanOrEqual(499);
      expect(tookMs).toBeLessThan(800);
      expect(await ssh.read(nas('echo', 'next'))).toEqual(ok('next\n'));
    });
  });

  it('8 hanging commands do not block the host: a fresh connection takes over and the old one is closed', async () => {
    await using(reach(sshd.endpoint), async (ssh) => {
      const commands = Array.from({ length: 8 }, () => ssh.read({ ...nas(...hang(sshd)), timeoutMs: 400 }));
      const waiting = ssh.read(nas('echo', 'waited'));
      for (const outcome of await Promise.all(commands)) expect(outcome).toMatchObject({ failed: 'timed-out' });
      expect(await waiting).toEqual(ok('waited\n'));
      await expect.poll(() => sshd.connections().length, soon).toBe(1);
    });
  });

  it('a change that met a frozen connection did not run, and does not run when the host wakes up', async () => {
    const limits = { openTimeoutMs: 300 };
    const touched = join(sshd.directory, 'touched');
    const change = async (ssh: Ssh): Promise<void> => {
      await ssh.change(nas('true'));
      const frozen = sshd.servers();
      for (const pid of frozen) process.kill(pid, 'SIGSTOP');
      const outcome = await ssh.change(nas('touch', touched));
      for (const pid of frozen) process.kill(pid, 'SIGCONT');
      expect(outcome).toMatchObject({ failed: 'cut', says: expect.stringContaining('did not run') });
      await expect.poll(() => sshd.connections(), soon).toEqual([]);
      expect(existsSync(touched)).toBe(false);
    };
    await using(reach(sshd.endpoint), change, limits);
  });

  it('its jump host can be the same server', async () => {
    const hosts: Record<string, SshEndpoint> = { nas: { ...sshd.endpoint, jump: 'gate' }, gate: sshd.endpoint };
    const resolve: ResolveHost = async (host) => hosts[host] ?? { failed: 'not-configured', says: host, toDo: '' };
    expect(await using(resolve, (ssh) => ssh.read(nas('echo', 'hello')))).toEqual(ok('hello\n'));
  });

  it('a forbidden forwarding at the jump host is named', async () => {
    const gate = await startSshd(path, 'AllowTcpForwarding no');
    const resolve: ResolveHost = async (host) => (host === 'gate' ? gate.endpoint : { ...sshd.endpoint, jump: 'gate' });
    const outcome = await using(resolve, (ssh) => ssh.read(nas('echo', 'hello')));
    await gate.stop();
    expect(outcome).toMatchObject({ failed: 'forbidden', says: expect.stringContaining('forwarding is prohibited') });
  });

  it('MaxSessions 2 is respected: 20 commands at once all succeed', { retry: 2 }, async () => {
    const narrow = await startSshd(path, 'MaxSessions 2');
    const outcomes = await using(reach(narrow.endpoint), (ssh) =>
      Promise.all(Array.from({ length: 20 }, (_, n) => ssh.read(nas('echo', `${n}`)))),
    );
    await narrow.stop();
    expect(outcomes).toEqual(outcomes.map((_, n) => ok(`${n}\n`)));
  });
});
