import { createServer, type Socket } from 'node:net';
import { describe, expect, test } from 'vitest';
import { connect, connector, lab, machine, readConfig, readStatus, stop203, unlink, world } from './fixtures/connected.ts';

const stops = () => world.hypervisor.tasks.filter(({ type }) => type === 'qmstop').length;
const changes = () => lab.requests.filter(({ method }) => method !== 'GET');

describe('a server that does not answer well', () => {
  test('that is down is unreachable, and reached again when it is up', async () => {
    expect(await connector.read(readStatus)).toMatchObject({ exitCode: 0 });
    await lab.down();
    const down = { failed: 'unreachable', says: `Nothing answers at ${lab.url} (ECONNREFUSED).` };
    expect(await connector.read(readStatus)).toMatchObject(down);
    expect(await connector.change(stop203)).toMatchObject(down);
    await lab.up();
    expect(await connector.read(readStatus)).toMatchObject({ exitCode: 0 });
    expect(await connector.change(stop203)).toMatchObject({ exitCode: 0 });
  });

  test('that accepts and says nothing, not even in TLS, is unreachable after the connect timeout', async () => {
    const sockets: Socket[] = [];
    const silent = createServer((socket) => void sockets.push(socket));
    const port = await new Promise((resolve) => silent.listen(0, '127.0.0.1', () => resolve(Object(silent.address()).port)));
    const begun = performance.now();
    const outcome = await connect({ url: `https://127.0.0.1:${port}`, connectTimeoutMs: 200 }).read({
      ...readStatus,
      timeoutMs: 5_000,
    });
    for (const socket of sockets) socket.destroy();
    silent.close();
    expect(outcome).toMatchObject({ failed: 'unreachable' });
    expect(performance.now() - begun).toBeLessThan(4_000);
  });

  test.each(['hang', 'apply-then-hang'] as const)('with the fault %s costs the deadline and no more', async (fault) => {
    lab.misbehave(fault);
    const begun = performance.now();
    const both = await Promise.all([
      connector.read({ ...readStatus, timeoutMs: 250 }),
      connector.change({ ...stop203, timeoutMs: 250 }),
    ]);
    for (const outcome of both)
      expect(outcome).toMatchObject({ failed: 'timed-out', says: `${lab.url} did not finish its answer within 250 ms.` });
    expect(performance.now() - begun).toBeLessThan(1_500);
    expect(machine().status).toBe(fault === 'hang' ? 'running' : 'stopped');
    expect(changes()).toHaveLength(1);
  });

  test.each([
    ['not-json', 'unreadable'],
    ['no-data', 'unreadable'],
    ['huge', 'unreadable'],
    ['redirect', 'cut'],
    ['bad-gateway', 'cut'],
    ['misdirected', 'cut'],
    ['node-unreachable', 'cut'],
    ['apply-then-half-body', 'cut'],
    ['node-silent', 'timed-out'],
  ] as const)('with the fault %s gives no answer that could be believed: %s', async (fault, failed) => {
    const small = connect({ maxAnswerBytes: 100_000 });
    lab.misbehave(fault);
    expect(await small.read(readConfig)).toMatchObject({ failed });
    expect(await small.change(unlink('scsi29'))).toMatchObject({ failed });
    expect(changes()).toHaveLength(1);
  });

  test.each(['read', 'change'] as const)('that begins its answer to a %s and never ends it costs the deadline', async (role) => {
    lab.misbehave('slow-body');
    const command = role === 'read' ? readStatus : stop203;
    expect(await connector[role]({ ...command, timeoutMs: 250 })).toMatchObject({ failed: 'timed-out' });
    expect(lab.requests).toHaveLength(1);
  });

  test('is spoken to in HTTP/1.1 alone, which has a limit of size', async () => {
    await connector.read(readStatus);
    await connector.change(unlink('scsi29'));
    expect(lab.protocols).toEqual(['http/1.1', 'http/1.1']);
  });

  test('whose token is not told in time is not asked', async () => {
    const secret = () => new Promise<string>(() => undefined);
    const late = connect({ change: { tokenId: 'storagebot@pve!change', secret } });
    expect(await late.change({ ...stop203, timeoutMs: 100 })).toMatchObject({ failed: 'not-configured' });
    expect(lab.requests).toEqual([]);
  });

  test('that cannot get a lock says so as an answer, and the change is not sent again', async () => {
    lab.misbehave('cannot-lock', 1);
    const stderr = "can't lock file '/var/lock/qemu-server/lock-203.conf' - got timeout\n";
    expect(await connector.change(unlink('scsi29'))).toEqual({ exitCode: 1, stdout: '', stderr });
    expect(changes()).toHaveLength(1);
  });

  test('that resets a read is asked once more, and only once', async () => {
    lab.misbehave('reset', 1);
    expect(await connector.read(readStatus)).toMatchObject({ exitCode: 0 });
    expect(lab.requests).toHaveLength(2);
    lab.misbehave('reset');
    expect(await connector.read(readStatus)).toMatchObject({ failed: 'cut' });
    expect(lab.requests).toHaveLength(4);
  });

  test.each(['reset', 'apply-then-reset', 'apply-then-half-body'] as const)(
    'that ends a change with %s never gets it again',
    async (fault) => {
      lab.misbehave(fault, 1);
      expect(await connector.change(stop203)).toMatchObject({ failed: 'cut' });
      expect(lab.requests.map(({ method, path }) => `${method} ${path}`)).toEqual(['POST /nodes/pve/qemu/203/status/stop']);
      expect(stops()).toBe(fault === 'reset' ? 0 : 1);
    },
  );

  test('a read under way ends when the connector is closed', async () => {
    lab.misbehave('hang');
    const waiting = connector.read({ ...readStatus, timeoutMs: 10_000 });
    while (lab.requests.length === 0) await new Promise((resolve) => setTimeout(resolve, 5));
    await connector.close();
    expect(await waiting).toMatchObject({ failed: 'cut' });
  });
});

