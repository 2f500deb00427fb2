import { describe, expect, it } from 'vitest';
import type { FakeOptions, FakeServer } from '../../../test/system/fake-ssh-server.ts';
import { endpointTo, newKey } from '../../../test/system/fake-ssh-server.ts';
import { fake, hostKey, ok, sshTo, until, userKey } from '../../../test/system/ssh-harness.ts';
import type { SshCommand } from '../../core/command.ts';
import type { Outcome } from '../../core/output.ts';
import type { SshEndpoint } from './index.ts';

const otherKey = newKey();
const hello = ok('hello\n');
const echo: SshCommand = { via: 'ssh', host: 'nas', argv: ['echo', 'hello'], timeoutMs: 2_000 };

type Hosts = Record<string, SshEndpoint>;

const echoFrom = (hosts: Hosts): Promise<Outcome> => sshTo(hosts).read(echo);

describe('a jump host', () => {
  const jumpKey = newKey();

  async function behindJump(
    jumpOptions: Partial<FakeOptions> = {},
    nasOptions: Partial<FakeOptions> = {},
  ): Promise<{ jump: FakeServer; nas: FakeServer; hosts: Hosts }> {
    const nas = await fake(nasOptions);
    const jump = await fake({ hostKeys: [jumpKey], forwarding: true, ...jumpOptions });
    const hosts = {
      nas: { ...endpointTo(nas.port, hostKey, userKey), jump: 'gate' },
      gate: endpointTo(jump.port, jumpKey, userKey),
    };
    return { jump, nas, hosts };
  }

  it('carries the connection, and both hosts are logged in to', async () => {
    const { jump, nas, hosts } = await behindJump();
    expect(await echoFrom(hosts)).toEqual(hello);
    expect([jump.logins, nas.logins]).toEqual([['reader'], ['reader']]);
    expect([jump.execs, nas.execs]).toEqual([[], ['echo hello']]);
  });

  it('must present its own pinned key', async () => {
    const { jump, nas, hosts } = await behindJump({ hostKeys: [otherKey] });
    expect(await echoFrom(hosts)).toMatchObject({
      failed: 'host-key',
      says: expect.stringContaining('gate is not the pinned host'),
    });
    expect([jump.logins, nas.logins]).toEqual([[], []]);
  });

  it('does not replace the check of the host behind it', async () => {
    const { nas, hosts } = await behindJump();
    const outcome = await echoFrom({ ...hosts, nas: { ...endpointTo(nas.port, otherKey, userKey), jump: 'gate' } });
    expect(outcome).toMatchObject({ failed: 'host-key', says: expect.stringContaining('nas is not the pinned host') });
    expect(nas.logins).toEqual([]);
  });

  it('that breaks cuts the command, and the next command goes over a new one', async () => {
    const { jump, nas, hosts } = await behindJump();
    const ssh = sshTo(hosts);
    const running = ssh.read({ ...echo, argv: ['sleep', '5'] });
    await until(() => nas.execs.length === 1);
    for (const socket of jump.sockets) socket.destroy();
    expect(await running).toMatchObject({ failed: 'cut' });
    expect(await ssh.read(echo)).toEqual(hello);
    expect(jump.logins).toHaveLength(2);
  });

  it('does not hide that the host behind it has fallen silent', async () => {
    const { nas, hosts } = await behindJump({}, { answers: () => false });
    const outcome = await sshTo(hosts, { limits: { openTimeoutMs: 100 } }).change(echo);
    expect(outcome).toMatchObject({ failed: 'cut', says: expect.stringContaining('did not run') });
    await until(() => nas.sockets.size === 0);
  });

  it('tells that it cannot reach the host behind it', async () => {
    const { nas, hosts } = await behindJump();
    await nas.stop();
    expect(await echoFrom(hosts)).toMatchObject({
      failed: 'unreachable',
      says: expect.stringContaining(`127.0.0.1:${nas.port}`),
    });
  });

  it('that goes through itself is refused, also when both ends ask at once', async () => {
    const { hosts } = await behindJump();
    const ssh = sshTo({
      nas: { ...hosts['nas'], jump: 'gate' } as SshEndpoint,
      gate: { ...hosts['gate'], jump: 'nas' } as SshEndpoint,
    });
    const ask = (host: string): Promise<Outcome> => ssh.read({ ...echo, host });
    const [nas, gate] = await Promise.all([ask('nas'), ask('gate')]);
    expect(nas).toMatchObject({ failed: 'not-configured', says: 'The way to nas goes in a circle: nas → gate → nas.' });
    expect(gate).toMatchObject({ failed: 'not-configured', says: 'The way to gate goes in a circle: gate → nas → gate.' });
  });

  it('that nobody knows is a fault of the configuration', async () => {
    const { hosts } = await behindJump();
    expect(await echoFrom({ nas: hosts['nas'] as SshEndpoint })).toMatchObject({
      failed: 'not-configured',
      says: 'Nobody knows that host.',
    });
  });
});
