import { describe, expect, it } from 'vitest';
import type { FakeOptions } from '../../../test/system/fake-ssh-server.ts';
import { runInShell } from '../../../test/system/fake-ssh-server.ts';
import { afterThisTest, fake, nas, ok, sshTo, to, until, within } from '../../../test/system/ssh-harness.ts';
import { createSsh } from './index.ts';

describe('a deadline', () => {
  it('ends the wait at once, and says that a change may still be running', { retry: 2 }, async () => {
    const ssh = sshTo({ nas: to(await fake()) });
    const startedAt = performance.now();
    const outcome = await ssh.change(within(nas('sleep', '2'), 150));
    expect(performance.now() - startedAt).toBeLessThan(600);
    expect(outcome).toMatchObject({
      failed: 'timed-out',
      says: 'The command on nas did not end within 0.15 s. It may still be running.',
    });
  });

  it('tells when only a child of the command still holds its output open', async () => {
    const ssh = sshTo({ nas: to(await fake({ onExec: (_line, channel) => channel.exit(0) })) });
    expect(await ssh.read(within(nas('true'), 100))).toMatchObject({
      failed: 'timed-out',
      says: expect.stringContaining('exit code 0'),
    });
  });

  it('also bounds the wait for the keys of a host', async () => {
    const ssh = createSsh({ resolve: () => new Promise(() => {}), limits: { queueTimeoutMs: 50 } });
    afterThisTest(ssh.close);
    expect(await ssh.change(nas('id'))).toMatchObject({ failed: 'timed-out', says: expect.stringContaining('did not run') });
  });

  it('also bounds the wait for a free channel', async () => {
    const server = await fake({ onExec: () => {} });
    const ssh = sshTo({ nas: to(server) }, { limits: { channelsPerConnection: 1, queueTimeoutMs: 200 } });
    const outcomes = await Promise.all([ssh.change(within(nas('first'), 400)), ssh.change(nas('second'))]);
    expect(outcomes[0]).toMatchObject({ failed: 'timed-out', says: expect.stringContaining('still be running') });
    expect(outcomes[1]).toMatchObject({ failed: 'timed-out', says: expect.stringContaining('did not run') });
    expect(server.execs).toEqual(['first']);
  });

  it('of hanging commands leaves room for others: a fresh connection replaces one that is half used up', async () => {
    const server = await fake({ onExec: (line, channel, client) => line !== 'hang' && runInShell(line, channel, client) });
    const ssh = sshTo({ nas: to(server) });
    const hanging = await Promise.all(Array.from({ length: 16 }, () => ssh.read(within(nas('hang'), 100))));
    expect(hanging.map((outcome) => 'failed' in outcome && outcome.failed)).toEqual(Array(16).fill('timed-out'));
    expect(await ssh.read(nas('echo', 'alive'))).toEqual(ok('alive\n'));
    await until(() => server.sockets.size === 1);
    expect(server.mostChannels).toBe(8);
  });
});

describe('a connection that ends', () => {
  const killOnExec: FakeOptions['onExec'] = (_line, _channel, client) => client.end();

  it('after a change was sent leaves it unknown, and the change is never sent again', async () => {
    const server = await fake({ onExec: killOnExec });
    const ssh = sshTo({ nas: to(server) });
    const outcome = await ssh.change(nas('zpool', 'clear', 'main'));
    expect(outcome).toMatchObject({ failed: 'cut', says: expect.stringContaining('not known whether it ran') });
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect(server.execs).toEqual(['zpool clear main']);
  });

  it('before it has answered a change leaves it unknown, and the change is never sent again', async () => {
    const server = await fake({ exec: 'drop' });
    const outcome = await sshTo({ nas: to(server) }).change(nas('zpool', 'clear', 'main'));
    expect(outcome).toMatchObject({ failed: 'cut', says: expect.stringContaining('not known whether it ran') });
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect(server.execs).toEqual(['zpool clear main']);
  });

  it('during a read is a failure of that read, and the next one gets a new connection', async () => {
    let kills = 1;
    const server = await fake({ onExec: (...exec) => (kills-- > 0 ? killOnExec(...exec) : runInShell(...exec)) });
    const ssh = sshTo({ nas: to(server) });
    expect(await ssh.read(nas('echo', '1'))).toMatchObject({ failed: 'cut' });
    expect(await ssh.read(nas('echo', '2'))).toEqual(ok('2\n'));
    expect(server.execs).toEqual(['echo 1', 'echo 2']);
  });

  it('after the exit status and before the last output gives no outcome', async () => {
    const onExec: FakeOptions['onExec'] = (_line, channel, client) => {
      channel.write('half');
      channel.exit(0);
      client.end();
    };
    const ssh = sshTo({ nas: to(await fake({ onExec })) });
    expect(await ssh.read(nas('df'))).toMatchObject({ failed: 'cut' });
  });

  it('gives waiting reads one second connection, and tells waiting changes that they did not run', async () => {
    const server = await fake({
      onExec: (line, ...rest) => (line === 'kill' ? killOnExec(line, ...rest) : runInShell(line, ...rest)),
    });
    const ssh = sshTo({ nas: to(server) }, { limits: { channelsPerConnection: 1 } });
    const reads = await Promise.all([ssh.read(nas('kill')), ssh.read(nas('echo', '1')), ssh.read(nas('echo', '2'))]);
    expect(reads).toEqual([expect.objectContaining({ failed: 'cut' }), ok('1\n'), ok('2\n')]);
    const changes = await Promise.all([ssh.change(nas('kill')), ssh.change(nas('touch', 'x'))]);
    expect(changes[0]).toMatchObject({ failed: 'cut', says: expect.stringContaining('not known whether it ran') });
    expect(changes[1]).toMatchObject({ failed: 'cut', says: expect.stringContaining('did not run') });
    expect(server.execs).not.toContain('touch x');
  });

  it('again and again does not make a read try for ever', async () => {
    const server = await fake({ onExec: killOnExec });
    const ssh = sshTo({ nas: to(server) }, { limits: { channelsPerConnection: 1 } });
    const outcomes = await Promise.all(Array.from({ length: 6 }, (_, n) => ssh.read(nas('echo', `${n}`))));
    expect(outcomes.map((outcome) => 'failed' in outcome && outcome.failed)).toEqual(Array(6).fill('cut'));
    expect(server.logins.length).toBeLessThanOrEqual(3);
  });

  it('without a word is noticed when it does not answer a request for a channel', async () => {
    let isSilent = true;
    const server = await fake({ answers: () => !isSilent });
    const ssh = sshTo({ nas: to(server) }, { limits: { openTimeoutMs: 100 } });
    const changed = await ssh.change(nas('touch', 'x'));
    expect(changed).toMatchObject({ failed: 'cut', says: expect.stringContaining('did not run') });
    const reading = ssh.read(nas('echo', 'late'));
    await until(() => server.logins.includes('reader'));
    setTimeout(() => (isSilent = false), 50);
    expect(await reading).toEqual(ok('late\n'));
    expect(server.execs).toEqual(['echo late']);
  });
});
