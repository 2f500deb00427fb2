import type { Host } from '../core/command.ts';
import { defineRead, operand } from '../core/command.ts';
import { boundedAsRoot, linesOf } from './bounded.ts';

export interface Entry {
  readonly path: string;
  readonly is: 'directory' | 'file' | 'link' | 'other' | 'absent';
}

/** What each of these paths is; a link is not followed where it is the last part of a path. */
export function entriesAt(nas: Host, paths: readonly [string, ...string[]]) {
  return defineRead<readonly Entry[]>({
    asks: `What lies at these paths on ${nas.name}?`,
    command: boundedAsRoot(nas, 4, ['ls', '-ldn', ...paths.map(operand)]),
    answers: [0, 1, 2],
    parse: ({ stdout, stderr }) => parseEntries(paths, stdout, stderr),
  });
}

const KINDS = { d: 'directory', '-': 'file', l: 'link' } as const;

export function parseEntries(paths: readonly string[], stdout: string, stderr: string): Entry[] {
  const rows = linesOf(stdout).map(parseRow);
  const missing = linesOf(stderr).map(missingPath);
  return paths.map((path): Entry => {
    const row = rows.find(({ name, is }) => name === path || (is === 'link' && name.startsWith(`${path} -> `)));
    if (row !== undefined) return { path, is: row.is };
    if (missing.includes(path)) return { path, is: 'absent' };
    throw new Error(`ls says nothing about ${path}: ${stderr}`);
  });
}

/** The name is what follows the date: its first slash is the row's first one after a blank. */
function parseRow(row: string): { readonly is: Entry['is']; readonly name: string } {
  const [, letter, name] = /^([a-z-])\S+\s+\d+\s+\d+\s+\d+\s.*?\s(\/.*)$/.exec(row) ?? [];
  if (name === undefined) throw new Error(`not a row of ls: ${row}`);
  return { is: letter === 'd' || letter === '-' || letter === 'l' ? KINDS[letter] : 'other', name };
}

/** GNU puts the path in quotes, FreeBSD does not. What would be below a file is missing too. */
function missingPath(line: string): string {
  const match = /^ls: (?:cannot access )?(?:['"‘](.*)['"’]|(\/.*)): (?:No such file or directory|Not a directory)$/.exec(line);
  const path = match?.[1] ?? match?.[2];
  if (path === undefined) throw new Error(line);
  return path;
}

/** A directory with all that is below it in its file system, or one file. */
export interface Tree {
  readonly files: number;
  readonly directories: number;
  /** Links, sockets and the like. */
  readonly others: number;
  /** Of the files. */
  readonly bytes: number;
}

export const TREE_SCRIPT =
  '{ find "$1" -xdev -exec ls -ldnq {} + || echo failed; } | awk "/^failed/ { exit 3 } /^-/ { f += 1; b += \\$5; next } /^d/ { d += 1; next } { o += 1 } END { printf \\"%d %d %d %.0f\\n\\", f, d, o, b }"';

/** How much there is, links and empty directories too, counted one by one: a minute is enough for some 100,000 files. */
export function treeAt(nas: Host, path: string, withinS: 60 | 600 = 60) {
  return defineRead<Tree>({
    asks: `How many files and bytes are in ${path} on ${nas.name}?`,
    command: boundedAsRoot(nas, withinS, ['sh', '-c', TREE_SCRIPT, 'count', operand(path)]),
    answers: [0],
    parse: ({ stdout, stderr }) => {
      const [, files, directories, others, bytes] = /^(\d+) (\d+) (\d+) (\d+)\n$/.exec(stdout) ?? [];
      if (bytes === undefined || stderr !== '') throw new Error(stderr || stdout);
      return { files: Number(files), directories: Number(directories), others: Number(others), bytes: Number(bytes) };
    },
  });
}

export function isSameTree(one: Tree, other: Tree): boolean {
  return (['files', 'directories', 'others', 'bytes'] as const).every((each) => one[each] === other[each]);
}
