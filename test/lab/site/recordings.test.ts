import { describe, expect, test } from 'vitest';
import { covers, parseExportfs, parseExportsFile } from '../../../src/commands/exports.ts';
import { parseProbe, parseProcMounts, parseShowmount, parseTestMount } from '../../../src/commands/nfs-client.ts';
import { parseNfsKernelLines, parsePs } from '../../../src/commands/node-system.ts';
import { entriesOf, entry, outputOf, recorded } from '../../fixtures/transcript.ts';

describe('the recordings of a real server and client', () => {
  test('are split without losing a byte', () => {
    const text = '# head\n[a]$ one\nx\ny\n[exit 0, 1.0 s]\n[b]$ two\n[c]$ three\n[exit 32, 0.1 s]\n';
    expect(entriesOf(text)).toEqual([
      { host: 'a', command: 'one', printed: 'x\ny\n', exitCode: 0 },
      { host: 'b', command: 'two', printed: '' },
      { host: 'c', command: 'three', printed: '', exitCode: 32 },
    ]);
    expect(recorded('server-stopped').map(({ exitCode }) => exitCode)).toEqual([0, 1, 1, 2, 2, 1, 0, 0, 0, 0, 0, 0]);
  });

  test('/proc/mounts: both versions with all their options, and not the file system of the server', () => {
    const mounts = parseProcMounts(entry('client-mount-ok', 'grep nfs /proc/mounts').printed);
    expect(mounts.map(({ server, remotePath, mountPoint, version }) => [server, remotePath, mountPoint, version])).toEqual([
      ['truenas', '/srv/media', '/mnt/media', '4.2'],
      ['truenas', '/srv/media', '/mnt/media3', '3'],
    ]);
    expect(mounts[1]?.options.join(',')).toBe(
      'rw,relatime,vers=3,rsize=131072,wsize=131072,namlen=255,soft,proto=tcp,timeo=30,retrans=3,sec=sys,mountaddr=10.77.0.1,mountvers=3,mountport=42603,mountproto=udp,local_lock=none,addr=10.77.0.1',
    );
  });

  test.each([
    ['showmount -e truenas', 'with its heading'],
    ['showmount -e 10.77.0.1 --no-headers', 'without it'],
  ])('%s, %s', (command) => {
    expect(parseShowmount(outputOf(entry('client-showmount', command)))).toEqual({
      answer: 'listed',
      exports: [
        { path: '/srv/media', clients: '10.77.0.0/24' },
        { path: '/srv/backup', clients: '10.77.0.12,10.77.0.11' },
      ],
    });
  });

  test('showmount tells a stopped mountd from a silent host', () => {
    expect(parseShowmount(outputOf(entry('server-stopped', 'timeout 10 showmount')))).toEqual({ answer: 'not-registered' });
    expect(parseShowmount(outputOf(entry('mount-refused', 'timeout 20 showmount')))).toEqual({ answer: 'silent' });
    expect(parseShowmount({ ...outputOf(entry('network-cut-soft-and-hard', 'time timeout 30 showmount')) })).toEqual({
      answer: 'silent',
    });
  });

  test.each(['exportfs -s', 'exportfs -v'])('%s: one row for each client', (command) => {
    const rows = parseExportfs(entry('server-exports', command).printed);
    expect(rows.map(({ path }) => path)).toEqual(['/srv/backup', '/srv/backup', '/srv/media']);
    expect(rows[2]?.clients).toBe(
      '10.77.0.0/24(sync,wdelay,hide,no_subtree_check,sec=sys,rw,secure,no_root_squash,no_all_squash)',
    );
    expect(covers(rows, '/srv/media/photos')).toBe(true);
    expect(covers(rows, '/srv/media2')).toBe(false);
  });

  test('exportfs of a server that exports nothing is an empty list', () => {
    expect(parseExportfs('')).toEqual([]);
  });

  test('/etc/exports: the clients stay with their path', () => {
    expect(parseExportsFile(entry('server-exports', 'cat /etc/exports').printed)).toEqual([
      { path: '/srv/media', rest: '10.77.0.0/24(rw,sync,no_subtree_check,no_root_squash)' },
      { path: '/srv/backup', rest: '10.77.0.11(ro,sync,no_subtree_check) 10.77.0.12(rw,sync,no_subtree_check)' },
    ]);
  });

  test.each([
    ['directory-replaced', 'stat /mnt/x', { state: 'stale' }],
    ['server-stopped', 'time timeout -k1 40 stat', { state: 'io-error' }],
    ['network-cut-soft-and-hard', 'echo 3 > /proc/sys/vm/drop_caches; time timeout -k1 60 stat', { state: 'hangs' }],
  ])('%s: what %j says of the mount', (name, command, state) => {
    expect(parseProbe(outputOf(entry(name, command)))).toEqual(state);
  });

  test.each([
    ['mount-refused', 'mount -t nfs -o soft', 'denied'],
    ['mount-refused', 'mount -t nfs -o vers=3', 'denied'],
  ])('%s: %s', (name, command, state) => {
    expect(parseTestMount(outputOf(entry(name, command)))).toBe(state);
  });

  test('a mount over a cut network ends with its own words, after the deadline of a test mount', () => {
    const { printed } = entry('network-cut-soft-and-hard', 'time timeout 30 mount');
    expect(printed).toContain('rc=32');
    expect(parseTestMount({ exitCode: 32, stdout: '', stderr: printed })).toBe('silent');
  });

  test("the kernel's words tell a hard mount from a soft one", () => {
    const says = parseNfsKernelLines(entry('network-cut-soft-and-hard', 'dmesg | tail -8').printed);
    expect(says.map((line) => line.says)).toEqual([
      'gives-up',
      'retries',
      'gives-up',
      'gives-up',
      'gives-up',
      'gives-up',
      'gives-up',
    ]);
    expect(new Set(says.map(({ server }) => server))).toEqual(new Set(['truenas']));
    const stopped = recorded('server-stopped').find(({ command }) => command.startsWith('dmesg'))?.printed ?? '';
    expect(parseNfsKernelLines(stopped)).toHaveLength(7);
  });

  test('ps: a thread of the kernel that waits for the server, with the columns in the order that the bot asks for', () => {
    const [pid, state, waitsIn, program] = entry('server-stopped', 'ps -eo').printed.trim().split(/\s+/);
    const table = `S     PID ELAPSED WCHAN                            COMMAND\n${state} ${pid} 42 ${waitsIn} ${program}\n`;
    const manager = { state: 'D', pid: 689, ageS: 42, waitsIn: 'rpc_wait_bit_killable', program: '[10.77.0.1-manager]' };
    expect(parsePs(table)).toEqual([manager]);
  });
});
