import { describe, expect, it } from 'vitest';
import { fake, nas, ok, sshTo, to, until } from '../../../test/system/ssh-harness.ts';
import type { SshEvent } from './index.ts';

describe('connections', () => {
  it('are shared by commands, and never by the two identities', async () => {
    const server = await fake();
    const ssh = sshTo({ nas: to(server) });
    await Promise.all([ssh.read(nas('true')), ssh.read(nas('true')), ssh.change(nas('true')), ssh.change(nas('true'))]);
    expect(server.logins.toSorted()).toEqual(['changer', 'reader']);
  });

  // The server counts a channel until it has seen it closed, which on a busy machine is late.
  it('carry 30 commands at once over at most 8 channels, first come, first served', { retry: 2 }, async () => {
    const server = await fake();
    const ssh = sshTo({ nas: to(server) });
    const numbers = Array.from({ length: 30 }, (_, n) => `${n}`);
    const outcomes = await Promise.all(numbers.map((n) => ssh.read(nas('echo', n))));
    expect(outcomes).toEqual(numbers.map((n) => ok(`${n}\n`)));
    expect(server.mostChannels).toBe(8);
    expect(server.execs).toEqual(numbers.map((n) => `echo ${n}`));
    expect(server.logins).toHaveLength(1);
  });

  it('use fewer channels where the host allows fewer, without an error', async () => {
    const server = await fake({ maxSessions: 2 });
    const events: SshEvent[] = [];
    const ssh = sshTo({ nas: to(server) }, { log: (event) => events.push(event) });
    const outcomes = await Promise.all(Array.from({ length: 20 }, (_, n) => ssh.read(nas('echo', `${n}`))));
    expect(outcomes).toEqual(outcomes.map((_, n) => ok(`${n}\n`)));
    expect(server.execs).toHaveLength(20);
    expect(events).toContainEqual({ event: 'fewer-channels', host: 'nas', intent: 'read', channels: 2 });
  });

  it('report a host that opens no session at all', async () => {
    const server = await fake({ maxSessions: 0 });
    const ssh = sshTo({ nas: to(server) });
    expect(await ssh.change(nas('true'))).toMatchObject({ failed: 'forbidden', says: expect.stringContaining('did not run') });
    expect(server.execs).toEqual([]);
  });

  it('are made anew after the host closed them', async () => {
    const server = await fake();
    const ssh = sshTo({ nas: to(server) });
    await ssh.read(nas('true'));
    for (const socket of server.sockets) socket.destroy();
    expect(await ssh.read(nas('echo', 'again'))).toEqual(ok('again\n'));
    expect(server.logins).toHaveLength(2);
  });

  it('are closed when nothing has used them for a while', async () => {
    const server = await fake();
    const ssh = sshTo({ nas: to(server) }, { limits: { idleTimeoutMs: 30 } });
    await ssh.read(nas('true'));
    await until(() => server.sockets.size === 0);
    expect(await ssh.read(nas('echo', 'again'))).toEqual(ok('again\n'));
  });

  it('take nothing any more once they are being closed', async () => {
    const server = await fake();
    const ssh = sshTo({ nas: to(server) });
    const running = ssh.change(nas('sleep', '5'));
    await until(() => server.execs.length === 1);
    await ssh.close();
    expect(await running).toMatchObject({ failed: 'cut', says: expect.stringContaining('not known whether it ran') });
    expect(await ssh.change(nas('true'))).toMatchObject({ failed: 'cut', says: expect.stringContaining('did not run') });
    await until(() => server.sockets.size === 0);
  });
});
