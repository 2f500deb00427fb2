import { spawnSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import type { Read } from '../../src/core/command.ts';
import type { Seen } from '../../src/core/reading.ts';
import { understand } from '../../src/core/reading.ts';

/** A sh and an awk, as a server may have them; original-awk is the one that FreeBSD has. */
export interface FarTools {
  readonly name: string;
  readonly shell: readonly [string, ...string[]];
  readonly awk: readonly [string, ...string[]];
}

const SHELLS = [['/bin/dash'], ['/bin/bash', '--posix'], ['/bin/busybox', 'sh']] as const;
const AWKS = [['/usr/bin/mawk'], ['/usr/bin/gawk'], ['/usr/bin/original-awk'], ['/bin/busybox', 'awk']] as const;

/** Of those that are installed: each shell with one awk, and the first shell with each awk. */
export function farTools(): readonly FarTools[] {
  const shells = SHELLS.filter(([path]) => existsSync(path));
  const awks = AWKS.filter(([path]) => existsSync(path));
  return shells.flatMap((shell, first) =>
    awks
      .filter((_awk, index) => first === 0 || index === first % awks.length)
      .map((awk) => ({ name: `${shell.join(' ')} with ${awk.join(' ')}`, shell, awk })),
  );
}

/** Runs what the bot would send, with this sh and this awk in the place of the usual ones. */
export function askWith<T>({ shell, awk }: FarTools, read: Read<T>): Seen<T> {
  if (read.command.via !== 'ssh') throw new Error('not over SSH');
  const directory = mkdtempSync(join(tmpdir(), 'storagebot-tools-'));
  try {
    put(directory, 'sh', shell);
    put(directory, 'awk', awk);
    const [program, ...args] = read.command.argv;
    const env = { ...process.env, PATH: [directory, process.env['PATH'] ?? ''].join(delimiter) };
    const { status, stdout, stderr } = spawnSync(program, args, { encoding: 'utf8', env, maxBuffer: 100_000_000 });
    return understand(read, { exitCode: status ?? -1, stdout, stderr });
  } finally {
    rmSync(directory, { recursive: true });
  }
}

/** A link keeps the name of a program that does what its name says; one with arguments needs a script. */
function put(directory: string, name: string, [path, ...args]: readonly [string, ...string[]]): void {
  mkdirSync(directory, { recursive: true });
  const target = join(directory, name);
  if (args.length === 0) return symlinkSync(path, target);
  writeFileSync(target, `#!/bin/dash\nexec ${[path, ...args].join(' ')} "$@"\n`);
  chmodSync(target, 0o755);
}
