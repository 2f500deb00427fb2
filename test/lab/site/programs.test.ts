import { describe, expect, test } from 'vitest';
import { covers, parseExportsFile } from '../../../src/commands/exports.ts';
import { parsePs } from '../../../src/commands/node-system.ts';
import { scenarioNamed } from '../scenarios/index.ts';
import { labTargets, newWorld, worldOf } from './index.ts';
import { execute, machineNamed } from './run.ts';
import type { World } from './world.ts';

function run(world: World, host: string, line: string, input?: string) {
  const machine = machineNamed(world, host);
  if (machine === undefined) throw new Error(`no host ${host}`);
  return execute(world, machine, { argv: line.split(' '), input });
}

const LIBRARY = '/mnt/main/immich/library';

describe('a program that is not there', () => {
  test.each([
    ['k8s-node1', 'foo', 127, 'bash: foo: command not found\n'],
    ['k8s-node1', '/opt/foo', 127, 'bash: /opt/foo: No such file or directory\n'],
    ['k8s-node1', 'sudo --non-interactive foo', 1, 'sudo: foo: command not found\n'],
    ['k8s-node1', 'timeout -k 1 4 zfs list', 127, 'timeout: failed to run command ‘zfs’: No such file or directory\n'],
    ['truenas', 'systemctl is-active nfs-server', 127, 'bash: systemctl: command not found\n'],
  ])('%s$ %s ends with %i', (host, line, exitCode, stderr) => {
    expect(run(newWorld(), host, line)).toEqual({ exitCode, stdout: '', stderr });
  });
});

describe('wrong words', () => {
  test.each([
    ['k8s-node1', 'stat', "stat: missing operand\nTry 'stat --help' for more information.\n"],
    ['k8s-node1', 'stat --zz', "stat: unrecognized option '--zz'\nTry 'stat --help' for more information.\n"],
    ['truenas', 'service nfs-server status', /nfs-server does not exist in \/etc\/rc\.d or the local startup directories/],
    ['truenas', 'service nfsd restart', /unknown directive 'restart'/],
    ['pve', 'qm destroy 202', /unknown command/],
    ['pve', 'qm status 999', "Configuration file 'nodes/pve/qemu-server/999.conf' does not exist\n"],
  ])('%s$ %s is refused with usage or reason', (host, line, stderr) => {
    const answer = run(newWorld(), host, line);
    expect(answer.exitCode).not.toBe(0);
    expect(answer.stderr).toMatch(stderr);
  });
});

test('a shell on a node may not do what is root’s, and sudo may', () => {
  const world = newWorld();
  const point = world.nodes.get('k8s-node2')?.mounts[0]?.mountPoint ?? '';
  expect(run(world, 'k8s-node2', `stat --cached=never --format=%u:%g ${point}`)).toMatchObject({
    exitCode: 1,
    stderr: `stat: cannot statx '${point}': Permission denied\n`,
  });
  expect(run(world, 'k8s-node2', `umount --lazy ${point}`)).toMatchObject({ exitCode: 32 });
  expect(run(world, 'k8s-node2', 'unshare --mount mount -t nfs -o ro 10.0.10.15:/mnt /mnt').stderr).toBe(
    'unshare: unshare failed: Operation not permitted\n',
  );
  expect(run(world, 'k8s-node2', `sudo --non-interactive stat --cached=never --format=%u:%g ${point}`)).toEqual({
    exitCode: 0,
    stdout: '0:0\n',
    stderr: '',
  });
  expect(run(world, 'k8s-node2', `sudo --non-interactive umount --lazy ${point}`).exitCode).toBe(0);
  expect(run(world, 'k8s-node2', `sudo --non-interactive umount --lazy ${point}`)).toMatchObject({
    exitCode: 32,
    stderr: `umount: ${point}: not mounted.\n`,
  });
});

describe('timeout', () => {
  const probe = (scenario: string, line: string) => run(worldOf({ scenario: scenarioNamed(scenario) }), 'k8s-node2', line);

  test('ends what TERM ends, after its time', () => {
    expect(probe('network-path-down', 'timeout -k 1 4 bash -c')).toMatchObject({ exitCode: 2 });
    expect(probe('network-path-down', 'timeout -k 1 4 /usr/sbin/rpcinfo -n 2049 -t 10.0.10.15 nfs 4')).toEqual({
      exitCode: 124,
      stdout: '',
      stderr: '',
      afterS: 4,
    });
  });

  test('kills showmount, which does not listen to TERM', () => {
    const line = 'timeout -k 1 4 /usr/sbin/showmount --no-headers --exports 10.0.10.15';
    expect(probe('network-path-down', line)).toEqual({ exitCode: 137, stdout: '', stderr: '', afterS: 5 });
    expect(probe('network-path-down', line.replace('-k 1 4', '-k 1 9'))).toMatchObject({
      exitCode: 1,
      stderr: 'clnt_create: RPC: Unable to receive\n',
      afterS: 7,
    });
  });

  test('does not end what waits in the kernel', () => {
    const line =
      'sudo --non-interactive timeout -k 1 5 unshare --mount mount -t nfs -o ro 10.0.10.15:/mnt/main/immich/library /mnt';
    expect(probe('client-wedged', line)).toMatchObject({ afterS: Number.POSITIVE_INFINITY, unkillable: true });
  });

  test('and so the caller gives up by itself', async () => {
    const world = worldOf({ scenario: scenarioNamed('blind-stat'), hangScale: 0.000_1 });
    const mount = world.nodes.get('k8s-node2')?.mounts.find(({ hangs }) => hangs === 'unkillable');
    const argv = [
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
    ] as const;
    const outcome = await labTargets(world).read({ via: 'ssh', host: 'k8s-node2', argv, timeoutMs: 7_000 });
    expect(outcome).toMatchObject({ failed: 'timed-out' });
  });
});