describe('a task that Proxmox took', () => {
  test.each([
    ['apply-then-reset', 'cut'],
    ['hang', 'timed-out'],
    ['not-json', 'cut'],
    ['echo-token', 'cut'],
  ] as const)('and whose end cannot be seen (%s) is told with its UPID, and never sent again', async (fault, failed) => {
    lab.misbehave(fault, undefined, /\/tasks\//);
    const outcome = await connector.change({ ...stop203, timeoutMs: 500 });
    const [task] = world.hypervisor.tasks;
    expect(outcome).toMatchObject({
      failed,
      says: expect.stringContaining(`Proxmox took the change as task ${task?.upid}, and how it ended could not be seen`),
    });
    expect(changes()).toHaveLength(1);
  });

  test('and whose end nobody is left to tell was sent all the same', async () => {
    lab.misbehave('hang', undefined, /\/tasks\//);
    const waiting = connector.change({ ...stop203, timeoutMs: 5_000 });
    while (stops() === 0) await new Promise((resolve) => setTimeout(resolve, 5));
    world.hypervisor.api.state = 'refuses-tokens';
    lab.misbehave(undefined);
    await lab.down();
    // «unreachable» or «login-refused» would mean that it never arrived.
    expect(await waiting).toMatchObject({ failed: 'cut', says: expect.stringContaining('Proxmox took the change as task') });
  });

  test.each(['bad-gateway', 'not-json', 'echo-token'] as const)(
    'and that ended has ended, also where its log cannot be read (%s)',
    async (fault) => {
      lab.misbehave(fault, undefined, /\/tasks\/.*\/log/);
      const outcome = await connector.change(stop203);
      expect(outcome).toMatchObject({ exitCode: 0, stderr: expect.stringMatching(/^Its log could not be read: .+\n$/) });
      expect(changes()).toHaveLength(1);
    },
  );

  test('is asked again where the question was reset once', async () => {
    lab.misbehave('reset', 1, /\/tasks\//);
    expect(await connector.change(stop203)).toMatchObject({ exitCode: 0, stderr: 'TASK OK\n' });
    expect(changes()).toHaveLength(1);
  });
});
