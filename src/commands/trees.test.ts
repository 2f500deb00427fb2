import { spawnSync } from 'node:child_process';
import { linkSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { understand } from '../core/reading.ts';
import { isSameTree, TREE_SCRIPT, treeAt } from './trees.ts';

const NAS = { name: 'truenas', sudo: false };
const root = mkdtempSync(join(tmpdir(), 'storagebot-trees-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));

function count(path: string) {
  const { status, stdout, stderr } = spawnSync('/bin/sh', ['-c', TREE_SCRIPT, 'count', path], { encoding: 'utf8' });
  return understand(treeAt(NAS, path), { exitCode: status ?? 255, stdout, stderr });
}

describe('what is counted by a real shell', () => {
  test('is every file with its size, every directory and every link, whatever their names are', () => {
    const top = join(root, 'counted');
    mkdirSync(join(top, 'a b/c'), { recursive: true });
    for (const [name, size] of [
      ['one', 5],
      ['a b/two words', 7],
      ['a b/c/-rw-r--r-- 1 0 0 99\n-rw 1 0 0 99', 11],
      ['a b/c/\nfailed', 13],
    ] as const)
      writeFileSync(join(top, name), 'x'.repeat(size));
    linkSync(join(top, 'one'), join(top, 'the same'));
    symlinkSync('/nowhere', join(top, 'link'));
    expect(count(top)).toMatchObject({ known: true, value: { files: 5, directories: 3, others: 1, bytes: 41 } });
  });

  test('is one directory without anything, one file, or unknown where there is nothing', () => {
    mkdirSync(join(root, 'empty'));
    writeFileSync(join(root, 'file'), 'abc');
    expect(count(join(root, 'empty'))).toMatchObject({ known: true, value: { files: 0, directories: 1, others: 0, bytes: 0 } });
    expect(count(join(root, 'file'))).toMatchObject({ known: true, value: { files: 1, directories: 0, others: 0, bytes: 3 } });
    expect(count(join(root, 'missing'))).toMatchObject({ known: false });
  });
});

test.each(['files', 'directories', 'others', 'bytes'] as const)('trees that differ in their %s are not the same', (what) => {
  const tree = { files: 1, directories: 2, others: 3, bytes: 4 };
  expect(isSameTree(tree, { ...tree })).toBe(true);
  expect(isSameTree(tree, { ...tree, [what]: 9 })).toBe(false);
});