describe('exports', () => {
  const fileOf = (world: World) => parseExportsFile(world.nas.files.get('/etc/exports') ?? '');

  test('are in force after a reload, not before', () => {
    const world = worldOf({ scenario: scenarioNamed('export-not-loaded') });
    expect(covers(fileOf(world), LIBRARY)).toBe(true);
    expect(covers(world.nas.active, LIBRARY)).toBe(false);
    expect(run(world, 'truenas', 'service mountd reload').exitCode).toBe(0);
    expect(covers(world.nas.active, LIBRARY)).toBe(true);
    expect(world.nas.log).toEqual([]);
  });

  test('FreeBSD refuses a line with other options for the same file system, logs it, and keeps the rest', () => {
    const world = worldOf({ scenario: scenarioNamed('export-line-refused') });
    expect(world.nas.log.map((line) => line.replace(/^.*mountd/, 'mountd'))).toEqual([
      `mountd[1422]: can't change attributes for ${LIBRARY}: Operation not permitted`,
      `mountd[1422]: bad exports list line '${LIBRARY}'`,
    ]);
    expect(world.nas.active.length).toBe(fileOf(world).length - 1);
  });

  test('Linux complains about a directory that is gone, exports the rest and ends with 1', () => {
    const world = newWorld({ flavour: 'debian' });
    world.nas.disk.remove(LIBRARY);
    expect(run(world, 'truenas', 'exportfs -ra')).toEqual({
      exitCode: 1,
      stdout: '',
      stderr: `exportfs: Failed to stat ${LIBRARY}: No such file or directory\n`,
    });
    expect(world.nas.active.length).toBe(fileOf(world).length - 1);
  });

  test('a file of its own adds one, and removing it takes that one away', () => {
    const world = worldOf({ scenario: scenarioNamed('export-missing'), flavour: 'debian' });
    const own = '/etc/exports.d/library.exports';
    const before = world.nas.active.length;
    expect(run(world, 'truenas', `tee ${own}`, `${LIBRARY} 10.0.20.0/24(rw)\n`).stdout).toBe(`${LIBRARY} 10.0.20.0/24(rw)\n`);
    run(world, 'truenas', 'exportfs -ra');
    expect(world.nas.active.length).toBe(before + 1);
    run(world, 'truenas', `rm ${own}`);
    run(world, 'truenas', 'exportfs -ra');
    expect(world.nas.active.length).toBe(before);
    expect(run(world, 'truenas', `rm ${own}`).stderr).toBe(`rm: cannot remove '${own}': No such file or directory\n`);
  });

  test('the middleware refuses a whole list for one path that is missing, and changes nothing', () => {
    const world = newWorld();
    const active = structuredClone(world.nas.active);
    const answer = run(world, 'truenas', `midclt call sharing.nfs.update 1 {"paths":["${LIBRARY}","/mnt/main/gone"]}`);
    expect(answer).toEqual({
      exitCode: 1,
      stdout: '',
      stderr: '[EINVAL] sharingnfs_update.paths.1: The path must reside within a pool mount point\n',
    });
    expect(world.nas.active).toEqual(active);
  });

  test('CORE does not export a file system twice to one network, SCALE not a path', () => {
    const core = worldOf({ scenario: scenarioNamed('export-missing'), flavour: 'core' });
    const scale = worldOf({ scenario: scenarioNamed('export-missing'), flavour: 'scale' });
    const create = (where: object) =>
      `midclt call sharing.nfs.create ${JSON.stringify({ ...where, networks: ['10.0.20.0/24'] })}`;
    const refusal = '[EINVAL] sharingnfs_create.networks: Another NFS share already exports this dataset for some network\n';
    expect(run(core, 'truenas', create({ paths: [LIBRARY] }))).toMatchObject({ exitCode: 1, stderr: refusal });
    expect(run(scale, 'truenas', create({ path: LIBRARY })).exitCode).toBe(0);
    expect(run(scale, 'truenas', create({ path: LIBRARY }))).toMatchObject({ exitCode: 1, stderr: refusal });
    expect(covers(scale.nas.active, LIBRARY)).toBe(true);
  });

  test("the site's script makes the file anew from what it names, or nothing at all", () => {
    const world = worldOf({ scenario: scenarioNamed('export-missing-script') });
    const script = '/root/secrets/nfs_exports.sh';
    const count = world.nas.active.length;
    run(world, 'truenas', `tee -a ${script}`, `create_nfs_export "main/immich/library" "${LIBRARY}"\n`);
    expect(run(world, 'truenas', `grep -cF "${LIBRARY}" ${script}`)).toEqual({ exitCode: 0, stdout: '1\n', stderr: '' });
    expect(run(world, 'truenas', script).exitCode).toBe(0);
    expect(world.nas.active.length).toBe(count + 1);
    run(world, 'truenas', `tee -a ${script}`, 'create_nfs_export "main/gone" "/mnt/main/gone"\n');
    expect(run(world, 'truenas', script)).toMatchObject({
      exitCode: 1,
      stderr: 'chmod: /mnt/main/gone: No such file or directory\n',
    });
    expect(world.nas.active.length).toBe(count + 1);
  });
});

