import type { AddressInfo, Socket } from 'node:net';
import { createServer } from 'node:net';
import { describe, expect, it } from 'vitest';
import { endpointTo, newEcdsaKey, newKey, publicKeyOf } from '../../../test/system/fake-ssh-server.ts';
import { afterThisTest, fake, hostKey, nas, ok, sshTo, userKey } from '../../../test/system/ssh-harness.ts';
import type { Outcome } from '../../core/output.ts';
import { fingerprintOf } from './host-key.ts';
import type { SshEndpoint, SshEvent, SshIdentity, SshLimits } from './index.ts';

const otherKey = newKey();

function readFrom(endpoint: SshEndpoint, limits: Partial<SshLimits> = {}): Promise<Outcome> {
  return sshTo({ nas: endpoint }, { limits }).read(nas('echo', 'hello'));
}

const hello = ok('hello\n');

/** A TCP server that is no SSH server. Returns its port. */
async function tcpServer(greet: (socket: Socket) => void): Promise<number> {
  const server = createServer(greet);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  afterThisTest(async () => void server.close());
  return (server.address() as AddressInfo).port;
}

describe('the host key', () => {
  it('may be any of the pinned ones', async () => {
    const server = await fake();
    const endpoint = endpointTo(server.port, hostKey, userKey);
    expect(await readFrom({ ...endpoint, hostKeys: [fingerprintOf(publicKeyOf(otherKey)), ...endpoint.hostKeys] })).toEqual(
      hello,
    );
  });

  it('is looked for among all types that the host has', async () => {
    const ecdsa = newEcdsaKey();
    const server = await fake({ hostKeys: [otherKey, ecdsa] });
    expect(await readFrom(endpointTo(server.port, ecdsa, userKey))).toEqual(hello);
  });

  it('that is not pinned is named with its type and fingerprint, and nobody logs in', async () => {
    const ecdsa = newEcdsaKey();
    const server = await fake({ hostKeys: [otherKey, ecdsa] });
    const endpoint = endpointTo(server.port, hostKey, userKey);
    const outcome = await readFrom(endpoint);
    expect(outcome).toMatchObject({ failed: 'host-key', toDo: expect.stringContaining('"hostKeys" of nas') });
    const { says } = outcome as { says: string };
    expect(says).toContain(`ssh-ed25519 ${fingerprintOf(publicKeyOf(otherKey))}`);
    expect(says).toContain(`ecdsa-sha2-nistp256 ${fingerprintOf(publicKeyOf(ecdsa))}`);
    expect(says).toContain(`pinned is ${endpoint.hostKeys[0]}`);
    expect(server.logins).toEqual([]);
  });

  it('is never accepted where none is pinned', async () => {
    const server = await fake();
    const outcome = await readFrom({ ...endpointTo(server.port, hostKey, userKey), hostKeys: [] });
    const says = `nas presents the key ssh-ed25519 ${fingerprintOf(publicKeyOf(hostKey))}, and no key is pinned for it.`;
    expect(outcome).toMatchObject({ failed: 'host-key', says });
    expect(server.logins).toEqual([]);
  });
});

