import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { podsOfNamespace } from '../../../src/commands/cluster.ts';
import { deletePod } from '../../../src/commands/cluster-changes.ts';
import { parseConfig } from '../../../src/config/config.ts';
import { siteOf } from '../../../src/config/site.ts';
import type { SshCommand } from '../../../src/core/command.ts';
import { show } from '../../../src/core/command.ts';
import type { Targets } from '../../../src/core/ports.ts';
import { readerOver, understand } from '../../../src/core/reading.ts';
import { scenarioNamed } from '../scenarios/index.ts';
import { allChanges, allReads } from './catalogue.ts';
import { targetsOf } from './connect.ts';
import type { LabSite, LabSiteOptions } from './index.ts';
import { labSite, labTargets, startLab, worldOf } from './index.ts';

const running: (() => Promise<unknown>)[] = [];

afterEach(async () => {
  for (const stop of running.splice(0).toReversed()) await stop();
});

async function start(scenario: string, options: Partial<LabSiteOptions> = {}): Promise<{ lab: LabSite; targets: Targets }> {
  const lab = await startLab({ scenario: scenarioNamed(scenario), hangScale: 0.000_1, ...options });
  running.push(lab.stop);
  const targets = await targetsOf(lab);
  running.push(targets.close);
  return { lab, targets };
}

function ssh(host: string, ...argv: [string, ...string[]]): SshCommand {
  return { via: 'ssh', host, argv, timeoutMs: 5_000 };
}

test('over real protocols every look gives the same outcome as in the process', async () => {
  const { lab, targets } = await start('stale-handle', { speed: 0.000_001 });
  const [near, far] = [labTargets(worldOf({ scenario: scenarioNamed('stale-handle'), hangScale: 0.000_1 })), targets];
  const reads = allReads(lab.world);
  const differing = await Promise.all(
    reads.map(async ({ command }) => {
      const [here, there] = await Promise.all([near.read(command), far.read(command)]);
      return JSON.stringify(here) === JSON.stringify(there) ? [] : [show(command)];
    }),
  );
  expect(differing.flat()).toEqual([]);
  expect(lab.world.executed).toEqual([]);
});

test('the reading key may run no changing program of the catalogue, and the changing key may', async () => {
  const { lab, targets } = await start('all-well');
  for (const { command } of allChanges(lab.world)) {
    expect(await targets.read(command)).toMatchObject({
      exitCode: 126,
      stderr: expect.stringContaining('This key may only look.'),
    });
  }
  expect(lab.world.executed).toEqual([]);
  const reload = ssh('truenas', 'service', 'mountd', 'reload');
  const tee = { ...ssh('truenas', 'tee', '-a', '/root/secrets/nfs_exports.sh'), input: "# it's new" };
  expect(await targets.change(reload)).toMatchObject({ exitCode: 0 });
  expect(await targets.change(tee)).toEqual({ exitCode: 0, stdout: "# it's new\n", stderr: '' });
  expect(lab.world.executed).toEqual([show(reload), show(tee)]);
  expect(lab.world.nas.files.get('/root/secrets/nfs_exports.sh')).toMatch(/# it's new\n$/);
});

test('a pod that is deleted over the API has a successor after a while', async () => {
  const { targets } = await start('stale-handle', { speed: 50 });
  const server = async () => {
    const read = podsOfNamespace('immich');
    const seen = understand(read, await targets.read(read.command));
    return seen.known ? seen.value.filter(({ name }) => name.startsWith('immich-server-')) : [];
  };
  const [pod] = await server();
  if (pod === undefined) throw new Error('no pod');
  expect(await targets.change(deletePod(pod).command)).toMatchObject({ exitCode: 0 });
  await expect
    .poll(async () => (await server()).map(({ uid, ready }) => [uid === pod.uid, ready]), { timeout: 5_000 })
    .toEqual([[false, true]]);
});

describe('what cannot be seen is told by the real connectors', () => {
  test.each([
    ['blind-node-ssh', ssh('k8s-node2', 'date', '-u', '+%s'), 'unreachable'],
    ['blind-nas-ssh', ssh('truenas', 'uname', '-s'), 'login-refused'],
    ['nas-vm-down', ssh('truenas', 'uname', '-s'), 'unreachable'],
    ['blind-kubernetes', podsOfNamespace('immich').command, 'forbidden'],
    ['blind-kubernetes-silent', { ...podsOfNamespace('immich').command, timeoutMs: 200 }, 'timed-out'],
  ])('%s: %j is %s', async (scenario, command, failed) => {
    const { targets } = await start(scenario);
    expect(await targets.read(command)).toMatchObject({ failed });
  });

  test('a process that no signal ends costs one deadline, and the next command goes through', async () => {
    const { lab, targets } = await start('blind-stat');
    const mount = lab.world.nodes.get('k8s-node2')?.mounts.find(({ hangs }) => hangs === 'unkillable');
    const probe = ssh(
      'k8s-node2',
      'sudo',
      '--non-interactive',
      'timeout',
      '-k',
      '1',
      '4',
      'stat',
      '--cached=never',
      '--format=%u:%g',
      mount?.mountPoint ?? '',
    );
    expect(await targets.read({ ...probe, timeoutMs: 200 })).toMatchObject({ failed: 'timed-out' });
    expect(await targets.read(ssh('k8s-node2', 'uname', '-s'))).toEqual({ exitCode: 0, stdout: 'Linux\n', stderr: '' });
  });
});

test('each answer waits for the latency that is asked for', async () => {
  const { targets } = await start('all-well', { latencyMs: 100 });
  const reader = readerOver(targets.read);
  await reader(podsOfNamespace('immich'));
  const startedAt = performance.now();
  await Promise.all([reader(podsOfNamespace('servarr')), targets.read(ssh('pve', 'uname'))]);
  expect(performance.now() - startedAt).toBeGreaterThan(99);
});

test("the lab's configuration is the site that its runbooks are tested with, and its keys are private", async () => {
  const { lab } = await start('all-well');
  const config = parseConfig(await readFile(lab.configPath, 'utf8'));
  expect(siteOf(config)).toEqual(labSite(lab.world));
  for (const name of ['ssh-read', 'ssh-change', 'kubeconfig-read', 'kubeconfig-change']) {
    expect((await stat(join(lab.directory, name))).mode & 0o777).toBe(0o600);
  }
  await lab.stop();
  await expect(stat(lab.directory)).rejects.toMatchObject({ code: 'ENOENT' });
});