describe('showmount of FreeBSD', () => {
  const local = '127.0.0.1';

  test('-E prints one encoded path in a line, -e a heading and the networks without their lengths, both nothing', () => {
    const { nas, ...rest } = newWorld();
    const active = [
      ...['10.0.30.0/24', '10.0.20.0/24'].map((network) => ({ path: LIBRARY, network, options: [] })),
      { path: '/mnt/main/größe [a b]', network: '10.0.20.0/24', options: [] },
    ];
    const world = { ...rest, nas: { ...nas, active } };
    const odd = '/mnt/main/gr\\M-C\\M-6\\M-C\\M^_e \\133a b]';
    expect(run(world, 'truenas', `showmount -E ${local}`)).toEqual({ exitCode: 0, stdout: `${LIBRARY}\n${odd}\n`, stderr: '' });
    expect(run(world, 'truenas', `showmount -e ${local}`).stdout.split('\n').slice(0, 2)).toEqual([
      `Exports list on ${local}:`,
      `${LIBRARY.padEnd(34)} 10.0.30.0 10.0.20.0 `,
    ]);
    expect(run(world, 'truenas', `showmount -E -e ${local}`)).toEqual({
      exitCode: 1,
      stdout: '',
      stderr: 'showmount: -E cannot be used with -e\n',
    });
  });
});

describe('service of FreeBSD', () => {
  test('does nothing by a plain verb, and says so with exit 0, where rc.conf does not enable the server', () => {
    const world = newWorld();
    Object.assign(world.nas, { enabledInRc: false });
    world.nas.services.nfsd = false;
    expect(run(world, 'truenas', 'service nfsd start')).toEqual({
      exitCode: 0,
      stdout: "Cannot 'start' nfsd. Set nfs_server_enable to YES in /etc/rc.conf or use 'onestart' instead of 'start'.\n",
      stderr: '',
    });
    expect(world.nas.services.nfsd).toBe(false);
    expect(run(world, 'truenas', 'service nfsd onestatus')).toEqual({
      exitCode: 1,
      stdout: 'nfsd is not running.\n',
      stderr: '',
    });
    expect(run(world, 'truenas', 'service nfsd onestart').exitCode).toBe(0);
    expect(run(world, 'truenas', 'service nfsd onestatus').stdout).toBe('nfsd is running as pid 2174 2175.\n');
  });
});

describe('a mount of one version', () => {
  const mount = (world: World, version: string) =>
    run(world, 'k8s-node2', `sudo --non-interactive mount -t nfs -o ro,retry=0,vers=${version} 10.0.10.15:${LIBRARY} /mnt`);
  const unsupported = {
    exitCode: 32,
    stderr: 'mount.nfs: requested NFS version or transport protocol is not supported\n',
  };

  test('needs a server that speaks it', () => {
    expect(mount(newWorld({ flavour: 'core' }), '3').exitCode).toBe(0);
    expect(mount(newWorld({ flavour: 'core' }), '4.2')).toMatchObject(unsupported);
    expect(mount(newWorld({ flavour: 'debian' }), '3')).toMatchObject(unsupported);
  });

  test('needs mountd for NFSv3 alone', () => {
    const world = newWorld({ flavour: 'scale' });
    world.nas.services.mountd = false;
    expect(mount(world, '3')).toMatchObject(unsupported);
    expect(mount(world, '4.2').exitCode).toBe(0);
  });
});

test('ps tells a mount.nfs that has waited for long from what has just begun', () => {
  const { stdout } = run(
    worldOf({ scenario: scenarioNamed('client-wedged') }),
    'k8s-node2',
    'ps -eo state,pid,etimes,wchan:32,comm',
  );
  const ages = new Map(parsePs(stdout).map(({ program, ageS }) => [program, ageS]));
  expect(ages.get('mount.nfs')).toBeGreaterThanOrEqual(20 * 60);
  expect(ages.get('ps')).toBeLessThan(5);
});