describe('a login', () => {
  it('that is refused names the user and the fingerprint of our key', async () => {
    const server = await fake({ authorized: otherKey });
    const outcome = await readFrom(endpointTo(server.port, hostKey, userKey));
    const says = `nas does not accept the key ${fingerprintOf(publicKeyOf(userKey))} for the user reader.`;
    expect(outcome).toMatchObject({ failed: 'login-refused', says });
  });

  it('works with an encrypted key and its passphrase', async () => {
    const encrypted = newKey('open sesame');
    const server = await fake({ authorized: encrypted });
    const endpoint = endpointTo(server.port, hostKey, encrypted);
    expect(await readFrom({ ...endpoint, read: { ...endpoint.read, passphrase: 'open sesame' } })).toEqual(hello);
  });

  it.each<[string, Omit<SshIdentity, 'user'>]>([
    ['is encrypted, and no passphrase is configured', encryptedKey()],
    ['is encrypted, and the configured passphrase does not open it', { ...encryptedKey(), passphrase: 'wrong-passphrase' }],
    ['is not a private key in OpenSSH or PEM form', { privateKey: 'secret-words that are no key' }],
    ['is not a private key in OpenSSH or PEM form', { privateKey: userKey.private.replace(/\n.{20}/, '\nsecret-words') }],
    ['is a public key', { privateKey: userKey.public }],
  ])('is not tried with a key that %s, and the key is not shown', async (problem, identity) => {
    const server = await fake();
    const events: SshEvent[] = [];
    const endpoint: SshEndpoint = { ...endpointTo(server.port, hostKey, userKey), change: { user: 'changer', ...identity } };
    const ssh = sshTo({ nas: endpoint }, { log: (event) => events.push(event) });
    const outcome = await ssh.change({ via: 'ssh', host: 'nas', argv: ['id'], timeoutMs: 1_000 });
    expect(outcome).toMatchObject({ failed: 'not-configured', says: expect.stringContaining(problem) });
    const shown = JSON.stringify([outcome, events]);
    for (const secret of ['secret-words', 'wrong-passphrase', 'PRIVATE KEY', ...linesOf(identity.privateKey)])
      expect(shown).not.toContain(secret);
    expect(server.sockets.size).toBe(0);
  });
});

describe('a host that cannot be reached', () => {
  const at = (address: string, port: number): SshEndpoint => ({ ...endpointTo(port, hostKey, userKey), address });

  it('because nothing listens says that it was refused', async () => {
    const server = await fake();
    await server.stop();
    const says = `nas (127.0.0.1:${server.port}) refuses the connection: something answers there, and no SSH server on that port.`;
    expect(await readFrom(at('127.0.0.1', server.port))).toMatchObject({ failed: 'unreachable', says });
  });

  it('because its name is unknown says so', async () => {
    const outcome = await readFrom(at('no-such-host.invalid', 22));
    expect(outcome).toMatchObject({ failed: 'unreachable', says: expect.stringMatching(/no-such-host\.invalid/) });
  });

  it('because it closes the connection at once says how far it got', async () => {
    const port = await tcpServer((socket) => socket.destroy());
    const outcome = await readFrom(at('127.0.0.1', port));
    expect(outcome).toMatchObject({ failed: 'unreachable', says: expect.stringContaining('closed it before the login') });
  });

  it('because something else than SSH answers says what to check', async () => {
    const port = await tcpServer((socket) => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n'));
    const outcome = await readFrom(at('127.0.0.1', port), { connectTimeoutMs: 500 });
    expect(outcome).toMatchObject({ failed: 'unreachable', toDo: expect.stringContaining('an SSH server listens on that port') });
  });

  it('because its sshd says nothing is given up after the connect deadline', { retry: 2 }, async () => {
    const port = await tcpServer((socket) => socket.on('error', () => socket.destroy()));
    const startedAt = performance.now();
    const outcome = await readFrom(at('127.0.0.1', port), { connectTimeoutMs: 200 });
    expect(performance.now() - startedAt).toBeLessThan(600);
    expect(outcome).toMatchObject({
      failed: 'timed-out',
      says: expect.stringContaining('did not finish the SSH handshake within 0.2 s'),
    });
  });

  it('because its port is impossible is a fault of the configuration', async () => {
    expect(await readFrom(at('127.0.0.1', 70_000))).toMatchObject({
      failed: 'not-configured',
      says: expect.stringContaining('70000'),
    });
  });
});

function encryptedKey(): { privateKey: string } {
  return { privateKey: newKey('p').private };
}

/** The secret lines of a key, without its headers. */
function linesOf(key: string): string[] {
  return key.split('\n').filter((line) => line.length > 20 && !line.startsWith('-----'));
}
