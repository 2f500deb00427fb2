import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { filesWritten } from './written-files.ts';

const NAS = { name: 'truenas', sudo: false };

test('the find of this system names the files written in the window, in all directories below, and no others', () => {
  const directory = mkdtempSync(join(tmpdir(), 'storagebot-find-'));
  const fromS = Date.UTC(2026, 3, 3, 8, 0, 0) / 1000;
  const write = (name: string, atS: number) => {
    writeFileSync(join(directory, name), '');
    utimesSync(join(directory, name), atS, atS);
  };
  mkdirSync(join(directory, 'deep'));
  write('before', fromS - 5);
  write('deep/two words', fromS + 5);
  write('last', fromS + 60);
  write('after', fromS + 65);
  const { command, parse } = filesWritten(NAS, directory, { fromS, toS: fromS + 60 });
  if (command.via !== 'ssh') throw new Error('not over SSH');
  const [program, ...args] = command.argv;
  const { status, stdout, stderr } = spawnSync(program, args, { encoding: 'utf8' });
  rmSync(directory, { recursive: true });
  expect(status).toBe(0);
  expect(parse({ exitCode: 0, stdout, stderr }).toSorted()).toEqual([join(directory, 'deep/two words'), join(directory, 'last')]);
});

test('no file in the window is an answer; the rest of a name with a line break in it is none', () => {
  const { parse } = filesWritten(NAS, '/mnt/main', { fromS: 0, toS: 1 });
  expect(parse({ exitCode: 0, stdout: '', stderr: '' })).toEqual([]);
  expect(() => parse({ exitCode: 0, stdout: '/mnt/main/a\nb\n', stderr: '' })).toThrow('not a path: b');
});
