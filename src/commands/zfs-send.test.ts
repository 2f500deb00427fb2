import { execFileSync, spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { commandLine } from '../core/command.ts';
import { understand } from '../core/reading.ts';
import {
  childrenOf,
  copyDataset,
  FULL_SCRIPT,
  parseProperties,
  propertiesOf,
  SINCE_SCRIPT,
  updateCopy,
  writtenSince,
} from './zfs-send.ts';

const NAS = { name: 'truenas', sudo: false };
const ROWS = [
  'type\tfilesystem\t-',
  'used\t4295000000\t-',
  'available\t158000000000\t-',
  'mounted\tyes\t-',
  'mountpoint\t/mnt/main/immich\tinherited from main',
  'recordsize\t1048576\tlocal',
  'compression\tlz4\tinherited from main',
  'acltype\tnfsv4\treceived',
  'sync\tstandard\tdefault',
  'xattr\tsa\ttemporary',
  'readonly\ton\tlocal',
  'encryption\toff\tdefault',
  'org.freenas:description\tlibrary of immich\tlocal',
];
const text = (rows: readonly string[]) => `${rows.join('\n')}\n`;

describe('what zfs says of a dataset', () => {
  test('is its place, its size and what was set on it, or above it', () => {
    expect(parseProperties(text(ROWS))).toEqual({
      type: 'filesystem',
      isMounted: true,
      mountPoint: '/mnt/main/immich',
      usedBytes: 4_295_000_000,
      availableBytes: 158_000_000_000,
      isEncrypted: false,
      isReadOnly: true,
      ownReadOnly: true,
      own: ['recordsize=1048576', 'compression=lz4', 'acltype=nfsv4'],
    });
  });

  test('is another kind for a volume, which is mounted nowhere', () => {
    const rows = ROWS.filter((row) => !row.startsWith('mount')).map((row) => row.replace('filesystem', 'volume'));
    expect(parseProperties(text(rows))).toMatchObject({ type: 'volume', isMounted: false, mountPoint: '-' });
  });

  test.each([
    ['nothing', []],
    ['no size', ROWS.filter((row) => !row.startsWith('used'))],
    ['a size in words', ROWS.map((row) => row.replace('4295000000', '4.00G'))],
    ['a snapshot', ROWS.map((row) => row.replace('filesystem', 'snapshot'))],
    ['a value that is no word', ROWS.map((row) => row.replace('1048576', '1 M'))],
  ])('cannot be told from %s', (_name, rows) => {
    expect(() => parseProperties(text(rows))).toThrow(/zfs get does not tell|neither file system nor volume/);
  });

  test('may be that there is none; any other error is "could not look"', () => {
    const missing = { exitCode: 1, stdout: '', stderr: "cannot open 'main/immich': dataset does not exist\n" };
    expect(understand(propertiesOf(NAS, 'main/immich'), missing)).toMatchObject({ known: true, value: {} });
    expect(understand(childrenOf(NAS, 'main/immich'), missing)).toMatchObject({ known: true, value: [] });
    const denied = { exitCode: 1, stdout: '', stderr: "cannot open 'main/immich': permission denied\n" };
    expect(understand(propertiesOf(NAS, 'main/immich'), denied)).toMatchObject({ known: false });
    expect(understand(childrenOf(NAS, 'main/immich'), { exitCode: 0, stdout: '', stderr: '' })).toMatchObject({ known: false });
    expect(understand(writtenSince(NAS, 'main/immich', 'a'), { exitCode: 0, stdout: '\n', stderr: '' })).toMatchObject({
      known: false,
    });
  });
});

const root = mkdtempSync(join(tmpdir(), 'storagebot-send-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));

describe('a copy', () => {
  const bin = join(root, 'bin');
  mkdirSync(bin);
  const env = { PATH: `${bin}:${process.env['PATH']}`, LOG: join(root, 'log') };
  /** A zfs that notes what it was asked, and ends as it is told to. */
  const zfs = (send: string, receive: string) => {
    writeFileSync(
      join(bin, 'zfs'),
      `#!/bin/sh\necho "$@" >> "$LOG"\nif [ "$1" = send ]; then ${send}; else cat > /dev/null; ${receive}; fi\n`,
    );
    chmodSync(join(bin, 'zfs'), 0o755);
    rmSync(env.LOG, { force: true });
  };
  const run = (script: string, ...args: string[]) => spawnSync('/bin/sh', ['-c', script, 'storagebot', ...args], { env }).status;

  test.each([
    ['both succeed', 'echo stream', 'exit 0', true],
    ['the sending end fails', 'echo stream; exit 1', 'exit 0', false],
    ['the receiving end fails', 'echo stream', 'exit 1', false],
    ['a signal ends the sending end', 'kill -9 $$', 'exit 0', false],
  ])('where %s', (_name, send, receive, isWell) => {
    zfs(send, receive);
    expect(run(FULL_SCRIPT, 'main/a@1', 'ssd/a') === 0).toBe(isWell);
    expect(run(SINCE_SCRIPT, 'main/a@1', 'main/a@2', 'ssd/a') === 0).toBe(isWell);
  });

  test('is asked of zfs with these words, and never with -F', () => {
    zfs('echo stream', 'exit 0');
    run(FULL_SCRIPT, 'main/a@1', '-o', 'recordsize=1048576', 'ssd/a');
    run(SINCE_SCRIPT, 'main/a@1', 'main/a@2', 'ssd/a');
    expect(readFileSync(env.LOG, 'utf8').trim().split('\n').toSorted()).toEqual([
      'receive -u -o recordsize=1048576 ssd/a',
      'receive -u ssd/a',
      'send -i main/a@1 main/a@2',
      'send main/a@1',
    ]);
  });

  test('is work of systemd on Linux, and of daemon(8) on FreeBSD', () => {
    const copy = {
      name: 'storagebot-1-copy',
      source: 'main/a',
      short: 's',
      target: 'ssd/a',
      deadlineS: 60,
      risk: 'high',
      own: [],
    } as const;
    expect(commandLine(copyDataset(NAS, 'scale', copy).change.command)).toMatch(/^systemd-run .* storagebot main\/a@s ssd\/a$/);
    expect(commandLine(copyDataset(NAS, 'core', copy).change.command)).toMatch(/exec daemon .* storagebot main\/a@s ssd\/a$/);
    expect(commandLine(updateCopy(NAS, 'debian', { ...copy, since: 'r' }).change.command)).toMatch(
      / main\/a@r main\/a@s ssd\/a$/,
    );
  });

  test.each(['-F', 'a@b', 'a b', '../a', ''])('of %j is refused', (name) => {
    const copy = { name: 'storagebot-1-copy', source: 'main/a', short: 's', deadlineS: 60, risk: 'high', own: [] } as const;
    expect(() => copyDataset(NAS, 'scale', { ...copy, target: name })).toThrow('no name of a dataset');
  });
});

test('the scripts are plain words for the list of allowed commands', () => {
  for (const script of [FULL_SCRIPT, SINCE_SCRIPT]) expect(execFileSync('/bin/sh', ['-n', '-c', script])).toHaveLength(0);
});
