import { chmodSync, copyFileSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import * as nas from '../../src/commands/nas.ts';
import * as nfsClient from '../../src/commands/nfs-client.ts';
import * as nodeSystem from '../../src/commands/node-system.ts';
import { createSsh, type Ssh } from '../../src/connectors/ssh/index.ts';
import { on } from '../../src/core/command.ts';
import { isFailure } from '../../src/core/output.ts';
import { understand } from '../../src/core/reading.ts';
import { peer } from '../peers.ts';
import { type Sshd, startSshd } from '../system/sshd.ts';
import { root } from '../tree.ts';

const sshd = peer('sshd');
const keygen = peer('ssh-keygen');
const host = { name: 'node', sudo: false };

describe.skipIf(!sshd.found || !keygen.found)('a real sshd that ties the reading key to the list of reading commands', () => {
  let server: Sshd;
  let ssh: Ssh;

  beforeAll(async () => {
    if (!sshd.found) throw new Error(sshd.reason);
    server = await startSshd(sshd.path);
    const script = join(server.directory, 'storagebot-read');
    copyFileSync(join(root, 'deploy/ssh/storagebot-read'), script);
    chmodSync(script, 0o755);
    const keys = join(server.directory, 'user.pub');
    writeFileSync(keys, `command="${script}",restrict ${readFileSync(keys, 'utf8')}`);
    ssh = createSsh({ resolve: async () => server.endpoint });
  });

  afterAll(async () => {
    await ssh.close();
    await server.stop();
  });

  test.each([
    nas.kernelOf(host),
    nodeSystem.clockOf(host),
    nodeSystem.processesOf(host),
    nas.directories(host, ['/', '/no such/$(directory)']),
    nfsClient.portState(host, '127.0.0.1', 1),
  ])('answers the bot: $asks', async (read) => {
    if (read.command.via !== 'ssh') throw new Error('not a command over SSH');
    const seen = understand<unknown>(read, await ssh.read(read.command));
    expect(seen.known, seen.known ? '' : seen.why.says).toBe(true);
  });

  test('refuses the bot a change, says so, and runs nothing', async () => {
    const file = join(server.directory, 'made');
    const outcome = await ssh.read(on(host, 5_000, 'touch', file));
    expect(outcome).toEqual({
      exitCode: 126,
      stdout: '',
      stderr: `storagebot-read: refused: it is no reading command of storagebot: touch ${file}\n`,
    });
    expect(isFailure(outcome)).toBe(false);
    expect(existsSync(file)).toBe(false);
  });
});
